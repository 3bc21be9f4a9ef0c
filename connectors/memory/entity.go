package memory

import (
	"context"
	"strconv"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// entity reads and writes the records of one selection.
type entity struct {
	conn     *connection
	app      *App
	t        *table
	paths    []*path
	key      key
	company  *path // nil for a global entity
	allowed  map[connectors.Value]bool
	filtered []*path // what the filter reads
	matches  connectors.Matcher
}

func (c *connection) open(sel connectors.Selection) (*entity, error) {
	a := c.app
	e := &entity{conn: c, app: a, t: a.tables[sel.Entity], allowed: map[connectors.Value]bool{}}
	if e.t == nil {
		return nil, noEntity("open", sel.Entity)
	}
	company := ""
	if sel.Company >= 0 && len(sel.Fields) > 0 {
		company = sel.Fields[sel.Company]
	}
	var err error
	if e.paths, err = a.compileAll(e.t, sel.Fields, company); err != nil {
		return nil, err
	}
	if company != "" {
		e.company = e.paths[sel.Company]
	}
	for _, c := range sel.Companies {
		e.allowed[loosest().Apply(connectors.TextValue(c))] = true
	}
	keyPaths := make([]*path, len(sel.Key))
	for i, at := range sel.Key {
		keyPaths[i] = e.paths[at]
	}
	e.key = newKey(e.t, keyPaths)
	e.key.at, e.key.fold = sel.Key, sel.Fold
	return e, e.compileFilter(sel.Filter)
}

func (e *entity) compileFilter(x filter.Expr) (err error) {
	names := filter.Fields(x)
	if e.filtered, err = e.app.compileAll(e.t, names, ""); err != nil {
		return err
	}
	types := make([]connectors.Type, len(names))
	for i, p := range e.filtered {
		types[i] = p.end.Type
	}
	e.matches, err = connectors.CompileFilter(x, names, types)
	return err
}

func (e *entity) call(ctx context.Context, op string, items int, work func() error) error {
	return e.conn.do(ctx, Call{Op: op, Entity: e.t.schema.Name, Items: items}, work)
}

// Capabilities follow the options of the moment.
func (e *entity) Capabilities() connectors.Capabilities {
	e.app.mu.Lock()
	defer e.app.mu.Unlock()
	o := &e.app.opt
	return connectors.Capabilities{Versions: !o.NoVersions, Conditional: !o.NoVersions, Fold: o.Fold, StableID: !o.KeyIsID, WriteMax: o.writeMax(), Parallel: 2}
}

func (e *entity) Count(ctx context.Context) (n int64, exact bool, err error) {
	err = e.call(ctx, "count", 0, func() error {
		scratch := make(connectors.Row, len(e.filtered))
		for _, r := range e.t.order {
			if e.selects(r, scratch) {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	return n, true, nil
}

// Scan goes by the order of creation, which no later write changes.
func (e *entity) Scan(ctx context.Context, after connectors.Position, size int) (page []connectors.Record, next connectors.Position, err error) {
	err = e.call(ctx, "scan", size, func() error {
		seq := int64(0)
		if after != "" {
			if seq, err = strconv.ParseInt(string(after), 10, 64); err != nil {
				return &connectors.Error{Kind: connectors.Invalid, Op: "scan", Entity: e.t.schema.Name, Value: string(after), Err: err}
			}
		}
		scratch := make(connectors.Row, len(e.filtered))
		for _, r := range e.t.order[e.t.after(seq):] {
			if len(page) >= size {
				next = connectors.Position(strconv.FormatInt(seq, 10))
				return nil
			}
			seq = r.seq
			if e.selects(r, scratch) {
				page = append(page, e.record(r))
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// selects tells whether a record is of an allowed company and passes the filter.
func (e *entity) selects(r *row, scratch connectors.Row) bool {
	if len(e.allowed) > 0 && e.company != nil && !e.allowed[loosest().Apply(e.company.read(r))] {
		return false
	}
	for i, p := range e.filtered {
		scratch[i] = p.read(r)
	}
	return e.matches(scratch)
}

func (e *entity) record(r *row) connectors.Record {
	rec := connectors.Record{ID: r.id, Version: r.version, Row: make(connectors.Row, len(e.paths))}
	if e.app.opt.NoVersions {
		rec.Version = ""
	}
	for i, p := range e.paths {
		rec.Row[i] = p.read(r)
	}
	return rec
}

func (e *entity) Get(ctx context.Context, ids []string) (found []connectors.Record, err error) {
	err = e.call(ctx, "get", len(ids), func() error {
		found = make([]connectors.Record, 0, len(ids))
		taken := make(map[*row]bool, len(ids))
		for _, id := range ids {
			if r := e.t.rows[id]; r != nil && !taken[r] {
				taken[r] = true
				found = append(found, e.record(r))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func (e *entity) Find(ctx context.Context, keys []connectors.Row) (found []connectors.Record, err error) {
	err = e.call(ctx, "find", len(keys), func() error {
		taken := make(map[*row]bool, len(keys))
		for _, vals := range keys {
			e.key.each(e.t, vals, func(r *row) {
				if !taken[r] {
					taken[r] = true
					found = append(found, e.record(r))
				}
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Close does nothing: a selection holds nothing of the app's.
func (e *entity) Close() error { return nil }
