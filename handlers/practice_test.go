package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dualwrite/handlers"
	"dualwrite/models"
	"dualwrite/views"
)

// fakePractice is an app with one entity and one record.
type fakePractice struct {
	environment int64
	saved       []string
	err         error
}

func (f *fakePractice) entity() views.PracticeEntity {
	return views.PracticeEntity{Name: "Currencies", Records: 1, Columns: []views.PracticeColumn{{Name: "RECID", Fixed: true},
		{Name: "CODE", Type: "VARCHAR(3)", Key: true}, {Name: "NAME", Type: "VARCHAR(60)"}, {Name: "NOTES", Type: "TEXT"}}}
}

func (f *fakePractice) Environment() int64 { return f.environment }

func (f *fakePractice) Entities(context.Context, models.Side) ([]views.PracticeEntity, error) {
	return []views.PracticeEntity{f.entity()}, nil
}

func (f *fakePractice) Entity(_ models.Side, name string) (views.PracticeEntity, error) {
	if name != "Currencies" {
		return views.PracticeEntity{}, models.Errorf(models.NotFound, "no such entity")
	}
	return f.entity(), nil
}

func (f *fakePractice) Records(_ context.Context, _ models.Side, _, search, after string, size int) ([]views.PracticeRecord, error) {
	var out []views.PracticeRecord
	for i := range size {
		if after == "" || i < 3 {
			out = append(out, views.PracticeRecord{ID: fmt.Sprint(i + 1), Values: []*string{nil, new("EUR" + search), nil, nil}})
		}
	}
	return out, nil
}

func (f *fakePractice) Record(_ context.Context, _ models.Side, _, id string) (views.PracticeRecord, error) {
	if id != "1" {
		return views.PracticeRecord{}, models.Errorf(models.NotFound, "no such record")
	}
	return views.PracticeRecord{ID: "1", Values: []*string{new("1"), new("EUR"), new("Euro"), new("a\nb")}}, nil
}

func (f *fakePractice) Save(_ context.Context, side models.Side, _, id string, values map[string]*string) (string, error) {
	line := fmt.Sprintf("%s %q", side, id)
	for _, c := range f.entity().Columns {
		if v, ok := values[c.Name]; ok && v != nil {
			line += fmt.Sprintf(" %s=%q", c.Name, *v)
		} else if ok {
			line += " " + c.Name + " empty"
		}
	}
	f.saved = append(f.saved, line)
	return "1", f.err
}

func (f *fakePractice) Delete(context.Context, models.Side, string, string) error {
	f.saved = append(f.saved, "delete")
	return f.err
}

func TestPracticeRecordsAreEditedThroughTheApp(t *testing.T) {
	f := &fakePractice{environment: 1}
	c := openConsoleWith(t, handlers.Options{Practice: f})
	c.addMaps()
	b := c.signedIn(models.Operator)
	b.get("/practice").wants(http.StatusOK).says("main", "Practice.").says("main", "Currencies")
	if n := b.get(b.get("/practice/left/Currencies?q=x").says("main", "EURx").Find(".more a").AttrOr("href", "")).Find("tbody tr").Length(); n != 3 {
		t.Errorf("the second page has %d records, want 3", n)
	}
	const record = "/practice/left/Currencies/1"
	form := "form[action='" + record + "']"
	p := b.get(record).wants(http.StatusOK)
	p.submit(form, url.Values{"f-NAME": {"Europe"}, "f-NOTES": {"a\r\nb"}}).leadsTo(record)
	p.submit(form, url.Values{"f-NAME": {""}}).leadsTo(record)
	b.get("/practice/right/Currencies/new").submit("form[action$='/new']", url.Values{"f-CODE": {"XAA"}}).leadsTo("/practice/right/Currencies/1")
	p.submit(form, nil, record+"/delete").leadsTo("/practice/left/Currencies")
	if got := fmt.Sprint(f.saved); got != `[left "1" NAME="Europe" left "1" NAME empty right "" CODE="XAA" delete]` {
		t.Errorf("the app was asked for %s", got)
	}
	f.err = &handlers.FieldError{Field: "CODE", Message: "another record has this key already"}
	p = p.submit(form, url.Values{"f-CODE": {"USD"}}).wants(http.StatusUnprocessableEntity).says("#f-CODE-wrong", "already")
	if got := p.Find("#f-CODE[aria-invalid]").AttrOr("value", ""); got != "USD" {
		t.Errorf("what was typed became %q", got)
	}
	f.err = &handlers.FieldError{Message: "others refer to it"}
	p.submit(form, nil, record+"/delete").wants(http.StatusUnprocessableEntity).says("[role=alert]", "others refer")
	for _, path := range []string{"/practice/left/None", "/practice/up/Currencies", "/practice/left/Currencies/9"} {
		b.get(path).wants(http.StatusNotFound)
	}
}

func TestAConsoleWithoutPracticeAppsHasNoSuchPages(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Operator)
	for _, path := range []string{"/practice", "/practice/left/Currencies", "/practice/left/Currencies/1"} {
		b.get(path).wants(http.StatusNotFound)
	}
	if b.get("/maps").Find(".nav a[href='/practice']").Length() != 0 {
		t.Error("the navigation leads to practice apps that are not there")
	}
}
