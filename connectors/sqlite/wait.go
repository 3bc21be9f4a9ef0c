package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"sync"
	"time"

	"dualwrite/connectors"
)

// pollEvery is how often the poller looks for commits of other processes, which
// SQLite tells nobody of.
const pollEvery = 20 * time.Millisecond

// watch wakes those who wait for changes: at once after our own commits, and by
// the poller after anybody else's. The poller is one goroutine, started with
// the first wait; it rests while nobody waits.
type watch struct {
	mu      sync.Mutex
	started bool
	closed  bool
	waiting int
	changed chan struct{} // closed at the next wake
	needed  chan struct{} // tells the poller that somebody waits
	done    chan struct{} // closed when the poller has ended
}

func newWatch() *watch {
	return &watch{changed: make(chan struct{}), needed: make(chan struct{}, 1), done: make(chan struct{})}
}

// wake lets everybody who waits look again.
func (w *watch) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
}

// join counts the caller as waiting and gives the channel of the next wake.
func (w *watch) join(poll func()) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started && !w.closed {
		w.started = true
		go poll()
	}
	w.waiting++
	select {
	case w.needed <- struct{}{}:
	default:
	}
	return w.changed
}

func (w *watch) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting--
}

func (w *watch) idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting == 0
}

// close waits for the poller, whose context has ended.
func (w *watch) close() {
	w.mu.Lock()
	started := w.started
	w.closed = true
	w.mu.Unlock()
	if started {
		<-w.done
	}
}

// Wait joins before it looks, so a commit between looking and sleeping wakes it.
func (f *feed) Wait(ctx context.Context, since connectors.Cursor) error {
	seq, err := strconv.ParseInt(string(since), 10, 64)
	if err != nil {
		return nil // Changes has something to say about this cursor
	}
	ctx, leave, err := f.c.enter(ctx)
	if err != nil {
		return f.c.fault("wait", f.table, err)
	}
	defer leave()
	due := time.NewTicker(compareEvery)
	defer due.Stop()
	err = f.compareAt(ctx, since)
	for {
		changed := f.c.watch.join(f.c.poll)
		there := false
		if err == nil {
			there, err = f.beyond(ctx, seq)
		}
		if err == nil && !there {
			select {
			case <-changed:
			case <-due.C:
				err = f.compareAt(ctx, since)
			case <-ctx.Done():
				err = f.c.fault("wait", f.table, ctx.Err())
			}
		}
		f.c.watch.leave()
		if err != nil || there {
			return err
		}
	}
}

// beyond reports whether Changes would not just answer that there is nothing.
func (f *feed) beyond(ctx context.Context, seq int64) (yes bool, err error) {
	err = f.c.read(ctx, "wait", f.table, func(ctx context.Context, q querier, cat *catalog) error {
		if !cat.captures(f.table) {
			yes = true
			return nil
		}
		return q.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) <> ? FROM "+quote(logName(f.table)), seq).Scan(&yes)
	})
	return yes, err
}

// poll runs until the connector is closed.
func (c *connector) poll() {
	defer close(c.watch.done)
	var p poller
	defer p.drop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if c.watch.idle() {
			select {
			case <-c.watch.needed:
			case <-c.life.Done():
				return
			}
		}
		if p.changed(c) {
			c.watch.wake()
		}
		select {
		case <-tick.C:
		case <-c.life.Done():
			return
		}
	}
}

// poller is the connection that asks for data_version, a number that changes on
// a connection whenever another one, of whatever process, has committed.
type poller struct {
	pool    *pool
	conn    *sql.Conn
	version int64
}

func (p *poller) drop() {
	if p.conn != nil {
		p.conn.Close()
	}
	*p = poller{}
}

// changed reports whether something was committed since it was last asked. It
// says yes when it cannot tell, such as when the file is gone: those who wait
// then find out what is wrong.
func (p *poller) changed(c *connector) bool {
	if p.pool != nil && !p.pool.there() {
		p.drop()
		return true
	}
	var err error
	if p.conn == nil {
		if p.pool, err = c.current(c.life); err == nil {
			p.conn, err = p.pool.readers.Conn(c.life)
		}
	}
	var version int64
	if err == nil {
		err = p.conn.QueryRowContext(context.Background(), "PRAGMA data_version").Scan(&version)
	}
	if err != nil {
		p.drop()
		return true
	}
	changed := version != p.version
	p.version = version
	return changed
}
