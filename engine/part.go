package engine

import (
	"context"
	"sync"
)

// part is what of a batch is written before its outcome is stored. Three are on
// their way at a time: one is written, while what came of the one before is
// stored, together with what the one after is meant to write, and the one after
// that is prepared.
type part struct {
	n        int // unlike that of any other on its way
	items    []*item
	progress *progress // stored with it, nil for none
	whole    bool      // progress has come as far as its run says once the part is stored
	stored   func()    // called once its outcome is, nil for nothing
	declared bool      // it has intents
	sent     []uint64  // its writes, by the number that echoes gave
}

// parts cuts items that are decided into parts, one after the other.
func (w *worker) parts(items []*item, p *progress) func() (*part, error) {
	n := 0
	return func() (*part, error) {
		if len(items) == 0 && n > 0 {
			return nil, nil
		}
		some := items[:min(w.e.cfg.PartSize, len(items))]
		items = items[len(some):]
		out := &part{n: n, items: some, progress: p, whole: len(items) == 0}
		n++
		w.prepare(out)
		return out, nil
	}
}

// carryOut has every part that next gives written and stored, and gives the
// reasons to look again at the records that moved meanwhile. What follows one
// that fails is not written: its intents, and those of what was written and not
// stored, tell the next try.
func (w *worker) carryOut(ctx context.Context, next func() (*part, error)) (again []seed, err error) {
	current, err := next()
	if err != nil || current == nil {
		return nil, err
	}
	following, err := next()
	if err != nil {
		return nil, err
	}
	if err := w.commit(ctx, nil, current); err != nil {
		return nil, err
	}
	var before *part
	defer func() {
		if err != nil {
			w.disclaim(before, current)
		}
	}()
	for current != nil {
		var writing, storing, preparing error
		var after *part
		write := func() { writing = w.writePart(ctx, current) }
		store := func() { storing = w.commit(ctx, before, following) }
		prepare := func() {
			if following != nil {
				after, preparing = next()
			}
		}
		if before == nil && following == nil {
			write()
		} else {
			w.e.together(write, store, prepare)
		}
		if storing == nil && before != nil {
			again = append(again, before.over()...)
			before = nil
		}
		for _, each := range []error{storing, writing, preparing} {
			if each != nil {
				return again, each
			}
		}
		before, current, following = current, following, after
	}
	if err := w.commit(ctx, before, nil); err != nil {
		return again, err
	}
	again, before = append(again, before.over()...), nil
	w.declared = false
	return again, nil
}

// disclaim forgets the writes of parts whose outcome is not known.
func (w *worker) disclaim(parts ...*part) {
	for _, p := range parts {
		if p != nil {
			w.e.echoes.end(p.sent, false, nil)
		}
	}
}

// over lets go of a part that is stored, and gives the reasons to look at its
// records again that have moved.
func (p *part) over() (again []seed) {
	if p.stored != nil {
		p.stored()
	}
	for _, it := range p.items {
		if it.out == moved {
			again = append(again, it.again()...)
		}
	}
	return again
}

// together does things at the same time.
func together(all ...func()) {
	var wait sync.WaitGroup
	for _, f := range all[1:] {
		wait.Go(f)
	}
	all[0]()
	wait.Wait()
}

func (w *worker) writePart(ctx context.Context, part *part) error {
	for side := range 2 {
		if err := w.write(ctx, side, part); err != nil {
			return err
		}
	}
	return nil
}
