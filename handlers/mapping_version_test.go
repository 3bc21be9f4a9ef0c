package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

func TestVersionsAreSavedComparedAndUsed(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	b.get(at(customers, "mappings/field?left=NAME&right=fullname")).submit(formOf(customers, "mappings/field"), url.Values{"direction": {"left to right"}}, "do=save").wants(http.StatusSeeOther)
	p := b.get(at(customers, "versions")).says("main", "was changed since it was saved as version 1.0.0.0").says("tbody", "(original, read-only)")
	p.submit(formOf(customers, "versions"), url.Values{"version": {"7"}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "four numbers")
	p.submit(formOf(customers, "versions"), url.Values{"publisher": {"Contoso"}}).leadsTo(at(customers, "versions"))
	p = b.get(at(customers, "versions")).says("main strong", "1.0.0.1 - Contoso")
	if p.Find("tbody tr").Length() != 2 {
		t.Error("there are not two versions")
	}
	original := p.Find("tbody tr").Last()
	b.get(original.Find("a").AttrOr("href", "")).says("caption", "From 1.0.0.0 - Practice to the map now: 1 difference").says("tbody", "NAME = fullname").says("tbody", "NAME > fullname")
	b.do("POST", at(customers, "versions/use"), url.Values{"_csrf": {b.token()}, "version": {original.Find("button").AttrOr("value", "")}}).leadsTo(at(customers, "versions"))
	if m := c.summary(customers); m.Version != "1.0.0.0" || m.Definition.Fields[1].Direction != models.Both {
		t.Errorf("the map is %s, %+v", m.Version, m.Definition.Fields[1])
	}
	b.get(at(customers, "versions/diff?before=999")).wants(http.StatusNotFound)
}

func TestWhatARecordWouldBecomeIsShown(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Operator)
	c.engine.tested = engine.RecordTest{Key: "C-1 · USMF", Found: true, InMap: true, Partner: true, Fields: []engine.FieldTest{
		{Left: "GENDER", Right: "gendercode", From: "male", Steps: []engine.StepTest{{Value: "1"}}, To: "1", Now: "2"}, {Left: "NAME", Right: "fullname", Fault: "too long"}}}
	form := b.get(at(customers, "test"))
	if form.Find("input[name=key]").Length() != 2 {
		t.Error("the key has not two fields")
	}
	b.get(at(customers, "test?side=left&key=C-1&key=USMF&test=1")).wants(http.StatusOK).says("[role=status]", "has C-1 · USMF already").says("tbody", "2 (differs)").says("tbody .bad", "too long")
	b.get(at(customers, "test?test=1")).wants(http.StatusUnprocessableEntity)
	c.engine.tested = engine.RecordTest{Key: "C-9"}
	b.get(at(customers, "test?side=right&key=C-9&test=1")).says("[role=status]", "Common Data Service has no record C-9")
}

func TestAnInitialSyncIsPreviewed(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Operator)
	c.engine.preview = engine.InitialPreview{Left: 10, Right: 20, CreateLeft: 3, CreateRight: 4, First: []engine.Previewed{{Key: "C-1", Kind: "invalid", Fields: []string{"NAME"}, Fault: "too long"}}}
	b.get(at(customers, "mappings")).submit(formOf(customers, "preview"), nil).wants(http.StatusOK).says("caption", "10 records of Finance and Operations and 20").
		says("tbody", "Create in Finance and Operations3").says("tbody .bad", "too long")
}

func TestRelatedMapsAreDrawnWithTheirCycles(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.engine.relations = engine.Relations{Maps: []models.Summary{c.summary(groups), c.summary(customers)}, Needs: [][]int{{1}, {0}}, Rank: []int{0, 1}, Cycles: [][]string{{groups.Name, customers.Name}}}
	p := c.signedIn(models.Viewer).get("/maps/related").wants(http.StatusOK).says(".message", "need each other").says("tbody", customers.Name)
	if p.Find("svg.related rect").Length() != 2 || p.Find("svg.related line.cyclic").Length() != 2 {
		t.Error("the picture has not two maps and two lines of a cycle")
	}
}

func TestMapsOfTheOriginalAreImportedAfterAPreview(t *testing.T) {
	c, groups, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	text, err := os.ReadFile(filepath.Join("..", "models", "interchange", "testdata", "documented.json"))
	if err != nil {
		t.Fatal(err)
	}
	form := b.get("/maps/import").wants(http.StatusOK)
	form.submit("form[enctype]", nil).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Choose a file")
	form.submit("form[enctype]", url.Values{"paste": {"{"}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "not JSON")
	read := form.submit("form[enctype]", url.Values{"paste": {string(text)}}).wants(http.StatusOK).says("main", "map Terms of payment (msdyn_paymentterms) added").says("caption", "of the report")
	if all, _ := c.store.Maps(t.Context()); len(all) != 3 {
		t.Fatalf("the preview left %d maps", len(all))
	}
	read.submit("form:not([enctype])[action='/maps/import']", nil, "do=import").leadsTo("/maps")
	if all, _ := c.store.Maps(t.Context()); len(all) < 14 {
		t.Errorf("%d maps after the import", len(all))
	}
	file := b.get(at(groups, "map.yaml")).wants(http.StatusOK)
	if file.header.Get("Content-Disposition") == "" {
		t.Error("the file has no name")
	}
	again := form.submit("form[enctype]", url.Values{"paste": {file.body}}).wants(http.StatusOK)
	again.says("main", "there is no map to take, or all are as they are here")
}
