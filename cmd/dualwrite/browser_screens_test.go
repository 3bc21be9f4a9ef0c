package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// widths of windows that people have, in pixels.
func widths() []int64 { return []int64{390, 1280, 1920} }

// state is a site to take pictures of, and which of its sights.
type state struct {
	name  string
	open  func(*testing.T) *site
	shows func(sight) bool
}

// states lists the sites that pictures are taken of. The first is enough to see
// what fits a phone.
func states() []state {
	return []state{
		{"busy", busySite, func(sight) bool { return true }},
		{"empty", freshSite, func(v sight) bool { return v.open == "" || v.open == "Run" }},
		{"full", fullSite, func(v sight) bool {
			return slices.Contains([]string{"maps", "initial", "queue", "practice-records"}, v.name)
		}},
		{"working", workingSite, func(v sight) bool { return slices.Contains([]string{"maps", "initial-errors", "activity"}, v.name) }},
	}
}

// pictured reports whether a picture is wanted: all are, unless DUALWRITE_SIGHTS
// names some, with commas between: "maps,dialog-run,errors".
func pictured(name string) bool {
	chosen := os.Getenv("DUALWRITE_SIGHTS")
	return chosen == "" || slices.Contains(strings.Split(chosen, ","), name)
}

// screenshots looks at every page and dialog on a phone: nothing may be wider
// than its window. With DUALWRITE_SCREENSHOTS set to a folder it also puts
// pictures there, in three sizes, light and dark, of sites in several states.
func screenshots(t *testing.T, b *chromium) {
	folder := os.Getenv("DUALWRITE_SCREENSHOTS")
	all := states()
	if folder == "" {
		all = all[:1]
	}
	for _, st := range all {
		s := st.open(t)
		tb := b.open(t, s.server.URL())
		for _, v := range outside(s) {
			if pictured(v.name) {
				tb.picture(folder, st.name, v)
			}
		}
		tb.resize(1280, 900)
		tb.becomesAdministrator(s)
		for _, v := range sights(s) {
			if st.shows(v) && pictured(v.name) {
				tb.picture(folder, st.name, v)
			}
		}
	}
}

// fullSite has more maps, errors and queued changes than fit a page, with names
// as long as names are.
func fullSite(t *testing.T) *site {
	t.Helper()
	dir := copyOf(t, freshFolder(t))
	store := openApp(t, filepath.Join(dir, "dualwrite.db"))
	const each = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `
	store.execAll(each+`INSERT INTO entity_maps (id, environment_id, name, description, publisher, version, definition, left_entity, right_entity, last_issue, created_at, updated_at)
		SELECT i + 1000, environment_id, 'Released distinct products of company ' || i || ' (msdyn_sharedproductdetails)', description, publisher, '1.0.0.' || i, definition,
		left_entity, right_entity, 'The field msdyn_sharedproductdetailid of record ' || i || ' does not exist any more', created_at, updated_at FROM n, entity_maps WHERE name = ?`, 400, groupsMap)
	store.execAll(`INSERT OR IGNORE INTO tallies (map_id) SELECT id FROM entity_maps`)
	store.execAll(each+`INSERT INTO record_errors (map_id, stage, side, company, record_key, left_id, field, kind, message, first_at, last_at)
		SELECT id, 'initial', 'right', 'USMF', 'US' || i || ' · USMF', 'x' || i, 'a_field_with_a_very_long_name_' || (i % 9), 'too large',
		'The value is longer than the field: ' || printf('%.300c', 'x'), created_at, created_at FROM n, entity_maps WHERE name = ?`, 1000, contactsMap)
	store.execAll(each+`INSERT INTO changes (map_id, side, op, native_id, record_key, at, captured_at)
		SELECT id, 'left', 'update', 'x' || i, 'US' || i || ' · USMF', created_at, created_at FROM n, entity_maps WHERE name = ?`, 1000, contactsMap)
	store.execAll(`UPDATE tallies SET captured = 1000, queued = 1000, open_errors = 1000 WHERE map_id = (SELECT id FROM entity_maps WHERE name = ?)`, contactsMap)
	s := &site{t: t, dir: dir}
	s.start()
	return s
}

// workingSite is in the middle of an initial sync.
func workingSite(t *testing.T) *site {
	t.Helper()
	s := freshSite(t)
	s.run(accountsMap, contactsMap)
	return s
}

// picture takes pictures of a sight, and fails the test when it does not fit a phone.
func (tb *tab) picture(folder, state string, v sight) {
	tb.t.Helper()
	for _, width := range widths() {
		if folder == "" && width != widths()[0] {
			continue
		}
		tb.resize(width, 900)
		tb.prefers("light")
		tb.show(v)
		if over := script[int](tb, "document.documentElement.scrollWidth - window.innerWidth"); over > 0 {
			tb.t.Errorf("%s is %d pixels wider than a window of %d", v.name, over, width)
		}
		const cut = "Array.from(document.querySelectorAll('button, .button, input, select, textarea')).filter((e) => e.checkVisibility() && e.getBoundingClientRect().left < 0).map((e) => e.name + ' ' + e.textContent.trim()).join(', ')"
		if out := script[string](tb, cut); out != "" {
			tb.t.Errorf("%s in a window of %d has these left of it: %s", v.name, width, out)
		}
		if folder == "" {
			return
		}
		height := script[int64](tb, "Math.min(2400, Math.max(900, document.documentElement.scrollHeight))")
		tb.resize(width, height)
		for _, scheme := range []string{"light", "dark"} {
			tb.prefers(scheme)
			tb.keep(filepath.Join(folder, fmt.Sprintf("%s-%s-%d-%s.png", v.name, state, width, scheme)))
		}
	}
}

// keep writes what the tab shows to a file.
func (tb *tab) keep(name string) {
	tb.t.Helper()
	var picture []byte
	err := tb.try(func(ctx context.Context) (err error) {
		picture, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		return err
	})
	if err == nil {
		err = os.WriteFile(name, picture, 0o644)
	}
	if err != nil {
		tb.t.Fatal(err)
	}
}
