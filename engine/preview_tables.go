package engine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// Choice is a field that can be mapped, filtered by or made part of a key. A
// lookup leads on to the fields of the record it refers to.
type Choice struct {
	Path     string
	Label    string
	Type     string // as people read it: "text", "whole number"
	Lookup   string // the entities it may refer to, "accounts or contacts"; "" for an ordinary field
	Limit    string // "20 characters"; "" for none
	Required bool
	ReadOnly bool
}

// Choices lists the fields of an entity of one side, or with a path through
// lookups those of the record at its end. Fails with kind models.NotFound where
// the path leads nowhere.
func (e *Engine) Choices(ctx context.Context, environmentID int64, side models.Side, entity, through string) ([]Choice, error) {
	schemas, err := e.Described(ctx, environmentID, false)
	if err != nil {
		return nil, err
	}
	return choices(schemas[side.Index()], entity, through)
}

func choices(s *connectors.Schema, entity, through string) ([]Choice, error) {
	prefix := ""
	for rest := through; rest != ""; {
		var head string
		head, rest = connectors.CutPath(rest)
		own, _, err := s.Resolve(entity, head)
		switch {
		case err != nil || len(own.Parents()) == 0 || len(own.Targets) > 0 && prefix != "":
			return nil, models.Errorf(models.NotFound, "%s of %s is not a lookup", head, entity)
		case len(own.Targets) > 0:
			return branchChoices(s, entity, own), nil
		}
		entity, prefix = own.Lookup, prefix+head+"."
	}
	e, ok := s.Entity(entity)
	if !ok {
		return nil, models.Errorf(models.NotFound, "there is no entity %s; choose Refresh tables", entity)
	}
	out := make([]Choice, len(e.Fields))
	for i := range e.Fields {
		f := &e.Fields[i]
		out[i] = Choice{Path: prefix + f.Name, Label: f.Label, Type: f.Type.String(), Lookup: parentWords(f), Limit: limit(f), Required: required(f), ReadOnly: f.ReadOnly}
	}
	return out, nil
}

// branchChoices lists where a lookup to records of several entities can lead: to
// the keys of all of them, then to each field of each.
func branchChoices(s *connectors.Schema, entity string, own *connectors.Field) (out []Choice) {
	add := func(path, label string) {
		if _, f, err := s.Resolve(entity, path); err == nil {
			out = append(out, Choice{Path: path, Label: label, Type: f.Type.String(), Limit: limit(f)})
		}
	}
	if path := branchPath(s, own); path != "" {
		add(path, "Key of "+parentWords(own))
	}
	for _, target := range own.Targets {
		if e, ok := s.Entity(target); ok {
			for i := range e.Fields {
				f := &e.Fields[i]
				add(own.Name+"."+connectors.WriteBranches([]connectors.Branch{{Entity: target, Path: f.Name}}), f.Label)
			}
		}
	}
	return out
}

// parentWords names the entities that a lookup may refer to, "" for another field.
func parentWords(f *connectors.Field) string { return strings.Join(f.Parents(), " or ") }

func limit(f *connectors.Field) string {
	switch {
	case f.Type == connectors.Text && f.Length > 0:
		return fmt.Sprintf("%d characters", f.Length)
	case f.Type == connectors.Decimal && f.Digits > 0:
		return digitsWords(f)
	default:
		return ""
	}
}

// FieldTypes gives the type of each path of a definition, by side; those that the
// apps do not have are left out.
func (e *Engine) FieldTypes(ctx context.Context, environmentID int64, def *models.Definition) (out [2]map[string]string, err error) {
	schemas, err := e.Described(ctx, environmentID, false)
	if err != nil {
		return out, err
	}
	for i, side := range models.Sides {
		out[i] = map[string]string{}
		for _, path := range def.Selected(side) {
			if own, end, err := schemas[i].Resolve(def.Endpoint(side).Entity, path); err == nil {
				out[i][path] = end.Type.String()
				if own != end {
					out[i][path] = "lookup"
				}
			}
		}
	}
	return out, nil
}

// RefreshTables reads the schemas of a map's environment anew and tells, entity
// by entity of the map, what has changed since they were last read.
func (e *Engine) RefreshTables(ctx context.Context, environmentID int64, def *models.Definition) ([]string, error) {
	before, err := e.Described(ctx, environmentID, false)
	if err != nil {
		return nil, err
	}
	after, err := e.Described(ctx, environmentID, true)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, side := range models.Sides {
		out = append(out, changes(before[i], after[i], def.Endpoint(side).Entity)...)
	}
	return out, nil
}

// changes tells what of an entity differs between two readings.
func changes(before, after *connectors.Schema, entity string) (out []string) {
	old, had := before.Entity(entity)
	now, has := after.Entity(entity)
	switch {
	case !has && had:
		return []string{entity + " is gone"}
	case !has:
		return nil
	case !had:
		return []string{entity + " is new"}
	}
	for i := range old.Fields {
		f := &old.Fields[i]
		g, ok := now.Field(f.Name)
		switch {
		case !ok:
			out = append(out, entity+"."+f.Name+" is gone")
		case !reflect.DeepEqual(f, g):
			out = append(out, fmt.Sprintf("%s.%s was %s, is %s", entity, f.Name, fieldWords(f), fieldWords(g)))
		}
	}
	for i := range now.Fields {
		if _, ok := old.Field(now.Fields[i].Name); !ok {
			out = append(out, fmt.Sprintf("%s.%s is new: %s", entity, now.Fields[i].Name, fieldWords(&now.Fields[i])))
		}
	}
	return append(out, keyChanges(old, now)...)
}

func keyChanges(old, now *connectors.EntitySchema) (out []string) {
	text := func(k connectors.AlternateKey) string {
		if !k.Active {
			return strings.Join(k.Fields, " + ") + " (not active)"
		}
		return strings.Join(k.Fields, " + ")
	}
	has := func(list []connectors.AlternateKey, k connectors.AlternateKey) bool {
		return slices.ContainsFunc(list, func(o connectors.AlternateKey) bool { return text(o) == text(k) })
	}
	for _, k := range old.Keys {
		if !has(now.Keys, k) {
			out = append(out, "the key of "+old.Name+" on "+text(k)+" is gone")
		}
	}
	for _, k := range now.Keys {
		if !has(old.Keys, k) {
			out = append(out, old.Name+" has a new key on "+text(k))
		}
	}
	return out
}

func fieldWords(f *connectors.Field) string {
	words := f.Type.String()
	if l := limit(f); l != "" {
		words += " of " + l
	}
	for _, more := range []struct {
		is   bool
		word string
	}{{f.Options != nil, "one of " + strings.Join(f.Options, ", ")}, {len(f.Parents()) > 0, "lookup of " + parentWords(f)}, {f.Required, "required"}, {f.ReadOnly, "read-only"}, {f.HasDefault, "with a default"}} {
		if more.is {
			words += ", " + more.word
		}
	}
	return words
}
