package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

// planned makes the engine offer groups, which customers need, and customers.
func (c *console) planned(groups, customers *models.Map) {
	c.engine.plan = engine.Plan{Steps: []engine.Step{
		{Map: c.summary(groups)},
		{Map: c.summary(customers), Chosen: true, Needs: []string{groups.Name}},
	}}
}

func str(id int64) string { return strconv.FormatInt(id, 10) }

func (c *console) runDialog(b *browser, chosen *models.Map) *page {
	c.t.Helper()
	return b.get("/maps/run?id=" + str(chosen.ID)).wants(http.StatusOK)
}

// order lists the maps of the dialog's rows.
func (p *page) order() []string {
	var out []string
	for _, n := range p.Find("input[name=order]").Nodes {
		for _, a := range n.Attr {
			if a.Key == "value" {
				out = append(out, a.Val)
			}
		}
	}
	return out
}

func (p *page) wantsOrder(want ...*models.Map) {
	p.browser.c.t.Helper()
	var ids []string
	for _, m := range want {
		ids = append(ids, str(m.ID))
	}
	if got := strings.Join(p.order(), " "); got != strings.Join(ids, " ") {
		p.browser.c.t.Errorf("rows %s, want %s", got, strings.Join(ids, " "))
	}
}

func (c *console) wantsCalls(want ...string) {
	c.t.Helper()
	if got := c.engine.took(); strings.Join(got, "; ") != strings.Join(want, "; ") {
		c.t.Errorf("the engine was asked %q, want %q", got, want)
	}
}

func TestRunStartsTheChosenMapAndItsRelatedOnes(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.planned(groups, customers)
	b := c.signedIn(models.Operator)
	list := b.get("/maps").wants(http.StatusOK)
	p := list.submit("form[action='/maps/run']", url.Values{"id": {str(customers.ID)}}, "/maps/run").wants(http.StatusOK)
	p.says("h1", "Initial writes and related entity maps").wantsOrder(groups, customers)
	if n := p.Find("input[name=step][checked]").Length(); n != 2 {
		t.Errorf("%d maps are ticked, want both", n)
	}
	p.says("select[name=master-"+str(groups.ID)+"] option[selected]", "Common Data Service")
	p.submit("#run-form", url.Values{"master-" + str(customers.ID): {"left"}, "initial-" + str(groups.ID): nil}).leadsTo("/maps")
	c.wantsCalls("operator: run [{" + str(groups.ID) + " false right} {" + str(customers.ID) + " true left}]")
	b.get("/maps").says("#notices", "Run: 2 maps started.")
}

func TestRunKeepsOrderAndChoicesWhileRowsMove(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.planned(groups, customers)
	b := c.signedIn(models.Operator)
	typed := url.Values{"master-" + str(customers.ID): {"left"}, "initial-" + str(customers.ID): nil}
	p := c.runDialog(b, customers).submit("#run-form", typed, "up="+str(customers.ID)).wants(http.StatusOK)
	p.wantsOrder(customers, groups)
	if got := p.Find("select[name=master-"+str(customers.ID)+"] option[selected]").AttrOr("value", ""); got != "left" {
		t.Errorf("the master typed is lost: %q", got)
	}
	if p.Find("input[name=initial-"+str(customers.ID)+"][checked]").Length() != 0 {
		t.Error("the unticked initial sync came back")
	}
	c.wantsCalls()
	p.submit("#run-form", nil).leadsTo("/maps")
	c.wantsCalls("operator: run [{" + str(customers.ID) + " false left} {" + str(groups.ID) + " true right}]")
	p.submit("#run-form", nil, "down="+str(customers.ID)).wantsOrder(groups, customers)
}

func TestRunWithoutANeededMapAsksOnce(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.planned(groups, customers)
	b := c.signedIn(models.Operator)
	p := c.runDialog(b, customers).submit("#run-form", url.Values{"step": {str(customers.ID)}}).wants(http.StatusUnprocessableEntity)
	p.says(".message", groups.Name)
	c.wantsCalls()
	p.submit("#run-form", url.Values{"confirm": {"1"}}).leadsTo("/maps")
	c.wantsCalls("operator: run [{" + str(customers.ID) + " true right}]")

	hidden := c.runDialog(b, customers).submit("#run-form", url.Values{"related": nil}, "refresh=1").wants(http.StatusOK)
	hidden.wantsOrder(customers)
	hidden.submit("#run-form", nil).wants(http.StatusUnprocessableEntity).says(".message", groups.Name)
	hidden.submit("#run-form", url.Values{"related": {"1"}}, "refresh=1").wantsOrder(groups, customers)

	c.move(models.RunLive, groups)
	c.planned(groups, customers)
	c.runDialog(b, customers).submit("#run-form", nil).leadsTo("/maps")
	c.wantsCalls("operator: run [{" + str(customers.ID) + " true right}]")
}

func TestRunShowsWhatCannotRunAndWhy(t *testing.T) {
	c, groups, customers, evil := mustOpenWithMaps(t)
	c.move(models.RunLive, groups)
	c.engine.plan = engine.Plan{Steps: []engine.Step{
		{Map: c.summary(groups)}, {Map: c.summary(customers), Chosen: true, Refusal: "no unique alternate key"}, {Map: c.summary(evil), Chosen: true},
	}, Cycles: [][]string{{"A", "B"}}}
	p := c.runDialog(c.signedIn(models.Operator), customers).says("tbody", "no unique alternate key").says("tbody", "Running").says(".message", "A, B").says(`.message[data-level=warning]`, "left out: "+customers.Name)
	if n := p.Find("input[name=step][disabled]").Length(); n != 2 || p.Find("input[name=step][checked]").Length() != 1 {
		t.Errorf("%d rows cannot be ticked, want 2", n)
	}
	for _, m := range []*models.Map{groups, customers} {
		p.submit("#run-form", url.Values{"step": {str(m.ID)}}).wants(http.StatusConflict)
	}
	c.wantsCalls()
}

func TestRunNarrowsThePlanOnly(t *testing.T) {
	c, groups, customers, evil := mustOpenWithMaps(t)
	c.planned(groups, customers)
	b := c.signedIn(models.Operator)
	p := c.runDialog(b, customers)
	p.submit("#run-form", url.Values{"step": {str(customers.ID), str(evil.ID)}}).wants(http.StatusConflict)
	p.submit("#run-form", url.Values{"step": nil}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Tick at least one map.")
	p.submit("#run-form", url.Values{"step": {"x"}}).wants(http.StatusUnprocessableEntity)
	b.get("/maps/run").wants(http.StatusUnprocessableEntity).says("main", "Choose at least one entity map")
	c.wantsCalls()
}

func TestARunThatLostARaceShowsHowThingsStand(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.planned(groups, customers)
	b := c.signedIn(models.Operator)
	p := c.runDialog(b, customers)
	c.engine.err = models.Errorf(models.Conflict, "%s moved meanwhile", customers.Name)
	p.submit("#run-form", nil).wants(http.StatusConflict).says("[role=alert]", "moved meanwhile")
	c.engine.err = models.Errorf(models.Invalid, "no key")
	p.submit("#run-form", nil).wants(http.StatusUnprocessableEntity).says("[role=alert]", "no key")
}
