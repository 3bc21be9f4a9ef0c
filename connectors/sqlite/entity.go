package sqlite

import (
	"context"
	"slices"
	"strings"
	"sync"

	"dualwrite/connectors"
)

// entity reads and writes one selection. Its plan is compiled anew whenever the
// schema has changed.
type entity struct {
	c   *connector
	sel connectors.Selection

	mu   sync.Mutex
	plan *plan
}

// compiled is the plan for a catalog.
func (e *entity) compiled(cat *catalog) (*plan, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.plan != nil && e.plan.cat == cat {
		return e.plan, nil
	}
	p, err := cat.compile(e.sel)
	if err != nil {
		return nil, err
	}
	e.plan = p
	return p, nil
}

func (e *entity) read(ctx context.Context, op string, f func(context.Context, querier, *plan) error) error {
	return e.c.read(ctx, op, e.sel.Entity, func(ctx context.Context, q querier, cat *catalog) error {
		p, err := e.compiled(cat)
		if err != nil {
			return err
		}
		return f(ctx, q, p)
	})
}

// Capabilities: version tokens tell every write only while the entity's feed is
// on, since they carry the sequence of the record's newest log row; without it
// they tell every change of content.
func (e *entity) Capabilities() connectors.Capabilities {
	e.mu.Lock()
	p := e.plan
	e.mu.Unlock()
	return p.Capabilities(connectors.Capabilities{Versions: true, Conditional: true, WriteMax: writeMax})
}

// Count is exact.
func (e *entity) Count(ctx context.Context) (n int64, exact bool, err error) {
	err = e.read(ctx, "count", func(ctx context.Context, q querier, p *plan) error {
		count := p.Plan.Count()
		return q.QueryRowContext(ctx, bound(count.SQL), count.Args...).Scan(&n)
	})
	return n, err == nil, err
}

// A position is the native id that a page ended with, after this mark: an id
// may be empty, a position that is not the end may not.
const positionMark = ">"

// Scan pages by native id.
func (e *entity) Scan(ctx context.Context, after connectors.Position, size int) (page []connectors.Record, next connectors.Position, err error) {
	size = max(size, 1)
	err = e.read(ctx, "scan", func(ctx context.Context, q querier, p *plan) error {
		var from []any
		if after != "" {
			var ok bool
			if from, ok = parseID(p.Table, strings.TrimPrefix(string(after), positionMark)); !ok {
				return &connectors.Error{Kind: connectors.Invalid, Value: string(after), Message: "this is no position of a scan of this table"}
			}
		}
		f := p.Page(from, size)
		return p.query(ctx, q, bound(f.SQL), f.Args, func(r connectors.Record) { page = append(page, r) })
	})
	if err != nil {
		return nil, "", err
	}
	if len(page) == size {
		next = connectors.Position(positionMark + page[size-1].ID)
	}
	return page, next, nil
}

// chunk is how many keys or ids one statement looks up: few enough for the
// limit of bound parameters whatever the key, many enough to be one round trip
// for most batches.
const chunk = 1000

// Get looks native ids up in the primary key.
func (e *entity) Get(ctx context.Context, ids []string) (found []connectors.Record, err error) {
	err = e.read(ctx, "get", func(ctx context.Context, q querier, p *plan) error {
		for part := range slices.Chunk(unrepeated(ids), chunk) {
			if err := p.get(ctx, q, part, func(r connectors.Record) { found = append(found, r) }); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func (p *plan) get(ctx context.Context, q querier, ids []string, found func(connectors.Record)) error {
	var args []any
	n := 0
	for _, id := range ids {
		if parts, ok := parseID(p.Table, id); ok {
			args = append(args, parts...)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return p.query(ctx, q, p.lookup(n, len(args)/n, p.IDCondition()), args, found)
}

func unrepeated(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

// Close does nothing: prepared statements belong to the connection and are used
// by every selection that writes the same fields.
func (e *entity) Close() error { return nil }
