package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/handlers"
	"dualwrite/models"
)

// asked is what the fake engine answers about apps, and what it was asked.
type asked struct {
	probe    engine.Probe
	tried    []map[string]string // settings of every test of a connection
	entities map[int64][]engine.EntityName
	surveys  [2]engine.Survey
	proposal engine.Proposal
	refuses  error // answer of everything that asks an app
}

func (f *fakeEngine) TestConnection(_ context.Context, kind string, settings map[string]string) engine.Probe {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked.tried = append(f.asked.tried, settings)
	return f.asked.probe
}

func (f *fakeEngine) Reconnect(_ context.Context, connection int64) error {
	return f.note("reconnect %d", connection)
}

func (f *fakeEngine) Entities(_ context.Context, connection int64) ([]engine.EntityName, error) {
	return f.asked.entities[connection], f.asked.refuses
}

func (f *fakeEngine) Survey(context.Context, [2]int64) ([2]engine.Survey, error) {
	return f.asked.surveys, f.asked.refuses
}

func (f *fakeEngine) Propose(context.Context, int64, string, string) (engine.Proposal, error) {
	return f.asked.proposal, f.asked.refuses
}

// serverKind is a kind of app with a setting of each sort.
func serverKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "server", Label: "Server", Hint: "It needs rights.", Settings: []models.Setting{
		{Name: "host", Label: "Host", Required: true, Instead: "url"}, {Name: "port", Label: "Port", Default: "99"}, {Name: "password", Label: "Password", Secret: true},
		{Name: "mode", Label: "Mode", Default: "a", Choices: []string{"a", "b"}}, {Name: "url", Label: "Address"}}}
}

// openConnections is a console that knows one kind of app, and an
// administrator's browser.
func openConnections(t *testing.T) (*console, *browser) {
	t.Helper()
	c := openConsoleWith(t, handlers.Options{Kinds: []models.ConnectionKind{serverKind()}})
	return c, c.signedIn(models.Administrator)
}

const connectionFormName = "form[action^='/connections/']:has(input[name=kind])"

// addConnection makes a connection through its form.
func (b *browser) addConnection(name string, change url.Values) *page {
	b.c.t.Helper()
	form := url.Values{"name": {name}, "s-host": {name + ".example"}, "s-password": {"hunter2-" + name}}
	for k, v := range change {
		form[k] = v
	}
	return b.get("/connections/new?kind=server").wants(http.StatusOK).submit(connectionFormName, form)
}

func (c *console) openSettings(id int64) map[string]string {
	c.t.Helper()
	found, err := c.store.ConnectionByID(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	all, err := c.store.OpenSettings(c.t.Context(), &found)
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

func TestAConnectionIsMadeTestedChangedAndDeleted(t *testing.T) {
	c, b := openConnections(t)
	b.get("/connections").wants(http.StatusOK).says("main", "There are no connections yet")
	b.get("/connections/new").wants(http.StatusOK).says(".choices", "Server")
	b.addConnection("erp", nil).leadsTo("/connections/1")
	if got := c.openSettings(1); got["host"] != "erp.example" || got["password"] != "hunter2-erp" || len(got) != 2 {
		t.Errorf("it is opened with %v", got)
	}
	p := b.get("/connections/1").says("#notices", "erp is saved").says("dl.facts", "kept, sealed")
	b.get("/connections").says("tbody", "erp.example")
	c.engine.asked.probe = engine.Probe{Account: "sync", Product: "Server 7", Missing: []string{"the right TRIGGER"}, Script: "GRANT TRIGGER TO sync;", Skew: 90e9}
	p = p.submit("form[action='/connections/1/test']", nil).wants(http.StatusOK)
	p.says("#probe", "something is missing").says("#probe pre", "GRANT TRIGGER TO sync;").says("#probe", "1m30s ahead of ours").says("#probe", "Server 7")
	if tried := c.engine.asked.tried; len(tried) != 1 || tried[0]["password"] != "hunter2-erp" {
		t.Errorf("tested with %v", tried)
	}
	b.get("/connections/1/edit").submit(connectionFormName, url.Values{"name": {"ERP"}, "s-mode": {"b"}}).leadsTo("/connections/1")
	if got := c.openSettings(1); got["mode"] != "b" || got["password"] != "hunter2-erp" {
		t.Errorf("changed, it is opened with %v", got)
	}
	b.get("/connections/1/delete").says("#dialog", "In the app itself nothing is changed").submit("#dialog form", nil).leadsTo("/connections")
	b.get("/connections/1").wants(http.StatusNotFound)
	if calls := strings.Join(c.engine.took(), "; "); calls != "reconnect 1; reconnect 1; reconnect 1" {
		t.Errorf("the engine was told %q", calls)
	}
}

func TestAConnectionInUseSaysByWhat(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	b.get("/connections/1").says("dl.facts", "Practice")
	p := b.get("/connections/1/delete").says("#dialog", "used by Practice")
	p.submit("#dialog form", nil).wants(http.StatusConflict).says("[role=alert]", "used by Practice")
}

func TestAFormOfAConnectionSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	_, b := openConnections(t)
	p := b.addConnection("erp", url.Values{"name": {" "}, "s-host": {""}, "s-port": {"12"}, "s-mode": {"c"}}).wants(http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "host", "mode"} {
		if p.Find("#s-"+field+"[aria-invalid=true]").Length() != 1 || p.Find("#s-"+field+"-wrong").Length() != 1 {
			t.Errorf("%s is not marked", field)
		}
	}
	if port := p.Find("#s-port").AttrOr("value", ""); port != "12" || strings.Contains(p.body, "hunter2") {
		t.Errorf("the port is %q, or the password is sent back", port)
	}
	p.says("[role=alert]", "Type the password again")
	b.addConnection("erp", url.Values{"s-host": {""}, "s-url": {"server://erp"}}).leadsTo("/connections/1")
	b.addConnection("erp", nil).wants(http.StatusConflict).says("[role=alert]", "another connection named erp")
	b.addConnection("crm", url.Values{"s-url": {"server://ann:hunter2@crm"}}).wants(http.StatusUnprocessableEntity).says("#s-url-wrong", "A password must not stand here")
}

func TestATestBeforeSavingUsesWhatIsTypedAndSavesNothing(t *testing.T) {
	c, b := openConnections(t)
	b.addConnection("erp", nil).leadsTo("/connections/1")
	c.engine.took()
	c.engine.asked.probe = engine.Probe{Problem: "The app refuses us: no such user.", Field: "host"}
	try := func(change url.Values) *page {
		t.Helper()
		p := b.get("/connections/1/edit").submit(connectionFormName, change, "/connections/test").wants(http.StatusOK)
		return p.says("#probe", "The connection does not work").says("#s-host-wrong", "no such user")
	}
	try(url.Values{"s-mode": {"b"}})
	try(url.Values{"s-host": {"elsewhere.example"}})
	try(url.Values{"s-host": {"elsewhere.example"}, "s-password": {"hunter2-typed"}}).says("[role=alert]", "Type the password again before you save")
	tried := c.engine.asked.tried
	if len(tried) != 3 || tried[0]["password"] != "hunter2-erp" || tried[0]["mode"] != "b" || tried[1]["password"] != "" || tried[2]["password"] != "hunter2-typed" {
		t.Errorf("tested with %v", tried)
	}
	if got := c.openSettings(1); got["host"] != "erp.example" || got["mode"] != "" || len(c.engine.took()) > 0 {
		t.Errorf("it is opened with %v now", got)
	}
}

func TestAChangeOfAddressSaysThatSecretsAreCleared(t *testing.T) {
	c, b := openConnections(t)
	b.addConnection("erp", nil).leadsTo("/connections/1")
	b.get("/connections/1/edit").submit(connectionFormName, url.Values{"s-host": {"elsewhere.example"}}).leadsTo("/connections/1")
	b.get("/connections/1").says("#notices", "the password that was kept is forgotten").says("dl.facts", "none is kept")
	if got := c.openSettings(1); got["password"] != "" {
		t.Errorf("it is opened with %v", got)
	}
	b.get("/connections/1/edit").submit(connectionFormName, url.Values{"s-password": {"env:ERP_PASSWORD"}}).leadsTo("/connections/1")
	b.get("/connections/1").says("dl.facts", "read from env:ERP_PASSWORD")
	b.get("/connections/1/edit").submit(connectionFormName, nil).leadsTo("/connections/1")
	if got := c.openSettings(1); got["password"] != "env:ERP_PASSWORD" {
		t.Errorf("saved again, it is opened with %v", got)
	}
	b.get("/connections/1/edit").submit(connectionFormName, url.Values{"forget-password": {"1"}}).leadsTo("/connections/1")
	if got := c.openSettings(1); got["password"] != "" {
		t.Errorf("forgotten, it is opened with %v", got)
	}
}

func TestOfTwoAdministratorsTheSecondSeesWhatTheFirstSaved(t *testing.T) {
	c, b := openConnections(t)
	b.addConnection("erp", nil).leadsTo("/connections/1")
	first, second := b.get("/connections/1/edit"), b.get("/connections/1/edit")
	first.submit(connectionFormName, url.Values{"name": {"Ledger"}, "s-mode": {"b"}}).leadsTo("/connections/1")
	p := second.submit(connectionFormName, url.Values{"name": {"Accounts"}, "s-port": {"2"}, "s-password": {"hunter2-second"}}).wants(http.StatusConflict)
	p.says("[role=alert]", "Somebody else changed this connection meanwhile").says("#s-name-theirs", "Ledger").says("#s-mode-theirs", "b")
	if p.Find("#s-port").AttrOr("value", "") != "2" || p.Find("#s-name").AttrOr("value", "") != "Accounts" || p.Find("#s-host-theirs").Length() != 0 {
		t.Error("what the second typed is lost")
	}
	if got := c.openSettings(1); got["port"] != "" || got["mode"] != "b" || got["password"] != "hunter2-erp" {
		t.Errorf("it is opened with %v", got)
	}
	p.submit(connectionFormName, url.Values{"s-password": {"hunter2-second"}}).leadsTo("/connections/1")
	if got := c.openSettings(1); got["port"] != "2" || got["password"] != "hunter2-second" {
		t.Errorf("saved again, it is opened with %v", got)
	}
}

func TestSettingsThatHaveNoFieldSurviveAChange(t *testing.T) {
	c, b := openConnections(t)
	if _, _, err := c.store.SaveConnection(t.Context(), "file", models.ConnectionDraft{Name: "erp", Kind: "server", Settings: map[string]string{"host": "a", "special": "x"}}); err != nil {
		t.Fatal(err)
	}
	b.get("/connections/1/edit").submit(connectionFormName, url.Values{"s-mode": {"b"}}).leadsTo("/connections/1")
	if got := c.openSettings(1); got["special"] != "x" || got["mode"] != "b" {
		t.Errorf("it is opened with %v", got)
	}
}

func TestAViewerReadsConnectionsAndChangesNothing(t *testing.T) {
	c, b := openConnections(t)
	b.addConnection("erp", nil).leadsTo("/connections/1")
	v := c.signedIn(models.Viewer)
	for _, path := range []string{"/connections", "/connections/1"} {
		if p := v.get(path).wants(http.StatusOK); p.Find("main a.button, main button").Length() != 0 {
			t.Errorf("%s offers commands to a viewer", path)
		}
	}
}
