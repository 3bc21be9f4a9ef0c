package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// worker works on one map, one step at a time: nobody else reconciles its
// records meanwhile (I3), which its lease makes sure of (I10).
type worker struct {
	turns    sync.Mutex // held by who takes a step, or works on changes at once
	e        *Engine
	id       int64
	name     string
	lease    models.Lease
	env      models.Environment
	m        *mapping
	schemas  [2]*connectors.Schema
	entities [2]connectors.Entity
	scoped   [2]connectors.Entity // for the legal entity of the initial write under way
	caps     [2]connectors.Capabilities
	fold     connectors.Fold
	rules    []rule
	pair     pair // at hand, in decide

	// What a step reads anew.
	status        models.Status
	master        models.Side
	allowance     int64
	mayHaveErrors bool
	filling       bool     // an initial write is not over: records without a link are its business
	open          bool     // an execution is not over, which begins once the map is initializing
	held          []string // legal entities that the initial write is about
	resumeMark    int64
	began         time.Time

	declared bool              // a batch may have been declared that has no outcome yet
	turn     int               // which kind of work comes first
	after    int64             // queue sequence up to which this pass has looked
	batch    int               // present batch size: see resize
	run      *models.Execution // the initial write under way
	join     *join
	disorder bool // the records of a side do not come in the order of their keys
	linkless bool // the map has no links but those of this initial write's pages
	deletes  deleteWindow
	strikes  map[int64]int // how often a change failed alone
	released bool          // the entities are closed
	slow     time.Time     // when work on changes at once last took long
	incoming *models.Taken // changes that are to be stored with what came of them, nil once they are

	incomingBy []*item // what works on them
}

// newWorker opens what a map needs and takes its lease.
func (e *Engine) newWorker(ctx context.Context, m *models.Map) (*worker, error) {
	w, err := e.newReader(ctx, m)
	if err != nil {
		return nil, err
	}
	if w.lease, err = e.store.MapLease(ctx, m.ID); err != nil {
		w.close()
		return nil, err
	}
	w.declared = true
	return w, nil
}

// newReader opens what a map needs without the right to write. Fails when an
// app is out of reach or the definition does not fit the schemas.
func (e *Engine) newReader(ctx context.Context, m *models.Map) (*worker, error) {
	env, err := e.store.EnvironmentByID(ctx, m.EnvironmentID)
	if err != nil {
		return nil, err
	}
	w := &worker{e: e, id: m.ID, name: m.Name, env: env, batch: min(e.cfg.BatchSize, firstBatch), strikes: map[int64]int{}}
	for i, side := range models.Sides {
		if w.schemas[i], err = e.apps.refresh(ctx, env.ConnectionID(side)); err != nil {
			return nil, err
		}
	}
	if w.m, err = compile(&m.Definition, w.schemas, env.Companies); err != nil {
		return nil, err
	}
	for _, f := range w.m.fields {
		if !f.constant() {
			w.rules = append(w.rules, rule{slot: f.slot, since: f.since, flows: [2]bool{f.flows(0), f.flows(1)}})
		}
	}
	if err := w.openEntities(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// openEntities opens both sides; the looser of the two apps decides how keys
// are compared, so each side is opened again once that is known.
func (w *worker) openEntities(ctx context.Context) error {
	for pass := range 2 {
		for i, side := range models.Sides {
			app, err := w.e.apps.connector(ctx, w.env.ConnectionID(side))
			if err != nil {
				return err
			}
			sel := w.m.selection[i]
			sel.Fold = w.fold
			if pass == 1 && sel.Fold == (connectors.Fold{}) {
				continue // it is open like that
			}
			opened, err := app.Open(ctx, sel)
			if err != nil {
				return fmt.Errorf("open %s: %w", sel.Entity, err)
			}
			if w.entities[i] != nil {
				if err := w.entities[i].Close(); err != nil {
					return fmt.Errorf("close %s: %w", sel.Entity, err)
				}
			}
			w.entities[i], w.caps[i] = opened, opened.Capabilities()
		}
		if pass == 0 {
			a, b := w.caps[0].Fold, w.caps[1].Fold
			w.fold = connectors.Fold{Case: a.Case || b.Case, Space: a.Space || b.Space}
		}
	}
	return nil
}

// ready reads how the map stands, and reports whether it may be worked on. What an
// earlier step left unfinished is settled then.
func (w *worker) ready(ctx context.Context) (m models.Standing, ready bool, err error) {
	w.began = w.e.store.Now()
	if m, err = w.e.store.StandingOf(ctx, w.id); err != nil {
		return m, false, err
	}
	w.status, w.master, w.allowance, w.mayHaveErrors = m.Status, m.Master, m.Allowance, m.OpenErrors > 0
	w.filling, w.open, w.resumeMark = m.Filling(), m.Open, m.ResumeMark
	if err := w.renew(ctx, &m); err != nil {
		return m, false, err
	}
	if !m.Status.Applies() || m.Hold != models.NoHold && m.Hold != models.HoldOutage {
		return m, false, nil
	}
	if w.declared {
		if err := w.e.store.RestoreIntents(ctx, w.lease, w.id); err != nil {
			return m, false, err
		}
		w.declared, w.linkless = false, false
	}
	return m, true, nil
}

// step does one piece of work and reports whether there may be more at once.
func (w *worker) step(ctx context.Context) (more bool, err error) {
	begun := time.Now()
	m, ready, err := w.ready(ctx)
	if err != nil || !ready {
		return false, err
	}
	for _, work := range w.works() {
		if more, err = work(ctx); err != nil {
			return false, w.stumble(ctx, err)
		}
		if more {
			w.resize(time.Since(begun))
			break
		}
	}
	if m.Hold == models.HoldOutage { // work that found nothing to do is no sign that the app is back
		return more, w.e.store.SetHold(ctx, w.id, models.NoHold, "", models.System, 0)
	}
	return more, nil
}

// A step is to end within about longStep, since who pauses a map waits for it.
const (
	longStep   = 2 * time.Second
	firstBatch = 250
	leastBatch = 100 // but for failures
)

// resize fits the batch size to what the last step took. After a failure it
// shrinks by itself, until the record at fault is alone.
func (w *worker) resize(took time.Duration) {
	switch {
	case took < longStep/2:
		w.batch = min(w.e.cfg.BatchSize, 2*w.batch)
	case took > longStep && w.batch > leastBatch:
		w.batch = max(w.batch/2, leastBatch)
	}
}

// works lists what a step may do, the first that finds something to do is the
// step. Each kind of work gets its turn to be the first, so that records that
// fail again and again do not keep the queue waiting, nor the queue them.
func (w *worker) works() []func(context.Context) (bool, error) {
	w.turn++
	all := []func(context.Context) (bool, error){w.retryDue, w.drain, w.fill}
	at := w.turn % len(all)
	return slices.Concat(all[at:], all[:at], []func(context.Context) (bool, error){w.advance})
}

// stumble turns an error of a step into what it means for the map: a hold, a
// wait, or a smaller batch until the bad record is alone.
func (w *worker) stumble(ctx context.Context, err error) error {
	var held *heldError
	switch {
	case asHeld(err, &held):
		return w.e.store.SetHold(ctx, w.id, held.hold, held.reason, models.System, 0)
	case ctx.Err() != nil || models.KindOf(err) == models.Fenced:
		return err
	}
	if connectors.KindOf(err) == connectors.NoEntity {
		return w.e.unopened(ctx, w.id, err)
	}
	if out, _ := outage(err); out {
		reason := fmt.Sprintf("An app is out of reach or refuses us: %v. The map goes on by itself when it answers again.", err)
		if holdErr := w.e.store.SetHold(ctx, w.id, models.HoldOutage, reason, models.System, 0); holdErr != nil {
			return holdErr
		}
		return err
	}
	w.batch = max(1, w.batch/4)
	return err
}

// drain works on queued changes: all changes of a record in one reconcile.
func (w *worker) drain(ctx context.Context) (bool, error) {
	changes, err := w.e.store.Pending(ctx, w.id, w.after, w.roomFor(w.batch))
	if err != nil {
		return false, err
	}
	holdBack := w.filling
	if len(changes) == 0 {
		if !holdBack {
			w.after = 0
		}
		return false, nil
	}
	w.linkless = false
	seeds := make([]seed, len(changes))
	for i, c := range changes {
		seeds[i] = changeSeed(c)
	}
	items, err := w.gather(ctx, seeds, holdBack)
	if err == nil {
		err = w.process(ctx, items, nil)
	}
	if err != nil {
		return false, w.strike(ctx, changes, err)
	}
	w.after = 0
	if holdBack || !finished(items) {
		w.after = changes[len(changes)-1].Seq
	}
	return true, nil
}

// patience is how often a change may fail alone before it becomes an error.
const patience = 5

// strike counts a failure against a change that was alone in its batch. After
// too many it becomes an error of its record, so that the others go on.
func (w *worker) strike(ctx context.Context, changes []models.Change, err error) error {
	if len(changes) != 1 || !ofOneRecord(ctx, err) {
		return err
	}
	c := changes[0]
	if w.strikes[c.Seq]++; w.strikes[c.Seq] < patience {
		return err
	}
	delete(w.strikes, c.Seq)
	it := &item{out: failed}
	it.take(changeSeed(c))
	it.fault = w.newError(it, 1-c.Side.Index(), &fault{kind: connectors.KindOf(err).String(), message: fmt.Sprintf("failed %d times: %v", patience, err)})
	it.fault.LeftID, it.fault.RightID = it.subject().LeftID, it.subject().RightID
	w.e.log.Error("record parked", "map", w.name, "change", c.Seq, "error", err)
	return w.commit(ctx, &part{items: []*item{it}}, nil)
}

// finished reports whether every item has given its changes a fate.
func finished(items []*item) bool {
	for _, it := range items {
		if it.out == moved || it.out == undecided {
			return false
		}
	}
	return true
}

// advance makes the engine's own moves: Filled, CaughtUp and Extend (I5).
func (w *worker) advance(ctx context.Context) (bool, error) {
	switch w.status {
	case models.Initializing:
		if w.filling {
			return false, nil
		}
		n, err := w.e.store.OpenErrors(ctx, w.id, models.StageInitial)
		if err != nil || n > 0 {
			return false, err
		}
		return w.move(ctx, models.Filled)
	case models.Resuming:
		left, err := w.e.store.PendingUpTo(ctx, w.id, w.resumeMark)
		if err != nil || left {
			return false, err
		}
		return w.move(ctx, models.CaughtUp)
	case models.Running:
		if !w.open { // a legal entity was added while the map was paused
			return false, nil
		}
		return w.move(ctx, models.Extend)
	default:
		return false, nil
	}
}

func (w *worker) move(ctx context.Context, c models.Command) (bool, error) {
	err := w.e.store.Move(ctx, models.Move{MapID: w.id, Command: c, Actor: models.System})
	if models.KindOf(err) == models.Conflict {
		return true, nil // a person was faster: look again
	}
	w.e.changed(w.id)
	return err == nil, err
}

// close frees what the worker holds.
func (w *worker) close() {
	if w.released {
		return
	}
	w.released = true
	if w.join != nil { // the files stay: a restart takes them up
		if err := w.join.close(false); err != nil {
			w.e.log.Warn("close spill", "map", w.name, "error", err)
		}
	}
	for _, entity := range append(w.scoped[:], w.entities[:]...) {
		if entity == nil {
			continue
		}
		if err := entity.Close(); err != nil {
			w.e.log.Warn("close entity", "map", w.name, "error", err)
		}
	}
}

// backoff is how long a worker stays away after its n-th failure in a row.
func backoff(n int, err error) time.Duration {
	if _, wait := outage(err); wait > 0 {
		return wait
	}
	return min(30*time.Second, 250*time.Millisecond<<min(n, 7))
}
