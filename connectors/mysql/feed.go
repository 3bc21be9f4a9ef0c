package mysql

import (
	"context"
	"math"
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
		seqs, changes, err := f.read(ctx, l, from, most)
		if err == nil {
			err = f.check(ctx, l, since, from)
		}
		if err != nil {
			return f.absent(since, err)
		}
		to := from.pass(seqs)
		caughtUp = len(seqs) < most
		if fresh {
			read := int64(math.MaxInt64)
			if !caughtUp {
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

// read gives at most so many rows, by sequence, and the changes they tell.
func (f *feed) read(ctx context.Context, l *link, from cursor, most int) (seqs []int64, changes []connectors.Change, err error) {
	condition, args := from.beyond()
	text := "SELECT seq, op, coalesce(old_id, ''), coalesce(id, ''), coalesce(`key`, ''), origin, at FROM " + quote(logName(f.table)) + " WHERE " + condition + " ORDER BY seq"
	if len(from.gaps) <= spansMost {
		text += " LIMIT " + sqlcore.Mark
		args = append(args, most)
	}
	err = l.query(ctx, text, args, func(raw []any) error {
		seq := num(raw[0])
		if len(seqs) == most || !from.open(seq) {
			return nil
		}
		seqs = append(seqs, seq)
		if op := connectors.Op(str(raw[1])); op != opStart {
			at, _ := time.Parse(timeLayout, str(raw[6]))
			changes = append(changes, connectors.Change{Op: op, OldID: str(raw[2]), ID: str(raw[3]), Key: str(raw[4]), Origin: str(raw[5]), At: at})
		}
		return nil
	})
	return seqs, changes, err
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
