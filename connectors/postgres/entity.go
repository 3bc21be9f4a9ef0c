package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
)

// entity reads and writes one selection. Its plan is compiled anew whenever the
// schema was read anew.
type entity struct {
	c   *connector
	sel connectors.Selection

	mu   sync.Mutex
	plan *plan
}

// plan is a selection compiled, and the columns that its rows are read by.
type plan struct {
	*sqlcore.Plan
	cat    *catalog
	rel    *relation
	shapes sync.Map // *statement by shape
	copies copies
}

func (e *entity) compiled(cat *catalog) (*plan, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.plan != nil && e.plan.cat == cat {
		return e.plan, nil
	}
	core, err := sqlcore.Compile(dialect{}, &cat.Catalog, e.sel)
	if err != nil {
		return nil, err
	}
	e.plan = &plan{Plan: core, cat: cat, rel: cat.relations[e.sel.Entity]}
	return e.plan, nil
}

// read runs f with the plan; when the schema turns out to have changed, once
// more with a fresh one.
func (e *entity) read(ctx context.Context, op string, f func(context.Context, *pgconn.PgConn, *plan) error) error {
	return e.c.do(ctx, op, e.sel.Entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		return e.planned(ctx, conn, func(p *plan) error { return f(ctx, conn, p) })
	})
}

func (e *entity) planned(ctx context.Context, conn *pgconn.PgConn, f func(*plan) error) error {
	for _, fresh := range []bool{false, true} {
		cat, err := e.c.catalogAt(ctx, conn, fresh)
		if err != nil {
			return err
		}
		p, err := e.compiled(cat)
		if err != nil {
			return err
		}
		if err = f(p); fresh || !outdated(err) || conn.IsClosed() {
			return err
		}
		if err := query(ctx, conn, "ROLLBACK", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// outdated reports whether an error may come from a catalog that was read
// before the schema changed.
func outdated(err error) bool {
	if errors.Is(err, errTypeChanged) {
		return true
	}
	switch c := code(err); c {
	case undefinedColumn, undefinedTable, undefinedSchema, "42704", "42804", "42846", "42883":
		return true
	}
	return false
}

// Capabilities: xmin tells every write, and writes are conditional on it.
func (e *entity) Capabilities() connectors.Capabilities {
	e.mu.Lock()
	p := e.plan
	e.mu.Unlock()
	return p.Capabilities(connectors.Capabilities{Versions: true, Conditional: true, WriteMax: writeMax, Parallel: 2})
}

// Count is exact.
func (e *entity) Count(ctx context.Context) (n int64, exact bool, err error) {
	err = e.read(ctx, "count", func(ctx context.Context, conn *pgconn.PgConn, p *plan) error {
		f := p.Plan.Count()
		return query(ctx, conn, numbered("SELECT n::text FROM ("+f.SQL+") AS x(n)"), f.Args, func(r row) error {
			n = int64(number(r.text(0)))
			return nil
		})
	})
	return n, err == nil, err
}

// A position is the native id that a page ended with, after this mark: an id
// may be empty, a position that is not the end may not.
const positionMark = ">"

// Scan pages by native id.
func (e *entity) Scan(ctx context.Context, after connectors.Position, size int) (page []connectors.Record, next connectors.Position, err error) {
	size = max(size, 1)
	err = e.read(ctx, "scan", func(ctx context.Context, conn *pgconn.PgConn, p *plan) error {
		page = make([]connectors.Record, 0, min(size, 10_000))
		var from []any
		if after != "" {
			parts, ok := p.idParts(string(after[len(positionMark):]))
			if !ok {
				return &connectors.Error{Kind: connectors.Invalid, Value: string(after), Message: "this is no position of a scan of this table"}
			}
			for _, s := range parts {
				from = append(from, *s)
			}
		}
		f := p.Page(from, size)
		return p.records(ctx, conn, true, f.SQL, f.Args, func(r connectors.Record) { page = append(page, r) })
	})
	if err != nil {
		return nil, "", err
	}
	if len(page) == size {
		next = connectors.Position(positionMark + page[size-1].ID)
	}
	return page, next, nil
}

// Get looks native ids up in the primary key.
func (e *entity) Get(ctx context.Context, ids []string) (found []connectors.Record, err error) {
	err = e.read(ctx, "get", func(ctx context.Context, conn *pgconn.PgConn, p *plan) error {
		found = found[:0]
		sql, args, ok := p.byIDs(ids)
		if !ok {
			return nil
		}
		return p.records(ctx, conn, true, sql, args, func(r connectors.Record) { found = append(found, r) })
	})
	return found, err
}

// byIDs is the statement that reads records by native id; false when none of
// the ids can be one.
func (p *plan) byIDs(ids []string) (sql string, args []any, ok bool) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	columns := make([]texts, len(p.Table.Key))
	for _, id := range ids {
		parts, ok := p.idParts(id)
		if !ok {
			continue
		}
		for i, s := range parts {
			columns[i] = append(columns[i], s)
		}
	}
	if len(columns[0]) == 0 {
		return "", nil, false
	}
	for _, c := range columns {
		args = append(args, c)
	}
	return p.Lookup(0, len(columns), p.IDCondition()), args, true
}

// records runs a statement that reads the plan's columns, by an index where one
// is meant to serve it.
func (p *plan) records(ctx context.Context, conn *pgconn.PgConn, byIndex bool, sql string, args []any, found func(connectors.Record)) error {
	var read pipeline
	if byIndex {
		read.byIndex()
	}
	read.addRead(p, sql, args, found)
	return read.run(ctx, conn)
}

// Close does nothing: a connection is held for a call only.
func (e *entity) Close() error { return nil }
