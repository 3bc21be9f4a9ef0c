package postgres

import (
	"context"
	"strconv"
	"sync"
	"time"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5/pgconn"
)

// feed is the change feed of one table.
type feed struct {
	c      *connector
	entity string

	mu     sync.Mutex
	pruned prunedTo
}

// installLock keeps two connectors from installing at the same time.
const installLock = "SELECT pg_advisory_xact_lock(hashtextextended('dualwrite capture', 0))::text"

// regclass is the table's name as the server's catalog knows it, "" when it is
// not there any more.
func (f *feed) regclass(ctx context.Context, conn *pgconn.PgConn) (string, error) {
	cat, err := f.c.catalogAt(ctx, conn, false)
	if err != nil {
		return "", err
	}
	if rel := cat.relations[f.entity]; rel != nil {
		return dialect{}.From(rel.table), nil
	}
	return "", nil
}

// Check tells whether our account may do what Start and writing need.
func (f *feed) Check(ctx context.Context) error {
	return f.c.do(ctx, "check rights", f.entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		cat, err := f.c.catalogAt(ctx, conn, true)
		if err != nil {
			return err
		}
		if _, err := cat.Table(f.entity); err != nil {
			return err
		}
		return f.c.captureRights(ctx, conn, cat.relations[f.entity])
	})
}

// Start installs the capture in one transaction. Triggers that are missing or no
// longer fit the table mean that changes went by unseen: the log then begins
// anew and cursors from before expire. It waits a little for transactions that
// are writing to the table, and fails as Transient when they take longer.
func (f *feed) Start(ctx context.Context) (next connectors.Cursor, err error) {
	err = f.c.do(ctx, "start feed", f.entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		cat, err := f.c.catalogAt(ctx, conn, true)
		if err != nil {
			return err
		}
		if _, err := cat.Table(f.entity); err != nil {
			return err
		}
		rel := cat.relations[f.entity]
		if err := f.c.captureRights(ctx, conn, rel); err != nil {
			return err
		}
		s, err := f.install(ctx, conn, rel)
		if err == nil {
			next, err = f.end(ctx, conn, s)
		}
		return err
	})
	return next, err
}

// install leaves the capture as it must be, and says what is there.
func (f *feed) install(ctx context.Context, conn *pgconn.PgConn, rel *relation) (state, error) {
	var s state
	c, regclass := rel.capture(), dialect{}.From(rel.table)
	err := f.inTransaction(ctx, conn, func() error {
		there, err := captureThere(ctx, conn)
		if err != nil {
			return err
		}
		if !there {
			if err := script(ctx, conn, f.schemaScript(ctx, conn)...); err != nil {
				return err
			}
		}
		var p pipeline
		f.addState(&p, regclass, &s)
		if err := p.run(ctx, conn); err != nil || s.whole && s.form == c.form() {
			return err
		}
		if s.oid != "" && s.oid != c.oid {
			if err := script(ctx, conn, uninstall(s.oid)...); err != nil {
				return err
			}
		}
		if err := script(ctx, conn, c.install()...); err != nil {
			return err
		}
		var note pipeline
		note.add("INSERT INTO dualwrite.capture (entity, relation, epoch, form) VALUES ($1::text, $2::text::oid, $3::text, $4::text)"+
			" ON CONFLICT (entity) DO UPDATE SET relation = excluded.relation, epoch = excluded.epoch, form = excluded.form, pruned = ''",
			[]any{f.entity, c.oid, strconv.FormatInt(time.Now().UnixNano(), 36), c.form()}, nil)
		f.addState(&note, regclass, &s)
		return note.run(ctx, conn)
	})
	return s, err
}

// schemaScript makes our schema, unless an administrator has, and the table of
// captures.
func (f *feed) schemaScript(ctx context.Context, conn *pgconn.PgConn) []string {
	there := false
	err := query(ctx, conn, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = '"+captureSchema+"'", nil, func(row) error { there = true; return nil })
	if there || err != nil { // the next statement tells what is wrong
		return []string{captureTable}
	}
	return []string{"CREATE SCHEMA " + captureSchema, captureTable}
}

// captureThere reports whether any capture was ever installed.
func captureThere(ctx context.Context, conn *pgconn.PgConn) (there bool, err error) {
	err = query(ctx, conn, "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '"+
		captureSchema+"' AND c.relname = 'capture'", nil, func(row) error { there = true; return nil })
	return there, err
}

func script(ctx context.Context, conn *pgconn.PgConn, statements ...string) error {
	var p pipeline
	for _, s := range statements {
		p.add(s, nil, nil)
	}
	return p.run(ctx, conn)
}

// inTransaction runs f with the installing lock and commits unless it fails.
func (f *feed) inTransaction(ctx context.Context, conn *pgconn.PgConn, work func() error) error {
	for try := 1; ; try++ {
		err := script(ctx, conn, "BEGIN", installLock)
		if err == nil {
			err = work()
		}
		if err == nil {
			return script(ctx, conn, "COMMIT")
		}
		if code(err) == "" {
			return err
		}
		if undo := script(ctx, conn, "ROLLBACK"); undo != nil || !passing(err) || try == tries {
			return err
		}
	}
}

// end is the present end of the log.
func (f *feed) end(ctx context.Context, conn *pgconn.PgConn, s state) (connectors.Cursor, error) {
	c := cursor{oid: s.oid, epoch: s.epoch, started: s.started}
	var p pipeline
	var begun uint32
	addEnd(&p, s.oid, &c.from.end, &begun)
	p.add("SELECT pg_current_snapshot()::text", nil, func(r row) error {
		c.from.seen, _ = parseSnapshot(r.text(0))
		return nil
	})
	err := p.run(ctx, conn)
	c.from.seen = c.from.seen.upTo(begun)
	return c.String(), err
}

// Stop removes the capture, and with the last one what all captures share. It
// works for a table that the app has dropped or renamed too. The schema stays
// where our account could not make it again.
func (f *feed) Stop(ctx context.Context) error {
	return f.c.do(ctx, "stop feed", f.entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		return f.inTransaction(ctx, conn, func() error {
			if there, err := captureThere(ctx, conn); err != nil || !there {
				return err
			}
			var oid, others string
			var p pipeline
			p.add("DELETE FROM dualwrite.capture WHERE entity = $1::text RETURNING relation::text", []any{f.entity}, func(r row) error { oid = r.text(0); return nil })
			p.add("SELECT count(*)::text FROM dualwrite.capture", nil, func(r row) error { others = r.text(0); return nil })
			if err := p.run(ctx, conn); err != nil {
				return err
			}
			if oid != "" {
				if err := script(ctx, conn, uninstall(oid)...); err != nil {
					return err
				}
			}
			if others != "0" {
				return nil
			}
			return f.leave(ctx, conn)
		})
	})
}

// leave removes what all captures share.
func (f *feed) leave(ctx context.Context, conn *pgconn.PgConn) error {
	if err := script(ctx, conn, "DROP TABLE dualwrite.capture"); err != nil {
		return err
	}
	ours := false
	err := query(ctx, conn, `SELECT 1 FROM pg_catalog.pg_namespace n WHERE n.nspname = '`+captureSchema+`'
		AND pg_has_role(n.nspowner, 'USAGE') AND has_database_privilege(current_database(), 'CREATE')
		AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid)
		AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid)`, nil, func(row) error { ours = true; return nil })
	if err != nil || !ours {
		return err
	}
	return script(ctx, conn, "DROP SCHEMA "+captureSchema)
}

const (
	// pruneChunk is how much of the log's sequence one statement forgets.
	pruneChunk = 5000
	// What is confirmed is forgotten once that is so much of the sequence, or once
	// so much time has passed.
	worthPruning, pruneEvery = 1000, time.Second
)

// prunedTo is up to where a feed has pruned the log of an installation.
type prunedTo struct {
	epoch string
	position
	at time.Time
}

// Confirm prunes the log of what is told at the cursor's position, in steps.
// Within a window nothing is forgotten before its end.
func (f *feed) Confirm(ctx context.Context, upTo connectors.Cursor) error {
	at, ok := parseCursor(upTo)
	if !ok {
		return nil // forgotten already
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.pruned; p.epoch == at.epoch && at.from.end-p.end < worthPruning && time.Since(p.at) < pruneEvery {
		return nil
	}
	err := f.c.do(ctx, "confirm", f.entity, func(ctx context.Context, conn *pgconn.PgConn) error { return f.prune(ctx, conn, at) })
	if err == nil {
		f.pruned = prunedTo{at.epoch, at.from, time.Now()}
	}
	return err
}

func (f *feed) prune(ctx context.Context, conn *pgconn.PgConn, at cursor) error {
	first := f.pruned.behind(at.from.seen)
	var err error
	if f.pruned.epoch != at.epoch {
		err = query(ctx, conn, "SELECT coalesce(min(l.seq) - 1, 0)::text FROM "+logOf(at.oid)+" AS l", nil, func(r row) error {
			first = int64(number(r.text(0)))
			return nil
		})
	}
	sql := "WITH d AS (DELETE FROM " + logOf(at.oid) + " AS l WHERE l.seq > $1::text::bigint AND l.seq <= $2::text::bigint AND pg_visible_in_snapshot(l.tx, $3::text::pg_snapshot) RETURNING 1)" +
		" UPDATE dualwrite.capture SET pruned = $3::text WHERE entity = $4::text AND epoch = $5::text AND EXISTS (SELECT 1 FROM d)"
	for ; err == nil && first < at.from.end; first += pruneChunk {
		var p pipeline
		p.byIndex()
		p.add(sql, []any{strconv.FormatInt(first, 10), strconv.FormatInt(min(first+pruneChunk, at.from.end), 10), at.from.seen.String(), f.entity, at.epoch}, nil)
		err = p.run(ctx, conn)
	}
	if c := code(err); c == undefinedTable || c == undefinedSchema {
		return nil
	}
	return err
}
