package mysql

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"

	"dualwrite/connectors"
)

// writeMax keeps the records that the app's own users wait for few.
const writeMax = 4000

// entity reads and writes one selection. Its plan is compiled anew whenever the
// catalog was read again.
type entity struct {
	c   *connector
	sel connectors.Selection

	mu   sync.Mutex
	plan *plan
}

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

// planned runs f with a plan, and once more with a fresh one where the schema
// has changed meanwhile.
func (e *entity) planned(ctx context.Context, op string, f func(context.Context, *link, *plan) error) error {
	return e.c.do(ctx, op, e.sel.Entity, func(ctx context.Context, l *link) error {
		cat, err := e.c.current(ctx, l)
		for again := false; err == nil; again = true {
			var p *plan
			if p, err = e.compiled(cat); err != nil {
				return err
			}
			if err = f(ctx, l, p); err == nil || again || !outdated(err) {
				return err
			}
			if err = l.rollback(ctx); err == nil {
				cat, err = e.c.reread(ctx, l)
			}
		}
		return err
	})
}

// Capabilities: version tokens tell every write only while the entity's feed is
// on, since they carry the sequence of the record's newest log row; without it
// they tell every change of content.
func (e *entity) Capabilities() connectors.Capabilities {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.plan.Capabilities(connectors.Capabilities{Versions: true, Conditional: true, WriteMax: writeMax, Parallel: 2})
}

// Count is exact.
func (e *entity) Count(ctx context.Context) (n int64, exact bool, err error) {
	err = e.planned(ctx, "count", func(ctx context.Context, l *link, p *plan) error {
		count := p.Count()
		row, err := l.row(ctx, count.SQL, count.Args...)
		if err == nil {
			n = num(row[0])
		}
		return err
	})
	return n, err == nil, err
}

// A position is the native id that a page ended with, after this mark: an id
// may be empty, a position that is not the end may not.
const positionMark = ">"

// Scan pages by native id.
func (e *entity) Scan(ctx context.Context, after connectors.Position, size int) (page []connectors.Record, next connectors.Position, err error) {
	size = max(size, 1)
	err = e.planned(ctx, "scan", func(ctx context.Context, l *link, p *plan) error {
		var from []any
		if after != "" {
			var ok bool
			if from, ok = p.idArgs(strings.TrimPrefix(string(after), positionMark)); !ok {
				return &connectors.Error{Kind: connectors.Invalid, Value: string(after), Message: "this is no position of a scan of this table"}
			}
		}
		page = nil
		q := p.Page(from, size)
		return l.query(ctx, q.SQL, q.Args, func(raw []any) error {
			page = append(page, p.record(raw))
			return nil
		})
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
	err = e.planned(ctx, "get", func(ctx context.Context, l *link, p *plan) error {
		found = nil
		return p.get(ctx, l, ids, func(r connectors.Record) { found = append(found, r) })
	})
	return found, err
}

// Close does nothing: nothing is kept between calls.
func (e *entity) Close() error { return nil }

func wholeNumber(digits string) (any, bool) {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return n, true
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

func unhex(part string) (any, bool) {
	b, err := hex.DecodeString(part)
	return b, err == nil
}
