package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5/pgconn"
)

// expired says that a cursor can no longer be gone on from.
func expired(why string) *connectors.Error {
	return &connectors.Error{Kind: connectors.CursorExpired, Message: "changes since the last time are not known any more: " + why}
}

// Changes tells what transactions have finished since the cursor's snapshot, in
// the order of the log's sequence, in windows from one snapshot to the next.
// Whoever writes a record after somebody else must wait for that one's commit,
// so the changes of a record have their order within a window and across them. A
// transaction that stays open is in no window before it ends, and holds up no
// other.
func (f *feed) Changes(ctx context.Context, since connectors.Cursor, most int) (batch []connectors.Change, next connectors.Cursor, caughtUp bool, err error) {
	at, ok := parseCursor(since)
	if !ok {
		return nil, "", false, f.c.fault("changes", f.entity, expired("the cursor is not one of this feed"))
	}
	most, begun := max(most, 1), at
	err = f.c.do(ctx, "changes", f.entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		if err := f.refresh(ctx, conn, at); err != nil {
			return err
		}
		for !caughtUp && len(batch) < most {
			r := &reading{feed: f, at: at, most: most - len(batch)}
			if err := r.read(ctx, conn); err != nil {
				return err
			}
			batch = append(batch, r.batch...)
			at, caughtUp = r.next()
		}
		return nil
	})
	if err != nil {
		return nil, "", false, err
	}
	if len(batch) == 0 && begun.to == nil && at.started == begun.started {
		return nil, since, caughtUp, nil // the end stays the same while nothing happens
	}
	return batch, at.String(), caughtUp, nil
}

// reading is one page of a window.
type reading struct {
	*feed
	at    cursor
	most  int
	now   position // of the window, if this page begins it
	state state
	batch []connectors.Change
	last  int64 // sequence of the last row
	lost  bool  // the table was truncated
}

// state is what is installed for an entity.
type state struct {
	oid, epoch, form, pruned string
	started                  string // when the server was, and its timeline
	whole                    bool   // the table is the one of that name, and its triggers are on
}

const stateQuery = `SELECT c.relation::text, c.epoch, c.form, c.pruned,
		(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8::text, (SELECT timeline_id::text FROM pg_control_checkpoint()),
		(coalesce(to_regclass($2::text)::oid = c.relation, false) AND (SELECT ` + triggersOf + ` FROM pg_catalog.pg_class r WHERE r.oid = c.relation) = (SELECT count(*) FROM pg_catalog.pg_trigger t
			WHERE t.tgrelid = c.relation AND t.tgname IN ` + triggerNames + ` AND t.tgenabled IN ('O', 'A'))
		AND NOT coalesce((SELECT ` + renamesUnseen + ` FROM pg_catalog.pg_class r WHERE r.oid = c.relation), false))::text
	FROM dualwrite.capture c WHERE c.entity = $1::text`

func (f *feed) addState(p *pipeline, regclass string, into *state) {
	name := any(regclass)
	if regclass == "" {
		name = nil
	}
	p.add(stateQuery, []any{f.entity, name}, func(r row) error {
		*into = state{r.text(0), r.text(1), r.text(2), r.text(3), r.text(4) + "." + r.text(5), r.text(6) == "true"}
		return nil
	})
}

// read asks for the end of the sequence before the snapshot is taken, and last
// for what is installed, so that no pruning in between goes unnoticed.
func (r *reading) read(ctx context.Context, conn *pgconn.PgConn) error {
	regclass, err := r.regclass(ctx, conn)
	if err != nil {
		return err
	}
	if err := r.try(ctx, conn, regclass); err != nil {
		return err
	}
	if r.at.started != r.state.started {
		return r.restarted(ctx, conn, regclass)
	}
	return nil
}

func (r *reading) try(ctx context.Context, conn *pgconn.PgConn, regclass string) error {
	var p pipeline
	r.state, r.batch, r.lost = state{}, nil, false
	var begun uint32
	p.byIndex()
	addEnd(&p, r.at.oid, &r.now.end, &begun)
	sql, args := r.window()
	p.add(numbered(sql), args, r.take)
	r.addState(&p, regclass, &r.state)
	if err := p.run(ctx, conn); err != nil {
		if c := code(err); c == undefinedTable || c == undefinedSchema {
			return expired("capture was stopped")
		}
		return err
	}
	r.now.seen = r.now.seen.upTo(begun)
	r.now.since(r.at.from)
	return r.check()
}

// addEnd queues the questions for the end of a log's sequence and, after it, for
// the transaction to begin next.
func addEnd(p *pipeline, oid string, end *int64, next *uint32) {
	p.add("SELECT CASE WHEN is_called THEN last_value ELSE 0 END::text FROM "+sequenceOf(oid), nil, func(v row) error {
		*end = int64(number(v.text(0)))
		return nil
	})
	p.add("SELECT age('3'::xid)::text", nil, func(v row) error {
		*next = uint32(number(v.text(0))) + 3
		return nil
	})
}

// check holds the cursor against what the log is and still has.
func (r *reading) check() error {
	pruned, forgot := parseSnapshot(r.state.pruned)
	switch {
	case r.state.oid != r.at.oid || r.state.epoch != r.at.epoch || !r.state.whole:
		return expired("capture was interrupted")
	case timeline(r.at.started) != timeline(r.state.started), r.at.started == r.state.started && r.at.to == nil &&
		(!r.now.seen.covers(r.at.from.seen) || r.at.from.end > r.now.end):
		return expired("the app's database is not the one of the cursor, as after a backup was put back or a standby took over")
	case forgot && !r.at.from.seen.covers(pruned):
		return expired("they were confirmed and forgotten")
	case r.lost:
		return expired("the table was truncated")
	}
	return nil
}

// timeline tells a server that was recovered to another end, or promoted, from
// one that was only started anew.
func timeline(started string) string {
	_, line, _ := strings.Cut(started, ".")
	return line
}

const logColumns = "l.seq::text, l.op::text, coalesce(l.id, ''), coalesce(l.old_id, ''), coalesce(l.origin, ''), (extract(epoch FROM l.at) * 1000000)::int8::text, l.ids"

// window is the query for a page, one range of the log's sequence: the rows of
// transactions that had not finished at the cursor's snapshot. Where one of those
// that were under way has finished since, the range begins where its first row
// may be. The first row answered is the present snapshot.
func (r *reading) window() (sql string, args []any) {
	from := r.at.from
	arg := func(v string) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	now, visible := "pg_current_snapshot()", ""
	if r.at.to != nil {
		now = arg(r.at.to.seen.String()) + "::text::pg_snapshot"
		visible = " AND pg_visible_in_snapshot(l.tx, " + now + ")"
	}
	after := arg(strconv.FormatInt(from.end, 10)) + "::text::bigint"
	if len(from.seen.xip) > 0 {
		running, behind := texts{}, texts{}
		for i, tx := range from.seen.running() {
			low := strconv.FormatInt(from.low(i), 10)
			running, behind = append(running, &tx), append(behind, &low)
		}
		args = append(args, running, behind)
		after = "(SELECT least(" + after + ", min(x.low::bigint)) FROM unnest($" + strconv.Itoa(len(args)-1) + "::text[], $" + strconv.Itoa(len(args)) +
			"::text[]) AS x(tx, low) WHERE pg_visible_in_snapshot(x.tx::xid8, " + now + "))"
	}
	page := "SELECT l.* FROM " + logOf(r.at.oid) + " AS l WHERE l.seq > greatest(" + after + ", " + arg(strconv.FormatInt(r.at.at, 10)) + "::text::bigint)" +
		" AND NOT pg_visible_in_snapshot(l.tx, " + arg(from.seen.String()) + "::text::pg_snapshot)" + visible + " ORDER BY l.seq LIMIT " + strconv.Itoa(r.most)
	// A row of the log may tell of many records, all of which belong to the page.
	fitting := "SELECT l.*, sum(l.n) OVER (ORDER BY l.seq) - l.n AS before FROM (" + page + ") AS l"
	return "SELECT '0', 's', pg_current_snapshot()::text, '', '', '', NULL UNION ALL SELECT * FROM (SELECT " + logColumns + " FROM (" + fitting + ") AS l" +
		" WHERE l.before < " + strconv.Itoa(r.most) + " ORDER BY l.seq) AS y", args
}

func (r *reading) take(v row) error {
	seq, err := strconv.ParseInt(v.text(0), 10, 64)
	if err != nil {
		return err
	}
	change := connectors.Change{ID: v.text(2), OldID: v.text(3), Origin: v.text(4)}
	switch v.text(1) {
	case "s":
		r.now.seen, _ = parseSnapshot(v.text(2))
		return nil
	case "t":
		r.lost = true
		return nil
	case "c":
		change.Op = connectors.Create
	case "u":
		change.Op = connectors.Update
	default:
		change.Op = connectors.Delete
	}
	change.At, r.last = time.UnixMicro(int64(number(v.text(5)))).UTC(), seq
	if v[6] == nil {
		r.batch = append(r.batch, change)
		return nil
	}
	r.batch = slices.Grow(r.batch, textsIn(v[6]))
	return eachText(v[6], func(id string) {
		change.ID = id
		r.batch = append(r.batch, change)
	})
}

// next is the cursor after this page, and whether that is the present end.
func (r *reading) next() (c cursor, caughtUp bool) {
	c = r.at
	c.started = r.state.started
	fresh := c.to == nil
	if fresh {
		c.to = &r.now
	}
	if len(r.batch) >= r.most {
		c.at = r.last
		return c, false
	}
	c.from, c.to, c.at = *c.to, nil, 0
	return c, fresh
}

// restarted goes on after the server was started anew. A crash may have made it
// give out numbers of transactions and of log rows again that it had given to
// some who never committed, and that the cursor counts as done. So whatever
// came after the start is told, some of it perhaps twice.
func (r *reading) restarted(ctx context.Context, conn *pgconn.PgConn, regclass string) error {
	first := r.at.from.seen.xmin
	err := query(ctx, conn, "SELECT min(l.tx)::text FROM "+logOf(r.at.oid)+" AS l WHERE l.at >= pg_postmaster_start_time()", nil, func(v row) error {
		if v[0] == nil {
			return nil
		}
		tx, err := strconv.ParseUint(v.text(0), 10, 64)
		first = min(first, tx)
		return err
	})
	if err != nil {
		return err
	}
	pruned, forgot := parseSnapshot(r.state.pruned)
	r.at.from, r.at.to, r.at.at, r.at.started = position{seen: snapshot{xmin: first, xmax: first}}, nil, 0, r.state.started
	if forgot && !r.at.from.seen.covers(pruned) {
		r.at.from.seen = pruned // what came before is told and gone
	}
	return r.try(ctx, conn, regclass)
}
