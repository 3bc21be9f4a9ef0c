package web

import (
	"sync"
	"time"
)

// Throttle slows guessing down: after a few failures under one key each
// further try has to wait, longer every time. It never locks anybody out for
// good, and only in memory.
type Throttle struct {
	now  func() time.Time
	free int // tries without waiting
	most int // keys that are remembered

	mu   sync.Mutex
	keys map[string]*tries
}

type tries struct {
	count int
	last  time.Time
	until time.Time // no try before this
}

// How waiting grows: doubling from firstWait to longestWait; forgotten after forgetAfter.
const (
	firstWait   = 30 * time.Second
	longestWait = 15 * time.Minute
	forgetAfter = time.Hour
)

// NewThrottle allows free tries per key before the first wait and remembers at
// most most keys. now nil is the wall clock.
func NewThrottle(free, most int, now func() time.Time) *Throttle {
	if now == nil {
		now = time.Now
	}
	return &Throttle{now: now, free: free, most: most, keys: map[string]*tries{}}
}

// Try asks to guess once under a key. It answers how long to wait; 0 allows
// the guess, which counts as failed until Succeed.
func (t *Throttle) Try(key string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	v := t.keys[key]
	if v == nil || now.Sub(v.last) >= forgetAfter {
		t.makeRoom(now)
		v = &tries{}
		t.keys[key] = v
	}
	if wait := v.until.Sub(now); wait > 0 {
		return wait
	}
	v.count++
	v.last = now
	if over := v.count - t.free; over >= 0 {
		v.until = now.Add(min(longestWait, firstWait<<min(over, 10)))
	}
	return 0
}

// Succeed forgets the failures under a key.
func (t *Throttle) Succeed(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.keys, key)
}

// makeRoom drops what is forgotten and, when that is not enough, the key that
// was quiet for longest.
func (t *Throttle) makeRoom(now time.Time) {
	if len(t.keys) < t.most {
		return
	}
	var oldest string
	for key, v := range t.keys {
		if now.Sub(v.last) >= forgetAfter {
			delete(t.keys, key)
		} else if oldest == "" || v.last.Before(t.keys[oldest].last) {
			oldest = key
		}
	}
	if len(t.keys) >= t.most {
		delete(t.keys, oldest)
	}
}
