package engine

import (
	"context"
	"math"
	"time"

	"dualwrite/models"
)

// Changes of a feed that only one map takes, and that it can work on at once, do
// not wait in its queue: they are stored once, with their fate, in the commit that
// moves the cursor (I1) and saves the links they led to (I2). What cannot be done
// at once is queued by that commit, or by the feed as ever.

// Work on changes may take soon for them not to hold up their feed. Where it took
// longer, they are queued for a while before that is tried again.
const (
	soon      = 500 * time.Millisecond
	soonAgain = 10 * time.Second
)

// atOnce has a map work on changes that its feed has just read, and reports
// whether they are stored.
func (e *Engine) atOnce(ctx context.Context, t *models.Taken) (stored bool) {
	e.mu.Lock()
	w := e.workers[t.Use.MapID]
	e.mu.Unlock()
	if w == nil || len(t.Changes) == 0 || len(t.Changes) > e.cfg.PartSize || !w.turns.TryLock() {
		return false
	}
	defer w.turns.Unlock()
	if w.released || time.Since(w.slow) < soonAgain {
		return false
	}
	begun := time.Now()
	stored, err := w.takeAtOnce(ctx, t)
	if time.Since(begun) > soon {
		w.slow = time.Now()
	}
	if err != nil && ctx.Err() == nil {
		e.log.Info("changes are queued that could not be worked on at once", "map", w.name, "error", err)
	}
	return stored
}

// takeAtOnce works on changes that are in no queue yet. A failure before they are
// stored leaves them to the feed; after it, what has no fate is queued.
func (w *worker) takeAtOnce(ctx context.Context, t *models.Taken) (stored bool, err error) {
	m, ready, err := w.ready(ctx)
	if err != nil || !ready || m.Hold != models.NoHold || w.status != models.Running || w.filling || w.open {
		return false, err
	}
	if waiting, err := w.e.store.PendingUpTo(ctx, w.id, math.MaxInt64); err != nil || waiting {
		return false, err
	}
	seeds := make([]seed, len(t.Changes))
	for i, c := range t.Changes {
		c.Seq, c.Side = -1-int64(i), t.Use.Side
		seeds[i] = changeSeed(c)
	}
	w.linkless = false
	items, err := w.gather(ctx, seeds, false)
	if err != nil {
		return false, err
	}
	w.incoming, w.incomingBy = t, items
	err = w.process(ctx, items, nil)
	stored = w.incoming == nil
	w.incoming, w.incomingBy = nil, nil
	return stored, err
}

// tookOver lets the items of changes that were stored just now know under which
// sequences those that are queued stand.
func (w *worker) tookOver() {
	real := func(seq int64) int64 {
		if seq < 0 {
			return w.incoming.Changes[-seq-1].Seq
		}
		return seq
	}
	for _, it := range w.incomingBy {
		for i := range it.seeds {
			it.seeds[i].seq = real(it.seeds[i].seq)
		}
		for side := range it.seqs {
			for i, seq := range it.seqs[side] {
				it.seqs[side][i] = real(seq)
			}
		}
	}
	w.incoming = nil
}
