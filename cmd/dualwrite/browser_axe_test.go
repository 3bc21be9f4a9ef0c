package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dualwrite/models"
)

// accessible runs axe over every page and every open dialog, light and dark.
func accessible(t *testing.T, b *chromium) {
	s := busySite(t)
	tb := b.open(t, s.server.URL())
	tb.resize(1280, 900)
	axe, err := os.ReadFile(filepath.Join("testdata", "axe-core-4.14.1", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range outside(s) {
		tb.check(string(axe), v)
	}
	tb.becomesAdministrator(s)
	for _, v := range sights(s) {
		tb.check(string(axe), v)
	}
}

// sight is something that the console shows: a page, or a dialog opened on it.
type sight struct {
	name string
	path string
	open string // the command whose dialog is opened, "" for none
	tick string // map that is ticked for it
}

// outside lists what people see who are not signed in.
func outside(s *site) []sight {
	return []sight{{name: "setup", path: setupLink(s.t, s)}, {name: "signin", path: "/signin"}}
}

// sights lists everything that an administrator of a busy site can look at.
func sights(s *site) []sight {
	contacts := fmt.Sprintf("/maps/%d", s.id(contactsMap))
	accounts := fmt.Sprintf("/maps/%d", s.id(accountsMap))
	out := []sight{
		{name: "maps", path: "/maps"},
		{name: "maps-none-found", path: "/maps?q=nothing+like+it"},
		{name: "activity", path: "/activity"},
		{name: "not-found", path: "/nothing-here"},
		{name: "run-page", path: fmt.Sprintf("/maps/run?id=%d", s.id(personsMap))},
	}
	for _, part := range []struct{ name, path string }{{"mappings", "/mappings"}, {"map-activity", "/activity"}, {"initial", ""}, {"queue", "/queue"}, {"details", "/details"}} {
		out = append(out, sight{name: part.name, path: contacts + part.path})
	}
	out = append(out, sight{name: "conflicts", path: contacts + "/conflicts?kind=" + string(models.BothEdited)}, sight{name: "initial-errors", path: accounts}, sight{name: "queue-empty", path: accounts + "/queue"}, sight{name: "errors", path: contacts + "/errors"})
	persons := fmt.Sprintf("/maps/%d", s.id(personsMap)) // stopped: it can be edited
	for _, part := range []struct{ name, path string }{{"mappings-editable", "/mappings"}, {"field", "/mappings/field?left=GENDER&right=gendercode"}, {"field-new", "/mappings/field"},
		{"filter", "/mappings/filter?side=left"}, {"key", "/mappings/key"}, {"map-companies", "/mappings/companies"}, {"needs", "/mappings/needs"}, {"delete-map", "/delete"}, {"versions", "/versions"}, {"diff", "/versions/diff"}, {"test-record", "/test"}} {
		out = append(out, sight{name: part.name, path: persons + part.path})
	}
	out = append(out, sight{name: "related", path: "/maps/related"}, sight{name: "import", path: "/maps/import"})
	return append(out, sight{name: "practice", path: "/practice"}, sight{name: "practice-records", path: "/practice/left/CustomersV3"},
		sight{name: "practice-new", path: "/practice/right/contacts/new"}, sight{name: "conflicts-none", path: fmt.Sprintf("/maps/%d/conflicts", s.id(groupsMap))},
		sight{name: "dialog-run", path: "/maps", open: "Run", tick: personsMap},
		sight{name: "dialog-pause", path: "/maps", open: "Pause", tick: groupsMap},
		sight{name: "dialog-resume", path: "/maps", open: "Resume", tick: contactsMap},
		sight{name: "dialog-stop", path: "/maps", open: "Stop", tick: contactsMap},
		sight{name: "dialog-skip", path: "/maps", open: "Skip initial sync", tick: accountsMap})
}

// busySite is a site with a little of everything: maps of most statuses, open
// errors, queued changes and a conflict.
func busySite(t *testing.T) *site {
	t.Helper()
	s := freshSite(t)
	s.run(contactsMap)
	s.run(accountsMap)
	s.filled(contactsMap, accountsMap)
	s.check(s.engine.SkipInitialSync(t.Context(), who, s.ids(contactsMap)))
	pause := func() { s.check(s.engine.Pause(t.Context(), who, s.ids(contactsMap))) }
	pause()
	s.setLeft("SALESMEMO", "US0703", "left says so")
	s.setRight("description", "US0703", "right says so")
	s.resume(contactsMap)
	s.isLeft("SALESMEMO", "US0703", "right says so")
	pause()
	for i := range 30 {
		s.setLeft("SALESMEMO", fmt.Sprintf("US07%02d", i+10), fmt.Sprint("waits ", i))
	}
	s.await("changes are queued", func() bool { return s.summary(contactsMap).Tally.Queued == 30 })
	s.is(contactsMap, models.Paused)
	s.check(s.engine.Stop(t.Context(), who, s.ids(personsMap)))
	return s
}

// becomesAdministrator signs in over the link that the program printed.
func (tb *tab) becomesAdministrator(s *site) {
	tb.t.Helper()
	p := &person{tab: tb, site: s, hands: byMouse}
	p.signsIn()
}

// show goes to a view and waits until it stands still.
func (tb *tab) show(v sight) {
	tb.t.Helper()
	tb.visit(v.path)
	if v.open != "" {
		p := &person{tab: tb, hands: byMouse}
		p.tick("Select "+v.tick, true)
		p.press("button", v.open)
		tb.await("the dialog is open", func() bool {
			open, err := tryScript[bool](tb, "document.querySelector('dialog[open] #dialog') !== null")
			return err == nil && open
		})
	}
}

// What axe is told to look for. In the dark only colours differ.
const (
	axeAll    = `runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`
	axeColour = `runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}`
	axeRun    = `axe.run(document, {%s, resultTypes: ["violations"]}).then((r) => r.violations.map((v) => v.id + ": " + v.help + "; " +
		v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.html.slice(0, 200) + " (" + n.failureSummary.replace(/\s+/g, " ").slice(0, 300) + ")").join(" | ")))`
)

// check fails the test for each rule of accessibility that a sight breaks, in
// the light and then in the dark.
func (tb *tab) check(axe string, v sight) {
	tb.t.Helper()
	tb.prefers("light")
	tb.show(v)
	script[bool](tb, axe+"; true")
	for _, found := range script[[]string](tb, fmt.Sprintf(axeRun, axeAll)) {
		tb.t.Errorf("%s, light: %s", v.name, found)
	}
	tb.prefers("dark")
	for _, found := range script[[]string](tb, fmt.Sprintf(axeRun, axeColour)) {
		tb.t.Errorf("%s, dark: %s", v.name, found)
	}
}
