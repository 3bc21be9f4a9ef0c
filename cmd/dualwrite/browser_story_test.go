package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dualwrite/models"
)

func storyByMouse(t *testing.T, b *chromium)        { story(t, b, byMouse, firstSite(t)) }
func storyByKeyboard(t *testing.T, b *chromium)     { story(t, b, byKeyboard, freshSite(t)) }
func storyWithoutScripts(t *testing.T, b *chromium) { story(t, b, withoutScripts, freshSite(t)) }

// firstSite is the program on its first start: the practice apps are reached
// over their protocols.
func firstSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	s.start()
	return s
}

// onLeft is what the left app calls a field: its columns are spelled in upper
// case, and otherwise as they are served.
func (p *person) onLeft(field string) string {
	if p.site.served == nil {
		return strings.ToUpper(field)
	}
	return field
}

// story is what an administrator does in the first hour.
func story(t *testing.T, b *chromium, h hands, s *site) {
	s.left.exec("DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'us0923'")
	p := newPerson(t, b, s, h)
	p.signsIn()
	p.runsCustomers()
	p.watchesTheInitialSync()
	p.mendsWhatFailed()
	p.editsInOneApp()
	p.pausesAndResumes()
	p.resolvesAConflict()
	p.skipsAnInitialSync()
	p.stops()
}

// signsIn follows the link that the program printed.
func (p *person) signsIn() {
	p.t.Helper()
	p.visit(setupLink(p.t, p.site))
	p.fill("textbox", "Name", "Ada")
	p.fill("textbox", "Password", goodPassword)
	p.fill("textbox", "Password again", goodPassword)
	p.press("button", "Create administrator")
	p.arrives("/maps")
	p.sees(contactsMap)
}

// runsCustomers runs one map with most of what it needs, in another order and
// with another master for one of them.
func (p *person) runsCustomers() {
	p.t.Helper()
	p.tick("Select "+contactsMap, true)
	p.press("button", "Run")
	p.sees("Initial writes and related entity maps")
	if p.hands == byKeyboard {
		p.leavesAndComesBack()
	}
	p.tick("Run "+currencyMap, false)
	p.moveUp(scheduleMap)
	p.choose("Master of "+scheduleMap, financeAndOperations)
	p.press("button", "Run")
	p.sees("These maps are needed, but neither run nor are they ticked: " + currencyMap)
	p.tick("Run without them", true)
	p.press("button", "Run")
	p.arrives("/maps")
	p.mark()
	if m := p.site.summary(scheduleMap); m.Master != models.Left {
		p.t.Errorf("the master of %s is %s", scheduleMap, m.Master)
	}
}

// leavesAndComesBack closes the Run dialog and finds the focus where it was.
func (p *person) leavesAndComesBack() {
	p.t.Helper()
	p.do(chromedp.KeyEvent(kb.Escape))
	p.await("the focus is back on Run", func() bool {
		at, err := tryScript[string](p.tab, "document.querySelector('dialog[open]') ? '' : document.activeElement.dataset.command || ''")
		return err == nil && at == "run"
	})
	p.press("button", "Run")
	p.sees("Initial writes and related entity maps")
}

// watchesTheInitialSync sees the list follow the work, and finds what failed.
func (p *person) watchesTheInitialSync() {
	p.t.Helper()
	p.rowShows(groupsMap, "Running")
	p.rowShows(contactsMap, "errors")
	p.stayed()
	if m := p.site.summary(currencyMap); m.Status != models.NotRunning {
		p.t.Errorf("%s was left out and is %s", currencyMap, m.Status)
	}
	p.press("link", contactsMap)
	p.press("link", "Initial sync details")
	p.sees("Ended with errors")
	p.sees("US0921")
}

// rowShows waits until the row of a map in the list says something.
func (p *person) rowShows(mapName, text string) {
	p.t.Helper()
	row := fmt.Sprintf("(document.querySelector('input[name=id][value=\"%d\"]') || {closest: () => ({innerText: ''})}).closest('tr').innerText", p.site.id(mapName))
	p.await(fmt.Sprintf("the row of %s says %q", mapName, text), func() bool {
		shown, err := tryScript[string](p.tab, row)
		if err == nil && strings.Contains(shown, text) {
			return true
		}
		p.looksAgain()
		return false
	})
}

// mendsWhatFailed reads the errors, follows their links to the records, mends
// them and runs only those again.
func (p *person) mendsWhatFailed() {
	p.t.Helper()
	p.mends("US0921", "jobtitle", p.onLeft("PersonProfessionalTitle"), "Deputy")
	p.press("button", "Rerun failed records only")
	p.sees("The records are tried again.")
	p.reloadsUntil("1 open error, by cause")
	p.mends("US0922", "msdyn_customergroupid.msdyn_groupid", p.onLeft("CustomerGroupId")+" *", "10")
	p.reloadsUntil("No open errors")
	p.press("link", "Entity maps")
	p.arrives("/maps")
	p.rowShows(contactsMap, "Running")
	if got := p.site.right.text(contactField("jobtitle"), "US0921"); got != "Deputy" {
		p.t.Errorf("the mended record is %q on the other side", got)
	}
}

// mends follows the link of one error of the initial sync, sets a field of the
// record and comes back.
func (p *person) mends(key, wrong, field, value string) {
	p.t.Helper()
	details := fmt.Sprintf("/maps/%d", p.site.id(contactsMap))
	p.fill("searchbox", "Key, field or message", key)
	p.press("button", "Search")
	p.sees("Show all")
	p.sees(wrong)
	p.press("link", "Open the record in "+financeAndOperations)
	p.edits(field, value)
	p.press("link", "Entity maps")
	p.arrives("/maps")
	p.press("link", contactsMap)
	p.arrives(details)
}

// edits sets a field of the record of a practice app that is shown.
func (p *person) edits(field, value string) {
	p.t.Helper()
	p.sees("These are the records of the practice apps themselves.")
	p.fill("textbox", field, value)
	p.press("button", "Save")
	p.sees("Saved in the app.")
}

// editsInOneApp sees an edit arrive in the other app.
func (p *person) editsInOneApp() {
	p.t.Helper()
	p.opensRecord("CustomersV3", "US0701")
	p.edits(p.onLeft("SalesMemo"), "calls on Mondays")
	p.opensRecord("contacts", "US0701")
	p.await("the edit is in the other app", func() bool {
		memo, ok := on[string](p.find("textbox", "description"), "return this.value")
		if !ok || memo != "calls on Mondays" {
			p.reload()
		}
		return memo == "calls on Mondays"
	})
	p.press("link", "Entity maps")
	p.arrives("/maps")
}

// opensRecord finds a record in a practice app.
func (p *person) opensRecord(entity, key string) {
	p.t.Helper()
	p.press("link", "Practice apps")
	p.arrives("/practice")
	p.press("link", entity)
	p.fill("searchbox", "Keyword", key)
	p.press("button", "Search")
	p.sees("Show all")
	p.press("link", key)
	p.sees("Delete record")
}

// pausesAndResumes edits while nothing is written, sees what waits, and plays
// it back.
func (p *person) pausesAndResumes() {
	p.t.Helper()
	p.commands("Pause", "changes on both sides are queued")
	p.rowShows(contactsMap, "Paused")
	p.site.setLeft("SALESMEMO", "US0702", "calls on Tuesdays")
	p.site.setLeft("SALESMEMO", "US0703", "left says so")
	p.site.setRight("description", "US0703", "right says so")
	p.press("link", contactsMap)
	p.press("link", "Queued changes")
	p.awaits("US0703")
	p.sees("US0702")
	p.press("link", "Entity maps")
	p.arrives("/maps")
	p.commands("Resume", "Catch up")
	p.rowShows(contactsMap, "Running")
	p.site.isRight("description", "US0702", "calls on Tuesdays")
	p.site.isLeft("SALESMEMO", "US0703", "right says so")
}

// resolvesAConflict looks at what was lost, and takes it after all.
func (p *person) resolvesAConflict() {
	p.t.Helper()
	p.press("link", contactsMap)
	p.press("link", "Conflicts")
	p.awaits("left says so")
	p.sees("Common Data Service won")
	company := "USMF"
	if p.site.served != nil {
		company = "usmf" // as the served app spells it
	}
	p.press("button", "Use the other value for US0703 · "+company)
	p.sees("The other value is written")
	p.site.isLeft("SALESMEMO", "US0703", "left says so")
	p.site.isRight("description", "US0703", "left says so")
	p.press("link", "Entity maps")
	p.arrives("/maps")
}

// skipsAnInitialSync gives up on the errors of one map and goes live.
func (p *person) skipsAnInitialSync() {
	p.t.Helper()
	p.tick("Select "+accountsMap, true)
	p.press("button", "Run")
	p.sees("Initial writes and related entity maps")
	p.press("button", "Run")
	p.arrives("/maps")
	p.site.filled(accountsMap)
	p.rowShows(accountsMap, "ended with errors")
	p.tick("Select "+accountsMap, true)
	p.press("button", "Skip initial sync")
	p.sees("Live writes begin at once")
	p.press("button", "Skip initial sync")
	p.arrives("/maps")
	p.rowShows(accountsMap, "Running")
}

// commands gives the map of contacts a command from the list, through a dialog
// that says something.
func (p *person) commands(verb, says string) {
	p.t.Helper()
	p.tick("Select "+contactsMap, true)
	p.press("button", verb)
	p.sees(says)
	p.press("button", verb)
	p.arrives("/maps")
}

// stops ends it all.
func (p *person) stops() {
	p.t.Helper()
	p.commands("Stop", "A stopped map queues nothing")
	p.rowShows(contactsMap, "Not running")
}

const goodPassword = "correct horse battery"

// setupLink is the path of the link that makes the first administrator.
func setupLink(t testing.TB, s *site) string {
	t.Helper()
	_, secret, ok := strings.Cut(s.out.String(), "/setup?token=")
	if !ok {
		t.Fatalf("the program prints no link: %s", s.out)
	}
	return "/setup?token=" + strings.TrimSpace(secret)
}
