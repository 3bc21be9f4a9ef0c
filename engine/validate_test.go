package engine

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

// soundSchemas is two apps that the sound definition fits without a finding.
func soundSchemas() [2]*connectors.Schema {
	text := func(name string, length int) connectors.Field {
		return connectors.Field{Name: name, Type: connectors.Text, Length: length}
	}
	left := &connectors.Schema{Entities: []connectors.EntitySchema{{Name: "Customers", Company: "DATAAREAID",
		Fields: []connectors.Field{text("DATAAREAID", 4), {Name: "NUMBER", Type: connectors.Text, Length: 20, Required: true}, text("NAME", 50), text("GROUP", 10), text("KIND", 10),
			{Name: "LIMIT", Type: connectors.Decimal, Digits: 12, Scale: 2}, {Name: "BORN", Type: connectors.Date}, {Name: "RAW", Type: connectors.Bytes},
			{Name: "MADE", Type: connectors.DateTime, ReadOnly: true}, text("NOTES", 0)},
		Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{"DATAAREAID", "NUMBER"}, Active: true}}}}}
	right := &connectors.Schema{Entities: []connectors.EntitySchema{
		{Name: "accounts", Company: "company.code", Fields: []connectors.Field{{Name: "company", Type: connectors.GUID, Lookup: "companies", Required: true},
			{Name: "number", Type: connectors.Text, Length: 20, Required: true}, text("name", 50), {Name: "group", Type: connectors.GUID, Lookup: "groups"},
			{Name: "kind", Type: connectors.Int}, {Name: "limit", Type: connectors.Decimal, Digits: 15, Scale: 2}, {Name: "born", Type: connectors.Date}, {Name: "raw", Type: connectors.Bytes},
			text("source", 10), text("notes", 0), {Name: "count", Type: connectors.Int}},
			Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{"number", "company"}, Active: true}}},
		{Name: "groups", Company: "company.code", Fields: []connectors.Field{{Name: "company", Type: connectors.GUID, Lookup: "companies"}, text("code", 10), text("label", 10)},
			Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{"code", "company.code"}, Active: true}}},
		{Name: "companies", Fields: []connectors.Field{text("code", 4)}, Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{"code"}, Active: true}}},
	}}
	return [2]*connectors.Schema{left, right}
}

func soundDefinition() *models.Definition {
	return &models.Definition{
		Left:  models.Endpoint{Entity: "Customers", Company: "DATAAREAID", Filter: `(KIND == "person")`},
		Right: models.Endpoint{Entity: "accounts", Company: "company.code", Filter: "number ne ''"},
		Key:   []models.KeyPair{{Left: "NUMBER", Right: "number"}},
		Fields: []models.FieldMapping{
			{Left: "NUMBER", Right: "number", Direction: models.Both},
			{Left: "NAME", Right: "name", Direction: models.Both},
			{Left: "GROUP", Right: "group.code", Direction: models.Both},
			{Left: "KIND", Right: "kind", Direction: models.Both, Transforms: []models.Transform{{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "person", Right: "1"}, {Left: "firm", Right: "2"}}}}},
			{Left: "LIMIT", Right: "limit", Direction: models.LeftToRight},
			{Left: "BORN", Right: "born", Direction: models.Both},
			{Right: "source", Direction: models.LeftToRight, Transforms: []models.Transform{{Type: models.Default, Default: "ERP"}}},
		},
	}
}

func TestASoundDefinitionHasNoFinding(t *testing.T) {
	for _, f := range Validate(soundDefinition(), soundSchemas(), nil) {
		t.Errorf("%+v", f)
	}
}

// broken is one way to break exactly one rule.
type broken struct {
	code     string
	severity Severity
	says     string
	make     func(d *models.Definition, s [2]*connectors.Schema)
}

func brokenMaps() []broken {
	entity := func(s [2]*connectors.Schema, side int) *connectors.EntitySchema { return &s[side].Entities[0] }
	add := func(d *models.Definition, f models.FieldMapping) { d.Fields = append(d.Fields, f) }
	field := func(s [2]*connectors.Schema, side int, name string) *connectors.Field {
		f, _ := entity(s, side).Field(name)
		return f
	}
	steps := func(d *models.Definition, at int, t ...models.Transform) { d.Fields[at].Transforms = t }
	return []broken{
		{"entity-unknown", Blocking, "there is no entity Clients in the left app", func(d *models.Definition, _ [2]*connectors.Schema) { d.Left.Entity = "Clients" }},
		{"field-unknown", Blocking, "accounts has no field nick", func(d *models.Definition, _ [2]*connectors.Schema) { d.Fields[1].Right = "nick" }},
		{"direction-unknown", Blocking, `no direction "up"`, func(d *models.Definition, _ [2]*connectors.Schema) { d.Fields[1].Direction = "up" }},
		{"no-field", Blocking, "names no field", func(d *models.Definition, _ [2]*connectors.Schema) {
			add(d, models.FieldMapping{Direction: models.Both})
		}},
		{"no-way", Blocking, "source has no field on the other side", func(d *models.Definition, _ [2]*connectors.Schema) { d.Fields[6].Direction = models.RightToLeft }},
		{"no-source", Blocking, "nothing is ever written", func(d *models.Definition, _ [2]*connectors.Schema) { steps(d, 6) }},
		{"read-only-target", Blocking, "MADE is read-only in the left app", func(d *models.Definition, s [2]*connectors.Schema) {
			field(s, 1, "notes").Type = connectors.DateTime
			add(d, models.FieldMapping{Left: "MADE", Right: "notes", Direction: models.RightToLeft})
		}},
		{"duplicate-target", Blocking, "name is written by two mappings, from NAME and from NOTES", func(d *models.Definition, s [2]*connectors.Schema) {
			field(s, 0, "NOTES").Length = 50
			add(d, models.FieldMapping{Left: "NOTES", Right: "name", Direction: models.LeftToRight})
		}},
		{"duplicate-mapping", Blocking, "NAME and name are mapped to each other twice", func(d *models.Definition, _ [2]*connectors.Schema) { add(d, d.Fields[1]) }},
		{"required-unmapped", Blocking, "accounts requires count", func(_ *models.Definition, s [2]*connectors.Schema) { field(s, 1, "count").Required = true }},
		{"required-may-be-empty", Advice, "name is required, but NAME may be empty", func(_ *models.Definition, s [2]*connectors.Schema) { field(s, 1, "name").Required = true }},
		{"lookup-native", Advice, "by that record's native id", func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[2] = models.FieldMapping{Left: "GROUP", Right: "group", Direction: models.LeftToRight, Transforms: []models.Transform{{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "10", Right: "8d5ecb4a-6a0e-4c3a-9d1e-000000000001"}}}}}
		}},
		{"lookup-open", Blocking, "owner looks up groups or companies, and the mapping does not say by which field", func(d *models.Definition, s [2]*connectors.Schema) {
			s[1].Entities[0].Fields = eitherSchemas()[1].Entities[0].Fields
			d.Fields[2] = models.FieldMapping{Left: "GROUP", Right: "owner", Direction: models.LeftToRight, Transforms: []models.Transform{{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "10", Right: "8d5ecb4a-6a0e-4c3a-9d1e-000000000001"}}}}}
		}},
		{"key-either", Blocking, "no unique key can stand on it", func(d *models.Definition, s [2]*connectors.Schema) {
			s[1].Entities[0].Fields = eitherSchemas()[1].Entities[0].Fields
			d.Fields[0].Right, d.Key[0].Right, d.Right.Filter = eitherPath, eitherPath, ""
			field(s, 0, "NUMBER").Length = 10
			field(s, 0, "NUMBER").Required, field(s, 1, "number").Required = false, false
		}},
		{"lookup-no-key", Blocking, "groups has no active alternate key on label", func(d *models.Definition, _ [2]*connectors.Schema) { d.Fields[2].Right = "group.label" }},
		{"type-mismatch", Blocking, "BORN is a date, which never becomes a whole number", func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[5].Right, d.Fields[5].Direction = "count", models.LeftToRight
		}},
		{"type-lossy", Advice, "NOTES is a text, and not each one can be kept in count", func(d *models.Definition, _ [2]*connectors.Schema) {
			add(d, models.FieldMapping{Left: "NOTES", Right: "count", Direction: models.LeftToRight})
		}},
		{"length", Advice, "NAME holds up to 50 characters, name only 40", func(_ *models.Definition, s [2]*connectors.Schema) { field(s, 1, "name").Length = 40 }},
		{"length", Advice, "BORN holds up to 10 characters, source only 9", func(d *models.Definition, s [2]*connectors.Schema) {
			field(s, 1, "source").Length = 9
			d.Fields[6] = models.FieldMapping{Left: "BORN", Right: "source", Direction: models.LeftToRight}
		}},
		{"time-precision", Advice, "MADE keeps 6 digits of a second, notes only 0", func(d *models.Definition, s [2]*connectors.Schema) {
			field(s, 1, "notes").Type, field(s, 0, "MADE").Scale = connectors.DateTime, 6
			add(d, models.FieldMapping{Left: "MADE", Right: "notes", Direction: models.LeftToRight})
		}},
		{"precision", Advice, "LIMIT holds 12 digits, 2 of them after the point, limit only 15 digits, 1", func(_ *models.Definition, s [2]*connectors.Schema) { field(s, 1, "limit").Scale = 1 }},
		{"transform-unknown", Blocking, `no transform "upper"`, func(d *models.Definition, _ [2]*connectors.Schema) { steps(d, 1, models.Transform{Type: "upper"}) }},
		{"default-misfit", Blocking, `the default "a lot" does not fit limit: it is a decimal`, func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 4, models.Transform{Type: models.Default, Default: "a lot"})
		}},
		{"default-unmapped", Blocking, `the default "ghost" is not in the value map`, func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[3].Direction = models.LeftToRight
			d.Fields[3].Transforms = append([]models.Transform{{Type: models.Default, Default: "ghost"}}, d.Fields[3].Transforms...)
		}},
		{"truncate-length", Blocking, "keeps no character", func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 1, models.Transform{Type: models.Truncate})
		}},
		{"truncate-type", Advice, "only texts can be truncated", func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 4, models.Transform{Type: models.Truncate, Length: 3})
		}},
		{"truncate-both-ways", Advice, "comes back short", func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 1, models.Transform{Type: models.Truncate, Length: 50})
		}},
		{"expression-syntax", Blocking, "cannot be read: at character 8: found the end of the expression", func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[1].Direction = models.LeftToRight
			steps(d, 1, models.Transform{Type: models.Expression, Expression: "value &"})
		}},
		{"expression-both-ways", Blocking, "NAME goes through an expression, which has no way back", func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 1, models.Transform{Type: models.Expression, Expression: "upper(value)"})
		}},
		{"expression-field", Blocking, "the expression of NAME asks for CITY, which Customers does not have", func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[1].Direction = models.LeftToRight
			steps(d, 1, models.Transform{Type: models.Expression, Expression: "value & CITY"})
		}},
		{"value-map-empty", Blocking, "the value map has no lines", func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[3].Direction = models.LeftToRight
			steps(d, 3, models.Transform{Type: models.ValueMap})
		}},
		{"value-map-duplicate", Blocking, `"Person" of KIND stands for "1" and for "3"`, func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Fields[3].Direction = models.LeftToRight
			pairs := &d.Fields[3].Transforms[0].Pairs
			*pairs = append(*pairs, models.ValuePair{Left: "Person", Right: "3"})
		}},
		{"value-map-irreversible", Advice, `"1" of kind stands for "person" and for "human": on the way back the first is taken`, func(d *models.Definition, _ [2]*connectors.Schema) {
			pairs := &d.Fields[3].Transforms[0].Pairs
			*pairs = append(*pairs, models.ValuePair{Left: "human", Right: "1"})
		}},
		{"value-map-key", Blocking, "could not be told apart by their key", func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 0, models.Transform{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "1", Right: "a"}, {Left: "2", Right: "a"}}})
		}},
		{"value-misfit", Blocking, `the value map gives "two", which does not fit kind: it is a whole number`, func(d *models.Definition, _ [2]*connectors.Schema) { d.Fields[3].Transforms[0].Pairs[1].Right = "two" }},
		{"value-misfit", Blocking, `the value map gives "firm", which does not fit KIND: it takes Person, Company`, func(_ *models.Definition, s [2]*connectors.Schema) {
			field(s, 0, "KIND").Options = []string{"Person", "Company"}
		}},
		{"key-missing", Blocking, "the map has no key", func(d *models.Definition, _ [2]*connectors.Schema) { d.Key = nil }},
		{"key-unmapped", Blocking, "the key field NUMBER is not mapped to number", func(d *models.Definition, s [2]*connectors.Schema) {
			d.Fields, d.Right.Filter = d.Fields[1:], ""
			field(s, 0, "NUMBER").HasDefault, field(s, 1, "number").HasDefault = true, true
		}},
		{"key-one-way", Blocking, "the key field NUMBER is not mapped to number in both directions", func(d *models.Definition, s [2]*connectors.Schema) {
			d.Fields[0].Direction = models.LeftToRight
			field(s, 0, "NUMBER").HasDefault, field(s, 1, "number").HasDefault = true, true
		}},
		{"key-not-unique", Blocking, "Customers has no active alternate key on NUMBER + DATAAREAID", func(_ *models.Definition, s [2]*connectors.Schema) { entity(s, 0).Keys = nil }},
		{"key-inactive", Blocking, "the alternate key key of accounts on number + company.code is not active", func(_ *models.Definition, s [2]*connectors.Schema) { entity(s, 1).Keys[0].Active = false }},
		{"company-one-side", Blocking, "Customers has no legal entity, but accounts has", func(d *models.Definition, s [2]*connectors.Schema) {
			d.Left.Company = ""
			entity(s, 0).Keys[0].Fields = []string{"NUMBER"}
		}},
		{"company-left-out", Advice, "Customers is kept by legal entity (DATAAREAID), but the map is not", func(d *models.Definition, s [2]*connectors.Schema) {
			d.Left.Company, d.Right.Company = "", ""
			entity(s, 0).Keys[0].Fields, entity(s, 1).Keys[0].Fields = []string{"NUMBER"}, []string{"number"}
			entity(s, 1).Company, field(s, 1, "company").Required = "", false
		}},
		{"company-mapped", Blocking, "DATAAREAID carries the legal entity and is mapped like a field too", func(d *models.Definition, _ [2]*connectors.Schema) {
			add(d, models.FieldMapping{Left: "DATAAREAID", Right: "notes", Direction: models.LeftToRight})
		}},
		{"company-unknown", Blocking, "Customers has no field AREA for the legal entity", func(d *models.Definition, s [2]*connectors.Schema) {
			d.Left.Company = "AREA"
			entity(s, 0).Keys[0].Fields = []string{"AREA", "NUMBER"}
		}},
		{"company-limit-global", Blocking, "the map is limited to USMF, but it is not per legal entity", func(d *models.Definition, s [2]*connectors.Schema) {
			d.Companies, d.Left.Company, d.Right.Company = models.CompanyLimit{"USMF"}, "", ""
			entity(s, 0).Keys[0].Fields, entity(s, 1).Keys[0].Fields = []string{"NUMBER"}, []string{"number"}
			entity(s, 0).Company, entity(s, 1).Company, field(s, 1, "company").Required = "", "", false
		}},
		{"company-limit-unknown", Blocking, "the map is limited to demf, frrt, which its environment does not have", func(d *models.Definition, _ [2]*connectors.Schema) {
			d.Companies = models.CompanyLimit{"demf", "USMF", "frrt"}
		}},
		{"key-truncated", Blocking, "two records could get one key", func(d *models.Definition, _ [2]*connectors.Schema) {
			steps(d, 0, models.Transform{Type: models.Truncate, Length: 5})
		}},
		{"filter-syntax", Blocking, "cannot be read: at character", func(d *models.Definition, _ [2]*connectors.Schema) { d.Right.Filter = "number ne" }},
		{"filter-field", Blocking, "the filter asks for state, which accounts does not have", func(d *models.Definition, _ [2]*connectors.Schema) { d.Right.Filter = "state eq 1" }},
		{"filter-type", Blocking, "a number is needed, without quotes", func(d *models.Definition, _ [2]*connectors.Schema) { d.Right.Filter = "kind eq 'x'" }},
		{"filter-unmapped", Advice, "the filter asks for count, which is not mapped", func(d *models.Definition, _ [2]*connectors.Schema) { d.Right.Filter = "count eq 1" }},
	}
}

func TestAMapThatOnlyReadsASideNeedNotFillItsRecords(t *testing.T) {
	d, s := soundDefinition(), soundSchemas()
	for i := range d.Fields[1:] {
		d.Fields[i+1].Direction = models.LeftToRight
	}
	name, _ := s[0].Entities[0].Field("NAME")
	name.Required = true
	if found := Validate(d, s, []string{"usmf"}); len(found) != 1 || found[0].Code != "required-unmapped" || found[0].Severity != Advice {
		t.Errorf("%+v", found)
	}
}

func TestALookupByTheParentsOwnIdNeedsNoAlternateKey(t *testing.T) {
	d, s := soundDefinition(), soundSchemas()
	groups, _ := s[1].Entity("groups")
	groups.Fields = append(groups.Fields, connectors.Field{Name: "groupid", Type: connectors.GUID, HasDefault: true})
	d.Fields[2].Right = "group.groupid"
	for _, f := range Validate(d, s, []string{"usmf"}) {
		if f.Severity == Blocking {
			t.Errorf("%+v", f)
		}
	}
}

func TestEachRuleOfAMapIsToldByItself(t *testing.T) {
	for _, b := range brokenMaps() {
		t.Run(b.code, func(t *testing.T) {
			d, s := soundDefinition(), soundSchemas()
			b.make(d, s)
			var about []Finding
			for _, f := range Validate(d, s, []string{"usmf"}) {
				if f.Code == "truncate-both-ways" && b.code == "key-truncated" {
					continue // true too, and no more than a warning
				}
				about = append(about, f)
			}
			if len(about) != 1 || about[0].Code != b.code || about[0].Severity != b.severity || !strings.Contains(about[0].Message, b.says) || about[0].Mend == "" {
				t.Errorf("want %s %s that says %q, got %+v", b.severity, b.code, b.says, about)
			}
			if blocks := len(blocking("Map", about)) > 0; blocks != (b.severity == Blocking) {
				t.Errorf("blocks Run: %v", blocks)
			}
		})
	}
}
