package models

import (
	"fmt"
	"slices"
	"testing"
)

// linkBook is a map in a store, written under its lease.
type linkBook struct {
	*testing.T
	*Store
	lease Lease
	mapID int64
}

func newLinkBook(t *testing.T) *linkBook {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	m := &Map{Name: "M"}
	if err := s.CreateEnvironment(t.Context(), &Connection{Name: "L"}, &Connection{Name: "R"}, &Environment{Name: "E"}, []*Map{m}); err != nil {
		t.Fatal(err)
	}
	lease, err := s.MapLease(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return &linkBook{t, s, lease, m.ID}
}

// link is a pair in step.
func (b *linkBook) link(key, left, right string) *Link {
	l := &Link{MapID: b.mapID, Key: key, Present: true, Agreed: Sums{1, 2}}
	for i, id := range [2]string{left, right} {
		l.Sides[i] = LinkSide{ID: id, Present: id != "", Sums: Sums{1, 2}}
	}
	return l
}

func (b *linkBook) save(c Commit) {
	b.Helper()
	c.MapID = b.mapID
	if err := b.Apply(b.Context(), b.lease, &c); err != nil {
		b.Fatal(err)
	}
}

// read lists the stored links of keys as "key: left right", by key.
func (b *linkBook) read(keys ...string) (list []string, links []*Link) {
	b.Helper()
	links, err := b.LinksByKey(b.Context(), b.mapID, keys)
	if err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(links, func(x, y *Link) int { return int(x.ID - y.ID) })
	for _, l := range links {
		list = append(list, l.Key+": "+l.Sides[0].ID+" "+l.Sides[1].ID)
	}
	return list, links
}

func (b *linkBook) linked() int64 {
	b.Helper()
	s, err := b.SummaryOf(b.Context(), b.mapID)
	if err != nil {
		b.Fatal(err)
	}
	return s.Tally.Linked
}

func TestANativeIDBelongsToOneLink(t *testing.T) {
	b := newLinkBook(t)
	b.save(Commit{Links: []*Link{b.link("a", "1", "x"), b.link("b", "1", "y")}})
	got, links := b.read("a", "b")
	if want := []string{"a:  x", "b: 1 y"}; !slices.Equal(got, want) {
		t.Fatalf("of two claims in one commit the last holds: %q, want %q", got, want)
	}
	links[0].Sides[1].ID = "y" // moves from the other link, which is saved as well
	links[1].Revision++
	b.save(Commit{Links: []*Link{links[1], links[0]}})
	if got, _ := b.read("a", "b"); !slices.Equal(got, []string{"a:  y", "b: 1 "}) {
		t.Errorf("after the move of a native id: %q", got)
	}
	b.save(Commit{Links: []*Link{b.link("c", "1", "z")}})
	if got, _ := b.read("a", "b", "c"); !slices.Equal(got, []string{"a:  y", "b:  ", "c: 1 z"}) {
		t.Errorf("after a new link took a native id over: %q", got)
	}
}

func TestPairsInStepAreCountedHoweverALinkIsSaved(t *testing.T) {
	b := newLinkBook(t)
	kept := b.link("kept", "1", "1")
	b.save(Commit{Links: []*Link{kept, b.link("gone", "2", "2")}, Linkless: true})
	if n := b.linked(); n != 2 {
		t.Fatalf("%d pairs are in step, want 2", n)
	}
	kept.Sides[1].Version = "7"
	b.save(Commit{Links: []*Link{kept}}) // saved again as it was returned
	_, links := b.read("gone")
	next := links[0].Successor(1, 2)
	next.Sides[0].ID = "2"
	b.save(Commit{Links: []*Link{&next}}) // a tombstone
	if n := b.linked(); n != 1 {
		t.Errorf("%d pairs are in step, want 1", n)
	}
	if err := b.Apply(t.Context(), b.lease, &Commit{MapID: b.mapID, Unlink: []int64{links[0].ID}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Apply(t.Context(), b.lease, &Commit{MapID: b.mapID, Links: []*Link{links[0]}}); KindOf(err) != NotFound {
		t.Errorf("a link that is gone is saved: %v", err)
	}
}

func TestPartsOfABatchWithoutAnOutcomeBecomeLinks(t *testing.T) {
	b := newLinkBook(t)
	stored := b.link("old", "1", "1")
	b.save(Commit{Links: []*Link{stored}})
	first, second, third := b.link("first", "2", ""), b.link("second", "3", ""), stored.Successor(2, 2)
	for _, l := range []*Link{first, second, &third} {
		l.Present, l.Sides[1].Intent = true, true
	}
	third.Sides[0].ID, third.Sides[1].ID = "1", "1"
	b.save(Commit{Intents: []*Link{first}})
	b.save(Commit{Part: 2, Intents: []*Link{second, &third}})
	b.save(Commit{Links: []*Link{first}, Settled: []int{0}})
	for range 2 { // the second time there is nothing left
		if err := b.RestoreIntents(t.Context(), b.lease, b.mapID); err != nil {
			t.Fatal(err)
		}
		got, links := b.read("old", "first", "second")
		if want := []string{"old: 1 1", "first: 2 ", "second: 3 "}; !slices.Equal(got, want) {
			t.Fatalf("restored are %q, want %q", got, want)
		}
		if !links[0].Sides[1].Intent || !links[2].Sides[1].Intent {
			t.Error("what has no outcome has lost its intent")
		}
	}
}

// packed has a book store every link in packs, and merge runs by threes.
func packed(t *testing.T) *linkBook {
	b := newLinkBook(t)
	b.packFrom, b.mergeFrom = 1, 3
	return b
}

func TestLinksInPacksAreFoundByWhatTheyWereStoredUnder(t *testing.T) {
	b := packed(t)
	const pages, each = 40, 70
	name := func(n int) (key, left, right string) {
		return fmt.Sprint("key ", n), fmt.Sprint("key ", n), fmt.Sprint("r", n)
	}
	for page := range pages {
		var links []*Link
		for n := page * each; n < (page+1)*each; n++ {
			links = append(links, b.link(name(n)))
		}
		b.save(Commit{Links: links, Linkless: page%2 == 0})
	}
	check := func() {
		t.Helper()
		var keys, lefts, rights []string
		for n := range pages * each {
			key, left, right := name(n)
			keys, lefts, rights = append(keys, key), append(lefts, left), append(rights, right)
		}
		ids := map[int64]bool{}
		for f, texts := range [][]string{append(keys, "none"), append(lefts, "none"), append(rights, "none")} {
			links, err := b.findLinks(t.Context(), b.writes, b.mapID, finder(f), texts)
			if err != nil {
				t.Fatal(err)
			}
			if len(links) != pages*each {
				t.Fatalf("%d links are found by %s, want %d", len(links), finder(f).column(), pages*each)
			}
			for _, l := range links {
				var n int
				_, _ = fmt.Sscanf(l.Sides[1].ID, "r%d", &n)
				if key, left, _ := name(n); l.Key != key || l.Sides[0].ID != left || !l.Counts() || !slices.Equal(l.Agreed, Sums{1, 2}) {
					t.Fatalf("a link came back as %+v", l)
				}
				ids[l.ID] = true
			}
		}
		if len(ids) != pages*each {
			t.Errorf("%d links have %d ids", pages*each, len(ids))
		}
	}
	check()
	for more := true; more; {
		var err error
		if more, err = b.TidyLinks(t.Context(), b.lease, b.mapID); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := b.runs(t.Context(), b.writes, b.mapID)
	if err != nil || len(runs) != 1 || runs[0].entries != pages*each {
		t.Errorf("runs after tidying: %v, %v", runs, err)
	}
	var parts int
	if err := b.writes.QueryRow("SELECT count(*) FROM link_parts").Scan(&parts); err != nil || parts != 3<<runs[0].bits {
		t.Errorf("%d parts are left, want %d: %v", parts, 3<<runs[0].bits, err)
	}
	check()
	if n := b.linked(); n != pages*each {
		t.Errorf("%d pairs in step are counted", n)
	}
}

func TestALinkOfAPackIsFoundAsItWasLastSaved(t *testing.T) {
	b := packed(t)
	b.save(Commit{Links: []*Link{b.link("a", "1", "x"), b.link("b", "2", "y"), b.link("c", "3", "z")}})
	read := func(want ...string) []*Link {
		t.Helper()
		got, links := b.read("a", "b", "c", "d")
		if !slices.Equal(got, want) {
			t.Fatalf("links are %q, want %q", got, want)
		}
		for _, l := range links {
			for side, id := range l.ids() {
				if id == "" {
					continue
				}
				found, err := b.LinksByID(t.Context(), b.mapID, Sides[side], []string{id})
				if err != nil || len(found) != 1 || found[0].ID != l.ID || found[0].Sides[0].Version != l.Sides[0].Version {
					t.Fatalf("by the %s id %s: %v, %v", Sides[side], id, found, err)
				}
			}
		}
		return links
	}
	links := read("a: 1 x", "b: 2 y", "c: 3 z")
	for _, version := range []string{"v1", "v2"} { // a row of its own, then a change of that
		links[0].Sides[0].Version = version
		b.save(Commit{Links: []*Link{links[0]}})
		if links = read("a: 1 x", "b: 2 y", "c: 3 z"); links[0].Sides[0].Version != version {
			t.Fatalf("the version is %s, want %s", links[0].Sides[0].Version, version)
		}
	}
	links[0].Sides[0].ID = "2" // of a pack's link that is not saved along
	links[1].Key = "d"
	b.save(Commit{Links: []*Link{links[0]}})
	links = read("a: 2 x", "b:  y", "c: 3 z")
	links[1].Key = "d"
	b.save(Commit{Links: []*Link{links[1]}})
	links = read("a: 2 x", "d:  y", "c: 3 z")
	b.save(Commit{Unlink: []int64{links[0].ID, links[2].ID}})
	read("d:  y")
	if err := b.Apply(t.Context(), b.lease, &Commit{MapID: b.mapID, Links: []*Link{links[2]}}); KindOf(err) != NotFound {
		t.Errorf("a link that is gone is saved: %v", err)
	}
	b.save(Commit{Links: []*Link{b.link("c", "3", "z")}})
	read("d:  y", "c: 3 z")
	if n := b.linked(); n != 2 {
		t.Errorf("%d pairs in step are counted, want 2", n)
	}
}

func TestALinkIsNotTakenForNewBecauseARunIsDamaged(t *testing.T) {
	b := packed(t)
	b.save(Commit{Links: []*Link{b.link("a", "1", "x"), b.link("b", "2", "y")}})
	if _, err := b.writes.Exec("DELETE FROM link_parts WHERE id = (SELECT max(id) FROM link_parts)"); err != nil {
		t.Fatal(err)
	}
	if links, err := b.LinksByID(t.Context(), b.mapID, Right, []string{"x"}); err == nil {
		t.Errorf("found are %v, and nothing is said of the part that is gone", links)
	}
}
