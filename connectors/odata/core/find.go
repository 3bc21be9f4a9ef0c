package core

import (
	"context"
	"errors"
	"strings"
	"sync"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Get reads records by native id.
func (e *Entity) Get(ctx context.Context, ids []string) ([]connectors.Record, error) {
	var rows []connectors.Row
	wanted := map[string]bool{}
	for _, id := range ids {
		if row, ok := e.set.parseID(id); ok && !wanted[id] {
			wanted[id] = true
			rows = append(rows, row)
		}
	}
	paths := make([]*Path, len(e.set.ID))
	for i, f := range e.set.ID {
		paths[i] = &Path{Text: f.Name, Steps: []Step{{e.set, f}}}
	}
	var out []connectors.Record
	err := e.search(ctx, paths, rows, connectors.Fold{}, func(r found) {
		if wanted[r.ID] {
			out = append(out, r.Record)
			delete(wanted, r.ID)
		}
	})
	return out, Fault("get", e.set.Name, err)
}

// Find reads all records that hold one of the alternate keys.
func (e *Entity) Find(ctx context.Context, keys []connectors.Row) ([]connectors.Record, error) {
	paths := make([]*Path, len(e.sel.Key))
	for i, at := range e.sel.Key {
		paths[i] = e.paths[at]
	}
	var rows []connectors.Row
	wanted, asked, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, key := range keys {
		row, ok := convertRow(paths, key)
		if spelled := keyText(row, connectors.Fold{}); ok && !asked[spelled] {
			wanted[keyText(row, e.fold)], asked[spelled] = true, true
			rows = append(rows, row)
		}
	}
	var out []connectors.Record
	err := e.search(ctx, paths, rows, e.fold, func(r found) {
		if !seen[r.ID] && wanted[keyText(e.keyOf(r.Row), e.fold)] {
			seen[r.ID] = true
			out = append(out, r.Record)
		}
	})
	return out, Fault("find", e.set.Name, err)
}

// keyOf is the alternate key of a row.
func (e *Entity) keyOf(row connectors.Row) connectors.Row {
	out := make(connectors.Row, len(e.sel.Key))
	for i, at := range e.sel.Key {
		out[i] = row[at]
	}
	return out
}

// convertRow gives values the types of paths' ends; ok is false where one can
// be the content of no record.
func convertRow(paths []*Path, row connectors.Row) (connectors.Row, bool) {
	out := make(connectors.Row, len(row))
	for i, p := range paths {
		v, refusal := p.End().Convert(row[i])
		if refusal != nil {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// keyText is the same for two rows exactly when they are equal under a fold.
// An absent value is a null.
func keyText(row connectors.Row, fold connectors.Fold) string {
	var b []byte
	for _, v := range row {
		if !v.IsSet() {
			v = connectors.NullValue()
		}
		b = fold.Apply(v).AppendBinary(b)
	}
	return string(b)
}

// search reads the records whose paths hold one of the rows, and may read more.
// Rows are packed into as few requests as the service's limits allow; visit is
// called by one goroutine at a time.
func (e *Entity) search(ctx context.Context, paths []*Path, rows []connectors.Row, fold connectors.Fold, visit func(found)) error {
	err := e.searchOnce(ctx, paths, rows, fold, visit)
	if refusesQuery(err) && e.app.Dialect.Functions && e.bare.CompareAndSwap(false, true) {
		err = e.searchOnce(ctx, paths, rows, fold, visit) // callers take a record once, however often it is visited
	}
	return err
}

func (e *Entity) searchOnce(ctx context.Context, paths []*Path, rows []connectors.Row, fold connectors.Fold, visit func(found)) error {
	filters := e.filters(paths, rows, fold)
	var mu sync.Mutex
	return together(ctx, len(filters), func(ctx context.Context, i int) error {
		q := append(wire.Query{}, e.app.Dialect.Options...)
		q = append(q, e.read...).With("$filter", filters[i])
		return e.all(ctx, q, func(r found) error {
			mu.Lock()
			defer mu.Unlock()
			visit(r)
			return nil
		})
	})
}

// filters are conditions that together find the rows. What all rows but one
// column have in common is written once.
func (e *Entity) filters(paths []*Path, rows []connectors.Row, fold connectors.Fold) []string {
	if len(paths) == 0 || len(rows) == 0 {
		return nil
	}
	vary := varying(paths, rows)
	type group struct {
		common string
		terms  []string
	}
	var groups []*group
	byCommon := map[string]*group{}
	for _, row := range rows {
		var common []string
		for i, p := range paths {
			if i != vary {
				common = append(common, oneOf(e.equals(p, row[i], fold)))
			}
		}
		name := strings.Join(common, " and ")
		g := byCommon[name]
		if g == nil {
			g = &group{common: name}
			byCommon[name] = g
			groups = append(groups, g)
		}
		g.terms = append(g.terms, oneOf(e.equals(paths[vary], row[vary], fold)))
	}
	pack := packer{most: e.app.Dialect.FindMax, bytes: e.app.Dialect.URLMost}
	for _, g := range groups {
		for rest := g.terms; len(rest) > 0; {
			n := pack.room(g.common, rest)
			clause := oneOf(rest[:n])
			if g.common != "" {
				clause = g.common + " and " + clause
			}
			pack.add(clause, n)
			rest = rest[n:]
		}
	}
	return pack.done()
}

// packer fills filters with clauses until one is full.
type packer struct {
	most, bytes int
	out         []string
	open        []string
	count, size int
}

// room is how many of the terms fit behind what they have in common, at least
// one; a filter that is too full is closed first.
func (p *packer) room(common string, terms []string) int {
	fits := func() (n int) {
		size := p.size + len(wire.EscapeQuery(common)) + 10
		for n < len(terms) && p.count+n < p.most {
			if size += len(wire.EscapeQuery(terms[n])) + 8; size > p.bytes {
				return n
			}
			n++
		}
		return n
	}
	n := fits()
	if n == 0 {
		p.close()
		n = max(1, fits())
	}
	return n
}

func (p *packer) add(clause string, n int) {
	p.open = append(p.open, clause)
	p.count += n
	p.size += len(wire.EscapeQuery(clause)) + 10
}

func (p *packer) close() {
	if len(p.open) > 0 {
		p.out = append(p.out, oneOfClauses(p.open))
	}
	p.open, p.count, p.size = nil, 0, 0
}

func (p *packer) done() []string {
	p.close()
	return p.out
}

func oneOf(terms []string) string {
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " or ") + ")"
}

func oneOfClauses(clauses []string) string {
	if len(clauses) == 1 {
		return clauses[0]
	}
	return "(" + strings.Join(clauses, ") or (") + ")"
}

// varying is the column with the most different values.
func varying(paths []*Path, rows []connectors.Row) int {
	best, most := 0, 0
	for i := range paths {
		distinct := map[connectors.Value]bool{}
		for _, r := range rows {
			distinct[r[i]] = true
		}
		if len(distinct) > most {
			best, most = i, len(distinct)
		}
	}
	return best
}

// together runs n steps at once, as many as the client lets through, and gives
// the first error.
func together(ctx context.Context, n int, step func(ctx context.Context, i int) error) error {
	if n == 1 {
		return step(ctx, 0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if errs[i] = step(ctx, i); errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	return firstOf(errs)
}

// firstOf prefers what went wrong to what was given up because of it.
func firstOf(errs []error) error {
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || isEnded(first) && !isEnded(err)) {
			first = err
		}
	}
	return first
}

func isEnded(err error) bool { return errors.Is(err, context.Canceled) }
