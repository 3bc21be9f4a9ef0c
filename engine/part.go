package engine

import (
	"context"
	"slices"
	"sync"

	"dualwrite/models"
)

// part is what of a batch is written before its outcome is stored. While one
// part is stored, the next is being written.
type part struct {
	n        int
	items    []*item
	last     bool
	declared bool     // it has intents
	sent     []uint64 // its writes, by the number that echoes gave
}

func (w *worker) parts(items []*item) (parts []*part) {
	for some := range slices.Chunk(items, w.e.cfg.PartSize) {
		parts = append(parts, &part{n: len(parts), items: some})
	}
	if len(parts) == 0 {
		parts = []*part{{}}
	}
	parts[len(parts)-1].last = true
	return parts
}

// carryOut writes the parts in their order, and stores what came of each while
// the next is written. The parts after one that fails are not written: their
// intents, and its own, tell the next try.
func (w *worker) carryOut(ctx context.Context, parts []*part, p *progress) error {
	written := w.writePart(ctx, parts[0])
	for at, done := range parts {
		var storing, writing error
		store := func() { storing = w.outcome(ctx, done, written, p) }
		if done.last || written != nil {
			store()
			return storing
		}
		next := parts[at+1]
		w.e.both(func() { writing = w.writePart(ctx, next) }, store)
		if storing != nil {
			w.e.echoes.end(next.sent, false, nil)
			return storing
		}
		written = writing
	}
	return nil
}

// together does two things at the same time.
func together(a, b func()) {
	var wait sync.WaitGroup
	wait.Go(a)
	b()
	wait.Wait()
}

func (w *worker) writePart(ctx context.Context, part *part) error {
	for side := range models.Sides {
		if err := w.write(ctx, side, part); err != nil {
			return err
		}
	}
	return nil
}

// outcome stores what came of a part that was written, unless that failed.
func (w *worker) outcome(ctx context.Context, part *part, failure error, p *progress) error {
	if failure == nil {
		failure = w.conclude(ctx, part, p)
	}
	if failure != nil {
		w.e.echoes.end(part.sent, false, nil)
		return failure
	}
	w.e.echoes.end(part.sent, true, w.heard(part.items))
	return nil
}
