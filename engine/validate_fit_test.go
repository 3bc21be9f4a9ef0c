package engine

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

func TestAMapFromElsewhereGetsTheNamesAndKeysOfTheApps(t *testing.T) {
	d, s := soundDefinition(), soundSchemas()
	want := soundDefinition()
	d.Right.Entity = "account"
	d.Left.Filter, d.Left.Company, d.Right.Company, d.Key = `(Kind == "Kind of person")`, "", "", nil
	want.Left.Filter = `(KIND == "Kind of person")`
	for i := range d.Fields {
		d.Fields[i].Left, d.Fields[i].Right = strings.ToLower(d.Fields[i].Left), strings.ToUpper(d.Fields[i].Right)
	}
	d.Left.Entity = "Klanten" // no name leads there, its fields do
	said := strings.Join(Fit(d, s), "\n")
	if d.Left != want.Left || d.Right != want.Right || len(d.Key) != 1 || d.Key[0] != want.Key[0] {
		t.Errorf("fitted to %+v", d)
	}
	for i, f := range d.Fields {
		if f.Left != want.Fields[i].Left || f.Right != want.Fields[i].Right {
			t.Errorf("%s = %s, want %s = %s", f.Left, f.Right, want.Fields[i].Left, want.Fields[i].Right)
		}
	}
	for _, says := range []string{"Klanten is taken for Customers", "the legal entity is in DATAAREAID and company.code", "the key is NUMBER = number"} {
		if !strings.Contains(said, says) {
			t.Errorf("nothing says %q: %s", says, said)
		}
	}
}

func TestValuesFromElsewhereAreSpelledAsTheOptionsOfTheApp(t *testing.T) {
	d, s := soundDefinition(), soundSchemas()
	kind, _ := s[0].Entities[0].Field("KIND")
	kind.Options = []string{"NonSpecific", "Firm", "Person"}
	d.Fields[3].Transforms[0].Pairs = []models.ValuePair{{Left: "non-Specific", Right: "3"}, {Left: "firm", Right: "2"}, {Left: "else", Right: "4"}}
	said := strings.Join(Fit(d, s), "\n")
	if got := d.Fields[3].Transforms[0].Pairs; got[0].Left != "NonSpecific" || got[1].Left != "Firm" || got[2].Left != "else" || got[0].Right != "3" {
		t.Errorf("the pairs are %v", got)
	}
	if !strings.Contains(said, "the value non-Specific of KIND is taken for NonSpecific") || strings.Contains(said, "firm") {
		t.Errorf("said is %s", said)
	}
}

func TestWhatCannotBeFittedStays(t *testing.T) {
	d := &models.Definition{Left: models.Endpoint{Entity: "Nothing"}, Right: models.Endpoint{Entity: "accounts"}, Fields: []models.FieldMapping{{Left: "X", Right: "nick", Direction: models.Both}}}
	if said := Fit(d, soundSchemas()); len(said) != 0 || d.Left.Entity != "Nothing" || d.Fields[0].Right != "nick" || len(d.Key) != 0 {
		t.Errorf("%v, %+v", said, d)
	}
	if e := named(&connectors.Schema{Entities: []connectors.EntitySchema{{Name: "a_b"}, {Name: "ab"}}}, "A B"); e != nil {
		t.Errorf("of two that fit, %s is picked", e.Name)
	}
}
