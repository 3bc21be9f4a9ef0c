package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"dualwrite/models"
)

// scheduler keeps one runner for every map that is to be worked on and one for
// every feed that is in use. What is due stands in the store, so a restart
// needs no memory.
type scheduler struct {
	e       *Engine
	mu      sync.Mutex
	cancel  context.CancelFunc // nil while not started
	ctx     context.Context
	closing chan struct{} // closed when steps may finish but none may begin
	done    chan struct{} // closed when the supervisor has ended
	signal  chan struct{}
	maps    map[int64]*runner
	feeds   map[feedKey]*runner
	wait    sync.WaitGroup
	ended   bool
}

// runner is one goroutine that takes steps until it is told to stop.
type runner struct {
	signal  chan struct{}
	cancel  context.CancelFunc
	leaving bool          // it was told to stop
	done    chan struct{} // closed when it has
}

func (r *runner) wake() {
	select {
	case r.signal <- struct{}{}:
	default:
	}
}

func newScheduler(e *Engine) *scheduler {
	return &scheduler{e: e, signal: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
		maps: map[int64]*runner{}, feeds: map[feedKey]*runner{}}
}

func (s *scheduler) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil || s.ended {
		return
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.supervise(s.ctx)
}

// stop lets steps under way finish while ctx lasts, then cuts them off.
func (s *scheduler) stop(ctx context.Context) {
	s.mu.Lock()
	if s.ended || s.cancel == nil {
		s.ended = true
		s.mu.Unlock()
		return
	}
	s.ended = true
	close(s.closing)
	s.mu.Unlock()
	<-s.done
	finished := make(chan struct{})
	go func() {
		s.wait.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	s.cancel()
	<-finished
}

func (s *scheduler) wake(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.maps[id]; r != nil {
		r.wake()
	}
}

func (s *scheduler) wakeAll() {
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// supervise begins and ends runners as maps come and go.
func (s *scheduler) supervise(ctx context.Context) {
	defer close(s.done)
	tick := time.NewTicker(s.e.cfg.Poll)
	defer tick.Stop()
	prune := pruning{Engine: s.e}
	for {
		if err := s.arrange(ctx); err != nil && ctx.Err() == nil {
			s.e.log.Error("scheduler", "error", err)
		}
		select {
		case <-s.closing:
			return
		case <-s.signal:
		case <-tick.C:
			if err := prune.step(ctx); err != nil && ctx.Err() == nil {
				s.e.log.Error("forget old changes", "error", err)
			}
		}
	}
}

// pruneEvery is how often the queue is looked through for what is old.
const pruneEvery = time.Hour

// pruning forgets old changes, a few at a time.
type pruning struct {
	*Engine
	next  time.Time // when to begin again
	after int64     // where to go on, 0 when all is looked through
}

func (p *pruning) step(ctx context.Context) (err error) {
	now := p.store.Now()
	if p.after == 0 {
		if now.Before(p.next) {
			return nil
		}
		p.next = now.Add(pruneEvery)
	}
	p.after, err = p.store.Prune(ctx, now.Add(-p.cfg.Keep), p.after)
	return err
}

// arrange has exactly the runners that the maps' statuses ask for, and wakes
// them all.
func (s *scheduler) arrange(ctx context.Context) error {
	maps, err := s.e.store.MapHeads(ctx)
	if err != nil {
		return err
	}
	wantMaps, wantFeeds := map[int64]bool{}, map[feedKey]bool{}
	for i := range maps {
		m := &maps[i]
		if m.Status.Applies() {
			wantMaps[m.ID] = true
		}
		if !m.Status.Captures() {
			continue
		}
		keys, err := s.e.feedKeys(ctx, m)
		if err != nil {
			return err
		}
		wantFeeds[keys[0]], wantFeeds[keys[1]] = true, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	settle(s, s.maps, wantMaps, s.runMap)
	settle(s, s.feeds, wantFeeds, s.runFeed)
	return nil
}

// settle tells runners that are not wanted to stop and begins those that are. One
// that is wanted again while its step before is still under way begins after it:
// steps of one map, or one feed, never overlap (I3).
func settle[K comparable](s *scheduler, have map[K]*runner, want map[K]bool, run func(context.Context, *runner, K)) {
	for k, r := range have {
		if want[k] {
			continue
		}
		r.leaving = true
		r.cancel()
		select {
		case <-r.done:
			delete(have, k)
		default:
		}
	}
	for k := range want {
		before := have[k]
		if before != nil && !before.leaving {
			before.wake()
			continue
		}
		ctx, cancel := context.WithCancel(s.ctx)
		r := &runner{signal: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
		have[k] = r
		s.wait.Add(1)
		go func() {
			defer s.wait.Done()
			defer close(r.done)
			if before != nil {
				<-before.done
			}
			run(ctx, r, k)
		}()
	}
}

// stopping reports whether no further step may begin.
func (s *scheduler) stopping(ctx context.Context) bool {
	select {
	case <-s.closing:
		return true
	default:
		return ctx.Err() != nil
	}
}

// rest waits for a signal, a time or the end.
func (s *scheduler) rest(ctx context.Context, r *runner, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.signal:
	case <-t.C:
	case <-ctx.Done():
	case <-s.closing:
	}
}

// runMap takes steps of a map. A step under way is never cut off by the map's
// own end: a pause waits for it.
func (s *scheduler) runMap(ctx context.Context, r *runner, id int64) {
	defer s.e.dropWorker(id)
	failures := 0
	for !s.stopping(ctx) {
		more, err := s.e.stepMap(s.ctx, id)
		switch {
		case s.ctx.Err() != nil:
			return
		case models.KindOf(err) == models.NotFound:
			return // the map was deleted
		case err != nil:
			failures++
			s.e.log.Warn("map stumbled", "map", id, "failures", failures, "error", err)
			s.rest(ctx, r, jitter(backoff(failures, err)))
		case more:
			failures = 0
		default:
			failures = 0
			s.rest(ctx, r, jitter(s.e.cfg.Poll))
		}
	}
}

// runFeed takes over the changes of a feed as they come.
func (s *scheduler) runFeed(ctx context.Context, r *runner, key feedKey) {
	defer s.e.dropCapture(key)
	failures := 0
	for !s.stopping(ctx) {
		more, err := s.e.stepFeed(s.ctx, key)
		switch {
		case s.ctx.Err() != nil:
			return
		case err != nil:
			failures++
			s.e.log.Warn("feed stumbled", "entity", key.entity, "failures", failures, "error", err)
			s.rest(ctx, r, jitter(backoff(failures, err)))
		case more:
			failures = 0
		default:
			failures = 0
			s.awaitFeed(ctx, key)
		}
	}
}

// lookAnyway is how long a feed may say nothing before it is looked at all the
// same: what an app failed to tell is found then.
const lookAnyway = time.Minute

// awaitFeed waits for the app to say that there is something. How often that
// takes a look at the app is the feed's to decide, not ours.
func (s *scheduler) awaitFeed(ctx context.Context, key feedKey) {
	ctx, cancel := context.WithTimeout(ctx, lookAnyway)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-stop:
		}
	}()
	err := context.DeadlineExceeded
	for errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = s.waitAPoll(ctx, key) // a feed that was begun anew meanwhile has another cursor
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.e.log.Warn("wait for changes", "entity", key.entity, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (s *scheduler) waitAPoll(ctx context.Context, key feedKey) error {
	ctx, cancel := context.WithTimeout(ctx, s.e.cfg.Poll)
	defer cancel()
	return s.e.waitFeed(ctx, key)
}

// jitter spreads waits by a tenth, so that runners do not act in step.
func jitter(d time.Duration) time.Duration {
	return d - d/20 + time.Duration(rand.Int64N(int64(d/10)+1))
}
