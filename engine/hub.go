package engine

import "sync"

// hub tells subscribers which maps changed: names only, never content. A
// subscriber that does not keep up misses repeats, not maps: what it has not
// read yet is merged.
type hub struct {
	mu   sync.Mutex
	subs map[*subscriber]bool
}

type subscriber struct {
	mu      sync.Mutex
	waiting map[int64]bool
	signal  chan struct{}
	out     chan int64
	done    chan struct{}
}

func (h *hub) publish(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		s.mu.Lock()
		s.waiting[id] = true
		s.mu.Unlock()
		select {
		case s.signal <- struct{}{}:
		default:
		}
	}
}

// subscribe starts a subscription; cancel ends it and closes the channel.
func (h *hub) subscribe() (<-chan int64, func()) {
	s := &subscriber{waiting: map[int64]bool{}, signal: make(chan struct{}, 1), out: make(chan int64), done: make(chan struct{})}
	h.mu.Lock()
	h.subs[s] = true
	h.mu.Unlock()
	go s.pump()
	var once sync.Once
	return s.out, func() {
		once.Do(func() {
			h.mu.Lock()
			delete(h.subs, s)
			h.mu.Unlock()
			close(s.done)
		})
	}
}

// pump hands over one id at a time, for as long as the subscription lasts.
func (s *subscriber) pump() {
	defer close(s.out)
	for {
		select {
		case <-s.done:
			return
		case <-s.signal:
		}
		for {
			id, ok := s.next()
			if !ok {
				break
			}
			select {
			case s.out <- id:
			case <-s.done:
				return
			}
		}
	}
}

func (s *subscriber) next() (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.waiting {
		delete(s.waiting, id)
		return id, true
	}
	return 0, false
}
