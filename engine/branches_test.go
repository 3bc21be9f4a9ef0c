package engine

import (
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

// eitherSchemas is the sound apps with an owner on the right, who may be a group
// or a company.
func eitherSchemas() [2]*connectors.Schema {
	s := soundSchemas()
	accounts := &s[1].Entities[0]
	accounts.Fields = append(accounts.Fields, connectors.Field{Name: "owner", Type: connectors.GUID, Targets: []string{"groups", "companies"}})
	return s
}

const eitherPath = "owner.groups(code).companies(code)"

func TestALookupToSeveralEntitiesIsMappedByAKeyOfEach(t *testing.T) {
	d := soundDefinition()
	d.Fields[2].Right = eitherPath
	for _, f := range Validate(d, eitherSchemas(), nil) {
		t.Errorf("%+v", f)
	}
	d.Fields[2].Right = "owner.groups(label).companies(code)"
	if found := Validate(d, eitherSchemas(), nil); len(found) != 1 || found[0].Code != "lookup-no-key" || found[0].Field != d.Fields[2].Right {
		t.Errorf("groups have no key on their label: %+v", found)
	}
}

func TestALookupToSeveralEntitiesIsOfferedByAKeyOfEach(t *testing.T) {
	s := eitherSchemas()
	offers := offersOf(s[1], &s[1].Entities[0])
	if !slices.ContainsFunc(offers, func(o offer) bool { return o.path == eitherPath && o.typ == connectors.Text }) {
		t.Errorf("offered are %+v", offers)
	}
	whole, err := choices(s[1], "accounts", "")
	if at := slices.IndexFunc(whole, func(c Choice) bool { return c.Path == "owner" }); err != nil || at < 0 || whole[at].Lookup != "groups or companies" {
		t.Errorf("to choose from are %+v, %v", whole, err)
	}
	behind, err := choices(s[1], "accounts", "owner")
	if err != nil || len(behind) == 0 || behind[0].Path != eitherPath {
		t.Fatalf("behind the lookup are %+v, %v", behind, err)
	}
	for _, c := range behind {
		if _, _, err := s[1].Resolve("accounts", c.Path); err != nil {
			t.Errorf("%s is offered and leads nowhere: %v", c.Path, err)
		}
	}
}

func TestBranchesOfTheOriginalGetTheNamesOfTheApp(t *testing.T) {
	d := soundDefinition()
	d.Fields[2].Right = "OWNER.Group(Code).Company(CODE)"
	if Fit(d, eitherSchemas()); d.Fields[2].Right != eitherPath {
		t.Errorf("it became %s", d.Fields[2].Right)
	}
}

func TestAMapNeedsTheMapsOfAllEntitiesThatALookupMayReferTo(t *testing.T) {
	s := eitherSchemas()
	d := models.Definition{Right: models.Endpoint{Entity: "accounts"}, Fields: []models.FieldMapping{{Right: eitherPath, Direction: models.Both}}}
	if got := lookedUp(s[1], "accounts", d.Selected(models.Right)); !got["groups"] || !got["companies"] || len(got) != 2 {
		t.Errorf("looked up are %v", got)
	}
}
