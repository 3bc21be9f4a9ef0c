package mysql

import (
	"context"
	"errors"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

var errMisplaced = errors.New("the app does not keep every record")

// insert stores new records by one statement. MariaDB answers their native ids;
// MySQL has to be asked for what it made of them.
func (b *batch) insert(ctx context.Context, items []*item) error {
	text := b.p.inserting(len(items), items[0].columns)
	var args []any
	for _, it := range items {
		args = append(args, it.args...)
	}
	if b.p.cat.d.returning {
		return b.insertReturning(ctx, items, text, args)
	}
	_, known := b.p.keyAfter(items[0])
	if !known && b.p.increments(items[0]) == nil && len(items) > 1 {
		for i := range items { // the app makes the ids and does not tell them
			if err := b.insert(ctx, items[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	done, err := b.l.exec(ctx, text, args...)
	if err != nil {
		return err
	}
	first, err := done.LastInsertId()
	if err != nil {
		return err
	}
	return b.locate(ctx, items, first)
}

func (b *batch) insertReturning(ctx context.Context, items []*item, text string, args []any) error {
	var ids []string
	err := b.l.query(ctx, text, args, func(raw []any) error {
		ids = append(ids, str(raw[0]))
		return nil
	})
	if err != nil {
		return err
	}
	if len(ids) != len(items) {
		return errMisplaced
	}
	for i, it := range items {
		it.id, _ = b.p.idArgs(ids[i])
	}
	return nil
}

// increments is the part of the native id that AUTO_INCREMENT fills in for the
// item, nil where it does not fill in the only part that is open.
func (p *plan) increments(it *item) *sqlcore.Column {
	c := p.rel.increments
	if c == nil || slices.Contains(it.columns, c.Pos) || !slices.Contains(p.Table.Key, c.Pos) {
		return nil
	}
	for _, pos := range p.Table.Key {
		if pos != c.Pos && !slices.Contains(it.columns, pos) {
			return nil
		}
	}
	return c
}

// locate finds out the native ids of inserted records: they were given, count up
// from the first one, or are those of the record that now holds the alternate key.
func (b *batch) locate(ctx context.Context, items []*item, first int64) error {
	counter := b.p.increments(items[0])
	step := int64(1)
	if counter != nil && len(items) > 1 {
		row, err := b.l.row(ctx, "SELECT @@auto_increment_increment")
		if err != nil {
			return err
		}
		step = num(row[0])
	}
	for i, it := range items {
		if key, ok := b.p.keyAfter(it); ok {
			it.id = key
			continue
		}
		if counter == nil {
			if err := b.locateByKey(ctx, it); err != nil {
				return err
			}
			continue
		}
		it.id = make([]any, len(b.p.Table.Key))
		for part, pos := range b.p.Table.Key {
			if at := slices.Index(it.columns, pos); at >= 0 {
				it.id[part] = it.args[at]
			} else {
				it.id[part] = first + int64(i)*step
			}
		}
	}
	return nil
}

func (b *batch) locateByKey(ctx context.Context, it *item) error {
	_, err := b.p.find(ctx, b.l, []connectors.Row{b.p.KeyOf(it.w.Row)}, func(r connectors.Record) { it.id, _ = b.p.idArgs(r.ID) })
	if err == nil && it.id == nil {
		err = errMisplaced
	}
	return err
}

// readBack reads what the app made of the records that were written.
func (b *batch) readBack(ctx context.Context, items []*item) error {
	var written []*item
	var rows [][]any
	for _, it := range items {
		if it.outcome != connectors.Stored || it.w.Op == connectors.Delete || it.after.ID != "" {
			continue
		}
		key := it.id
		if it.w.Op == connectors.Update {
			key, _ = b.p.keyAfter(it)
		}
		written, rows = append(written, it), append(rows, key)
	}
	err := b.p.read(ctx, b.l, rows, b.p.byID(), func(n int, r connectors.Record) { written[n].after = r })
	for _, it := range written {
		if err == nil && it.after.ID == "" {
			err = errMisplaced
		}
	}
	return err
}
