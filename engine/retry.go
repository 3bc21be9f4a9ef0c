package engine

import (
	"context"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// putOffFor is how long a record is left alone whose try makes the whole call
// fail each time.
const putOffFor = 5 * time.Minute

// retryDue looks again at records whose error, or debt, is due.
func (w *worker) retryDue(ctx context.Context) (bool, error) {
	seeds, due, err := w.dueSeeds(ctx)
	if err != nil || len(seeds) == 0 {
		return false, err
	}
	w.linkless = false
	items, err := w.gather(ctx, seeds, false)
	if err == nil {
		err = w.process(ctx, items, nil)
	}
	if err != nil {
		return false, w.putOff(ctx, due, err)
	}
	return true, nil
}

// dueSeeds lists what is due: the reasons to look, and for each error or debt how
// it is put off.
func (w *worker) dueSeeds(ctx context.Context) (seeds []seed, due []models.Retry, err error) {
	later := w.e.store.Now().Add(putOffFor)
	if w.mayHaveErrors {
		errors, err := w.e.store.DueErrors(ctx, w.id, w.batch)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range errors {
			due = append(due, models.Retry{ErrorID: e.ID, At: later})
			for side, id := range [2]string{e.LeftID, e.RightID} {
				if id != "" {
					seeds = append(seeds, seed{side: side, ids: []string{id}, retry: true})
				}
			}
		}
	}
	if len(due) >= w.batch {
		return seeds, due, nil
	}
	debts, err := w.e.store.DueDebts(ctx, w.id, w.batch-len(due))
	for _, id := range debts {
		due = append(due, models.Retry{LinkID: id, At: later})
		seeds = append(seeds, seed{linkID: id, retry: true})
	}
	return seeds, due, err
}

// putOff puts a record off that was tried alone and made the whole call fail, so
// that the others that are due have their turn.
func (w *worker) putOff(ctx context.Context, due []models.Retry, err error) error {
	if len(due) != 1 || !ofOneRecord(ctx, err) {
		return err
	}
	w.e.log.Warn("try put off", "map", w.name, "until", due[0].At, "error", err)
	if putErr := w.e.store.Apply(ctx, w.lease, &models.Commit{MapID: w.id, Began: w.began, Delay: due}); putErr != nil {
		return putErr
	}
	return err
}

// ofOneRecord reports whether a failure of a whole call may lie in the one record
// that it was about.
func ofOneRecord(ctx context.Context, err error) bool {
	var held *heldError
	out, wait := outage(err)
	return !out && wait == 0 && connectors.KindOf(err) != connectors.NoEntity && ctx.Err() == nil && !asHeld(err, &held) && models.KindOf(err) != models.Fenced
}
