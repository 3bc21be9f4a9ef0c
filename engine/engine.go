// Package engine is the sync engine and its scheduler: capture, initial write,
// live write, catch-up and compare, all by one rule. DESIGN.md beside this file
// holds its invariants, which the code cites by number.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// Config is how the engine works. The zero value of each field gives its default.
type Config struct {
	SpillDir    string        // folder for what initial writes and compares set aside; required
	PageSize    int           // most records read or reconciled in one page of an initial write; 8000
	BatchSize   int           // most changes reconciled in one batch; 2000
	PartSize    int           // records written before what came of them is stored; 4000
	CaptureSize int           // changes taken over in one transaction; 5000
	Poll        time.Duration // how often an idle worker looks without being woken; 5 s
	Keep        time.Duration // how long changes are kept that have their fate; 30 days
	Patience    time.Duration // how long a missing parent is waited for before it is tried anyway; 5 min
	Labels      map[models.Side]string
	Log         *slog.Logger
}

func (c Config) withDefaults() Config {
	set := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	set(&c.PageSize, 8000)
	set(&c.BatchSize, 2000)
	set(&c.PartSize, 4000)
	set(&c.CaptureSize, 5000)
	if c.Poll <= 0 {
		c.Poll = 5 * time.Second
	}
	if c.Keep <= 0 {
		c.Keep = 30 * 24 * time.Hour
	}
	if c.Patience <= 0 {
		c.Patience = 5 * time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Engine runs the entity maps of one store. Commands may be given at any time
// between New and Close; work is done between Start and Close.
type Engine struct {
	store    *models.Store
	cfg      Config
	log      *slog.Logger
	apps     *apps
	hub      *hub
	rule     func(*pair) verdict // reconcile; tests put a mistaken one in its place
	together func(...func())     // the simulation puts one after the other
	ahead    bool                // pages are read ahead; not so in the simulation

	echoes *echoes
	wakes  *wakes

	// commands serialises the moves that start and stop feeds.
	commands sync.Mutex
	// capturing is shared by the steps of all feeds and held alone by a command
	// that begins or ends maps: which maps take a change is then not in doubt.
	// Who holds both takes it before commands.
	capturing sync.RWMutex

	mu       sync.Mutex
	workers  map[int64]*worker
	captures map[feedKey]*capture
	sched    *scheduler
}

// New makes an engine over a store and the kinds of app it can open.
func New(store *models.Store, openers connectors.Openers, cfg Config) (*Engine, error) {
	if cfg.SpillDir == "" {
		return nil, errors.New("engine: Config.SpillDir is required")
	}
	cfg = cfg.withDefaults()
	e := &Engine{store: store, cfg: cfg, log: cfg.Log, hub: &hub{subs: map[*subscriber]bool{}}, rule: reconcile, together: together, ahead: true, echoes: newEchoes(),
		apps:    &apps{store: store, openers: openers, open: map[int64]*app{}},
		workers: map[int64]*worker{}, captures: map[feedKey]*capture{}}
	e.wakes = newWakes(e.apps.notify)
	e.sched = newScheduler(e)
	return e, nil
}

// Start begins to work. Starting twice is harmless.
func (e *Engine) Start() { e.sched.start() }

// Close lets running steps finish, for as long as ctx allows, and frees
// everything. What is unfinished goes on at the next start. Closing twice, or
// without a start, is harmless.
func (e *Engine) Close(ctx context.Context) error {
	e.sched.stop(ctx)
	e.wakes.close()
	e.mu.Lock()
	for id, w := range e.workers {
		w.close()
		delete(e.workers, id)
	}
	clear(e.captures)
	e.mu.Unlock()
	return e.apps.close()
}

// stepMap does one piece of work on a map, opening what that takes. Steps of
// one map never overlap: one runner a map calls this, and its feeds take turns
// with it.
func (e *Engine) stepMap(ctx context.Context, id int64) (more bool, err error) {
	e.mu.Lock()
	w := e.workers[id]
	e.mu.Unlock()
	if w == nil {
		m, err := e.store.FreshMap(ctx, id)
		if err != nil || !m.Status.Applies() {
			return false, err
		}
		if w, err = e.newWorker(ctx, &m); err != nil {
			return false, e.unopened(ctx, id, err)
		}
		e.mu.Lock()
		e.workers[id] = w
		e.mu.Unlock()
	}
	w.turns.Lock()
	more, err = w.step(ctx)
	over := err != nil && (models.KindOf(err) == models.Fenced || connectors.KindOf(err) == connectors.NoEntity) || !w.status.Applies()
	w.turns.Unlock()
	if over {
		e.dropWorker(id)
	}
	return more, err
}

// unopened holds a map whose apps cannot be opened, saying why.
func (e *Engine) unopened(ctx context.Context, id int64, err error) error {
	hold, reason := models.HoldOutage, fmt.Sprintf("An app is out of reach: %v. The map goes on by itself when it answers again.", err)
	if models.KindOf(err) == models.Invalid || connectors.KindOf(err) == connectors.NoEntity {
		hold, reason = models.HoldSchema, fmt.Sprintf("The map does not fit the apps any more: %v. Nothing was blanked. Mend the app or the map, then release the hold.", err)
	}
	if ctx.Err() == nil {
		if holdErr := e.store.SetHold(ctx, id, hold, reason, models.System, 0); holdErr != nil {
			return errors.Join(err, holdErr)
		}
		e.changed(id)
	}
	return err
}

func (e *Engine) dropWorker(id int64) {
	e.mu.Lock()
	w := e.workers[id]
	delete(e.workers, id)
	e.mu.Unlock()
	if w != nil {
		w.turns.Lock()
		defer w.turns.Unlock()
		w.close()
	}
}

// stepFeed takes over one batch of a feed.
func (e *Engine) stepFeed(ctx context.Context, key feedKey) (more bool, err error) {
	e.capturing.RLock()
	defer e.capturing.RUnlock()
	return e.takeOver(ctx, key)
}

// takeOver is stepFeed for who holds capturing.
func (e *Engine) takeOver(ctx context.Context, key feedKey) (more bool, err error) {
	e.mu.Lock()
	c := e.captures[key]
	e.mu.Unlock()
	if c == nil {
		uses, err := e.store.Uses(ctx, key.connection, key.entity)
		if err != nil || len(uses) == 0 {
			return false, err // stopped meanwhile: nothing of ours may be put into the app again
		}
		if c, err = e.newCapture(ctx, key); err != nil {
			return false, err
		}
		e.mu.Lock()
		e.captures[key] = c
		e.mu.Unlock()
	}
	if more, err = c.step(ctx); err != nil {
		e.dropCapture(key)
	}
	return more, err
}

func (e *Engine) dropCapture(key feedKey) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.captures, key)
}

// waitFeed returns when a feed may have changes.
func (e *Engine) waitFeed(ctx context.Context, key feedKey) error {
	e.mu.Lock()
	c := e.captures[key]
	e.mu.Unlock()
	if c == nil {
		return nil
	}
	e.capturing.RLock()
	cursor, rest := connectors.Cursor(c.row.Cursor), c.pace.rest(time.Now())
	e.capturing.RUnlock()
	if rest == 0 {
		return c.feed.Wait(ctx, cursor)
	}
	select {
	case <-time.After(rest):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wake has a map looked at now.
func (e *Engine) wake(id int64) { e.sched.wake(id) }

// wakeAll has every map looked at, and runners begun and ended as needed.
func (e *Engine) wakeAll() { e.sched.wakeAll() }

// label is what people call the app of a side.
func (e *Engine) label(side models.Side) string {
	if name := e.cfg.Labels[side]; name != "" {
		return name
	}
	return "the " + string(side) + " app"
}
