package connectors

import (
	"fmt"
	"slices"
	"strings"
)

// CutPath splits a path at its first step: "a.b.c" gives "a" and "b.c".
func CutPath(path string) (head, rest string) {
	head, rest, _ = strings.Cut(path, ".")
	return head, rest
}

// Branch is a way on from a lookup: the entity that it leads to, and the path
// from a record of that entity.
type Branch struct {
	Entity string
	Path   string
}

// ReadBranches reads what a path says behind a lookup to records of several
// entities, "accounts(accountnumber).contacts(emailaddress1)". It is nil where
// that is spelled otherwise.
func ReadBranches(rest string) (out []Branch) {
	for rest != "" {
		entity, inner, ok := strings.Cut(rest, "(")
		end := closing(inner)
		if !ok || entity == "" || end < 1 {
			return nil
		}
		out = append(out, Branch{entity, inner[:end]})
		if rest = inner[end+1:]; rest != "" {
			if rest, ok = strings.CutPrefix(rest, "."); !ok || rest == "" {
				return nil
			}
		}
	}
	return out
}

// closing is the position of the parenthesis that closes one before s, -1 where
// there is none.
func closing(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// WriteBranches spells branches as ReadBranches reads them.
func WriteBranches(list []Branch) string {
	parts := make([]string, len(list))
	for i, b := range list {
		parts[i] = b.Entity + "(" + b.Path + ")"
	}
	return strings.Join(parts, ".")
}

// Branches lists where a path leads that goes on from a lookup with rest: one
// branch, or as many as rest names of a lookup to records of several entities.
// It is nil for a field that is no lookup, and for a rest that cannot be read.
func (f *Field) Branches(rest string) []Branch {
	switch {
	case rest == "":
		return nil
	case len(f.Targets) > 0:
		return ReadBranches(rest)
	case f.Lookup != "":
		return []Branch{{f.Lookup, rest}}
	}
	return nil
}

// Parents lists the entities that a lookup may refer to, nil for another field.
func (f *Field) Parents() []string {
	if f.Lookup != "" {
		return []string{f.Lookup}
	}
	return f.Targets
}

// Widen gives a field that holds what either of two holds; ok is false where
// they are of different types.
func (f *Field) Widen(o *Field) (wide Field, ok bool) {
	widest := func(a, b int) int {
		if a == 0 || b == 0 {
			return 0
		}
		return max(a, b)
	}
	whole := max(f.Digits-f.Scale, o.Digits-o.Scale)
	wide = *f
	wide.Length, wide.Scale, wide.Digits = widest(f.Length, o.Length), max(f.Scale, o.Scale), widest(f.Digits, o.Digits)
	if wide.Digits > 0 {
		wide.Digits = whole + wide.Scale
	}
	return wide, f.Type == o.Type
}

// Resolve finds the field that a path ends in, following lookups one name at a
// time, and the field of the entity itself that the path starts with. Behind a
// lookup to records of several entities, the end is a field that holds what any
// of the branches ends in.
func (s *Schema) Resolve(entity, path string) (own, end *Field, err error) {
	return s.resolve(entity, path, false)
}

func (s *Schema) resolve(entity, path string, deep bool) (own, end *Field, err error) {
	unknown := func(field, format string, args ...any) error {
		return &Error{Kind: NoEntity, Op: "resolve", Entity: entity, Field: field, Message: fmt.Sprintf(format, args...)}
	}
	e, ok := s.Entity(entity)
	if !ok {
		return nil, nil, unknown("", "there is no entity %s", entity)
	}
	head, rest := CutPath(path)
	own, ok = e.Field(head)
	switch {
	case !ok:
		return nil, nil, unknown(path, "there is no field %s in %s", head, entity)
	case rest == "":
		return own, own, nil
	case len(own.Targets) > 0 && deep:
		return nil, nil, unknown(path, "%s of %s refers to records of several entities, which can be followed from %s only", head, entity, entity)
	case len(own.Targets) > 0:
		end, err = s.either(entity, path, own)
		return own, end, err
	case own.Lookup == "":
		return nil, nil, unknown(path, "%s of %s is not a lookup", head, entity)
	}
	_, end, err = s.resolve(own.Lookup, rest, true)
	return own, end, err
}

// either resolves every branch of a path behind a lookup to several entities.
func (s *Schema) either(entity, path string, own *Field) (*Field, error) {
	unknown := func(message string) error {
		return &Error{Kind: NoEntity, Op: "resolve", Entity: entity, Field: path, Message: message}
	}
	_, rest := CutPath(path)
	branches := ReadBranches(rest)
	if len(branches) == 0 {
		return nil, unknown(own.Name + " refers to " + strings.Join(own.Targets, " or ") + ": name a field of each, as in " + own.Name + "." + own.Targets[0] + "(field)")
	}
	var end Field
	for i, b := range branches {
		if !slices.Contains(own.Targets, b.Entity) {
			return nil, unknown(own.Name + " of " + entity + " never refers to " + b.Entity)
		}
		if slices.ContainsFunc(branches[:i], func(o Branch) bool { return o.Entity == b.Entity }) {
			return nil, unknown(path + " names " + b.Entity + " twice")
		}
		_, f, err := s.resolve(b.Entity, b.Path, true)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			end = *f
		} else if wide, ok := end.Widen(f); ok {
			end = wide
		} else {
			return nil, unknown(path + " is a " + end.Type.String() + " of one entity and a " + f.Type.String() + " of another")
		}
	}
	return &end, nil
}
