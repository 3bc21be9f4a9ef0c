package mysql

import (
	"context"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// pruneChunk is how many log rows one transaction looks at, and ownChunk how many
// of those that cost little.
const (
	pruneChunk = 1000
	ownChunk   = 20_000
)

// Confirm prunes the log up to a cursor, in steps. What stays is the newest row
// of each record that exists, whose sequence is part of the record's version
// token, and the newest row of all. A row about many records is none of these.
func (f *feed) Confirm(ctx context.Context, upTo connectors.Cursor) error {
	err := f.c.do(ctx, "confirm", f.table, func(ctx context.Context, l *link) error {
		to, ok := parseCursor(upTo)
		if !ok {
			return nil
		}
		if err := f.check(ctx, l, upTo, to); err != nil {
			return f.absent(upTo, err)
		}
		for {
			more, err := f.prune(ctx, l, to)
			if err != nil || !more {
				return f.absent(upTo, err)
			}
		}
	})
	if connectors.KindOf(err) == connectors.CursorExpired {
		return nil // forgotten already
	}
	return err
}

// prune takes the next step towards a cursor and reports whether there is
// another to take. Rows are removed by their sequence alone: to go through a
// range would be to wait for the open transactions that have rows in it.
func (f *feed) prune(ctx context.Context, l *link, to cursor) (more bool, err error) {
	pruned, kept, _, err := f.kept(ctx, l)
	if err != nil || pruned < 0 {
		return false, err
	}
	before := cursor{at: pruned, gaps: kept}
	if len(kept) == 0 && len(to.gaps) == 0 {
		reached, err := f.ownCreates(ctx, l, pruned, to.at)
		if err != nil {
			return false, err
		}
		if reached > pruned {
			_, err = l.exec(ctx, "UPDATE "+captureName+" SET pruned = "+sqlcore.Mark+" WHERE entity = "+sqlcore.Mark+" AND pruned = "+sqlcore.Mark, reached, f.table, pruned)
			return reached < to.at, err
		}
	}
	looked, window, err := f.window(ctx, l, before, to)
	if err != nil {
		return false, err
	}
	if err = f.drop(ctx, l, to, pruned, window); err != nil {
		return false, err
	}
	reached, more := to, looked == pruneChunk
	if more {
		if len(window) == 0 {
			return false, nil // a long transaction has just filled its gap; a later call goes on
		}
		reached = before.confirmed(to, window[len(window)-1])
	}
	_, left, _ := strings.Cut(reached.String(), " ")
	_, err = l.exec(ctx, "UPDATE "+captureName+" SET pruned = "+sqlcore.Mark+", kept = "+sqlcore.Mark+" WHERE entity = "+sqlcore.Mark, reached.at, left, f.table)
	return more, err
}

// ownCreates tells up to which sequence the log, from one on that was looked at,
// holds nothing but creates of ours, each a row. There is nothing to drop among them: each is
// the newest row of its record, unless a row that is still to be looked at is, and
// what had the native id before ended with a delete.
func (f *feed) ownCreates(ctx context.Context, l *link, pruned, to int64) (int64, error) {
	text := "WITH own AS (SELECT seq, op = 'create' AND origin <> '' AND n = 1 AS yes FROM " + quote(logName(f.table)) + " WHERE seq BETWEEN " + sqlcore.Mark + " AND " + sqlcore.Mark +
		" ORDER BY seq LIMIT " + sqlcore.Mark + ") SELECT coalesce(max(seq), 0) FROM own WHERE seq < (SELECT coalesce(min(seq), 9223372036854775807) FROM own WHERE NOT yes)"
	row, err := l.row(ctx, text, pruned, to, ownChunk)
	if err != nil {
		return 0, err
	}
	return num(row[0]), nil
}

// window gives the next rows that one cursor has passed since another, and how
// many it looked at for that.
func (f *feed) window(ctx context.Context, l *link, before, to cursor) (looked int, window []int64, err error) {
	condition, args := before.beyond()
	text := "SELECT seq FROM " + quote(logName(f.table)) + " WHERE (" + condition + ") AND seq <= " + sqlcore.Mark + " ORDER BY seq LIMIT " + sqlcore.Mark
	err = l.query(ctx, text, append(args, to.at, pruneChunk), func(raw []any) error {
		looked++
		if seq := num(raw[0]); before.open(seq) && !to.open(seq) {
			window = append(window, seq)
		}
		return nil
	})
	return looked, window, err
}

// noted is a log row, as far as it tells whether another is superseded.
type noted struct {
	seq       int64
	op        string
	id, oldID string
	renamed   bool // it has an old id
	many      bool // it tells of many records
}

// drop deletes what a window of log rows leaves without a purpose. A row is
// superseded when a newer one tells of the same record, under this native id or
// as the id it had before. The row of the start is where the log was pruned to
// at first.
func (f *feed) drop(ctx context.Context, l *link, to cursor, pruned int64, window []int64) error {
	if len(window) == 0 {
		return nil
	}
	newest, err := l.row(ctx, "SELECT max(seq) FROM "+quote(logName(f.table)))
	if err != nil {
		return err
	}
	seqs := []any{pruned}
	for _, seq := range window {
		seqs = append(seqs, seq)
	}
	looked, err := f.noted(ctx, l, "seq", seqs)
	if err != nil {
		return err
	}
	last := map[string]int64{} // the newest row of a native id, or of the record that had it
	var ids, gone []any
	superseded := func(n noted) bool {
		return last[n.id] > n.seq || n.op == string(connectors.Delete) && n.seq <= window[len(window)-1]
	}
	drop := func(n noted) {
		if n.seq < num(newest[0]) && n.seq <= to.at && !to.open(n.seq) {
			gone = append(gone, n.seq)
		}
	}
	list := func(id string) {
		if _, listed := last[id]; !listed {
			last[id], ids = 0, append(ids, id)
		}
	}
	for _, n := range looked {
		if n.op == opStart || n.many {
			drop(n)
			continue
		}
		if n.seq == pruned {
			continue // it was looked at
		}
		list(n.id)
		if n.renamed {
			list(n.oldID)
			last[n.oldID] = max(last[n.oldID], n.seq)
		}
	}
	rows, err := f.noted(ctx, l, "id", ids)
	if err != nil {
		return err
	}
	for _, n := range rows {
		last[n.id] = max(last[n.id], n.seq)
	}
	for _, n := range rows {
		if superseded(n) {
			drop(n)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	_, err = l.exec(ctx, "DELETE FROM "+quote(logName(f.table))+" WHERE seq IN ("+sqlcore.Marks(len(gone))+")", gone...)
	return err
}

// noted reads the log rows that have one of some values in a column.
func (f *feed) noted(ctx context.Context, l *link, column string, values []any) (rows []noted, err error) {
	for part := range slices.Chunk(values, chunk) {
		text := "SELECT seq, op, coalesce(id, ''), old_id, n > 1 FROM " + quote(logName(f.table)) + " WHERE " + column + " IN (" + sqlcore.Marks(len(part)) + ")"
		err = l.query(ctx, text, part, func(raw []any) error {
			rows = append(rows, noted{num(raw[0]), str(raw[1]), str(raw[2]), str(raw[3]), raw[3] != nil, num(raw[4]) == 1})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}
