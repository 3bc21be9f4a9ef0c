package connectortest

import (
	"sync"
	"testing"

	"dualwrite/connectors"
)

var versionTests = []test{
	{promise: "the version changes with every write, also when an old value is put back", lacks: func(l Lacks) bool { return l.Versions || l.Feed }, run: versionsChange},
	{promise: "the version stays while nothing is written", lacks: func(l Lacks) bool { return l.Versions || l.Feed }, run: versionsStay},
	{promise: "no two writers succeed on one version", lacks: noCondition, run: racesUpdates},
	{promise: "no two creates of one key succeed", lacks: noCondition, run: racesCreates},
	{promise: "cursors, positions and versions outlive a connection", lacks: noFeed, run: outlives},
}

func versionsChange(b *bench) {
	b.capture(Children)
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	seen := map[string]bool{rec.Version: true}
	step := func(by, version string) {
		if seen[version] {
			b.Errorf("after %s the version is one that was there before", by)
		}
		seen[version] = true
	}
	for range 2 {
		for _, note := range []string{"a", "b", "a", "a"} {
			rec = r.stored(r.updates(rec, values{"note": text(note)}))
			step("our write", rec.Version)
			b.update(Children, rec.ID, values{"note": text(note)})
			rec = r.now(rec.ID)
			step("a user's write", rec.Version)
		}
	}
	r.stored(deletes(rec))
	step("a new beginning", r.stored(r.creates(child("usmf", "1"))).Version)
}

func versionsStay(b *bench) {
	f, at := b.feed(Children)
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	other := r.stored(r.creates(child("usmf", "2")))
	r.stored(r.updates(other, values{"note": text("x")}))
	_, end := b.changes(f, at, 100)
	if err := f.Confirm(b.Context(), end); err != nil {
		b.Fatal(err)
	}
	if now := r.now(rec.ID); now.Version != rec.Version {
		b.Errorf("the version was %q and is %q", rec.Version, now.Version)
	}
	if scanned := r.scan(10, nil); scanned[0].Version != r.now(scanned[0].ID).Version {
		b.Error("scan and get tell different versions")
	}
}

// turnedAway reports whether an app asked for fewer calls: nothing was done then,
// and who comes with many at once may be asked however often he waits.
func turnedAway(err error) bool { return connectors.KindOf(err) == connectors.Throttled }

// racesUpdates counts up in one record from several goroutines; every success
// must have built on the one before.
func racesUpdates(b *bench) {
	b.capture(Children)
	r := b.open(Children, nil)
	writer := b.writers(Children)
	id := r.stored(r.creates(child("usmf", "1").with("quantity", connectors.IntValue(0)))).ID
	const writers, rounds = 4, 8
	Together(b, writers, func(i int) error {
		r := writer(i)
		for done := 0; done < rounds; {
			found, err := r.Get(b.Context(), []string{id})
			if turnedAway(err) {
				continue
			}
			if err != nil {
				return err
			}
			row, fields := r.row(values{"quantity": connectors.IntValue(r.value(found[0], "quantity").Int() + 1)})
			results, err := r.Write(b.Context(), []connectors.Write{{Op: connectors.Update, ID: id, If: found[0].Version, Row: row, Fields: fields}})
			if turnedAway(err) {
				continue
			}
			if err != nil {
				return err
			}
			if results[0].Outcome == connectors.Stored {
				done++
			}
		}
		return nil
	})
	if n := r.value(r.now(id), "quantity").Int(); n != writers*rounds {
		b.Errorf("%d successful writes counted to %d", writers*rounds, n)
	}
}

func racesCreates(b *bench) {
	r := b.open(Children, nil)
	const writers = 4
	writer := b.writers(Children)
	var stored [writers]int
	Together(b, writers, func(i int) error {
		r := writer(i)
		for n := range 10 {
			results, err := r.Write(b.Context(), []connectors.Write{r.creates(child("usmf", string(rune('a'+n))))})
			if err != nil {
				return err
			}
			if results[0].Outcome == connectors.Stored {
				stored[i]++
			}
		}
		return nil
	})
	sum := 0
	for _, n := range stored {
		sum += n
	}
	if n := len(r.scan(100, nil)); n != 10 || sum != 10 {
		b.Errorf("%d records, %d creates stored", n, sum)
	}
}

// writers gives an entity for each of several writers: every other one has a
// connection of its own where the app lets it.
func (b *bench) writers(table string) func(i int) *records {
	both := []*records{b.open(table, nil), b.open(table, nil)}
	if other, ok := b.another(); ok {
		both[1] = other.open(table, nil)
	}
	return func(i int) *records { return both[i%2] }
}

// outlives goes on with a second connection where the first one stopped.
func outlives(b *bench) {
	other, ok := b.another()
	if !ok {
		b.Skip("there is no second connection")
	}
	f, at := b.feed(Children)
	r := b.open(Children, nil)
	for i := range 4 {
		r.stored(r.creates(child("usmf", string(rune('a'+i)))))
	}
	page, next, err := r.Scan(b.Context(), "", 2)
	if err != nil {
		b.Fatal(err)
	}
	_, middle, _, err := f.Changes(b.Context(), at, 3)
	if err != nil {
		b.Fatal(err)
	}
	if err := b.Connector.Close(); err != nil {
		b.Fatal(err)
	}
	o := other.open(Children, nil)
	rest, next, err := o.Scan(b.Context(), next, 10)
	if err != nil || len(page)+len(rest) != 4 || next != "" {
		b.Errorf("the scan goes on with %d records, next %q, %v", len(rest), next, err)
	}
	again, end := other.feed(Children)
	if story, _ := b.changes(again, middle, 10); len(story) != 1 {
		b.Errorf("the feed goes on with %v", story)
	}
	o.stored(o.updates(page[0], values{"note": text("x")}))
	if all, _ := b.changes(again, end, 10); story(all) != "update" {
		b.Errorf("the feed tells %s", story(all))
	}
}

// Together runs f in n goroutines at once, of which none may fail.
func Together(t testing.TB, n int, f func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
