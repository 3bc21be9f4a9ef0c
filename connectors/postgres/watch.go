package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// watch wakes those who wait for changes of a table when the server notifies. It
// listens on one connection of its own, from the first wait on, which also holds
// the sleep locks.
type watch struct {
	c       *connector
	mu      sync.Mutex
	started bool
	closed  bool
	changed map[string]chan struct{} // closed at the next wake, by object id
	beds    []bed                    // asked for and not yet answered
	disturb func()                   // ends the listener's present wait
	done    chan struct{}            // closed when the listener has ended
}

// bed asks for the sleep lock of a table; the answer is whether it was to be
// had.
type bed struct {
	oid    string
	answer chan bool
}

func newWatch(c *connector) *watch {
	return &watch{c: c, changed: map[string]chan struct{}{}, disturb: func() {}, done: make(chan struct{})}
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

// lieDown reports whether from now on every change of the table is notified.
func (w *watch) lieDown(ctx context.Context, oid string) bool {
	b := bed{oid, make(chan bool, 1)}
	w.mu.Lock()
	w.beds = append(w.beds, b)
	w.disturb()
	w.mu.Unlock()
	select {
	case yes := <-b.answer:
		return yes
	case <-time.After(slowly): // there is no connection
		return false
	case <-ctx.Done():
		return false
	}
}

// wake wakes those who wait for a table, or for any when oid is empty.
func (w *watch) wake(oid string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for each, ch := range w.changed {
		if oid == "" || each == oid {
			close(ch)
			delete(w.changed, each)
		}
	}
}

// refuse answers everybody who has asked that there is no connection.
func (w *watch) refuse() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.beds {
		b.answer <- false
	}
	w.beds = nil
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
	for wait := slowly; ; wait = min(2*wait, reconnectEvery) {
		if w.hear() {
			wait = slowly
		}
		w.wake("")
		w.refuse()
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
	held := map[string]bool{}
	for !conn.IsClosed() && w.c.life.Err() == nil {
		ctx, cancel := context.WithCancel(w.c.life)
		beds := w.asked(cancel)
		for _, b := range beds {
			b.answer <- w.take(conn, held, b.oid)
		}
		if len(beds) == 0 {
			w.sleep(ctx, conn, held)
		}
		cancel()
	}
	return true
}

// asked takes the requests over; without any, a new one will end the wait that
// cancel ends.
func (w *watch) asked(cancel func()) []bed {
	w.mu.Lock()
	defer w.mu.Unlock()
	beds := w.beds
	w.beds, w.disturb = nil, cancel
	return beds
}

// take takes a table's sleep lock unless it is held already.
func (w *watch) take(conn *pgx.Conn, held map[string]bool, oid string) bool {
	if held[oid] {
		return true
	}
	err := query(w.c.life, conn.PgConn(), "SELECT pg_try_advisory_lock("+sleepLock(oid)+")::text", nil, func(r row) error {
		held[oid] = r.text(0) == "true"
		return nil
	})
	return err == nil && held[oid]
}

// sleep waits for one notification, and gives the lock of the table free that it
// names: while changes come in, nobody needs more of them.
func (w *watch) sleep(ctx context.Context, conn *pgx.Conn, held map[string]bool) {
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return
	}
	w.wake(n.Payload)
	if held[n.Payload] {
		delete(held, n.Payload)
		_ = query(w.c.life, conn.PgConn(), "SELECT pg_advisory_unlock("+sleepLock(n.Payload)+")", nil, nil) // a broken connection shows at the next wait
	}
}
