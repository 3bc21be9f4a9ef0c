package core

import (
	"context"
	"net"
	"sync"
	"time"

	"dualwrite/connectors"
)

// Feeds are the change feeds of one connector, one for each entity set, however
// many ask for it.
type Feeds struct {
	App      *App
	Interval time.Duration // between two looks at the service while nobody wakes us
	Life     time.Duration // how long the service keeps a delta link; 0 for no limit

	mu    sync.Mutex
	state map[string]*feedState
}

// feedState is what is kept of one feed while the connector is open. A look at
// the service, which may take long, holds work; mu is never held for long.
type feedState struct {
	work    sync.Mutex
	watch   *watch // of a feed by comparison; under work
	mu      sync.Mutex
	polled  time.Time     // last time that everything there was had been read
	stopped time.Time     // cursors from before have expired
	woken   chan struct{} // closed by the next Notify
	oldest  time.Time     // of the delta link that was used last
	rest    *rest         // of a delta answer that was longer than asked for
}

func (f *Feeds) of(set string) *feedState {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == nil {
		f.state = map[string]*feedState{}
	}
	s := f.state[set]
	if s == nil {
		s = &feedState{woken: make(chan struct{})}
		f.state[set] = s
	}
	return s
}

// Notify wakes whoever waits for changes of an entity, by the name of its set or
// the app's own name of one record: an event told that there is something. A
// name that is not known, "" too, wakes all.
func (f *Feeds) Notify(entity string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := f.App.setNamed(entity)
	for set, s := range f.state {
		if name == "" || name == set {
			s.wake()
		}
	}
}

func (s *feedState) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.woken)
	s.woken = make(chan struct{})
	s.polled = time.Time{}
}

// begin notes that a look at the service begins; what it gives is for caughtUp.
func (s *feedState) begin() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.woken
}

// caughtUp notes that a look has read everything, unless somebody told of
// something new since it began.
func (s *feedState) caughtUp(begun <-chan struct{}, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if begun == s.woken {
		s.polled = at
	}
}

// wait returns nil once the interval has passed since everything was read, or
// when somebody wakes us.
func (f *Feeds) wait(ctx context.Context, s *feedState, pending bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	woken, due := s.woken, s.polled.Add(f.Interval)
	s.mu.Unlock()
	left := due.Sub(f.App.Client.Now())
	if pending || left <= 0 {
		return f.alive()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-woken:
	case <-ctx.Done():
		return ctx.Err()
	case <-f.App.Client.Life().Done():
	}
	return f.alive()
}

func (f *Feeds) alive() error {
	if f.App.Client.Life().Err() != nil {
		return &connectors.Error{Kind: connectors.Unreachable, Op: "wait", Message: "the connection is closed", Err: net.ErrClosed}
	}
	return nil
}

// expired is the error for a cursor that cannot be gone on from.
func expired(set, message string, err error) error {
	return &connectors.Error{Kind: connectors.CursorExpired, Op: "changes", Entity: set, Message: message, Err: err}
}

// Ageing names the sets whose delta link was used last so long ago that four
// fifths of its life are over, with the age of each.
func (f *Feeds) Ageing() map[string]time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]time.Duration{}
	now := f.App.Client.Now()
	for name, s := range f.state {
		s.mu.Lock()
		if age := now.Sub(s.oldest); f.Life > 0 && !s.oldest.IsZero() && age > f.Life*4/5 {
			out[name] = age
		}
		s.mu.Unlock()
	}
	return out
}
