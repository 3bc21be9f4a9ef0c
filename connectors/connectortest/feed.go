package connectortest

import (
	"fmt"
	"maps"
	"slices"

	"dualwrite/connectors"
)

var (
	noFeed   = func(l Lacks) bool { return l.Feed }
	noOrigin = func(l Lacks) bool { return l.Feed || l.Origin }
	noOldID  = func(l Lacks) bool { return l.Feed || l.OldID }
)

var feedTests = []test{
	{promise: "what users do after the start is told, in order, without origin", lacks: noFeed, run: tellsEdits},
	{promise: "starting again goes on and answers the present end", lacks: noFeed, run: startsAgain},
	{promise: "any step size tells the same changes", lacks: noFeed, run: stepsAlike},
	{promise: "origin is told of our own writes only", lacks: noOrigin, run: marksOwn},
	{promise: "a key change tells the old and the new id", lacks: noOldID, run: tellsOldID},
	{promise: "scan and feed together see everything", lacks: noFeed, run: completesScan},
	{promise: "a refused or moved write leaves no change", lacks: noFeed, run: tellsNoRefusals},
	{promise: "what is confirmed may be forgotten, but not in part, and the rest stays", lacks: noFeed, run: forgets},
	{promise: "stop removes everything and expires its cursors", lacks: noFeed, run: stops},
	{promise: "feeds of two tables do not disturb each other", lacks: noFeed, run: keepsFeedsApart},
}

func tellsEdits(b *bench) {
	b.insert(Children, child("usmf", "before"))
	f, at := b.feed(Children)
	one := b.insert(Children, child("usmf", "1"))
	two := b.insert(Children, child("usmf", "2"))
	b.update(Children, one, values{"note": text("x")})
	b.App.Delete(b, Children, one)
	b.update(Children, two, values{"note": text("y")})
	all, end := b.changes(f, at, 100)
	if got := story(all); got != "create create update delete update" {
		b.Fatalf("told %s", got)
	}
	for i, id := range []string{one, two, one, one, two} {
		if c := all[i]; c.ID != id || c.OldID != "" || c.Origin != "" || c.At.IsZero() {
			b.Errorf("change %d is %+v, want it of %s", i, c, id)
		}
	}
	if again, next := b.changes(f, end, 100); len(again) != 0 || next != end {
		b.Errorf("after the end there is %v, next %q of %q", again, next, end)
	}
}

func startsAgain(b *bench) {
	f, at := b.feed(Children)
	b.insert(Children, child("usmf", "1"))
	again, end := b.feed(Children)
	b.insert(Children, child("usmf", "2"))
	if all, _ := b.changes(f, at, 10); story(all) != "create create" {
		b.Errorf("since the first start: %s", story(all))
	}
	if all, _ := b.changes(again, end, 10); story(all) != "create" {
		b.Errorf("since the second start: %s", story(all))
	}
}

func stepsAlike(b *bench) {
	f, at := b.feed(Children)
	for i := range 9 {
		id := b.insert(Children, child("usmf", fmt.Sprint(i)))
		b.update(Children, id, values{"note": text("x")})
	}
	want, _ := b.changes(f, at, 1000)
	for _, step := range []int{1, 2, 5, 18} {
		if got, _ := b.changes(f, at, step); !slices.Equal(got, want) {
			b.Errorf("in steps of %d: %v", step, got)
		}
	}
	if len(want) != 18 {
		b.Errorf("%d changes", len(want))
	}
}

func marksOwn(b *bench) {
	f, at := b.feed(Children)
	r := b.open(Children, nil)
	marked := func(w connectors.Write, mark string) connectors.Write {
		w.Mark = mark
		return w
	}
	rec := r.stored(marked(r.creates(child("usmf", "1")), "map7/1"))
	b.update(Children, rec.ID, values{"note": text("theirs")})
	rec = r.stored(marked(r.updates(r.now(rec.ID), values{"note": text("ours")}), "map7/2"))
	rec = r.stored(r.updates(rec, values{"note": text("unmarked")}))
	r.stored(marked(deletes(rec), "map8/1"))
	b.insert(Children, child("usmf", "2"))
	all, _ := b.changes(f, at, 100)
	var origins []string
	for _, c := range all {
		origins = append(origins, c.Origin)
	}
	if want := []string{"map7/1", "", "map7/2", "", "map8/1", ""}; !slices.Equal(origins, want) {
		b.Errorf("origins %q, want %q", origins, want)
	}
}

func tellsOldID(b *bench) {
	f, at := b.feed(Rates)
	rate := values{"currency": text("EUR"), "day": connectors.DateValue(day(2024, 1, 1)), "rate": amount("1.1")}
	theirs := b.insert(Rates, rate)
	b.update(Rates, theirs, values{"currency": text("USD")})
	r := b.open(Rates, nil)
	rec := r.find(connectors.Row{text("USD"), connectors.DateValue(day(2024, 1, 1))})[0]
	ours := r.stored(r.updates(rec, values{"day": connectors.DateValue(day(2024, 1, 2))}))
	if r.Capabilities().StableID {
		b.Error("ids that contain the key are said to be stable")
	}
	all, _ := b.changes(f, at, 10)
	if len(all) != 3 {
		b.Fatalf("told %v", all)
	}
	if all[1].OldID != theirs || all[1].ID != rec.ID || all[2].OldID != rec.ID || all[2].ID != ours.ID || rec.ID == theirs || ours.ID == rec.ID {
		b.Errorf("told %v", all)
	}
	if n := len(r.get(theirs, rec.ID)); n != 0 {
		b.Errorf("%d records under former ids", n)
	}
}

// completesScan reads pages while users edit, then applies the feed: what comes
// out is what is there.
func completesScan(b *bench) {
	r := b.open(Children, nil)
	var ids []string
	for i := range 12 {
		ids = append(ids, b.insert(Children, child("usmf", fmt.Sprintf("N%02d", i))))
	}
	f, at := b.feed(Children)
	state := map[string]string{}
	for _, rec := range r.scan(3, func(page int) {
		if page > 2 {
			return
		}
		b.App.Delete(b, Children, ids[page*4])
		b.update(Children, ids[page*4+1], values{"number": text(fmt.Sprint("moved ", page))})
		b.insert(Children, child("usmf", fmt.Sprint("new ", page)))
	}) {
		state[rec.ID] = r.value(rec, "number").Text()
	}
	all, _ := b.changes(f, at, 4)
	for _, c := range all {
		delete(state, c.ID)
		delete(state, c.OldID)
		for _, rec := range r.get(c.ID) {
			state[rec.ID] = r.value(rec, "number").Text()
		}
	}
	want := map[string]string{}
	for _, rec := range r.scan(100, nil) {
		want[rec.ID] = r.value(rec, "number").Text()
	}
	if !maps.Equal(state, want) {
		b.Errorf("scan and feed give %v, there is %v", state, want)
	}
}

func tellsNoRefusals(b *bench) {
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	f, at := b.feed(Children)
	r.refused(r.creates(child("usmf", "2").with("title", text("far longer than twenty characters"))), connectors.TooLarge)
	r.refused(r.updates(rec, values{"title": connectors.NullValue()}), connectors.Invalid)
	r.write(deletes(connectors.Record{ID: "no such id"}))
	if !b.Lacks.Condition {
		r.moved(r.creates(child("usmf", "1")))
	}
	if all, _ := b.changes(f, at, 10); len(all) != 0 {
		b.Errorf("told %v", all)
	}
}

func forgets(b *bench) {
	f, at := b.feed(Children)
	r := b.open(Children, nil)
	for i := range 5 {
		b.insert(Children, child("usmf", fmt.Sprint(i)))
	}
	first, middle, _, err := f.Changes(b.Context(), at, 3)
	if err != nil || len(first) != 3 {
		b.Fatalf("%v, %v", first, err)
	}
	before := r.scan(100, nil)
	for range 2 { // twice is harmless
		if err := f.Confirm(b.Context(), middle); err != nil {
			b.Fatal(err)
		}
	}
	old, _, _, err := f.Changes(b.Context(), at, 10)
	if err == nil && story(old) != "create create create create create" {
		b.Errorf("a cursor from before what was confirmed tells %s", story(old))
	} else if err != nil { // the app may forget, but not in part
		b.failed(err, connectors.CursorExpired)
	}
	rest, end := b.changes(f, middle, 10)
	if story(rest) != "create create" {
		b.Errorf("the rest is %s", story(rest))
	}
	if err := f.Confirm(b.Context(), end); err != nil {
		b.Fatal(err)
	}
	b.insert(Children, child("usmf", "next"))
	if next, _ := b.changes(f, end, 10); story(next) != "create" {
		b.Errorf("after all is confirmed: %s", story(next))
	}
	for _, rec := range before {
		if now := r.now(rec.ID); now.Version != rec.Version {
			b.Errorf("confirming changed the version of %s", rec.ID)
		}
	}
	for _, cursor := range []connectors.Cursor{"", "nonsense"} {
		_, _, _, err := f.Changes(b.Context(), cursor, 10)
		b.failed(err, connectors.CursorExpired)
	}
}

func stops(b *bench) {
	if left := b.App.Leftovers(b); len(left) != 0 {
		b.Errorf("before the first start there is %v", left)
	}
	f, at := b.feed(Children)
	b.insert(Children, child("usmf", "1"))
	if left := b.App.Leftovers(b); len(left) == 0 {
		b.Error("the leftovers hook sees nothing of a running feed")
	}
	for range 2 { // twice is harmless
		if err := f.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	if left := b.App.Leftovers(b); len(left) != 0 {
		b.Errorf("left over: %v", left)
	}
	_, _, _, err := f.Changes(b.Context(), at, 10)
	b.failed(err, connectors.CursorExpired)
	b.insert(Children, child("usmf", "unseen"))
	f, again := b.feed(Children)
	if !b.Lacks.Expiry {
		_, _, _, err = f.Changes(b.Context(), at, 10)
		b.failed(err, connectors.CursorExpired)
	}
	b.insert(Children, child("usmf", "seen"))
	if all, _ := b.changes(f, again, 10); story(all) != "create" {
		b.Errorf("after a new start: %s", story(all))
	}
}

func keepsFeedsApart(b *bench) {
	children, at := b.feed(Children)
	parents, _ := b.feed(Parents)
	b.insert(Parents, parent("usmf", "a"))
	b.insert(Children, child("usmf", "1"))
	if err := parents.Stop(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.insert(Parents, parent("usmf", "b"))
	b.insert(Children, child("usmf", "2"))
	if all, _ := b.changes(children, at, 10); story(all) != "create create" {
		b.Errorf("children tell %s", story(all))
	}
	if err := children.Stop(b.Context()); err != nil {
		b.Fatal(err)
	}
	if left := b.App.Leftovers(b); len(left) != 0 {
		b.Errorf("left over: %v", left)
	}
}
