package core

import (
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// ways lists the paths that lead straight on: its branches, or the path itself.
func (p *Path) ways() []*Path {
	if p.Either != nil {
		return p.Either
	}
	return []*Path{p}
}

// either compiles a path that branches at a lookup of s.
func (m *Model) either(s *Set, own *Field, text, rest string) (*Path, error) {
	p := &Path{Text: text}
	var end Field
	for _, b := range connectors.ReadBranches(rest) {
		to, ok := s.branch(own, b.Entity)
		if !ok || m.byName[b.Entity] == nil {
			return nil, noField(s, text, fmt.Sprintf("%s of %s never refers to %s", own.Name, s.Name, b.Entity))
		}
		inner, err := m.Resolve(m.byName[b.Entity], b.Path)
		if err != nil {
			return nil, err
		}
		if p.Either == nil {
			end = *inner.End()
		}
		wide, alike := end.Widen(&inner.End().Field)
		if end.Field = wide; !alike || inner.Either != nil {
			return nil, noField(s, text, text+" does not end in one kind of field")
		}
		p.Either = append(p.Either, &Path{Text: text, Steps: append([]Step{{s, to}}, inner.Steps...)})
	}
	if p.Either == nil {
		return nil, noField(s, text, fmt.Sprintf("%s refers to %s: a field of each must be named", own.Name, strings.Join(own.Targets, " or ")))
	}
	p.Steps = []Step{{s, own}, {m.byName[own.Targets[0]], &end}}
	return p, nil
}

// branch is the lookup to one of the sets that a lookup may refer to.
func (s *Set) branch(own *Field, target string) (*Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f *Field) bool { return f.Wire == own.Wire && f.Lookup == target })
	if i < 0 {
		return nil, false
	}
	return s.Fields[i], true
}

// straight refuses a key through a lookup to several sets: no filter can ask for it.
func (e *Entity) straight() error {
	for _, at := range e.sel.Key {
		if p := e.paths[at]; p.Either != nil {
			return &connectors.Error{Kind: connectors.Invalid, Entity: e.set.Name, Field: p.Text, Message: "a key cannot lead through a lookup to records of several sets"}
		}
	}
	return nil
}

// eitherValue is that of the one branch that leads to a record.
func (p *Path) eitherValue(o wire.Object) (v connectors.Value, told bool, err error) {
	all := true
	for _, way := range p.Either {
		if v, told, err = way.value(o); err != nil || v.IsSet() {
			return v, told, err
		}
		all = all && told
	}
	return connectors.NullValue(), all, nil
}

// settleEither leaves of the lookups that share a column the one that is set:
// naming another of them too, to clear it, would contradict that. Two that are
// set refuse the write.
func (e *Entity) settleEither(it *item) *connectors.Error {
	set := map[string]*Field{}
	for f, id := range it.parents {
		if id == "" || f.Wire == "" {
			continue
		}
		if other := set[f.Wire]; other != nil {
			return &connectors.Error{Kind: connectors.Invalid, Field: f.Name, Value: id,
				Message: fmt.Sprintf("the lookup holds one record, and both %s and %s are given", min(f.Name, other.Name), max(f.Name, other.Name))}
		}
		set[f.Wire] = f
	}
	for f, id := range it.parents {
		if id == "" && set[f.Wire] != nil {
			delete(it.parents, f)
		}
	}
	return nil
}
