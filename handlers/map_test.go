package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestTheListShowsHowEachMapStands(t *testing.T) {
	c, groups, customers, evil := mustOpenWithMaps(t)
	c.move(models.RunLive, groups)
	c.addTrouble(customers)
	c.exec("UPDATE entity_maps SET hold = 'mass delete', hold_reason = 'too many' WHERE id = ?", evil.ID)
	b := c.signedIn(models.Operator)
	p := b.get("/maps").wants(http.StatusOK)
	p.says("#map-"+str(groups.ID), "Running").says("#map-"+str(groups.ID), "1.0.0.0 - Practice")
	p.says("#map-"+str(customers.ID), "Initial sync ended with errors").says("#map-"+str(customers.ID), "42")
	p.says("#map-"+str(evil.ID), "On hold: many deletes at once").says("caption", "3 entity maps of 3")
	if first := p.Find("tbody tr").First().AttrOr("id", ""); first != "map-"+str(groups.ID) {
		t.Errorf("the list begins with %s: it is not sorted by name", first)
	}
	if got := p.Find("#pick-"+str(groups.ID)).AttrOr("data-commands", ""); got != "pause,stop" {
		t.Errorf("a running map offers %q", got)
	}
	for query, want := range map[string]int{"?q=GROUPS": 1, "?status=running": 1, "?status=paused": 0, "?q=customers&status=initializing": 1, "?q=%25": 0, "?sort=linked&desc=1": 3} {
		if n := b.get("/maps" + query).Find("tbody tr[id]").Length(); n != want {
			t.Errorf("%s: %d maps, want %d", query, n, want)
		}
	}
}

func TestTheListIsSortedByEveryColumn(t *testing.T) {
	c, groups, customers, evil := mustOpenWithMaps(t)
	c.addTrouble(customers)
	b := c.signedIn(models.Viewer)
	for query, want := range map[string]*models.Map{"": groups, "?desc=1": evil, "?sort=errors&desc=1": customers, "?sort=queue&desc=1": customers, "?sort=linked": groups,
		"?sort=status": customers, "?sort=version&desc=1": groups, "?sort=never": groups} {
		p := b.get("/maps" + query)
		if got := p.Find("tbody tr").First().AttrOr("id", ""); got != "map-"+str(want.ID) {
			t.Errorf("%q begins with %s, want %s", query, got, want.Name)
		}
	}
	p := b.get("/maps?q=customer&sort=errors&desc=1")
	if got := p.Find("th[aria-sort=descending] a").AttrOr("href", ""); got != "/maps?q=customer&sort=errors" {
		t.Errorf("the head of a sorted column leads to %q: it should turn the order and keep the search", got)
	}
	if got := p.Find(".commands a[href='/maps?desc=1&q=customer&sort=errors']").Text(); !contains(got, "Refresh") {
		t.Error("Refresh forgets the search or the order")
	}
	b.get("/activity").says("main", customers.Name)
	b.get("/maps/overview").wants(http.StatusOK).says("dl", "Errors2")
}

func TestASelectedMapOpensAtThePartAskedFor(t *testing.T) {
	c, groups, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Viewer)
	b.get("/maps/open?tab=queue&id=" + str(groups.ID)).leadsTo("/maps/" + str(groups.ID) + "/queue")
	b.get("/maps/open?tab=queue").wants(http.StatusUnprocessableEntity).says("main", "Select exactly one")
	b.get("/maps/open?tab=evil&id=1").wants(http.StatusNotFound)
}

func TestTheRefreshShowsTheSameRowsAndKeepsTicks(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Operator)
	full, part := b.get("/maps?q=customer"), b.get("/maps/rows?q=customer").wants(http.StatusOK)
	if !strings.HasPrefix(part.body, "<tbody") || !contains(full.body, part.body) {
		t.Error("the refresh differs from the page")
	}
	ticked := b.get("/maps/rows?id=" + str(customers.ID)).body
	if !contains(ticked, `value="`+str(customers.ID)+`"`) || strings.Count(ticked, " checked") != 1 {
		t.Errorf("the tick of %d is lost, or %d has one:\n%s", customers.ID, groups.ID, ticked)
	}
}

func TestAViewerSeesNoCommands(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	b := c.signedIn(models.Viewer)
	for _, path := range []string{"/maps", "/maps/2", "/maps/2/errors", "/maps/2/details"} {
		p := b.get(path).wants(http.StatusOK)
		if n := p.Find("[data-command]").Length() + p.Find("main form[method=post] button").Length(); n != 0 {
			t.Errorf("%s offers %d commands", path, n)
		}
	}
}

func TestTheMapPageShowsEveryPart(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	b := c.signedIn(models.Operator)
	for tab, words := range map[string][]string{
		"":           {"Ended with errors", "USMF", "Finance and Operations to Common Data Service", "120", "Shorten it", "Rerun initial sync", "C-1"},
		"/errors":    {"C-9", "no customer group 40", "tried again by itself when it arrives"},
		"/conflicts": {"Both sides changed the same field", "Common Data Service won", "Ann", "Anna", "no value", "differs"},
		"/queue":     {"Total queued changes: 1", "update", "Finance and Operations", "now"},
		"/activity":  {"run", "system"},
		"/mappings":  {"CUSTOMERACCOUNT", "(key)", "both ways, translated", "male = 1", "statecode eq 0", `Default "true"`},
		"/details":   {"1,234", "1,233", "written to the other side", "captured"},
	} {
		p := b.get("/maps/" + str(customers.ID) + tab).wants(http.StatusOK)
		for _, w := range words {
			p.says("main", w)
		}
		if n := p.Find(".tabs a[aria-current]").Length(); n != 1 {
			t.Errorf("%q: %d current parts", tab, n)
		}
	}
	if got := b.get("/maps/2/conflicts").Find("tr.differs").Text(); !contains(got, "NAME") || contains(got, "CUSTOMERACCOUNT") {
		t.Errorf("the wrong fields are marked: %q", got)
	}
	b.get("/maps/99").wants(http.StatusNotFound).says("main", "there is no entity map 99")
	b.get("/maps/x").wants(http.StatusNotFound)
	b.get("/maps/2/errors?after=x").wants(http.StatusUnprocessableEntity)
}

func TestHostileTextIsShownAsText(t *testing.T) {
	c, _, _, evil := mustOpenWithMaps(t)
	c.addTrouble(evil)
	c.exec("UPDATE entity_maps SET hold = 'schema', hold_reason = ?, hold_since = created_at WHERE id = ?", hostile, evil.ID)
	b := c.signedIn(models.Administrator)
	for _, path := range []string{"/maps", "/maps/rows", "/activity", "/maps/3", "/maps/3/errors", "/maps/3/conflicts", "/maps/3/queue", "/maps/3/activity",
		"/maps/3/mappings", "/maps/3/details", "/maps/skip?id=3", "/maps/stop?id=3", "/maps?q=" + url.QueryEscape(hostile), "/signin?next=" + url.QueryEscape(hostile)} {
		p := b.get(path)
		if p.Find("script:not([src]), img[onerror], main img").Length() != 0 || contains(p.body, "<script>alert") {
			t.Errorf("%s lets hostile text through", path)
		}
	}
}

func TestErrorsAreRetriedAndDiscarded(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	b := c.signedIn(models.Operator)
	id := str(customers.ID)
	p := b.get("/maps/" + id)
	form := "form[action='/maps/" + id + "/errors/retry']"
	p.submit(form, nil, "all=1").leadsTo("/maps/" + id)
	p.submit(form, nil, "one=1").leadsTo("/maps/" + id)
	p.submit(form, url.Values{"error": {"1"}}).leadsTo("/maps/" + id)
	c.wantsCalls("operator: retry "+id+" []", "operator: retry "+id+" [1]", "operator: retry "+id+" [1]")
	p.submit(form, nil).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Tick at least one error.")

	p = b.get("/maps/" + id + "/errors")
	discard := "/maps/" + id + "/errors/discard"
	p.submit(form, url.Values{"error": {"2"}}, discard).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Say why")
	got := p.submit(form, url.Values{"reason": {"a test"}}, discard).wants(http.StatusUnprocessableEntity)
	if got.Find("#reason").AttrOr("value", "") != "a test" {
		t.Error("the reason typed is lost")
	}
	c.wantsCalls()
	p.submit(form, url.Values{"error": {"2"}, "reason": {"a test"}}, discard).leadsTo("/maps/" + id + "/errors")
	c.wantsCalls("operator: discard " + id + " [2] because a test")
}

func TestQueuedChangesAreDiscardedForAReason(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	b := c.signedIn(models.Operator)
	path := "/maps/" + str(customers.ID) + "/queue"
	form := "form[action^='" + path + "/discard']"
	p := b.get(path + "?q=script").wants(http.StatusOK)
	p.submit(form, url.Values{"reason": {"a test"}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Tick the changes")
	got := p.submit(form, url.Values{"change": {"1"}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Say why")
	if got.Find("input[name=change][checked]").Length() != 1 {
		t.Error("the tick is lost")
	}
	p.submit(form, url.Values{"change": {"1"}, "reason": {"a test"}}).leadsTo(path + "?q=script")
	b.get(path).says("main", "Total queued changes: 0")
	p.submit(form, url.Values{"change": {"1"}, "reason": {"a test"}}).wants(http.StatusConflict).says("[role=alert]", "not queued any more")
}

func TestAConflictIsTurnedOrReviewed(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	b := c.signedIn(models.Operator)
	path := "/maps/" + str(customers.ID) + "/conflicts"
	form := "form[action^='" + path + "/review']"
	p := b.get(path+"?kind=both_edited").wants(http.StatusOK).says("#kind", "Both sides changed the same field (1)")
	c.engine.err = models.Errorf(models.Conflict, "the record was changed meanwhile")
	p.submit(form, url.Values{"one": {"1"}}, path+"/use?kind=both_edited").wants(http.StatusConflict).says("[role=alert]", "changed meanwhile")
	c.engine.err = nil
	p.submit(form, url.Values{"one": {"1"}}, path+"/use?kind=both_edited").leadsTo(path + "?kind=both_edited")
	c.wantsCalls("operator: use other "+str(customers.ID)+" 1", "operator: use other "+str(customers.ID)+" 1")
	p.submit(form, nil).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Tick at least one")
	p.submit(form, url.Values{"conflict": {"1"}}).leadsTo(path + "?kind=both_edited")
	b.get(path).says("main", "No conflicts wait")
	b.get(path+"?reviewed=1").says("article", "Reviewed by operator")
	p.submit(form, nil, "one=1").wants(http.StatusConflict).says("[role=alert]", "already")
}

func TestRerunReleaseAndCompareAreOneButtonEach(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	c.exec("UPDATE entity_maps SET hold = 'schema', hold_reason = 'a field is gone', hold_since = created_at WHERE id = ?", customers.ID)
	c.engine.comparison = engine.Comparison{Left: 10, Right: 9, Equal: 8, Different: 1, OnlyLeft: 1,
		First: []engine.Difference{{Key: "C-3", Kind: "different", Fields: []string{"NAME"}}}}
	b := c.signedIn(models.Operator)
	id := str(customers.ID)
	p := b.get("/maps/"+id).says(".message", "a field is gone")
	p.submit("form[action$='/rerun']", nil).leadsTo("/maps/" + id)
	p.submit("form[action$='/release']", nil).leadsTo("/maps/" + id)
	p.submit("form[action$='/compare']", nil).wants(http.StatusOK).says("main", "The sides differ").says("main", "C-3").says("h1", customers.Name)
	c.wantsCalls("operator: rerun "+id, "operator: release "+id, "compare "+id)
	c.engine.err = models.Errorf(models.Conflict, "it is not on hold any more")
	p.submit("form[action$='/release']", nil).wants(http.StatusConflict).says("main", "not on hold any more")
}

func TestLongListsGoOnWhereTheyEnded(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
		INSERT INTO changes (map_id, side, op, native_id, at, captured_at) SELECT ?, 'left', 'update', i, ?, ? FROM n`, customers.ID, c.clock.Now(), c.clock.Now())
	b := c.signedIn(models.Viewer)
	p := b.get("/maps/" + str(customers.ID) + "/queue")
	if n := p.Find("tbody tr").Length(); n != 50 {
		t.Fatalf("%d rows, want 50", n)
	}
	more := p.Find("main p a.button").AttrOr("href", "")
	if n := b.get(more).Find("tbody tr").Length(); n != 10 {
		t.Errorf("%s has %d rows, want 10", more, n)
	}
}

func TestImagesPairTheFieldsOfTheMap(t *testing.T) {
	d := models.Definition{Key: []models.KeyPair{{Left: "K", Right: "k"}}, Fields: []models.FieldMapping{{Left: "A", Right: "a"}, {Left: "K", Right: "k"}, {Right: "only"}}}
	img := views.NewImage(&d, `{"K":"1","A":null,"X":"9"}`, `{"k":"1","a":"","only":true}`, []string{"A", "only"})
	var got []string
	for _, f := range img.Fields {
		mark := ""
		if f.Differs {
			mark = "!"
		}
		got = append(got, f.Left+"="+f.Right+mark)
	}
	if want := "K=k A=a! =only! X="; strings.Join(got, " ") != want {
		t.Errorf("fields %q, want %q", strings.Join(got, " "), want)
	}
	if a := img.Fields[1]; !a.LeftValue.Null || a.RightValue.Null || a.RightValue.Text != "" || a.RightValue.Absent {
		t.Errorf("null and empty are confused: %+v", a)
	}
	if gone := views.NewImage(&d, "", `{"k":"1"}`, nil); !gone.LeftGone || gone.RightGone {
		t.Errorf("a missing record is not told: %+v", gone)
	}
}

func TestListsKeepTheirFilterAndPlaceAfterWhatIsDoneInThem(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.addTrouble(customers)
	c.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
		INSERT INTO record_errors (map_id, stage, side, record_key, kind, message, first_at, last_at)
		SELECT ?, 'initial', 'right', 'N-' || i, 'too large', 'm', ?, ? FROM n`, customers.ID, c.clock.Now(), c.clock.Now())
	b := c.signedIn(models.Operator)
	path := "/maps/" + str(customers.ID)
	second := b.get(path+"?kind=too+large&side=right").Find("p.more a").AttrOr("href", "")
	p := b.get(second)
	if !strings.Contains(second, "after=") || p.Find("tr[id^=error]").Length() != 50 {
		t.Fatalf("%s is not the second page", second)
	}
	got := p.submit("form[action*='errors/retry']", nil).wants(http.StatusUnprocessableEntity).says("#kind option[selected]", "Value does not fit")
	if first := p.Find("tr[id^=error]").First().AttrOr("id", ""); got.Find("tr[id^=error]").First().AttrOr("id", "") != first {
		t.Error("a refused form shows another page of the list")
	}
	one := p.Find("button[name=one]").First().AttrOr("value", "")
	p.submit("form[action*='errors/retry']", url.Values{"one": {one}}).leadsTo(second)
	p.submit("form[action*='errors/retry']", url.Values{"error": {one}, "reason": {"a test"}}, p.Find("button[formaction]").AttrOr("formaction", "")).leadsTo(second)
}
