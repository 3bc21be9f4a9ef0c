package postgres

import (
	"context"
	"sync"
	"time"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5"
)

const (
	// lookEvery is how often who waits looks without having been woken, in case
	// a notification was lost.
	lookEvery = time.Second
	// reconnectEvery is the longest time between two tries to listen again.
	reconnectEvery = 5 * time.Second
)

// watch wakes those who wait for changes of a table when the server notifies.
// It listens on one connection of its own, from the first wait on.
type watch struct {
	c       *connector
	mu      sync.Mutex
	started bool
	closed  bool
	changed map[string]chan struct{} // closed at the next wake, by object id
	done    chan struct{}            // closed when the listener has ended
}

func newWatch(c *connector) *watch {
	return &watch{c: c, changed: map[string]chan struct{}{}, done: make(chan struct{})}
}

// join gives the channel of the next wake.
func (w *watch) join(oid string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started && !w.closed {
		w.started = true
		go w.listen()
	}
	ch := w.changed[oid]
	if ch == nil {
		ch = make(chan struct{})
		w.changed[oid] = ch
	}
	return ch
}

func (w *watch) wake(oid string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch := w.changed[oid]; ch != nil {
		close(ch)
		delete(w.changed, oid)
	}
}

func (w *watch) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for oid, ch := range w.changed {
		close(ch)
		delete(w.changed, oid)
	}
}

// close waits for the listener, whose context has ended.
func (w *watch) close() {
	w.mu.Lock()
	started := w.started
	w.closed = true
	w.mu.Unlock()
	if started {
		<-w.done
	}
}

// listen runs until the connector is closed. Whatever was missed while there
// was no connection, those who wait find by looking.
func (w *watch) listen() {
	defer close(w.done)
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, reconnectEvery) {
		if w.hear() {
			wait = 50 * time.Millisecond
		}
		w.wakeAll()
		if pause(w.c.life, wait) != nil {
			return
		}
	}
}

// hear listens as long as the connection holds, and reports whether there was
// one.
func (w *watch) hear() bool {
	conn, err := pgx.ConnectConfig(w.c.life, w.c.cfg)
	if err != nil {
		return false
	}
	defer conn.Close(context.WithoutCancel(w.c.life)) // a connection that does not close cleanly is gone all the same
	if _, err := conn.Exec(w.c.life, "LISTEN dualwrite"); err != nil {
		return false
	}
	w.wakeAll()
	for {
		n, err := conn.WaitForNotification(w.c.life)
		if err != nil {
			return true
		}
		w.wake(n.Payload)
	}
}

// Wait joins before it looks, so a commit between looking and sleeping wakes it.
func (f *feed) Wait(ctx context.Context, since connectors.Cursor) error {
	at, ok := parseCursor(since)
	if !ok {
		return nil // Changes has something to say about this cursor
	}
	ctx, leave, err := f.c.enter(ctx)
	if err != nil {
		return f.c.fault("wait", f.entity, err)
	}
	defer leave()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		changed := f.c.watch.join(at.oid)
		batch, _, _, err := f.Changes(ctx, since, 1)
		if connectors.KindOf(err) == connectors.CursorExpired || len(batch) > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-changed:
		case <-look.C:
		case <-ctx.Done():
			return f.c.fault("wait", f.entity, ctx.Err())
		}
	}
}
