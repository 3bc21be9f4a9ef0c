package core

import (
	"fmt"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// idOf is the native id of a record: the key predicate as text, not escaped, its
// properties in the order of the key.
func (s *Set) idOf(o wire.Object) (string, error) {
	parts := make([]wire.KeyPart, len(s.ID))
	for i, f := range s.ID {
		x, told := o[f.Wire]
		if !told || x == nil {
			return "", &connectors.Error{Kind: connectors.Internal, Entity: s.Name, Message: fmt.Sprintf("a record of %s comes without its key %s", s.Name, f.Wire)}
		}
		v, err := f.read(x)
		if err != nil {
			return "", err
		}
		parts[i] = wire.KeyPart{Name: f.Wire, Literal: f.literal(v)}
	}
	return wire.Predicate(parts), nil
}

// parseID reads a native id, or any key predicate of the set, into the values of
// its key. ok is false for what is no id of this set.
func (s *Set) parseID(id string) (row connectors.Row, ok bool) {
	parts, err := wire.ParsePredicate(id)
	if err != nil || len(parts) != len(s.ID) {
		return nil, false
	}
	row = make(connectors.Row, len(s.ID))
	for _, p := range parts {
		at := -1
		for i, f := range s.ID {
			if f.Wire == p.Name || p.Name == "" && len(parts) == 1 {
				at = i
			}
		}
		if at < 0 {
			return nil, false
		}
		f := s.ID[at]
		switch v, err := wire.ParseLiteral(f.Type, p.Literal); {
		case p.Literal == f.emptyLiteral():
			row[at] = connectors.NullValue()
		case err != nil:
			return nil, false
		default:
			row[at] = v
		}
	}
	return row, true
}

// id spells values of the key as a native id.
func (s *Set) id(row connectors.Row) string {
	parts := make([]wire.KeyPart, len(s.ID))
	for i, f := range s.ID {
		parts[i] = wire.KeyPart{Name: f.Wire, Literal: f.literal(row[i])}
	}
	return wire.Predicate(parts)
}

// address is the path of a record, escaped.
func (s *Set) address(id string) string { return s.Name + "(" + wire.EscapePath(id) + ")" }

// idFromHeader finds the id of a record that was created in the answer's headers.
func (s *Set) idFromHeader(r *wire.Response) string {
	for _, name := range [...]string{"OData-EntityId", "Location"} {
		if text, ok := wire.PredicateOf(r.Header.Get(name)); ok {
			if row, ok := s.parseID(text); ok {
				return s.id(row)
			}
		}
	}
	return ""
}
