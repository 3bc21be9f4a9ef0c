package dataverse

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// table makes the model of one table from the metadata document and its
// definition; nil where records have no GUID of their own.
func table(md *wire.Metadata, es *wire.EntitySet, definition wire.Object) *core.Set {
	t := md.Types[es.Type]
	if t == nil {
		return nil
	}
	s := &core.Set{Name: es.Name, Label: label(definition, "DisplayName"), Logical: definition.Text("LogicalName"), Versions: true, Tracked: true}
	if s.Label == "" {
		s.Label = es.Name
	}
	if on, told := definition["ChangeTrackingEnabled"].(bool); told && !on {
		s.Tracked = false
		s.Blind = append(s.Blind, "all changes: change tracking is switched off for this table")
	}
	if on, told := definition["IsOptimisticConcurrencyEnabled"].(bool); told && !on {
		s.Versions = false
	}
	attributes := map[string]wire.Object{}
	for _, a := range definition.Objects("Attributes") {
		attributes[a.Text("LogicalName")] = a
	}
	for _, p := range t.Properties {
		if _, isLookup := lookupName(p.Name); isLookup {
			continue
		}
		if f := core.FieldFrom(md, p); f != nil {
			column(f, attributes[p.Name], p.Name == definition.Text("PrimaryIdAttribute"))
			s.Fields = append(s.Fields, f)
			if p.Name == definition.Text("PrimaryIdAttribute") {
				s.ID = []*core.Field{f}
			}
		}
	}
	lookups(md, s, es, t, attributes)
	keys(s, definition)
	if s.ID == nil {
		return nil
	}
	return s
}

// lookupName is the column of a lookup that a property holds the value of:
// "_primarycontactid_value".
func lookupName(property string) (string, bool) {
	inner, ok := strings.CutPrefix(property, "_")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, "_value")
}

// column adds to a field what only the table's definition tells.
func column(f *core.Field, a wire.Object, primary bool) {
	f.Scale = timeScale(f)
	switch f.Type {
	case connectors.Text:
		f.Empty = core.AsNullText
	case connectors.Date, connectors.DateTime:
		f.From = time.Date(1753, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if f.Type == connectors.Text && f.Enum != "" {
		f.Enum, f.Members, f.Type = "", nil, connectors.Int
	}
	if a == nil {
		return
	}
	if l := label(a, "DisplayName"); l != "" {
		f.Label = l
	}
	level := a.Object("RequiredLevel").Text("Value")
	f.Required = level == "SystemRequired" // what only forms ask for is not enforced here
	creatable, told := a["IsValidForCreate"].(bool)
	updatable, toldUpdate := a["IsValidForUpdate"].(bool)
	if told && !creatable && toldUpdate && !updatable {
		f.ReadOnly = true
	}
	if primary || assigned(a.Text("AttributeType")) {
		f.HasDefault = true
	}
	limits(f, a)
}

// assigned reports whether the service itself gives a required column of a kind
// its value when a create leaves it out.
func assigned(kind string) bool {
	return slices.Contains([]string{"Owner", "State", "Status", "Uniqueidentifier", "EntityName"}, kind)
}

func timeScale(f *core.Field) int {
	if f.Type == connectors.DateTime {
		return 0 // whole seconds
	}
	return f.Scale
}

// limits are the column's own: characters, digits, the least and the most.
func limits(f *core.Field, a wire.Object) {
	number := func(name string) (int64, bool) {
		n, ok := a[name].(json.Number)
		if !ok {
			return 0, false
		}
		k, err := n.Int64()
		return k, err == nil
	}
	switch f.Type {
	case connectors.Text:
		if n, ok := number("MaxLength"); ok && n < maxMemo {
			f.Length = int(n)
		}
	case connectors.Decimal:
		if n, ok := number("Precision"); ok {
			f.Scale = int(n)
		}
		if most, ok := a["MaxValue"].(json.Number); ok && f.Digits == 0 {
			f.Digits = f.Scale + wholeDigits(most.String())
		}
	case connectors.Int:
		low, okLow := number("MinValue")
		high, okHigh := number("MaxValue")
		if okLow && okHigh && low < high && (low > math.MinInt64 || high < math.MaxInt64) {
			f.Low, f.High = low, high
		}
	}
}

// maxMemo is the longest text that a column can be set to hold; one that long
// has no limit to speak of.
const maxMemo = 1048576

func wholeDigits(number string) int {
	v, err := connectors.DecimalValue(number)
	if err != nil {
		return 0
	}
	whole, _, _ := strings.Cut(strings.TrimPrefix(v.Text(), "-"), ".")
	return len(whole)
}

// lookups adds the navigation properties to one record. A column with one target
// is called by its own name; of one with several, each target is a lookup that is
// called by its navigation property, and the column is a lookup to any of them.
func lookups(md *wire.Metadata, s *core.Set, es *wire.EntitySet, t *wire.EntityType, attributes map[string]wire.Object) {
	counts := map[string]int{}
	type candidate struct {
		nav    wire.Navigation
		name   string
		target string
	}
	var all []candidate
	for _, n := range t.Navigations {
		if n.Many || len(n.Constraint) != 1 {
			continue
		}
		name, ok := lookupName(n.Constraint[0][0])
		target := es.Binds[n.Name]
		if target == "" {
			target = onlySet(md, n.Type)
		}
		if ok && target != "" {
			counts[name]++
			all = append(all, candidate{n, name, target})
		}
	}
	open := map[string]*core.Field{}
	for _, c := range all {
		f := &core.Field{Wire: c.nav.Constraint[0][0], Nav: c.nav.Name, Field: connectors.Field{Name: c.name, Label: c.name, Type: connectors.GUID, Lookup: c.target}}
		column(f, attributes[c.name], false)
		if counts[c.name] > 1 {
			f.Required = false // a write may name another target
			if open[c.name] == nil {
				any := *f
				any.Nav, any.Lookup = "", ""
				open[c.name] = &any
				s.Fields = append(s.Fields, &any)
			}
			open[c.name].Targets = append(open[c.name].Targets, c.target)
			f.Name = c.nav.Name
		}
		s.Fields = append(s.Fields, f)
	}
}

func onlySet(md *wire.Metadata, typ string) string {
	for _, es := range md.Sets {
		if es.Type == typ {
			return es.Name
		}
	}
	return ""
}

// keys are the alternate keys with their state. A key over a lookup is one over
// the id of its record; where that is the company, it is read as the company's
// code.
func keys(s *core.Set, definition wire.Object) {
	for _, k := range definition.Objects("Keys") {
		out := connectors.AlternateKey{Name: k.Text("LogicalName"), Active: k.Text("EntityKeyIndexStatus") == "Active"}
		list, _ := k["KeyAttributes"].([]any)
		for _, name := range list {
			text, _ := name.(string)
			f, ok := s.Field(text)
			if !ok {
				out.Active = false
				continue
			}
			if text = f.Name; f.Lookup == "cdm_companies" {
				text += ".cdm_companycode"
			}
			out.Fields = append(out.Fields, text)
		}
		s.Keys = append(s.Keys, out)
	}
}
