package mysql

import (
	"cmp"
	"context"
	"slices"

	"dualwrite/connectors"
)

// batch is one try to store writes in one transaction.
type batch struct {
	p     *plan
	l     *link
	items []*item
	last  int // the last wave
}

// run stores the items by wave; within one, deletes first and creates last,
// since what is removed or renamed frees its key.
func (b *batch) run(ctx context.Context) error {
	for wave := range b.last + 1 {
		var items []*item
		for _, it := range b.items {
			if it.wave == wave {
				items = append(items, it)
			}
		}
		for _, step := range []func(context.Context, []*item) error{b.lock, b.resolveLookups, b.remove, b.update, b.create, b.readBack} {
			if err := step(ctx, items); err != nil {
				return err
			}
		}
	}
	return nil
}

// of gives the open items of an operation.
func of(items []*item, op connectors.Op) (open []*item) {
	for _, it := range items {
		if it.w.Op == op && it.open() && it.refusal == nil && it.missing == nil {
			open = append(open, it)
		}
	}
	return open
}

// lock takes the locks of the records that are to be changed, in one order for
// everybody, and then reads them: what was committed while we waited for a lock
// must show, the newest log row too.
func (b *batch) lock(ctx context.Context, items []*item) error {
	var old []*item
	for _, it := range items {
		if it.w.Op != connectors.Create && it.id != nil {
			old = append(old, it)
		}
	}
	slices.SortFunc(old, func(a, b *item) int { return cmp.Compare(a.w.ID, b.w.ID) })
	rows := make([][]any, len(old))
	for i, it := range old {
		rows[i] = it.id
	}
	for base, part := range portions(rows) {
		if err := b.l.query(ctx, b.p.locking(len(part)), bind(part, base), func([]any) error { return nil }); err != nil {
			return err
		}
	}
	err := b.p.read(ctx, b.l, rows, b.p.byID(), func(n int, r connectors.Record) {
		if it := old[n]; r.ID == it.w.ID {
			it.now, it.there = r, true
		}
	})
	for _, it := range items {
		it.judge()
	}
	return err
}

// judge decides what the record as it stands decides.
func (it *item) judge() {
	switch {
	case it.w.Op == connectors.Create:
	case it.w.Op == connectors.Delete && !it.there:
		it.outcome = connectors.Stored
	case !it.there || it.w.If != "" && it.w.If != it.now.Version:
		it.outcome = connectors.Moved
	}
}

func (b *batch) remove(ctx context.Context, items []*item) error {
	return b.each(ctx, of(items, connectors.Delete), func(ctx context.Context, items []*item) error {
		rows := make([][]any, len(items))
		for i, it := range items {
			rows[i] = it.id
		}
		_, err := b.l.exec(ctx, b.p.deleting(len(rows)), bind(rows, 0)...)
		return err
	})
}

func (b *batch) update(ctx context.Context, items []*item) error {
	items = of(items, connectors.Update)
	for _, it := range items {
		b.p.assign(it)
		if len(it.columns) == 0 {
			it.outcome, it.after = connectors.Stored, it.now
		}
	}
	return b.each(ctx, of(items, connectors.Update), func(ctx context.Context, items []*item) error {
		if it := items[0]; len(items) == 1 {
			_, err := b.l.exec(ctx, b.p.updatingOne(it.columns), slices.Concat(it.args, it.id)...)
			return err
		}
		rows := make([][]any, len(items))
		for i, it := range items {
			rows[i] = append(slices.Clone(it.id), it.args...)
		}
		_, err := b.l.exec(ctx, b.p.updating(len(rows), items[0].columns), bind(rows, 0)...)
		return err
	})
}

// create inserts what nobody holds the key of. Records whose parents are among
// those that this batch creates follow when these are there.
func (b *batch) create(ctx context.Context, items []*item) error {
	for {
		if err := b.dropHeld(ctx, items); err != nil {
			return err
		}
		fresh := of(items, connectors.Create)
		for _, it := range fresh {
			b.p.assign(it)
		}
		if err := b.each(ctx, fresh, b.insert); err != nil {
			return err
		}
		waiting := slices.DeleteFunc(slices.Clone(items), func(it *item) bool {
			return !it.open() || it.missing == nil || it.missing.Parent != b.p.Table.Name || it.w.Op != connectors.Create
		})
		if len(fresh) == 0 || len(waiting) == 0 {
			return nil
		}
		for _, it := range waiting {
			it.missing = nil
		}
		if err := b.resolveLookups(ctx, waiting); err != nil {
			return err
		}
	}
}

// dropHeld takes out the creates whose key somebody holds; refused ones too,
// since a key that is held is told first.
func (b *batch) dropHeld(ctx context.Context, items []*item) error {
	var keys []connectors.Row
	for _, it := range items {
		if it.w.Op == connectors.Create && it.open() && it.key != "" {
			keys = append(keys, b.p.KeyOf(it.w.Row))
		}
	}
	held := map[string]bool{}
	_, err := b.p.find(ctx, b.l, keys, func(r connectors.Record) {
		if key, ok := b.p.Comparable(b.p.KeyOf(r.Row)); ok {
			held[b.p.Folded(key)] = true
		}
	})
	for _, it := range items {
		if it.w.Op == connectors.Create && it.open() && held[it.key] {
			it.outcome = connectors.Moved
		}
	}
	return err
}
