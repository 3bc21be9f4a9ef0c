package core

import (
	"math"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// FromMetadata makes the model of a service from its metadata. company is the
// name of the property that carries the legal entity, in any letter case.
func FromMetadata(md *wire.Metadata, company string) *Model {
	var sets []*Set
	for i := range md.Sets {
		if s := setFrom(md, &md.Sets[i], company); s != nil {
			sets = append(sets, s)
		}
	}
	return NewModel(sets)
}

// setFrom is a set that has a key; without one its records cannot be told apart.
func setFrom(md *wire.Metadata, es *wire.EntitySet, company string) *Set {
	t := md.Types[es.Type]
	if t == nil || len(t.Key) == 0 {
		return nil
	}
	s := &Set{Name: es.Name, Label: es.Notes.Says("Org.OData.Core.V1.Description"), Logical: t.Name[strings.LastIndexByte(t.Name, '.')+1:]}
	if s.Label == "" {
		s.Label = es.Name
	}
	for _, p := range t.Properties {
		if f := FieldFrom(md, p); f != nil {
			s.Fields = append(s.Fields, f)
		}
	}
	for _, name := range t.Key {
		i := slices.IndexFunc(s.Fields, func(f *Field) bool { return f.Wire == name })
		if i < 0 {
			return nil
		}
		s.ID = append(s.ID, s.Fields[i])
	}
	s.navigations(md, es, t)
	if i := slices.IndexFunc(s.Fields, func(f *Field) bool { return strings.EqualFold(f.Name, company) }); i >= 0 {
		s.Company = s.Fields[i].Name
	}
	s.keys(t, es)
	if n, ok := es.Notes.Find("Org.OData.Capabilities.V1.ChangeTracking"); ok {
		s.Tracked = n.Fields.Says("Supported") == "true"
	}
	_, s.Versions = es.Notes.Find("Org.OData.Core.V1.OptimisticConcurrency")
	return s
}

// FieldFrom is a property as a field, nil for one that is not carried.
func FieldFrom(md *wire.Metadata, p wire.Property) *Field {
	f := &Field{Wire: p.Name, Notes: p.Notes, Field: connectors.Field{Name: p.Name, Label: p.Name, Type: wire.Canonical(p.Type), Required: !p.Nullable, HasDefault: p.Default}}
	if e := md.Enums[p.Type]; e != nil {
		f.Type, f.Enum, f.Members = connectors.Text, e.Name, e.Members
	}
	if p.Collection || f.Type == 0 {
		return nil
	}
	if label := p.Notes.Says("Org.OData.Core.V1.Description"); label != "" {
		f.Label = label
	}
	f.ReadOnly = p.Notes.Says("Org.OData.Core.V1.Computed") == "true" || strings.HasSuffix(p.Notes.Says("Org.OData.Core.V1.Permissions"), "Read")
	if p.Notes.Says("Org.OData.Core.V1.ComputedDefaultValue") == "true" {
		f.HasDefault = true
	}
	switch f.Type {
	case connectors.Text:
		f.Length = max(0, p.MaxLength)
	case connectors.Decimal:
		f.Digits, f.Scale = max(0, p.Precision), max(0, p.Scale)
	case connectors.DateTime:
		if f.Scale = p.Precision; f.Scale < 0 || f.Scale > 6 {
			f.Scale = 6
		}
	case connectors.Int:
		f.Low, f.High = integers(p.Type)
	}
	return f
}

func integers(edm string) (low, high int64) {
	switch edm {
	case "Edm.Int16":
		return math.MinInt16, math.MaxInt16
	case "Edm.Int32":
		return math.MinInt32, math.MaxInt32
	case "Edm.Byte":
		return 0, math.MaxUint8
	case "Edm.SByte":
		return math.MinInt8, math.MaxInt8
	}
	return 0, 0
}

// navigations adds the lookups: navigation properties to one record. One whose
// only property can be written takes that property's place; a property that
// refers to an ordinary field says so.
func (s *Set) navigations(md *wire.Metadata, es *wire.EntitySet, t *wire.EntityType) {
	for _, n := range t.Navigations {
		to := md.Types[n.Type]
		target := targetOf(md, es, n)
		if n.Many || to == nil || target == "" || len(to.Key) == 0 {
			continue
		}
		if len(n.Constraint) != 1 || len(to.Key) != 1 || n.Constraint[0][1] != to.Key[0] {
			for _, c := range n.Constraint {
				if f, ok := s.Field(c[0]); ok && len(n.Constraint) == 1 {
					f.References = target + "." + c[1]
				}
			}
			continue
		}
		i := slices.IndexFunc(s.Fields, func(f *Field) bool { return f.Wire == n.Constraint[0][0] })
		if i < 0 || slices.Contains(s.ID, s.Fields[i]) {
			continue
		}
		f := s.Fields[i]
		f.Name, f.Label, f.Nav, f.Lookup, f.Dependent = n.Name, n.Name, n.Name, target, true
	}
}

// targetOf is the set that a navigation property leads to: the bound one, else
// the only one of its type.
func targetOf(md *wire.Metadata, es *wire.EntitySet, n wire.Navigation) string {
	if to := es.Binds[n.Name]; to != "" {
		return to
	}
	only := ""
	for _, other := range md.Sets {
		if other.Type == n.Type {
			if only != "" {
				return ""
			}
			only = other.Name
		}
	}
	return only
}

// keys adds the entity's key, unless it is assigned, and its alternate keys.
func (s *Set) keys(t *wire.EntityType, es *wire.EntitySet) {
	own := connectors.AlternateKey{Name: "key", Active: true}
	for _, f := range s.ID {
		own.Fields = append(own.Fields, f.Name)
	}
	if !slices.ContainsFunc(s.ID, func(f *Field) bool { return f.ReadOnly }) {
		s.Keys = append(s.Keys, own)
	}
	for _, note := range append(append(wire.Notes{}, t.Notes...), es.Notes...) {
		if note.Term != "Org.OData.Core.V1.AlternateKeys" {
			continue
		}
		for _, k := range note.List {
			parts, _ := k.Find("Key")
			out := connectors.AlternateKey{Active: true}
			for _, p := range parts.List {
				out.Fields = append(out.Fields, strings.ReplaceAll(p.Says("Name"), "/", "."))
			}
			out.Name = strings.Join(out.Fields, ",")
			s.Keys = append(s.Keys, out)
		}
	}
}
