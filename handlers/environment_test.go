package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

// openPair is a console with two connections and no environment.
func openPair(t *testing.T) (*console, *browser) {
	t.Helper()
	c, b := openConnections(t)
	b.addConnection("ERP", nil).leadsTo("/connections/1")
	b.addConnection("CRM", nil).leadsTo("/connections/2")
	return c, b
}

const newEnvironmentForm = "form[action='/environments/new']"

func (c *console) environmentOf(id int64) models.Environment {
	c.t.Helper()
	e, err := c.store.EnvironmentByID(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return e
}

func TestTwoAppsAreLinkedStepByStep(t *testing.T) {
	c, b := openPair(t)
	b.get("/environments").says("main", "There are no environments yet")
	c.engine.asked.surveys = [2]engine.Survey{{Probe: engine.Probe{Product: "Server 7"}, LegalEntities: []string{"DEMF", "FRRT", "USMF"}}, {Probe: engine.Probe{Problem: "It is closed."}, LegalEntities: []string{"demf", "GBSI", "usmf"}}}
	p := b.get("/environments/new").says(".steps [aria-current]", "Choose two apps")
	p.submit(newEnvironmentForm, url.Values{"left": {"1"}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Choose a connection for each side")
	p.submit(newEnvironmentForm, url.Values{"left": {"1"}, "right": {"1"}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "two different connections")
	p = p.submit(newEnvironmentForm, url.Values{"left": {"1"}, "right": {"2"}}).wants(http.StatusOK)
	p.says(".columns", "Server 7").says(".columns", "It is closed").says("main", "Only in ERP: FRRT").says("main", "Only in CRM: GBSI").says("main", "These are in both apps")
	if name := p.Find("#name").AttrOr("value", ""); name != "ERP – CRM" {
		t.Errorf("the name offered is %q", name)
	}
	refused := p.submit(newEnvironmentForm, url.Values{"name": {" "}, "company": {"USMF"}, "more": {"gbsi"}}).wants(http.StatusUnprocessableEntity).says("#name-wrong", "1 to 100 characters")
	if refused.Find("#company-0[checked]").Length() != 0 || refused.Find("#company-1[checked]").Length() != 1 || refused.Find("#more").AttrOr("value", "") != "gbsi" {
		t.Error("what was ticked or typed is lost")
	}
	p.submit(newEnvironmentForm, url.Values{"more": {" gbsi, USMF "}}).leadsTo("/environments/1")
	if e := c.environmentOf(1); e.LeftConnectionID != 1 || e.RightConnectionID != 2 || !slices.Equal(e.Companies, []string{"DEMF", "USMF", "gbsi"}) {
		t.Errorf("linked is %+v", e)
	}
	b.get("/environments/1").says("#notices", "Add an entity map next").says("dl.facts", "DEMF, USMF, gbsi")
	b.get("/environments").says("tbody", "ERP")
}

func TestLegalEntitiesCanBeTypedWhereNoAppTellsThem(t *testing.T) {
	c, b := openPair(t)
	b.get("/environments/new?left=1&right=2").says("main", "Neither app tells its legal entities").submit(newEnvironmentForm, url.Values{"name": {"Company"}}).leadsTo("/environments/1")
	add := func(change url.Values) *page {
		return b.get("/environments/1/companies").submit("form[action='/environments/1/companies']", change)
	}
	add(nil).wants(http.StatusUnprocessableEntity).says("[role=alert]", "at least one legal entity")
	add(url.Values{"more": {"usmf"}}).leadsTo("/environments/1")
	if e := c.environmentOf(1); !slices.Equal(e.Companies, []string{"usmf"}) {
		t.Errorf("legal entities are %q", e.Companies)
	}
	b.get("/environments/1").says("#notices", "Added to Company: usmf").submit("form[action='/environments/1/check']", nil).wants(http.StatusOK).says(".columns", "The connection works")
}

func TestLegalEntitiesThatBothAppsHaveAreOfferedToBeAdded(t *testing.T) {
	c, b := openPair(t)
	c.engine.asked.surveys = [2]engine.Survey{{LegalEntities: []string{"DEMF", "FRRT", "USMF"}}, {LegalEntities: []string{"demf", "GBSI", "usmf"}}}
	b.get("/environments/new?left=1&right=2").submit(newEnvironmentForm, url.Values{"company": {"USMF"}}).leadsTo("/environments/1")
	p := b.get("/environments/1/companies").says("main", "keeps these in step: USMF").says("main", "Only in ERP: FRRT").says("main", "stay live for the rest")
	if p.Find("input[name=company]").Length() != 1 || p.Find("input[name=company][checked]").Length() != 0 {
		t.Error("offered is not DEMF alone, to be ticked")
	}
	p.submit("form[action='/environments/1/companies']", url.Values{"company": {"DEMF"}}).leadsTo("/environments/1")
	if e := c.environmentOf(1); !slices.Equal(e.Companies, []string{"USMF", "DEMF"}) {
		t.Errorf("legal entities are %q", e.Companies)
	}
}

func TestOfTwoWhoChangeAnEnvironmentTheSecondIsTold(t *testing.T) {
	_, b := openPair(t)
	b.get("/environments/new?left=1&right=2").submit(newEnvironmentForm, nil).leadsTo("/environments/1")
	const form, companies = "form[action='/environments/1/edit']", "form[action='/environments/1/companies']"
	first, second, third := b.get("/environments/1"), b.get("/environments/1"), b.get("/environments/1/companies")
	first.submit(form, url.Values{"name": {""}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "1 to 100 characters")
	first.submit(form, url.Values{"name": {"First"}}).leadsTo("/environments/1")
	p := second.submit(form, url.Values{"name": {"Second"}}).wants(http.StatusConflict)
	p.says("[role=alert]", "somebody else changed the environment First meanwhile").says("h1", "First")
	if p.Find("#name").AttrOr("value", "") != "Second" {
		t.Error("the name that was typed is lost")
	}
	p.submit(form, nil).leadsTo("/environments/1")
	p = third.submit(companies, url.Values{"more": {"usmf"}}).wants(http.StatusConflict).says("[role=alert]", "somebody else changed the environment Second meanwhile")
	p.submit(companies, nil).leadsTo("/environments/1")
	b.get("/environments/1").says("h1", "Second").says("dl.facts", "usmf")
}

func TestUnlinkingStopsTheMapsAndKeepsThem(t *testing.T) {
	c, groups, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	c.move(models.RunLive, groups)
	p := b.get("/environments/1/unlink").says("#dialog", "1 map is stopped first").says("#dialog", "Kept are 3 entity maps").says("#dialog", "none of its maps can run")
	p.submit("#dialog form", nil).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Tick the box")
	sure := url.Values{"sure": {"1"}}
	p.submit("#dialog form", sure).wants(http.StatusConflict).says("[role=alert]", "all maps must be stopped first")
	if calls := c.engine.took(); len(calls) != 1 || calls[0] != "administrator: stop [1]" {
		t.Errorf("the engine was told %q", calls)
	}
	c.move(models.Stop, groups)
	p.submit("#dialog form", sure).leadsTo("/environments/1")
	p = b.get("/environments/1").says("main", "has been unlinked since").says("tbody", groups.Name)
	if strings.Contains(p.Find(".commands").Text(), "Unlink") {
		t.Error("it can be unlinked twice")
	}
	b.get("/environments").says("tbody", "not linked")
	p = b.get("/environments/1/link").submit("form[action='/environments/1/link']", url.Values{"right": {"1"}}).wants(http.StatusUnprocessableEntity)
	p.submit("form[action='/environments/1/link']", url.Values{"right": {"2"}}).leadsTo("/environments/1")
	if e := c.environmentOf(1); !e.Linked() {
		t.Error("it is not linked again")
	}
	b.get("/environments/1/link").leadsTo("/environments/1")
	b.get("/environments/1/reset").says("#dialog h1", "Reset Practice").submit("#dialog form", sure).leadsTo("/environments/1")
}

func TestAnEnvironmentWithoutMapsCanBeDeleted(t *testing.T) {
	c, b := openPair(t)
	b.get("/environments/new?left=1&right=2").submit(newEnvironmentForm, nil).leadsTo("/environments/1")
	b.get("/environments/1").submit("form[action='/environments/1/delete']", nil).leadsTo("/environments")
	b.get("/environments/1").wants(http.StatusNotFound)
	if calls := c.engine.took(); slices.ContainsFunc(calls, func(s string) bool { return strings.Contains(s, "stop") }) {
		t.Errorf("the engine was told %q", calls)
	}
}

func TestAViewerReadsEnvironmentsAndChangesNothing(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Viewer)
	for _, path := range []string{"/environments", "/environments/1"} {
		if p := b.get(path).wants(http.StatusOK); p.Find("main a.button, main button").Length() != 0 {
			t.Errorf("%s offers commands to a viewer", path)
		}
	}
}
