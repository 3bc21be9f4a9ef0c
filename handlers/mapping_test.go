package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

// formOf selects the form that a part of a map's page sends.
func formOf(m *models.Map, part string) string {
	return fmt.Sprintf("form[action='/maps/%d/%s']", m.ID, part)
}

// at is the address of a part of a map's page.
func at(m *models.Map, part string) string { return fmt.Sprintf("/maps/%d/%s", m.ID, part) }

func TestAMappingIsEditedByAPlainForm(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	link := b.get(at(customers, "mappings")).Find("td.sign a[href*='left=GENDER']").AttrOr("href", "no link")
	form := b.get(link).wants(http.StatusOK).says("h1", "GENDER – gendercode").says("textarea", "male = 1")
	form.submit(formOf(customers, "mappings/field"), url.Values{"pairs": {"male\t1\r\nfemale\t2\n\n a=b = 3"}, "direction": {"left to right"}, "length": {"7"}}, "do=save").leadsTo(at(customers, "mappings"))
	f := c.summary(customers).Definition.Fields[2]
	if f.Direction != models.LeftToRight || f.Slot != 2 || f.Since != 2 || len(f.Transforms) != 2 || f.Transforms[1].Length != 7 {
		t.Fatalf("saved %+v", f)
	}
	if got := fmt.Sprint(f.Transforms[0].Pairs); got != "[{male 1} {female 2} {a b = 3}]" {
		t.Errorf("the pairs are %s", got)
	}
	b.get(at(customers, "mappings/field")).says("h1", "Add mapping").submit(formOf(customers, "mappings/field"), url.Values{"left": {" CITY "}, "right": {"address1_city"}}, "do=save").leadsTo(at(customers, "mappings"))
	if all := c.summary(customers).Definition.Fields; len(all) != 5 || all[4].Left != "CITY" || all[4].Slot != 4 {
		t.Errorf("added %+v", all)
	}
	b.get(fmt.Sprintf("/maps/%d/mappings/field?left=CITY&right=address1_city", customers.ID)).submit(formOf(customers, "mappings/field"), nil, "do=delete").leadsTo(at(customers, "mappings"))
	if all := c.summary(customers).Definition.Fields; len(all) != 4 {
		t.Errorf("after deleting %+v", all)
	}
}

func TestAnExpressionIsTriedOnRecordsBeforeItIsSaved(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	form, typed := formOf(customers, "mappings/field"), url.Values{"expression": {" upper(value) "}, "pairs": {""}, "length": {"7"}, "direction": {"left to right"}}
	c.engine.samples = []engine.FieldSample{{Key: "C-1", FieldTest: engine.FieldTest{From: "male", Steps: []engine.StepTest{{Value: "MALE"}}, To: "MALE"}}, {Key: "C-2", FieldTest: engine.FieldTest{Fault: "it is no text"}}}
	p := b.get(at(customers, "mappings/field?left=GENDER&right=gendercode")).submit(form, typed, "do=sample").wants(http.StatusOK)
	p.says("#sample caption", "first 2 records").says("#sample tbody", "C-1maleMALEMALE").says("#sample .bad", "it is no text")
	made := []models.Transform{{Type: models.Expression, Expression: "upper(value)"}, {Type: models.Truncate, Length: 7}}
	if got := c.engine.sampled; len(got) != 1 || got[0].Direction != models.LeftToRight || !reflect.DeepEqual(got[0].Transforms, made) {
		t.Fatalf("tried is %+v", got)
	}
	if f := c.summary(customers).Definition.Fields[2]; f.Direction != models.Both {
		t.Error("trying it saved it")
	}
	c.engine.unreached = models.Errorf(models.Invalid, "the expression cannot be read")
	p.submit(form, nil, "do=sample").wants(http.StatusOK).says("#sample .bad", "the expression cannot be read")
	c.engine.unreached = nil
	p.submit(form, nil, "do=save").leadsTo(at(customers, "mappings"))
	if f := c.summary(customers).Definition.Fields[2]; !reflect.DeepEqual(f.Transforms, made) {
		t.Errorf("saved %+v", f.Transforms)
	}
	b.get(at(customers, "mappings")).says("table", "Expression: upper(value)")
	b.get(at(customers, "mappings/field?left=GENDER&right=gendercode")).says("#expression", "upper(value)")
}

func TestAFormThatCannotBeSavedKeepsWhatWasTyped(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	for name, x := range map[string]struct {
		change url.Values
		says   string
	}{
		"no field":   {url.Values{"left": {""}, "right": {""}}, "Name a field"},
		"a bad pair": {url.Values{"pairs": {"male = 1\nfemale 2"}}, `Line 2 of the value map, "female 2", is not a pair`},
		"a length":   {url.Values{"length": {"some"}}, "whole number of characters"},
		"twice":      {url.Values{"left": {"NAME"}, "right": {"fullname"}}, "mapped to each other already"},
	} {
		t.Run(name, func(t *testing.T) {
			c.t, b.c = t, c
			p := b.get(at(customers, "mappings/field?left=GENDER&right=gendercode")).submit(formOf(customers, "mappings/field"), x.change, "do=save").wants(http.StatusUnprocessableEntity).says("[role=alert]", x.says)
			for field, want := range x.change {
				if got := p.Find("#dialog [name='"+field+"']").AttrOr("value", p.Find("#dialog textarea[name='"+field+"']").Text()); got != want[0] {
					t.Errorf("%s is %q, want %q", field, got, want[0])
				}
			}
		})
	}
}

func TestOfTwoWhoEditAMappingTheSecondIsToldAndLosesNothing(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	page := at(customers, "mappings/field?left=NAME&right=fullname")
	first, second := b.get(page), b.get(page)
	first.submit(formOf(customers, "mappings/field"), url.Values{"direction": {"left to right"}}, "do=save").wants(http.StatusSeeOther)
	told := second.submit(formOf(customers, "mappings/field"), url.Values{"length": {"9"}}, "do=save").wants(http.StatusConflict).
		says("[role=alert]", "changed by somebody else").says("#dialog code", "NAME > fullname")
	if got := told.Find("#length").AttrOr("value", ""); got != "9" {
		t.Errorf("what was typed became %q", got)
	}
	if f := c.summary(customers).Definition.Fields[1]; f.Direction != models.LeftToRight || len(f.Transforms) != 0 {
		t.Errorf("the second has changed %+v", f)
	}
	told.submit(formOf(customers, "mappings/field"), nil, "do=save").wants(http.StatusSeeOther)
	if f := c.summary(customers).Definition.Fields[1]; f.Direction != models.Both || f.Transforms[0].Length != 9 {
		t.Errorf("saved knowingly: %+v", f)
	}
}

func TestAMapThatRunsIsNotEdited(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	field, filter, key := b.get(at(customers, "mappings/field?left=NAME&right=fullname")), b.get(at(customers, "mappings/filter?side=left")), b.get(at(customers, "mappings/key"))
	c.move(models.RunLive, customers)
	field.submit(formOf(customers, "mappings/field"), url.Values{"length": {"9"}}, "do=save").wants(http.StatusConflict).says("[role=alert]", "can be changed only while it is not running")
	filter.submit(formOf(customers, "mappings/filter"), url.Values{"filter": {"NAME ne ''"}}, "do=save").wants(http.StatusConflict)
	key.submit(formOf(customers, "mappings/key"), url.Values{"company-left": {"OTHER"}, "company-right": {"other"}}).wants(http.StatusConflict)
	if n := b.get(at(customers, "mappings")).says("main", "Stop it to change its mappings").Find("td.sign a, a[href*='mappings/field']").Length(); n != 0 {
		t.Errorf("%d links lead to forms", n)
	}
}

func TestLookupsArePickedAsAPathStepByStep(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	form := b.get(at(customers, "mappings/field"))
	if form.Find("#list-right option[value='group']").Length() != 1 || form.Find("#list-right option[value='group.code']").Length() != 0 {
		t.Error("the form begins with other choices")
	}
	form = form.submit(formOf(customers, "mappings/field"), url.Values{"right": {"group"}}, "do=look").wants(http.StatusOK)
	if form.Find("#list-right option[value='group.code']").Length() != 1 {
		t.Error("the lookup did not open")
	}
	form = form.submit(formOf(customers, "mappings/field"), url.Values{"right": {"group.parent"}}, "do=look")
	if form.Find("#list-right option[value='group.parent.code']").Length() != 1 {
		t.Error("the lookup behind it did not open")
	}
	c.engine.findings = []engine.Finding{{At: 4, Severity: engine.Advice, Message: "it is far", Mend: "take another"}}
	form.submit(formOf(customers, "mappings/field"), url.Values{"right": {"group.parent.code"}}, "do=look").says("#dialog .finding", "it is far. take another.")
}

func TestIssuesStandAtTheirMappingWithTheMend(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.engine.findings = []engine.Finding{{Code: "x", At: -1, Severity: engine.Blocking, Side: models.Right, Message: "no key", Mend: "define one"},
		{At: 1, Severity: engine.Advice, Side: models.Left, Message: "too long", Mend: "truncate"}}
	p := c.signedIn(models.Viewer).get(at(customers, "mappings")).says("main", "1 error keeps this map from running").says("main", "Common Data Service: no key. define one.")
	if text := p.Find("table.mappings tbody tr").Eq(1).Find(".finding").Text(); !strings.Contains(text, "Warning:") || !strings.Contains(text, "too long. truncate.") {
		t.Errorf("the row says %q", text)
	}
	c.engine.unreached = models.Errorf(models.Invalid, "the left app sleeps")
	c.signedIn(models.Operator).get(at(customers, "mappings")).wants(http.StatusOK).says(".message", "could not be checked: the left app sleeps")
}

func TestRefreshedTablesSayWhatChanged(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	c.engine.refreshed = []string{"contacts.nick is new"}
	b.get(at(customers, "mappings")).submit(formOf(customers, "mappings/refresh"), nil).wants(http.StatusOK).says(".message", "contacts.nick is new")
	c.engine.refreshed = nil
	b.get(at(customers, "mappings")).submit(formOf(customers, "mappings/refresh"), nil).says(".message", "Nothing has changed")
}

func TestAFilterIsPreviewedBeforeItIsSaved(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	c.engine.filter = engine.FilterPreview{Pass: 3, All: 1200, Exact: true, Fields: []string{"NAME"}, First: [][]string{{"Ann"}}, OData: "NAME ne ''"}
	form := b.get(at(customers, "mappings/filter?side=right")).says("textarea", "statecode eq 0")
	form = form.submit(formOf(customers, "mappings/filter"), url.Values{"filter": {"statecode eq 1"}}, "do=preview").wants(http.StatusOK).says("#dialog", "3 of 1,200 records pass").says("#dialog td", "Ann")
	if c.summary(customers).Definition.Right.Filter != "statecode eq 0" {
		t.Error("the preview has saved it")
	}
	c.engine.filterErr = models.Errorf(models.Invalid, "it cannot be read")
	form.submit(formOf(customers, "mappings/filter"), nil, "do=save").wants(http.StatusUnprocessableEntity).says("[role=alert]", "it cannot be read").says("textarea", "statecode eq 1")
	c.engine.filterErr = nil
	other := b.get(at(customers, "mappings/filter?side=left"))
	form.submit(formOf(customers, "mappings/filter"), nil, "do=save").leadsTo(at(customers, "mappings"))
	other.submit(formOf(customers, "mappings/filter"), url.Values{"filter": {"NAME eq 'A'"}}, "do=save").wants(http.StatusConflict).says("#dialog code", "no filter").says("textarea", "NAME eq 'A'")
	b.get(at(customers, "mappings/filter?side=up")).wants(http.StatusNotFound)
}

func TestTheKeyIsChosenAmongFieldsMappedBothWays(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	form := b.get(at(customers, "mappings/key"))
	if n := form.Find("#dialog input[name=key]").Length(); n != 3 {
		t.Errorf("%d fields to choose from, want 3", n)
	}
	form.submit(formOf(customers, "mappings/key"), url.Values{"key": nil}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "at least one field")
	form.submit(formOf(customers, "mappings/key"), url.Values{"company-left": {""}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "on both sides, or on neither")
	form.submit(formOf(customers, "mappings/key"), url.Values{"key": {"NAME\nfullname"}}).leadsTo(at(customers, "mappings"))
	if k := c.summary(customers).Definition.Key; len(k) != 1 || k[0] != (models.KeyPair{Left: "NAME", Right: "fullname"}) {
		t.Errorf("the key is %v", k)
	}
	form.submit(formOf(customers, "mappings/key"), nil).wants(http.StatusConflict).says("#dialog code", "NAME = fullname")
}
