package main

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// attacks are texts that do harm wherever they are taken for anything but text:
// as markup, script, a template, a formula, a control character or an order of
// writing. Keys have room for 20 characters.
func attacks() (texts, keys []string) {
	const control = "bell \a, escape \x1b[31m, tab \t, right to left \u202egnp.exe"
	return []string{
			`"><script>window.__pwned=1</script><img src=x onerror="window.__pwned=1">`,
			`</td></template></textarea><svg onload=window.__pwned=1>`,
			`javascript:window.__pwned=1//' onmouseover='window.__pwned=1`,
			`=HYPERLINK("http://127.0.0.1:9/?"&A1,"press")`,
			`{{constructor.constructor('window.__pwned=1')()}}${window.__pwned=1}`,
			control,
		}, []string{
			`<b onclick=__pwned=1`, `"><script>__pwned=1`, `=1+1`, `+1-1`, `@SUM(1)`, `-2+3`, "\u202egnp.exe", `'"&lt;/%2F?#`,
		}
}

// hostileSite is a site whose records, keys, maps and errors attack whoever
// looks at them.
func hostileSite(t *testing.T) *site {
	t.Helper()
	texts, keys := attacks()
	dir := copyOf(t, freshFolder(t))
	store := openApp(t, filepath.Join(dir, "dualwrite.db"))
	store.exec("UPDATE entity_maps SET name = ?, description = ?, publisher = ? WHERE name = ?", "Currencies "+texts[0], texts[1], texts[2], currencyMap)
	store.exec("UPDATE entity_maps SET name = ?, description = ? WHERE name = ?", "Days "+texts[4]+texts[5], texts[0], daysMap)
	s := &site{t: t, dir: dir}
	s.start()
	for i, text := range texts {
		s.setLeft("SALESMEMO", fmt.Sprintf("US07%02d", i+1), text) // loses a conflict
	}
	for i, key := range keys {
		s.setLeft("PERSONPROFESSIONALTITLE", fmt.Sprintf("US07%02d", i+11), (texts[i%len(texts)] + strings.Repeat("x", 128))[:120]) // too long for the other side
		s.setLeft("CUSTOMERACCOUNT", fmt.Sprintf("US07%02d", i+11), key)
	}
	s.run(contactsMap)
	s.filled(contactsMap)
	s.setLeft("SALESMEMO", "US0701", texts[0])
	s.isRight("description", "US0701", texts[0])
	s.check(s.engine.Pause(t.Context(), who, s.ids(groupsMap)))
	s.left.exec("UPDATE CustCustomerGroups SET CUSTOMERGROUPID = ?, DESCRIPTION = ? WHERE CUSTOMERGROUPID = '10' AND DATAAREAID = 'USMF'", keys[0][:10], texts[0][:60])
	s.await("the change is queued", func() bool { return s.summary(groupsMap).Tally.Queued > 0 })
	return s
}

// hostileTextStaysText looks at every page of a hostile site. That nothing runs
// and no policy is reported is held by the tab.
func hostileTextStaysText(t *testing.T, b *chromium) {
	s := hostileSite(t)
	tb := b.open(t, s.server.URL())
	tb.resize(1280, 900)
	tb.becomesAdministrator(s)
	contacts := fmt.Sprintf("/maps/%d", s.id(contactsMap))
	for _, v := range append(hostileSights(s), sight{name: "initial", path: contacts}, sight{name: "conflicts", path: contacts + "/conflicts"}, sight{name: "all errors", path: contacts + "/errors"},
		sight{name: "practice records", path: "/practice/left/CustomersV3"}, sight{name: "practice map", path: "/practice/right/contacts"}) {
		tb.show(v)
		tb.harmless(v.name)
	}
	texts, keys := attacks()
	tb.visit(contacts)
	tb.holds(append(keys, texts[0], texts[1], texts[3])...)
	tb.visit("/maps")
	tb.holds("Currencies "+texts[0], "Days "+texts[4]+texts[5])
	tb.formHolds("US0701", texts[0])
	tb.checkFile(contacts)
}

// hostileSights lists the pages of the maps that attack.
func hostileSights(s *site) []sight {
	out := []sight{{name: "maps", path: "/maps"}, {name: "activity", path: "/activity"},
		{name: "run", path: fmt.Sprintf("/maps/run?id=%d", s.id(accountsMap))}, {name: "pause", path: fmt.Sprintf("/maps/pause?id=%d", s.id(contactsMap))}}
	texts, _ := attacks()
	for _, m := range []string{"Currencies " + texts[0], "Days " + texts[4] + texts[5], groupsMap} {
		for _, part := range []string{"", "/mappings", "/activity", "/queue", "/errors", "/conflicts", "/details", "/delete"} {
			out = append(out, sight{name: m + part, path: fmt.Sprintf("/maps/%d%s", s.id(m), part)})
		}
	}
	return append(out, sight{name: "dialog", path: "/maps", open: "Run", tick: accountsMap})
}

// harmless fails the test when something of a hostile text has come alive.
func (tb *tab) harmless(name string) {
	tb.t.Helper()
	const alive = `window.__pwned !== undefined || document.querySelector("[onerror], [onload], [onclick], [onmouseover], main script, a[href^='javascript:']") !== null`
	if script[bool](tb, alive) {
		tb.t.Errorf("%s: something of a hostile text is alive", name)
	}
}

// holds fails the test unless the page's text holds each of some texts as it is.
func (tb *tab) holds(texts ...string) {
	tb.t.Helper()
	all := script[string](tb, "document.body.textContent")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			tb.t.Errorf("%s does not show %q", script[string](tb, "location.pathname"), text)
		}
	}
}

// formHolds fails the test unless the form of a practice record holds a
// text as it is.
func (tb *tab) formHolds(key, text string) {
	tb.t.Helper()
	p := &person{tab: tb, hands: byMouse}
	p.opensRecord("CustomersV3", key)
	if got, _ := on[string](p.find("textbox", "SALESMEMO"), "return this.value"); got != text {
		tb.t.Errorf("the form holds %q, not %q", got, text)
	}
}

// checkFile fails the test unless no cell of the file of errors begins like a
// formula, and the keys are in it.
func (tb *tab) checkFile(mapPath string) {
	tb.t.Helper()
	tb.visit(mapPath)
	file := script[string](tb, "fetch(document.querySelector('a[download]').href).then((r) => r.text())")
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		tb.t.Fatal(err)
	}
	for _, line := range lines {
		for _, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				tb.t.Errorf("a cell begins like a formula: %q", cell)
			}
		}
	}
	_, keys := attacks()
	for _, key := range keys {
		if !strings.Contains(file, strings.ReplaceAll(key, `"`, `""`)) {
			tb.t.Errorf("the file misses %q", key)
		}
	}
}
