package engine

import (
	"context"
	"fmt"
	"path/filepath"

	"dualwrite/models"
)

// fill does one page of the initial write whose turn it is: a page of reading,
// or a page of reconciling. A page is stored with the position after it.
func (w *worker) fill(ctx context.Context) (bool, error) {
	if !w.filling {
		w.dropJoin()
		return false, nil
	}
	turn, err := w.e.store.HasTurn(ctx, w.id)
	if err != nil || turn == nil {
		w.dropJoin()
		return false, err
	}
	if w.run == nil || w.run.ID != turn.ID {
		w.dropJoin()
		if err := w.begin(ctx, turn); err != nil {
			return false, err
		}
	}
	switch {
	case w.join.stream != nil:
		return true, w.streamPages(ctx)
	case !w.join.sealed:
		return true, w.readPage(ctx)
	default:
		return true, w.writePage(ctx)
	}
}

func (w *worker) dropJoin() {
	if w.join != nil {
		if err := w.join.close(true); err != nil {
			w.e.log.Warn("remove spill", "map", w.name, "error", err)
		}
	}
	w.join, w.run, w.after = nil, nil, 0
}

// begin starts an execution, or takes it up where a restart left it: with its
// spill if that is still whole, else by reading both sides again, which links
// made meanwhile make cheap.
func (w *worker) begin(ctx context.Context, run *models.Execution) error {
	if err := w.guardEmptied(ctx); err != nil {
		return err
	}
	w.linkless = false
	if err := w.scope(ctx, run.Company); err != nil {
		return err
	}
	j := &join{part: -1, m: w.m, fold: w.fold}
	if run.State == models.Writing && run.Partitions > 1 {
		if s, err := reopenSpill(w.spillDir(run), run.Partitions); err == nil {
			j.spill, j.sealed = s, true
			w.run, w.join = run, j
			return nil
		}
	}
	run.LeftTotal, run.RightTotal = 0, 0
	for side, total := range [2]*int64{&run.LeftTotal, &run.RightTotal} {
		n, _, err := w.scoped[side].Count(ctx)
		if err != nil {
			return err
		}
		*total = n
	}
	var err error
	if w.linkless, err = w.e.store.Linkless(ctx, w.id); err != nil {
		return err
	}
	parts := 1
	if j.stream = w.streamable(run); j.stream == nil {
		if j.spill, err = newSpill(w.spillDir(run), run.LeftTotal+run.RightTotal); err != nil {
			return err
		}
		parts = j.spill.parts
	}
	// What an earlier attempt has read or found equal is read and found again.
	p := &progress{run: *run, added: models.Execution{LeftRead: -run.LeftRead, RightRead: -run.RightRead, Equal: -run.Equal, Filtered: -run.Filtered,
		Done: -run.Done, LeftFailed: -run.LeftFailed, RightFailed: -run.RightFailed}}
	p.run.State, p.run.Partitions, p.run.Partition, p.run.Offset = models.Reading, parts, 0, 0
	if j.stream != nil {
		p.run.State = models.Writing
	}
	w.run, w.join = run, j
	*w.run = p.run
	w.run.LeftRead, w.run.RightRead = 0, 0
	return w.e.store.Apply(ctx, w.lease, &models.Commit{MapID: w.id, Progress: p.commit()})
}

// scope opens both sides for the records of one legal entity.
func (w *worker) scope(ctx context.Context, company string) error {
	if err := w.closeScope(); err != nil {
		return err
	}
	for i, side := range models.Sides {
		app, err := w.e.apps.connector(ctx, w.env.ConnectionID(side))
		if err != nil {
			return err
		}
		sel := w.m.selection[i]
		sel.Fold, sel.Companies = w.fold, w.m.companies
		if company != "" {
			sel.Companies = []string{company}
		}
		if w.scoped[i], err = app.Open(ctx, sel); err != nil {
			return fmt.Errorf("open %s: %w", sel.Entity, err)
		}
	}
	return nil
}

func (w *worker) closeScope() error {
	for i, entity := range w.scoped {
		if entity != nil {
			w.scoped[i] = nil
			if err := entity.Close(); err != nil {
				return fmt.Errorf("close %s: %w", w.m.entity[i], err)
			}
		}
	}
	return nil
}

func (w *worker) spillDir(run *models.Execution) string {
	return filepath.Join(w.e.cfg.SpillDir, fmt.Sprintf("execution-%d", run.ID))
}

func (w *worker) readPage(ctx context.Context) error {
	side, n, err := w.join.scan(ctx, w.scoped, w.roomFor(w.e.cfg.PageSize))
	if err != nil {
		return err
	}
	p := &progress{run: *w.run}
	if side == 0 {
		p.added.LeftRead = n
	} else {
		p.added.RightRead = n
	}
	if w.join.sealed {
		p.run.State = models.Writing
	}
	w.run.State = p.run.State
	defer w.e.changed(w.id)
	return w.e.store.Apply(ctx, w.lease, &models.Commit{MapID: w.id, Progress: p.commit()})
}

// writePage reconciles the next keys of the partition at hand.
func (w *worker) writePage(ctx context.Context) error {
	if w.run.Partition >= w.run.Partitions {
		return w.endRun(ctx)
	}
	if err := w.join.load(w.run.Partition); err != nil {
		return err
	}
	size := w.pageSize()
	from := min(int(w.run.Offset), len(w.join.keys))
	page := w.join.keys[from:min(from+size, len(w.join.keys))]
	p := &progress{run: *w.run}
	p.run.Offset = int64(from + len(page))
	if from+len(page) >= len(w.join.keys) {
		p.run.Partition, p.run.Offset = p.run.Partition+1, 0
	}
	if err := w.processPage(ctx, page, p); err != nil {
		return err
	}
	if p.run.Partition != w.run.Partition {
		w.after = 0 // changes that were left to this partition may go on
	}
	w.run.Partition, w.run.Offset = p.run.Partition, p.run.Offset
	return nil
}

// processPage reconciles a page. One that fails may have linked some of its
// records already, so that the next try has to look.
func (w *worker) processPage(ctx context.Context, page []keyed, p *progress) error {
	items, err := w.pageItems(ctx, page)
	if err == nil {
		err = w.process(ctx, items, p)
	}
	w.linkless = w.linkless && err == nil
	return err
}

// pageSize is how many keys a page has: fewer after a failure, like a batch.
func (w *worker) pageSize() int {
	return w.roomFor(w.e.cfg.PageSize * w.batch / w.e.cfg.BatchSize)
}

// mostValues bounds how many values, of both sides together, are worked on at a
// time: records of many fields come in fewer.
const mostValues = 200_000

// roomFor is how many of so many pairs may be worked on at a time.
func (w *worker) roomFor(pairs int) int {
	return max(1, min(pairs, mostValues/(len(w.m.selection[0].Fields)+len(w.m.selection[1].Fields))))
}

// endRun ends the execution, once the links are tidy: a step does a part of that,
// and comes here again.
func (w *worker) endRun(ctx context.Context) error {
	if more, err := w.e.store.TidyLinks(ctx, w.lease, w.id); err != nil || more {
		return err
	}
	run, err := w.e.store.ExecutionByID(ctx, w.run.ID)
	if err != nil {
		return err
	}
	p := &progress{run: *w.run}
	finish(&p.run, run.LeftFailed+run.RightFailed > 0, w.e.store.Now())
	if err := w.e.store.Apply(ctx, w.lease, &models.Commit{MapID: w.id, Progress: p.commit()}); err != nil {
		return err
	}
	w.dropJoin()
	if err := w.closeScope(); err != nil {
		return err
	}
	w.e.changed(w.id)
	w.e.wakeAll() // the next map of the plan has its turn
	return nil
}

// pageItems makes items of a page. A record that was never linked is taken as
// it was read; one that was linked is taken only if nothing is new since, and
// read again otherwise, so that an old page never overwrites a newer link.
func (w *worker) pageItems(ctx context.Context, page []keyed) ([]*item, error) {
	links, err := w.pageLinks(ctx, page)
	if err != nil {
		return nil, err
	}
	items := make([]*item, 0, len(page))
	var again []seed
	trusted := w.trusted()
	room := make([]item, len(page))
	for i, k := range page {
		it := &room[i]
		it.initial = true
		switch l := links.of(k); {
		case k.key == "" || len(k.rec[0]) > 1 || len(k.rec[1]) > 1:
			items = append(items, w.badKeys(k)...)
			continue
		case l != nil:
			it.link = l
			for side, r := range k.rec {
				if len(r) == 1 {
					it.rec[side] = r[0]
				}
			}
			if it.quiet(w.m.revision) && it.rec[0] != nil && it.rec[1] != nil {
				it.out = inStep
				items = append(items, it)
				continue
			}
			again = append(again, pageSeeds(k, l)...)
			continue
		case !trusted:
			again = append(again, pageSeeds(k, nil)...)
			continue
		}
		for side, r := range k.rec {
			if len(r) == 1 {
				it.rec[side] = r[0]
			}
		}
		items = append(items, it)
	}
	if len(again) > 0 {
		more, err := w.gather(ctx, again, false)
		if err != nil {
			return nil, err
		}
		for _, it := range more {
			it.initial = true
		}
		if err := w.leaveDeletes(ctx, more); err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}

// trusted reports whether a page may be decided by as it was read: both apps
// refuse to have it overwrite what has moved since.
func (w *worker) trusted() bool {
	return w.caps[0].Versions && w.caps[0].Conditional && w.caps[1].Versions && w.caps[1].Conditional
}

// leaveDeletes leaves linked records that are gone on a side to the queue, if
// their delete is there: it happened since Run and is an ordinary change.
func (w *worker) leaveDeletes(ctx context.Context, items []*item) error {
	for side := range models.Sides {
		gone := map[string]*item{}
		var ids []string
		for _, it := range items {
			if it.out == undecided && it.link != nil && it.rec[side] == nil && it.link.Sides[side].ID != "" {
				gone[it.link.Sides[side].ID] = it
				ids = append(ids, it.link.Sides[side].ID)
			}
		}
		queued, err := w.e.store.QueuedIDs(ctx, w.id, models.Sides[side], ids)
		if err != nil {
			return err
		}
		for id, it := range gone {
			if queued[id] {
				it.out = inStep
			}
		}
	}
	return nil
}

func pageSeeds(k keyed, l *models.Link) []seed {
	var out []seed
	for side, r := range k.rec {
		for _, each := range r {
			out = append(out, seed{side: side, ids: []string{each.ID}, retry: true})
		}
	}
	if l != nil {
		out = append(out, seed{linkID: l.ID, retry: true})
	}
	return out
}

// pageIndex finds the link of a key's records.
type pageIndex struct {
	byID  [2]map[string]*models.Link
	byKey map[string]*models.Link
}

func (x pageIndex) of(k keyed) *models.Link {
	for side, r := range k.rec {
		if len(r) == 1 {
			if l := x.byID[side][r[0].ID]; l != nil {
				return l
			}
		}
	}
	return x.byKey[k.key]
}

func (w *worker) pageLinks(ctx context.Context, page []keyed) (pageIndex, error) {
	x := pageIndex{byKey: map[string]*models.Link{}}
	if w.linkless {
		return x, nil
	}
	var ids [2][]string
	var keys []string
	for _, k := range page {
		keys = append(keys, k.key)
		for side, r := range k.rec {
			for _, each := range r {
				ids[side] = append(ids[side], each.ID)
			}
		}
	}
	links, err := w.e.store.LinksByKey(ctx, w.id, keys)
	if err != nil {
		return x, err
	}
	for _, l := range links {
		x.byKey[l.Key] = l
	}
	for side := range ids {
		x.byID[side] = map[string]*models.Link{}
		links, err := w.e.store.LinksByID(ctx, w.id, models.Sides[side], ids[side])
		if err != nil {
			return x, err
		}
		for _, l := range links {
			x.byID[side][l.Sides[side].ID] = l
		}
	}
	return x, nil
}

// badKeys makes an error of every holder of an empty or a duplicate key, and of
// the partner that cannot be told.
func (w *worker) badKeys(k keyed) []*item {
	var out []*item
	for side, holders := range k.rec {
		for _, r := range holders {
			it := &item{initial: true, out: failed}
			it.rec[side] = r
			switch {
			case k.key == "":
				it.fault = w.emptyKey(it, side)
			case len(holders) > 1:
				it.fault = w.duplicate(it, side, holders)
			default:
				it.fault = w.duplicate(it, 1-side, k.rec[1-side])
			}
			out = append(out, it)
		}
	}
	return out
}
