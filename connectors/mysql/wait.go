package mysql

import (
	"context"
	"strings"
	"sync"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// The poller looks for commits of other sessions, which the server tells nobody
// of: often while there are some, more rarely the longer there are none.
const (
	pollFirst = 20 * time.Millisecond
	pollLast  = 100 * time.Millisecond
	// pollsBusy is how many polls in vain it takes to slow down.
	pollsBusy = 100
)

// watch wakes those who wait for changes: at once after our own commits, and by
// the poller after anybody else's. The poller is one goroutine with one
// connection for all feeds, started with the first wait; it rests while nobody
// waits.
type watch struct {
	mu      sync.Mutex
	started bool
	closed  bool
	waiting map[*waiter]struct{}
	needed  chan struct{} // tells the poller that somebody waits
	done    chan struct{} // closed when the poller has ended
	looked  map[string]time.Time
}

// waiter is one Wait.
type waiter struct {
	table string
	since cursor
	woken chan struct{} // has room for one
}

func newWatch() *watch {
	return &watch{waiting: map[*waiter]struct{}{}, needed: make(chan struct{}, 1), done: make(chan struct{}), looked: map[string]time.Time{}}
}

// due reports whether something about a table was not done for a while, and
// counts it as done.
func (w *watch) due(table string, every time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.looked[table]) < every {
		return false
	}
	w.looked[table] = time.Now()
	return true
}

// forget makes what is due about a table due at once.
func (w *watch) forget(table string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.looked, table)
}

// wake lets everybody who waits look again.
func (w *watch) wake() {
	for _, each := range w.all() {
		each.wake()
	}
}

func (w *watch) all() (all []*waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for each := range w.waiting {
		all = append(all, each)
	}
	return all
}

func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

func (w *watch) join(each *waiter, poll func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started && !w.closed {
		w.started = true
		go poll()
	}
	w.waiting[each] = struct{}{}
	select {
	case w.needed <- struct{}{}:
	default:
	}
}

func (w *watch) leave(each *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiting, each)
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
	from, ok := parseCursor(since)
	if !ok {
		return nil // Changes has something to say about this cursor
	}
	each := &waiter{table: f.table, since: from, woken: make(chan struct{}, 1)}
	f.c.watch.join(each, f.c.poll)
	defer f.c.watch.leave(each)
	due := time.NewTicker(compareEvery)
	defer due.Stop()
	err := f.compareAt(ctx, from)
	for {
		there := false
		if connectors.KindOf(err) == connectors.CursorExpired {
			return nil
		}
		if err != nil {
			return err
		}
		err = f.c.do(ctx, "wait", f.table, func(ctx context.Context, l *link) (err error) {
			there, err = beyond(ctx, l, []*waiter{each}, func(*waiter) {})
			return err
		})
		if err != nil || there {
			return err
		}
		select {
		case <-each.woken:
		case <-due.C:
			err = f.compareAt(ctx, from)
		case <-ctx.Done():
			return f.c.fault("wait", f.table, ctx.Err())
		case <-f.c.life.Done():
			return f.c.fault("wait", f.table, errClosed)
		}
	}
}

// beyond asks, by one statement, for which waiters Changes would not just answer
// that there is nothing.
func beyond(ctx context.Context, l *link, waiters []*waiter, found func(*waiter)) (some bool, err error) {
	var parts []string
	var args []any
	for _, each := range waiters {
		condition, bound := each.since.beyond()
		if len(each.since.gaps) > spansMost { // what the statement would find may have been passed
			condition, bound = "seq > "+sqlcore.Mark, bound[:1]
		}
		parts = append(parts, "EXISTS (SELECT 1 FROM "+quote(logName(each.table))+" WHERE "+condition+")")
		args = append(args, bound...)
	}
	row, err := l.row(ctx, "SELECT "+strings.Join(parts, ", "), args...)
	if number(err) == noSuchTable {
		for _, each := range waiters {
			found(each) // one of the logs is gone; each finds out which
		}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for i, yes := range row {
		if num(yes) != 0 {
			found(waiters[i])
			some = true
		}
	}
	return some, nil
}

// poll runs until the connector is closed.
func (c *connector) poll() {
	defer close(c.watch.done)
	vain, pause := 0, time.NewTimer(0)
	defer pause.Stop()
	for {
		waiters := c.watch.all()
		if len(waiters) == 0 {
			select {
			case <-c.watch.needed:
				vain = 0
				continue
			case <-c.life.Done():
				return
			}
		}
		woke := false
		err := c.do(c.life, "wait", "", func(ctx context.Context, l *link) (err error) {
			woke, err = beyond(ctx, l, waiters, (*waiter).wake)
			return err
		})
		if err != nil {
			c.watch.wake() // those who wait find out what is wrong
		}
		if vain++; woke {
			vain = 0
		}
		every := pollFirst
		if vain > pollsBusy {
			every = pollLast
		}
		pause.Reset(every)
		select {
		case <-pause.C:
		case <-c.life.Done():
			return
		}
	}
}
