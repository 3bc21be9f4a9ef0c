package core

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/odata/wire"
)

// Entity reads and writes the records of one selection.
type Entity struct {
	app   *App
	model *Model
	set   *Set
	sel   connectors.Selection
	paths []*Path         // of the selection, then those that only the filter reads
	own   connectors.Fold // how the service compares texts
	fold  connectors.Fold // the looser of that and the selection's
	match connectors.Matcher
	read  wire.Query // $select and $expand
	push  pushed
	// patient: what is read may wait for other reads to travel with, as the
	// looks of a feed may; guarded by that feed's work.
	patient bool

	etags  atomic.Bool // records carry one
	plain  atomic.Bool // the service refused the filter: everything is read and filtered here
	bare   atomic.Bool // the service refused functions in a filter
	offset atomic.Bool // the service refused to page by key
}

var _ connectors.Entity = (*Entity)(nil)

func (a *App) compile(m *Model, sel connectors.Selection) (*Entity, error) {
	s, err := m.Set(sel.Entity)
	if err != nil {
		return nil, err
	}
	e := &Entity{app: a, model: m, set: s, sel: sel, own: a.Fold()}
	e.fold = connectors.Fold{Case: sel.Fold.Case || e.own.Case, Space: sel.Fold.Space || e.own.Space}
	names := slices.Clone(sel.Fields)
	for _, f := range filter.Fields(sel.Filter) {
		if !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	types := make([]connectors.Type, len(names))
	for i, name := range names {
		p, err := m.Resolve(s, name)
		if err != nil {
			return nil, err
		}
		e.paths = append(e.paths, p)
		types[i] = p.End().Type
	}
	if e.match, err = connectors.CompileFilter(sel.Filter, names, types); err != nil {
		return nil, err
	}
	if err := e.straight(); err != nil {
		return nil, err
	}
	e.etags.Store(s.Versions)
	e.read = e.columns()
	e.push = e.pushdown()
	return e, nil
}

// Capabilities says what this selection promises.
func (e *Entity) Capabilities() connectors.Capabilities {
	d := &e.app.Dialect
	return connectors.Capabilities{Versions: e.versions(), Conditional: e.versions(), Fold: e.own, StableID: d.StableID, WriteMax: d.WriteMax}
}

func (e *Entity) versions() bool { return e.etags.Load() }

// Close has nothing to free.
func (e *Entity) Close() error { return nil }

// columns asks for what the paths read and no more.
func (e *Entity) columns() wire.Query {
	root := &branch{set: e.set}
	for _, f := range e.set.ID {
		root.add(f)
	}
	for _, path := range e.paths {
		for _, p := range path.ways() {
			at := root
			for i, s := range p.Steps[:len(p.Steps)-1] {
				at = at.down(s.Field.Nav, p.Steps[i+1].Set)
			}
			at.add(p.End())
		}
	}
	return wire.Query(nil).With("$select", strings.Join(root.fields, ",")).With("$expand", root.expand())
}

// branch is what is read of a record and, by navigation property, of others.
type branch struct {
	set    *Set
	fields []string
	navs   []string
	below  map[string]*branch
}

// add reads a field; a lookup without a property of its own by the parent's key.
func (b *branch) add(f *Field) {
	if f.Lookup != "" && f.Wire == "" {
		return
	}
	if !slices.Contains(b.fields, f.Wire) {
		b.fields = append(b.fields, f.Wire)
	}
}

func (b *branch) down(nav string, to *Set) *branch {
	if b.below[nav] == nil {
		next := &branch{set: to}
		for _, f := range to.ID {
			next.add(f)
		}
		if b.below == nil {
			b.below = map[string]*branch{}
		}
		b.below[nav] = next
		b.navs = append(b.navs, nav)
	}
	return b.below[nav]
}

func (b *branch) expand() string {
	var out []string
	for _, nav := range b.navs {
		inner := "$select=" + strings.Join(b.below[nav].fields, ",")
		if deeper := b.below[nav].expand(); deeper != "" {
			inner += ";$expand=" + deeper
		}
		out = append(out, nav+"("+inner+")")
	}
	return strings.Join(out, ",")
}

// found is a record with the fields that only the filter reads.
type found struct {
	connectors.Record
	all  connectors.Row
	told []bool // which of all the answer held
	full bool   // all of them
}

// decode makes a record of a JSON object.
func (e *Entity) decode(o wire.Object) (found, error) {
	out := found{full: true, all: make(connectors.Row, len(e.paths)), told: make([]bool, len(e.paths))}
	for i, p := range e.paths {
		v, told, err := p.value(o)
		if err != nil {
			return found{}, &connectors.Error{Kind: connectors.Internal, Field: p.Text, Message: "the service's value cannot be read", Err: err}
		}
		out.all[i], out.told[i], out.full = v, told, out.full && told
	}
	id, err := e.set.idOf(o)
	if err != nil {
		return found{}, err
	}
	out.Record = connectors.Record{ID: id, Version: e.version(o), Row: out.all[:len(e.sel.Fields):len(e.sel.Fields)]}
	return out, nil
}

// version is a record's etag; where a feed compares records without one, their
// content.
func (e *Entity) version(o wire.Object) string {
	if e.read == nil && !e.versions() {
		return contentVersion(o)
	}
	return o.Note("etag")
}

// value follows the path into a JSON object. told is false where the object
// does not say.
func (p *Path) value(o wire.Object) (v connectors.Value, told bool, err error) {
	if p.Either != nil {
		return p.eitherValue(o)
	}
	for _, s := range p.Steps[:len(p.Steps)-1] {
		next, told := o[s.Field.Nav]
		if !told {
			return connectors.NullValue(), false, nil
		}
		if o, _ = next.(map[string]any); o == nil {
			return connectors.NullValue(), true, nil
		}
	}
	x, told := o[p.End().Wire]
	if !told {
		return connectors.NullValue(), false, nil
	}
	v, err = p.End().read(x)
	return v, true, err
}

// all reads every record that a request answers, over all its pages.
func (e *Entity) all(ctx context.Context, q wire.Query, visit func(found) error) error {
	for path, seen := q.On(e.set.Name), map[string]bool{}; path != ""; {
		page, err := e.page(ctx, path, 0)
		if err != nil {
			return err
		}
		for _, o := range page.Records {
			rec, err := e.decode(o)
			if err != nil {
				return err
			}
			if err := visit(rec); err != nil {
				return err
			}
		}
		if path = page.Next; seen[path] {
			return endless()
		}
		seen[path] = true
	}
	return nil
}

func endless() error {
	return &connectors.Error{Kind: connectors.Internal, Message: "the service's pages lead back to one that was read already"}
}

// page reads one page by GET; size, unless 0, is how many records are wanted.
func (e *Entity) page(ctx context.Context, path string, size int) (wire.Page, error) {
	return e.app.page(ctx, wire.Reading{Path: path, Patient: e.patient}, size)
}

func (a *App) page(ctx context.Context, r wire.Reading, size int) (wire.Page, error) {
	if size > 0 && a.Dialect.ByLink {
		r.Header = map[string]string{"Prefer": maxPageSize(size)}
	}
	answer, err := a.Client.Read(ctx, a.Dialect.Batching, r)
	if err != nil {
		return wire.Page{}, err
	}
	page, err := wire.DecodePage(answer)
	if err != nil {
		return wire.Page{}, &connectors.Error{Kind: connectors.Internal, Message: err.Error(), Err: err}
	}
	return page, nil
}
