package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dualwrite/models"
)

// heldError stops a batch before anything of it is stored: a guard asks.
type heldError struct {
	hold   models.Hold
	reason string
}

func (e *heldError) Error() string { return e.reason }

func asHeld(err error, to **heldError) bool { return errors.As(err, to) }

// Limits of the guards.
const (
	deletesAlways = 50 // so many deletes in one go are let through whatever the size
	deletesShare  = 20 // and one in so many of the linked records
	emptiedFrom   = 5  // fewer linked records than this never count as an emptied side
)

// deleteWindow remembers recent deletes, so that a slow trickle counts as one go.
type deleteWindow struct {
	since time.Time
	count [2]int64
}

const deletesTogether = time.Minute

func (d *deleteWindow) at(now time.Time) *[2]int64 {
	if now.Sub(d.since) > deletesTogether {
		d.since, d.count = now, [2]int64{}
	}
	return &d.count
}

// guard stops a batch whose deletes look like a mistake: a side suddenly empty,
// or more deletes at once than a person would make.
func (w *worker) guard(ctx context.Context, items []*item) error {
	var planned [2]int64
	for _, it := range items {
		for side, a := range it.verdict.write {
			if it.out == inStep && a == deleteRecord {
				planned[side]++
			}
		}
	}
	recent := w.deletes.at(w.e.store.Now())
	for side, n := range planned {
		if n == 0 {
			continue
		}
		if err := w.allow(ctx, side, n, recent[side]); err != nil {
			return err
		}
		recent[side] += n
	}
	return nil
}

// allow checks n deletes that are about to be sent to a side.
func (w *worker) allow(ctx context.Context, side int, n, recent int64) error {
	t, err := w.e.store.TallyOf(ctx, w.id)
	if err != nil {
		return err
	}
	limit := max(deletesAlways, t.Linked/deletesShare)
	enough := limit + 1
	if w.allowance < n { // it will be asked whether all are gone
		enough = max(enough, t.Linked)
	}
	queued, err := w.e.store.PendingDeletes(ctx, w.id, models.Sides[1-side], enough)
	if err != nil {
		return err
	}
	all := max(n, queued) + recent
	emptied := t.Linked >= emptiedFrom && max(n, queued) >= t.Linked
	if all <= limit && !emptied {
		return nil
	}
	if w.allowance >= n {
		w.allowance -= n
		return w.e.store.UseAllowance(ctx, w.id, n)
	}
	from, to := w.e.label(models.Sides[1-side]), w.e.label(models.Sides[side])
	if emptied {
		return &heldError{models.HoldEmptied, fmt.Sprintf("All %d linked records of %s are gone in %s. Nothing was deleted in %s. Release the hold to delete them there too, or stop the map.",
			t.Linked, w.m.entity[1-side], from, to)}
	}
	return &heldError{models.HoldDeletes, fmt.Sprintf("%d records of %s were deleted in %s, of %d that are linked. None of these deletes was sent to %s yet. Release the hold to let them through, or stop the map.",
		all, w.m.entity[1-side], from, t.Linked, to)}
}

// guardEmptied stops an initial write that finds one side empty while links say
// that it held records.
func (w *worker) guardEmptied(ctx context.Context) error {
	t, err := w.e.store.TallyOf(ctx, w.id)
	if err != nil || t.Linked < emptiedFrom || w.allowance > 0 {
		return err
	}
	for side := range models.Sides {
		n, _, err := w.entities[side].Count(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			return &heldError{models.HoldEmptied, fmt.Sprintf("%s in %s is empty, but %d of its records were linked. Release the hold to copy them back, or stop the map.",
				w.m.entity[side], w.e.label(models.Sides[side]), t.Linked)}
		}
	}
	return nil
}
