// Package core is what the connectors to OData services have in common: the
// model of a service, reading and writing its records by the vocabulary of
// connectors, and a change feed for services that have none. It speaks through
// package wire; each kind of app adds its model and its Dialect.
package core

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Model is what a service offers.
type Model struct {
	Sets []*Set

	byName map[string]*Set
}

// NewModel files sets by name.
func NewModel(sets []*Set) *Model {
	m := &Model{Sets: sets, byName: map[string]*Set{}}
	for _, s := range sets {
		m.byName[s.Name] = s
	}
	return m
}

// Set finds an entity set. It fails with NoEntity.
func (m *Model) Set(name string) (*Set, error) {
	if s := m.byName[name]; s != nil {
		return s, nil
	}
	return nil, &connectors.Error{Kind: connectors.NoEntity, Entity: name, Message: "there is no entity set " + name}
}

// Set is one entity set.
type Set struct {
	Name     string
	Label    string
	Fields   []*Field
	ID       []*Field // the entity's key
	Keys     []connectors.AlternateKey
	Company  string // path of the legal entity's field
	Blind    []string
	Versions bool   // the metadata says that records carry an etag
	Logical  string // name in the app's own metadata, where that differs
	Tracked  bool   // the service tells changes by delta links
}

// Field is one property, or a lookup through a navigation property.
type Field struct {
	connectors.Field
	Wire    string // JSON property
	Enum    string // qualified name of the enumeration, "" for none
	Members []string
	Nav     string // of a lookup: the navigation property
	// Dependent: of a lookup, whether Wire may be written with the parent's key
	// itself; otherwise the navigation property is bound.
	Dependent bool
	Notes     wire.Notes
	Low, High int64     // of a whole number; both 0 for 64 bits
	From      time.Time // the first day of a date or time; zero for the year 1
	Empty     Empty
}

// Empty is how an app writes "no value".
type Empty uint8

// The ways to write no value.
const (
	AsNull     Empty = iota // null, and an empty text is a value
	AsNullText              // null, and an empty text is the same
	AsText                  // an empty text, and null is the same
	AsZero                  // zero, which is also a value
	AsFirstDay              // 1900-01-01
	AsMidday                // 1900-01-01 at noon: dates without a time are written so
	AsFalse                 // false, which is also a value
	AsZeroGUID              // an identifier of zeros
)

// Field finds a field by name: as it is spelled, or else in another letter case.
func (s *Set) Field(name string) (*Field, bool) {
	if i := slices.IndexFunc(s.Fields, func(f *Field) bool { return f.Name == name }); i >= 0 {
		return s.Fields[i], true
	}
	if i := slices.IndexFunc(s.Fields, func(f *Field) bool { return strings.EqualFold(f.Name, name) }); i >= 0 {
		return s.Fields[i], true
	}
	return nil, false
}

// Describe is the model as connectors tell it.
func (m *Model) Describe() *connectors.Schema {
	out := &connectors.Schema{Entities: make([]connectors.EntitySchema, 0, len(m.Sets))}
	for _, s := range m.Sets {
		e := connectors.EntitySchema{Name: s.Name, Label: s.Label, Keys: s.Keys, Company: s.Company, Blind: s.Blind}
		for _, f := range s.Fields {
			field := f.Field
			field.Options = f.Members
			e.Fields = append(e.Fields, field)
		}
		out.Entities = append(out.Entities, e)
	}
	return out
}

// Path is a field path, compiled: every step but the last is a lookup.
type Path struct {
	Text  string
	Steps []Step
	// Either lists, of a path that branches at a lookup to records of several
	// sets, the whole paths over its branches; Steps are then the lookup and a
	// field that holds what any of them ends in.
	Either []*Path
}

// Step is one field on the way and the set it is in.
type Step struct {
	Set   *Set
	Field *Field
}

// Own is the field of the entity's own.
func (p *Path) Own() *Field { return p.Steps[0].Field }

// End is the field that the path reads.
func (p *Path) End() *Field { return p.Steps[len(p.Steps)-1].Field }

// Plain reports whether the path follows no lookup.
func (p *Path) Plain() bool { return len(p.Steps) == 1 }

// Rest is the path from its first lookup's parent on.
func (p *Path) Rest() *Path { return &Path{Text: p.Text, Steps: p.Steps[1:]} }

// Resolve compiles a path that starts in s. It fails with NoEntity.
func (m *Model) Resolve(s *Set, text string) (*Path, error) {
	p := &Path{Text: text}
	for at, rest := s, text; ; {
		if f, ok := at.Field(rest); ok { // a name may have dots in it
			p.Steps = append(p.Steps, Step{at, f})
			return p, nil
		}
		var head string
		head, rest = connectors.CutPath(rest)
		f, ok := at.Field(head)
		switch {
		case !ok:
			return nil, noField(s, text, fmt.Sprintf("there is no field %s in %s", head, at.Name))
		case len(f.Targets) > 0 && len(p.Steps) == 0:
			return m.either(s, f, text, rest)
		case f.Lookup == "" || rest == "":
			return nil, noField(s, text, fmt.Sprintf("%s of %s is not a lookup", head, at.Name))
		}
		p.Steps = append(p.Steps, Step{at, f})
		if at = m.byName[f.Lookup]; at == nil {
			return nil, noField(s, text, fmt.Sprintf("%s looks up %s, which the service does not offer", head, f.Lookup))
		}
	}
}

func noField(s *Set, path, message string) error {
	return &connectors.Error{Kind: connectors.NoEntity, Entity: s.Name, Field: path, Message: message}
}

// filterName is how a filter names the end of the path.
func (p *Path) filterName() string {
	var b strings.Builder
	for _, s := range p.Steps[:len(p.Steps)-1] {
		b.WriteString(s.Field.Nav + "/")
	}
	return b.String() + p.End().Wire
}

// literal is a fitted value as a filter or a key predicate writes it.
func (f *Field) literal(v connectors.Value) string {
	if !v.IsSet() {
		return f.emptyLiteral()
	}
	switch {
	case f.Enum != "":
		return f.Enum + wire.Quote(v.Text())
	case f.Empty == AsMidday && v.Type() == connectors.Date:
		return v.String() + "T12:00:00Z"
	}
	return wire.Literal(v)
}

func (f *Field) emptyLiteral() string {
	switch f.Empty {
	case AsText:
		return "''"
	case AsZero:
		return "0"
	case AsFirstDay:
		return f.firstDay()
	case AsMidday:
		return "1900-01-01T12:00:00Z"
	case AsFalse:
		return "false"
	case AsZeroGUID:
		return zeroGUID
	}
	return "null"
}

const zeroGUID = "00000000-0000-0000-0000-000000000000"

func (f *Field) firstDay() string {
	if f.Type == connectors.Date {
		return "1900-01-01"
	}
	return "1900-01-01T00:00:00Z"
}
