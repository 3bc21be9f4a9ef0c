package mysql

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// feed is the change feed of one table.
type feed struct {
	c     *connector
	table string
}

// Changes reads the log beyond a cursor and in its gaps, both by one statement:
// whoever changed a record after another transaction shows only together with it.
func (f *feed) Changes(ctx context.Context, since connectors.Cursor, most int) (batch []connectors.Change, next connectors.Cursor, caughtUp bool, err error) {
	most = max(most, 1)
	if from, ok := parseCursor(since); ok {
		if err = f.compareAt(ctx, from); err != nil {
			return nil, "", false, err
		}
	}
	err = f.c.do(ctx, "changes", f.table, func(ctx context.Context, l *link) error {
		from, ok := parseCursor(since)
		if !ok {
			return f.expired(since)
		}
		v, fresh, err := view{}, false, error(nil)
		if len(from.gaps) > 0 {
			if v, fresh, err = f.c.view(ctx, f, from); err != nil {
				return f.absent(since, err)
			}
		}
		seqs, changes, whole, err := f.read(ctx, l, from, most)
		if err == nil {
			err = f.check(ctx, l, since, from)
		}
		if err != nil {
			return f.absent(since, err)
		}
		to := from.pass(seqs)
		caughtUp = whole
		if fresh {
			read := int64(math.MaxInt64)
			if !whole {
				read = seqs[len(seqs)-1]
			}
			to = to.settle(v, from, read)
		}
		batch, next = changes, connectors.Cursor(to.String())
		return nil
	})
	if err != nil {
		return nil, "", false, err
	}
	return batch, next, caughtUp, nil
}

func (f *feed) expired(since connectors.Cursor) error {
	return &connectors.Error{Kind: connectors.CursorExpired, Message: "changes since " + string(since) + " are not known any more"}
}

// absent makes a log that is not there an expired cursor.
func (f *feed) absent(since connectors.Cursor, err error) error {
	if number(err) == noSuchTable || number(err) == unknownColumn {
		return f.expired(since)
	}
	return err
}

// spansMost is how many gaps a statement lists one by one; of more it reads all
// between the first and the last.
const spansMost = 200

// beyond is the condition that a log row is one that a cursor has not passed, or
// more than that: see cursor.open.
func (c cursor) beyond() (string, []any) {
	spans := c.gaps
	if len(spans) > spansMost {
		spans = []gap{{from: spans[0].from, to: spans[len(spans)-1].to}}
	}
	text, args := "seq > "+sqlcore.Mark, []any{c.at}
	for _, g := range spans {
		text += " OR seq BETWEEN " + sqlcore.Mark + " AND " + sqlcore.Mark
		args = append(args, g.from, g.to)
	}
	return text, args
}

// told is a row of the log that is read.
type told struct {
	seq    int64
	n      int // of how many records it tells
	change connectors.Change
}

// read gives rows by sequence. They tell at most so many changes, unless the last of
// them tells more by itself; whole reports whether there are no others. A row never
// changes, so what it tells of many records can be read by another statement.
func (f *feed) read(ctx context.Context, l *link, from cursor, most int) (seqs []int64, changes []connectors.Change, whole bool, err error) {
	rows, err := f.rows(ctx, l, from, most)
	if err != nil {
		return nil, nil, false, err
	}
	var many []any
	taken, n := 0, 0
	for ; taken < len(rows) && n < most; taken++ {
		if n += rows[taken].n; rows[taken].n > 1 {
			many = append(many, rows[taken].seq)
		}
	}
	ids, err := f.ids(ctx, l, many)
	if err != nil {
		return nil, nil, false, err
	}
	if len(ids) < len(many) { // forgotten meanwhile
		return nil, nil, false, f.expired(connectors.Cursor(from.String()))
	}
	for _, r := range rows[:taken] {
		seqs = append(seqs, r.seq)
		switch {
		case r.n > 1:
			for _, r.change.ID = range ids[r.seq] {
				changes = append(changes, r.change)
			}
		case r.change.Op != opStart:
			changes = append(changes, r.change)
		}
	}
	return seqs, changes, taken == len(rows) && len(rows) < most, nil
}

func (f *feed) rows(ctx context.Context, l *link, from cursor, most int) (rows []told, err error) {
	condition, args := from.beyond()
	text := "SELECT seq, op, coalesce(old_id, ''), coalesce(id, ''), coalesce(`key`, ''), origin, at, n FROM " + quote(logName(f.table)) + " WHERE " + condition + " ORDER BY seq"
	if len(from.gaps) <= spansMost {
		text += " LIMIT " + sqlcore.Mark
		args = append(args, most)
	}
	err = l.query(ctx, text, args, func(raw []any) error {
		seq := num(raw[0])
		if len(rows) < most && from.open(seq) {
			at, _ := time.Parse(timeLayout, str(raw[6]))
			change := connectors.Change{Op: connectors.Op(str(raw[1])), OldID: str(raw[2]), ID: str(raw[3]), Key: str(raw[4]), Origin: str(raw[5]), At: at}
			rows = append(rows, told{seq, int(num(raw[7])), change})
		}
		return nil
	})
	return rows, err
}

// ids are the native ids of the records that rows of the log tell of together.
func (f *feed) ids(ctx context.Context, l *link, seqs []any) (ids map[int64][]string, err error) {
	ids = map[int64][]string{}
	for part := range slices.Chunk(seqs, chunk) {
		text := "SELECT seq, ids FROM " + quote(logName(f.table)) + " WHERE seq IN (" + sqlcore.Marks(len(part)) + ")"
		err = l.query(ctx, text, part, func(raw []any) error {
			var list []string
			err := json.Unmarshal(raw[1].([]byte), &list)
			ids[num(raw[0])] = list
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// check reports, after the log was read, whether something of it had been
// forgotten before. A cursor beyond its end comes from a log that is no more, such
// as the app's before an old backup was put back.
func (f *feed) check(ctx context.Context, l *link, since connectors.Cursor, from cursor) error {
	pruned, kept, end, err := f.kept(ctx, l)
	if err != nil {
		return err
	}
	if pruned < 0 || from.at > end || !from.covers(pruned, kept) {
		return f.expired(since)
	}
	return f.watched(ctx, l, since)
}

// kept tells up to where the log was pruned, except for which gaps, and its end;
// pruned is -1 where there is no capture.
func (f *feed) kept(ctx context.Context, l *link) (pruned int64, kept []gap, end int64, err error) {
	row, err := l.row(ctx, "SELECT pruned, kept, (SELECT coalesce(max(seq), 0) FROM "+quote(logName(f.table))+") FROM "+captureName+" WHERE entity = "+sqlcore.Mark, f.table)
	if err != nil || row == nil {
		return -1, nil, 0, err
	}
	for word := range strings.FieldsSeq(str(row[1])) {
		if g, ok := parseGap(word); ok {
			kept = append(kept, g)
		}
	}
	return num(row[0]), kept, num(row[2]), nil
}

// lookEvery is how often the triggers are looked for: tools that rebuild a table
// leave them behind.
const lookEvery = 3 * time.Second

// watched fails with CursorExpired when triggers are gone that we may see.
func (f *feed) watched(ctx context.Context, l *link, since connectors.Cursor) error {
	if f.c.known().isView(f.table) || !f.c.watch.due(f.table, lookEvery) {
		return nil
	}
	there, err := triggersThere(ctx, l, f.table)
	if err != nil || there == nil {
		return err
	}
	for _, op := range []connectors.Op{connectors.Create, connectors.Update, connectors.Delete} {
		if _, ok := there[triggerName(op, f.table)]; !ok {
			f.c.watch.forget(f.table)
			return f.expired(since)
		}
	}
	return nil
}
