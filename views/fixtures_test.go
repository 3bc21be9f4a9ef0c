package views

import (
	"time"

	"github.com/a-h/templ"

	"dualwrite/models"
)

const hostile = `"><script>alert(1)</script>`

// fixtures is every state of every page.
func fixtures() map[string]templ.Component {
	out := map[string]templ.Component{
		"error":               ErrorPage{Page: fixturePage(""), Status: 500, RequestID: "abc", Message: hostile}.View(),
		"error signed in":     ErrorPage{Page: fixturePage(models.Viewer), Status: 404, RequestID: "abc"}.View(),
		"sign in":             SignIn{Page: fixturePage(""), Next: "/"}.View(),
		"sign in refused":     SignIn{Page: fixturePage(""), Name: hostile, Next: hostile, Errors: Errors{Summary: "wrong"}}.View(),
		"setup":               Setup{Page: fixturePage(""), Token: "t"}.View(),
		"setup refused":       Setup{Page: fixturePage(""), Token: "t", Errors: Errors{Field: map[string]string{"name": "bad", "password": "short", "again": "other"}}}.View(),
		"activity":            ActivityPage{Page: fixturePage(models.Viewer), List: fixtureAllActivity()}.View(),
		"activity empty":      ActivityPage{Page: fixturePage(models.Viewer)}.View(),
		"maps empty":          MapList{Page: fixturePage(models.Operator), Rows: MapRows{Operates: true}}.View(),
		"maps nothing found":  MapList{Page: fixturePage(models.Operator), Rows: MapRows{Operates: true, Query: MapQuery{Search: hostile, Status: models.Paused}}, Total: 3}.View(),
		"run":                 fixtureRun().View(),
		"run without related": RunDialog{Page: fixturePage(models.Operator), Chosen: []int64{2}, Rows: fixtureRun().Rows[1:]}.View(),
	}
	for _, role := range models.Roles {
		page := fixturePage(role)
		addPracticePages(out, page)
		addConnectionPages(out, page)
		addEnvironmentPages(out, page)
		addNewMapPages(out, page)
		out["maps as "+string(role)] = MapList{Page: page, Rows: MapRows{Maps: fixtureMaps(), Operates: page.Operates(), Ticked: map[int64]bool{2: true}}, Total: 5}.View()
		for i := range fixtureMaps() {
			addMapPages(out, MapPage{Page: page, Map: fixtureMaps()[i], Sides: fixtureSides()})
		}
	}
	for _, c := range Commands() {
		v := CommandDialog{Page: fixturePage(models.Operator), Command: c, Chosen: []int64{1, 2}, Choice: ResumeCatchUp}
		out["dialog "+c.Verb+" empty"] = v.View()
		for i, m := range fixtureMaps() {
			v.Rows = append(v.Rows, CommandRow{Map: m, Related: i == 1, Ticked: i == 2, Refusal: map[bool]string{true: "not now"}[i == 0]})
		}
		v.Errors.Summary = "it moved"
		out["dialog "+c.Verb] = v.View()
	}
	return out
}

// fixtureMend is an error that led to a record.
func fixtureMend(state models.ErrorState) *PracticeMend {
	return &PracticeMend{RecordError: models.RecordError{ID: 7, MapID: 2, RecordKey: hostile, Message: hostile, State: state}, MapName: hostile, Here: "NAME"}
}

func addMapPages(out map[string]templ.Component, p MapPage) {
	name := string(p.User.Role) + " " + string(p.Map.Status) + " "
	row := ErrorRow{RecordError: models.RecordError{ID: 7, RecordKey: hostile, Company: "USMF", Kind: "missing parent", Parent: "groups", ParentKey: "40", Side: models.Left,
		Attempts: 2, LastAt: fixtureNow(), RetryAt: new(fixtureNow())}, Image: fixtureImage(), Mends: []Mend{{Text: hostile, URL: "/maps/1"}}}
	other := row
	other.ID, other.Kind = 8, "never heard of"
	list := func(tab string) ErrorList {
		p.Tab = tab
		return ErrorList{MapPage: p, Title: "Errors", Rows: []ErrorRow{row, other}, Next: 8, Filter: models.ErrorFilter{Search: "a&b", Kind: "invalid", Work: models.InitialWork}, Companies: []string{hostile},
			Causes: []models.Cause{{Kind: "invalid", Field: hostile, Count: 2}, {Kind: "invalid", Count: 1}, {Kind: hostile, Count: 3}}, Reason: hostile, Wrong: Errors{Summary: "no"}}
	}
	runs := Executions{Map: p.Map, Sides: p.Sides, Now: fixtureNow().Add(time.Hour), List: p.Map.Executions}
	out[name+"initial"] = InitialPage{MapPage: list("").MapPage, Executions: runs, Errors: list("")}.View()
	out[name+"errors"] = ErrorsPage{MapPage: list("errors").MapPage, Errors: list("errors")}.View()
	out[name+"no errors"] = ErrorsPage{MapPage: p, Errors: ErrorList{MapPage: p, Title: "Errors"}}.View()
	p.Tab = "conflicts"
	out[name+"conflicts"] = ConflictsPage{MapPage: p, Next: 3, Rows: []ConflictRow{{ConflictRecord: models.ConflictRecord{ID: 4, Kind: models.EditVsDelete, RecordKey: "C",
		Winner: models.Right, Fields: []string{"NAME"}, At: fixtureNow()}, Image: fixtureImage()}}}.View()
	p.Tab = "queue"
	out[name+"queue"] = QueuePage{MapPage: p, Next: 9, Now: fixtureNow(), Rows: []models.Change{{Seq: 9, Side: models.Left, Op: "update", NativeID: hostile, CapturedAt: fixtureNow()}}}.View()
	p.Tab = "activity"
	out[name+"activity"] = MapActivityPage{MapPage: p, List: fixtureActivity()}.View()
	p.Tab = "mappings"
	addMappingPages(out, name, p)
	p.Tab = "details"
	out[name+"details"] = DetailsPage{MapPage: p}.View()
	p.Tab = "compare"
	out[name+"compare"] = ComparePage{MapPage: p, Different: 1, First: []Difference{{Key: hostile, Kind: "different", Fields: []string{"A"}}}}.View()
	out[name+"compare equal"] = ComparePage{MapPage: p, Equal: 1}.View()
}

func addPracticePages(out map[string]templ.Component, page Page) {
	page.Practice = true
	p, name := PracticePage{Page: page, Sides: fixtureSides()}, string(page.User.Role)+" practice "
	e := PracticeEntity{Name: "Things", Records: 2, Columns: []PracticeColumn{{Name: "ID", Fixed: true}, {Name: "NAME", Type: "VARCHAR(20)", Key: true, Required: true},
		{Name: "ON", Type: "BOOLEAN"}, {Name: "NOTE", Type: "TEXT"}, {Name: "PARENT", Type: "GUID", Parent: "Others"}}}
	r := PracticeRecord{ID: "a/b", Values: []*string{new("a/b"), new(hostile), new("1"), nil, new("10")}}
	out[name+"apps"] = PracticeApps{PracticePage: p, Entities: [2][]PracticeEntity{{e}, {e}}}.View()
	out[name+"records"] = PracticeRecords{PracticePage: p, Side: models.Left, Entity: e, Rows: []PracticeRecord{r}, Search: hostile, Next: "a/b"}.View()
	out[name+"nothing"] = PracticeRecords{PracticePage: p, Side: models.Left, Entity: e}.View()
	out[name+"record"] = PracticeForm{PracticePage: p, Side: models.Right, Entity: e, Record: r, Errors: Errors{Field: map[string]string{"NAME": hostile, "ON": "no", "NOTE": "no"}}}.View()
	for _, state := range []models.ErrorState{models.ErrorOpen, models.ErrorResolved} {
		out[name+"record, error "+string(state)] = PracticeForm{PracticePage: p, Side: models.Right, Entity: e, Record: r, Mend: fixtureMend(state)}.View()
	}
	out[name+"new"] = PracticeForm{PracticePage: p, Side: models.Right, Entity: e, Record: PracticeRecord{Values: make([]*string, 5)}, Errors: Errors{Summary: hostile}}.View()
}

func fixtureNow() time.Time   { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
func fixtureSides() [2]string { return [2]string{"Finance and Operations", "Common Data Service"} }
func fixtureImage() Image {
	d := fixtureMaps()[0].Definition
	return NewImage(&d, `{"CUSTOMERACCOUNT":"C","NAME":null}`, `{"contactid":"C","name":"","more":1}`, []string{"NAME"})
}

func fixturePage(role models.Role) Page {
	p := Page{Title: "Page " + hostile, CSRF: "token", Nav: "/maps", Live: true}
	if role != "" {
		p.User = models.User{Name: hostile, Role: role}
		p.Notices = []models.Notice{{Level: models.NoticeOK, Text: hostile}, {Level: models.NoticeError, Text: "b"}}
	}
	return p
}

func fixtureActivity() ActivityList {
	return ActivityList{More: "/activity?before=1", Rows: []models.Activity{{ID: 1, At: fixtureNow(), Actor: hostile, Verb: "run", Detail: hostile}}}
}

func fixtureAllActivity() ActivityList {
	v := fixtureActivity()
	v.Rows[0].MapID, v.Maps = new(int64(1)), map[int64]string{1: hostile}
	return v
}

// fixtureMaps is one map of each status, one of them on hold.
func fixtureMaps() []models.Summary {
	var out []models.Summary
	for i, s := range statuses() {
		m := models.Summary{Map: models.Map{ID: int64(i + 1), Name: "Map " + hostile, Publisher: "P", Version: "1.0.0.0", Description: hostile, Status: s, LastIssue: hostile,
			Master: models.Right, LastChangeAt: new(fixtureNow())}}
		m.Definition = models.Definition{Left: models.Endpoint{Entity: "Customers", Label: "Customers", Company: "DATAAREAID"}, Right: models.Endpoint{Entity: "contacts", Filter: hostile},
			Key: []models.KeyPair{{Left: "CUSTOMERACCOUNT", Right: "contactid"}, {Left: "B", Right: "b"}}, Fields: []models.FieldMapping{
				{Left: "CUSTOMERACCOUNT", Right: "contactid", Direction: models.Both}, {Left: "NAME", Right: "name", Direction: models.LeftToRight},
				{Right: "x", Direction: models.RightToLeft, Transforms: []models.Transform{{Type: models.Default, Default: hostile}, {Type: models.Truncate, Length: 1}}},
				{Left: "G", Right: "g", Direction: models.Both, Transforms: []models.Transform{{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "a", Right: "b"}}}}}}}
		m.Tally = models.Tally{Captured: 12345, Queued: 5, OpenErrors: int64(i)}
		m.Executions = []models.Execution{{ID: 1, State: models.Writing, Company: "USMF", LeftTotal: 10, LeftRead: 5, Done: 2, RightRead: 5, StartedAt: new(fixtureNow())},
			{ID: 2, State: models.WithErrors, StartedAt: new(fixtureNow()), FinishedAt: new(fixtureNow()), RightFailed: 1}}
		if s == models.Paused {
			m.Hold, m.HoldReason, m.HoldSince = models.HoldDeletes, hostile, new(fixtureNow())
		}
		if s == models.Initializing {
			m.Executions = m.Executions[1:]
		}
		out = append(out, m)
	}
	return out
}

func fixtureRun() RunDialog {
	v := RunDialog{Page: fixturePage(models.Operator), Chosen: []int64{2, 3}, Related: true, HasRelated: true, Cycles: [][]string{{"A", hostile}},
		Missing: []string{hostile}, Errors: Errors{Summary: "confirm"}}
	for i, m := range fixtureMaps() {
		v.Rows = append(v.Rows, RunRow{Map: m, Related: i > 1, Needs: []string{hostile}, Refusal: map[bool]string{true: hostile}[i == 4], Sides: fixtureSides(),
			Ticked: i == 0, InitialSync: true, Master: models.Left})
	}
	return v
}
