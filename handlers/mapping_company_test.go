package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"dualwrite/models"
)

func TestAMapIsLimitedToLegalEntitiesOfItsEnvironment(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	e := c.environmentOf(1)
	if _, err := c.store.ChangeEnvironment(t.Context(), "ann", e.ID, e.Revision, e.Name, []string{"DEMF", "FRRT"}, nil); err != nil {
		t.Fatal(err)
	}
	b := c.signedIn(models.Administrator)
	form := formOf(customers, "mappings/companies")
	page := b.get(at(customers, "mappings")).says("dl.facts", "Legal entitiesall of the environment's")
	link := page.Find("a[href$='mappings/companies']").AttrOr("href", "no link")
	first, second := b.get(link).wants(http.StatusOK), b.get(link)
	if n, ticked := first.Find(form+" input[name=company]").Length(), first.Find(form+" input[checked]").Length(); n != 3 || ticked != 0 {
		t.Errorf("%d legal entities are offered and %d ticked, want 3 and none", n, ticked)
	}
	first.submit(form, url.Values{"company": {"FRRT", "elsewhere", "USMF"}}).leadsTo(at(customers, "mappings"))
	if got := c.summary(customers).Definition.Companies; !slices.Equal(got, []string{"USMF", "FRRT"}) {
		t.Fatalf("saved is %q, want it in the order of the environment and nothing else", got)
	}
	b.get(at(customers, "mappings")).says("dl.facts", "Legal entitiesUSMF, FRRT")
	told := second.submit(form, url.Values{"company": {"DEMF"}}).wants(http.StatusConflict).says("[role=alert]", "changed by somebody else").says("#dialog code", "USMF, FRRT")
	if got := told.Find(form+" input[checked]").AttrOr("value", "none"); got != "DEMF" {
		t.Errorf("what was ticked is lost: %s", got)
	}
	told.submit(form, url.Values{"company": nil}).leadsTo(at(customers, "mappings"))
	if got := c.summary(customers).Definition.Companies; got != nil {
		t.Errorf("saved knowingly is %q", got)
	}
}

func TestALegalEntityThatTheEnvironmentLacksCanBeTakenOffAMap(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	next := c.summary(customers).Definition
	next.Companies = models.CompanyLimit{"usmf", "GONE"}
	if err := c.store.SaveDefinition(t.Context(), customers.ID, next.Revision, next, "ann", ""); err != nil {
		t.Fatal(err)
	}
	form := formOf(customers, "mappings/companies")
	page := c.signedIn(models.Administrator).get(at(customers, "mappings/companies")).says("#dialog", "GONE, which the environment does not have")
	if n := page.Find(form + " input[checked]").Length(); n != 2 {
		t.Errorf("%d are ticked, want both, whatever their case", n)
	}
	page.submit(form, url.Values{"company": {"USMF"}}).leadsTo(at(customers, "mappings"))
	if got := c.summary(customers).Definition.Companies; !slices.Equal(got, []string{"USMF"}) {
		t.Errorf("saved is %q", got)
	}
}

func TestLegalEntitiesAreChosenOnlyForAMapThatIsPerLegalEntityAndNotRunning(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	form := formOf(customers, "mappings/companies")
	open := b.get(at(customers, "mappings/companies"))
	c.move(models.RunLive, customers)
	open.submit(form, url.Values{"company": {"USMF"}}).wants(http.StatusConflict).says("[role=alert]", "Stop it first")
	next := c.summary(groups).Definition
	next.Left.Company, next.Right.Company = "", ""
	if err := c.store.SaveDefinition(t.Context(), groups.ID, next.Revision, next, "ann", ""); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*models.Map{groups, customers} {
		if n := b.get(at(m, "mappings")).Find("a[href$='mappings/companies']").Length(); n != 0 {
			t.Errorf("%s offers to choose them", m.Name)
		}
	}
	b.get(at(groups, "mappings/companies")).submit(formOf(groups, "mappings/companies"), url.Values{"company": {"USMF"}}).
		wants(http.StatusUnprocessableEntity).says("[role=alert]", "so it must be per legal entity")
}
