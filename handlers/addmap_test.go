package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

// openLinked is a console with one environment and no map.
func openLinked(t *testing.T) (*console, *browser) {
	t.Helper()
	c, b := openPair(t)
	b.get("/environments/new?left=1&right=2").submit(newEnvironmentForm, nil).leadsTo("/environments/1")
	c.engine.took()
	c.engine.asked.entities = map[int64][]engine.EntityName{1: {{Name: "Customers", Label: "Customers V3", Keyed: true}, {Name: "Lines"}}, 2: {{Name: "accounts", Label: "Accounts", Keyed: true}}}
	c.engine.asked.proposal = engine.Proposal{Remarks: []string{"accounts requires x."}, Types: [][2]string{{"text", "text"}, {"decimal", "decimal"}, {"date", "date"}},
		Definition: models.Definition{Left: models.Endpoint{Entity: "Customers", Label: "Customers V3"}, Right: models.Endpoint{Entity: "accounts", Label: "Accounts"}, Key: []models.KeyPair{{Left: "CODE", Right: "code"}},
			Fields: []models.FieldMapping{{Left: "CODE", Right: "code", Direction: models.Both}, {Left: "LIMIT", Right: "limit", Direction: models.Both}, {Left: "BORN", Right: "born", Direction: models.LeftToRight}}}}
	return c, b
}

const newMapForm = "form[action='/maps/new']"

func TestAMapIsAddedFromTwoEntities(t *testing.T) {
	c, b := openLinked(t)
	p := b.get("/maps/new").wants(http.StatusOK).says(newMapForm, "Entity of ERP")
	if p.Find("#left-list option").Length() != 2 || p.Find("#right-list option[value=accounts]").Length() != 1 {
		t.Errorf("the lists are\n%s", p.body)
	}
	p.says("#left-list", "no unique key")
	p = p.submit(newMapForm, url.Values{"left": {"Customers"}, "right": {"accounts"}}).wants(http.StatusOK)
	p.says("main", "accounts requires x.").says("tbody", "CODE").says("tbody", "decimal")
	if name := p.Find("#name").AttrOr("value", ""); name != "Customers V3 (accounts)" {
		t.Errorf("the name offered is %q", name)
	}
	refused := p.submit(newMapForm, url.Values{"name": {""}, "field": {"CODE code", "LIMIT limit"}}).wants(http.StatusUnprocessableEntity).says("#name-wrong", "1 to 100")
	if refused.Find("input[type=checkbox][name=field][checked]").Length() != 2 {
		t.Error("what was ticked is lost")
	}
	refused.submit(newMapForm, url.Values{"name": {"Customers"}}).leadsTo("/maps/1/mappings")
	m, err := c.store.MapByID(t.Context(), 1)
	if err != nil || m.Status != models.NotRunning || len(m.Definition.Fields) != 2 || m.Definition.Fields[1].Slot != 1 || m.Definition.Revision != 1 || m.Publisher != "administrator" || m.Master != models.Right {
		t.Errorf("the map is %+v, %v", m, err)
	}
	b.get("/maps/1/mappings").says("#notices", "It does not run yet").says("main", "LIMIT")
	p.submit(newMapForm, url.Values{"name": {"Customers"}}).wants(http.StatusConflict).says("#name-wrong", "a map named Customers already")
}

func TestAKeyFieldCannotBeLeftOut(t *testing.T) {
	c, b := openLinked(t)
	b.get("/maps/new?environment=1&left=Customers&right=accounts").submit(newMapForm, url.Values{"field": {"BORN born"}}).leadsTo("/maps/1/mappings")
	if m, err := c.store.MapByID(t.Context(), 1); err != nil || len(m.Definition.Fields) != 2 || m.Definition.Fields[0].Left != "CODE" {
		t.Errorf("the map is %+v, %v", m, err)
	}
}

func TestAnEntityThatIsNotThereIsSaid(t *testing.T) {
	c, b := openLinked(t)
	c.engine.asked.refuses = models.Errorf(models.Invalid, "there is no entity Nothing")
	b.get("/maps/new?environment=1&left=Nothing&right=accounts").wants(http.StatusUnprocessableEntity).says("[role=alert]", "there is no entity Nothing").says("#left-wrong", "there is no entity")
	b.get("/maps/new?environment=9").wants(http.StatusNotFound)
}

func TestAnEmptyStoreSaysWhatToDoFirst(t *testing.T) {
	c := openConsole(t)
	b := c.signedIn(models.Administrator)
	p := b.get("/maps").says("td.empty", "first a connection to each of the two apps, then an environment that links them")
	for _, link := range []string{"/connections", "/environments"} {
		if p.Find("td.empty a[href='"+link+"']").Length() != 1 {
			t.Errorf("nothing leads to %s", link)
		}
	}
	b.get("/maps/new").says("main", "There is none yet")
}
