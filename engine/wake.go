package engine

import (
	"sync"
	"time"

	"dualwrite/connectors"
)

// Wake has the feeds of a connection look for changes now, because its app told
// that there is something: of the named entity, or of all when it is "" or not
// known. It returns at once. However often it is called, the feeds of a
// connection are woken at most once in wakeGap; what is asked in between is done
// at its end.
func (e *Engine) Wake(connection int64, entity string) { e.wakes.ask(connection, entity) }

// The bounds of what an app can ask for.
const (
	wakeGap      = 250 * time.Millisecond
	wakeEntities = 50 // entities remembered within a gap; with more, all are woken
)

// wakes brings calls for the feeds of connections together.
type wakes struct {
	wake func(connection int64, entity string)

	mu     sync.Mutex
	asked  map[int64]*wakeCall
	firing sync.WaitGroup
	closed bool
}

// wakeCall is what one connection's app has asked for.
type wakeCall struct {
	entities map[string]bool
	timer    *time.Timer // nil while nothing is asked for
	last     time.Time   // when the feeds were woken last
}

func newWakes(wake func(connection int64, entity string)) *wakes {
	return &wakes{wake: wake, asked: map[int64]*wakeCall{}}
}

func (w *wakes) ask(connection int64, entity string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	a := w.asked[connection]
	if a == nil {
		a = &wakeCall{entities: map[string]bool{}}
		w.asked[connection] = a
	}
	if len(a.entities) >= wakeEntities {
		entity = ""
		clear(a.entities)
	}
	a.entities[entity] = true
	if a.timer == nil {
		w.firing.Add(1)
		a.timer = time.AfterFunc(wakeGap-time.Since(a.last), func() { w.fire(connection, a) })
	}
}

func (w *wakes) fire(connection int64, a *wakeCall) {
	defer w.firing.Done()
	w.mu.Lock()
	entities := a.entities
	a.entities, a.timer, a.last = map[string]bool{}, nil, time.Now()
	if entities[""] {
		entities = map[string]bool{"": true}
	}
	w.mu.Unlock()
	for entity := range entities {
		w.wake(connection, entity)
	}
}

// close ends it: what was asked for and is not done yet is left.
func (w *wakes) close() {
	w.mu.Lock()
	w.closed = true
	for _, a := range w.asked {
		if a.timer != nil && a.timer.Stop() {
			w.firing.Done()
		}
	}
	w.mu.Unlock()
	w.firing.Wait()
}

// notify tells the connector of a connection, if it is open; one that is not
// looks for changes as soon as it is.
func (a *apps) notify(connection int64, entity string) {
	a.mu.Lock()
	got := a.open[connection]
	a.mu.Unlock()
	if got == nil {
		return
	}
	if w, ok := got.Connector.(connectors.Waker); ok {
		w.Notify(entity)
	}
}
