package memory

import (
	"fmt"

	"dualwrite/connectors"
)

// path is a field of a selection, compiled: an own field of the entity, and,
// where that is a lookup, the path that goes on in its parent.
type path struct {
	name   string
	own    int
	field  *connectors.Field // the own field
	end    *connectors.Field // the field the path ends in
	parent *table            // nil for a path of one step
	next   *path
	scope  *path // the parent's legal entity, nil where the parent is global or the path is the legal entity
}

// compile fails with NoEntity where the path leads nowhere. Company is the path
// of the record's legal entity, "" for none.
func (a *App) compile(t *table, name, company string) (*path, *connectors.Error) {
	head, rest := connectors.CutPath(name)
	own := fieldPosition(t.schema, head)
	if own < 0 {
		return nil, &connectors.Error{Kind: connectors.NoEntity, Op: "open", Entity: t.schema.Name, Field: name,
			Message: fmt.Sprintf("there is no field %s in %s", head, t.schema.Name)}
	}
	p := &path{name: name, own: own, field: &t.schema.Fields[own]}
	p.end = p.field
	if rest == "" {
		return p, nil
	}
	p.parent = t.lookups[own]
	if p.parent == nil {
		return nil, &connectors.Error{Kind: connectors.NoEntity, Op: "open", Entity: t.schema.Name, Field: name,
			Message: fmt.Sprintf("%s of %s is not a lookup", head, t.schema.Name)}
	}
	next, err := a.compile(p.parent, rest, "")
	if err != nil {
		return nil, err
	}
	p.next, p.end = next, next.end
	if next.next == nil {
		p.parent.index(next.own)
	}
	if company != "" && company != name {
		if scope, err := a.compile(p.parent, company, ""); err == nil {
			p.scope = scope
		}
	}
	return p, nil
}

func (a *App) compileAll(t *table, names []string, company string) ([]*path, error) {
	paths := make([]*path, len(names))
	for i, name := range names {
		p, err := a.compile(t, name, company)
		if err != nil {
			return nil, err
		}
		paths[i] = p
	}
	return paths, nil
}

func fieldPosition(e *connectors.EntitySchema, name string) int {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// read follows the path; a lookup that is empty gives null.
func (p *path) read(r *row) connectors.Value {
	v := r.vals[p.own]
	if p.next == nil {
		return v
	}
	parent, ok := p.parent.rows[v.Text()]
	if !v.IsSet() || !ok {
		return connectors.NullValue()
	}
	return p.next.read(parent)
}

// assignment is a value to store at a path.
type assignment struct {
	path  *path
	value connectors.Value
}

// parentOf finds the one parent that all assignments through the same lookup
// name, within a legal entity. The id is null where they are empty.
func parentOf(all []assignment, lookup int, company connectors.Value, f connectors.Fold) (connectors.Value, *connectors.Error) {
	var named []assignment
	for _, as := range all {
		if as.path.own == lookup && as.path.parent != nil && !as.value.IsEmpty() {
			named = append(named, as)
		}
	}
	if len(named) == 0 {
		return connectors.NullValue(), nil
	}
	p := named[0].path
	var found *row
	for _, r := range p.candidates(named[0].value) {
		if !p.inCompany(r, company, f) || !holdsAll(r, named, f) {
			continue
		}
		if found != nil {
			return connectors.Value{}, &connectors.Error{Kind: connectors.Invalid, Field: p.name, Value: named[0].value.String(),
				Message: fmt.Sprintf("several records of %s have %s %q", p.parent.schema.Name, p.next.name, named[0].value)}
		}
		found = r
	}
	if found == nil {
		return connectors.Value{}, missingParent(p.name, p.parent.schema.Name, named[0].value.String())
	}
	return connectors.TextValue(found.id), nil
}

func missingParent(field, entity, key string) *connectors.Error {
	return &connectors.Error{Kind: connectors.MissingParent, Field: field, Parent: entity, ParentKey: key, Value: key,
		Message: fmt.Sprintf("there is no %q in %s", key, entity)}
}

// candidates are the parents that may hold v at the end of the path.
func (p *path) candidates(v connectors.Value) []*row {
	if p.next.next != nil {
		return p.parent.order
	}
	v, err := convert(v, p.end)
	if err != nil {
		return nil
	}
	return p.parent.index(p.next.own).find(v)
}

func (p *path) inCompany(parent *row, company connectors.Value, f connectors.Fold) bool {
	return p.scope == nil || f.Apply(p.scope.read(parent)) == f.Apply(company)
}

func holdsAll(parent *row, named []assignment, f connectors.Fold) bool {
	for _, as := range named {
		v, err := convert(as.value, as.path.end)
		if err != nil || f.Apply(as.path.next.read(parent)) != f.Apply(v) {
			return false
		}
	}
	return true
}
