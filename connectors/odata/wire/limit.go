package wire

import (
	"context"
	"sync"
	"time"
)

// limit bounds how many requests are under way at once: one more after a round
// of successes, half as many when the service asks for fewer. It also keeps the
// instant before which the service wants to hear nothing.
type limit struct {
	mu      sync.Mutex
	most    int
	allowed float64
	busy    int
	until   time.Time
	change  chan struct{} // closed when a place becomes free
}

// startConcurrency is where the number of requests at once begins to grow from.
const startConcurrency = 4

func newLimit(most int) *limit {
	return &limit{most: most, allowed: float64(min(most, startConcurrency)), change: make(chan struct{})}
}

// enter waits for a place.
func (l *limit) enter(ctx context.Context) error {
	for {
		l.mu.Lock()
		if l.busy < max(1, int(l.allowed)) {
			l.busy++
			l.mu.Unlock()
			return nil
		}
		change := l.change
		l.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *limit) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	close(l.change)
	l.change = make(chan struct{})
}

func (l *limit) succeeded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.allowed = min(float64(l.most), l.allowed+1/max(1, l.allowed))
}

// throttled halves what is allowed and keeps everybody away until an instant.
func (l *limit) throttled(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.allowed = max(1, l.allowed/2)
	if until.After(l.until) {
		l.until = until
	}
}

// pressure is how long a service that asked for fewer calls is spared them.
const pressure = time.Minute

// underPressure reports whether the service asked for fewer calls a short while ago.
func (l *limit) underPressure(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.until.IsZero() && now.Before(l.until.Add(pressure))
}

// away is how long nothing may be sent.
func (l *limit) away(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.until.Sub(now))
}
