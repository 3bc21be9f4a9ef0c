package connectortest

import (
	"fmt"
	"slices"

	"dualwrite/connectors"
)

var noCondition = func(l Lacks) bool { return l.Condition }

var writeTests = []test{
	{promise: "a created record is what the app holds", run: creates},
	{promise: "a create of a key that is held moves and stores nothing", lacks: noCondition, run: createMoves},
	{promise: "an update leaves other fields alone", run: updatesPartly},
	{promise: "an update of a stale version moves and stores nothing", lacks: noCondition, run: staleMoves},
	{promise: "an update of a record that is gone moves", run: goneMoves},
	{promise: "a delete removes, and of an absent record is stored", run: removes},
	{promise: "one batch may write a record twice", lacks: noCondition, run: writesTwice},
	{promise: "one batch may delete a key and create it again", run: recreates},
	{promise: "results stand in the order of the writes", run: answersInOrder},
	{promise: "a key change by an update is found under the new key", run: changesKey},
}

func creates(b *bench) {
	r := b.open(Children, nil)
	want := child("usmf", "1").with("note", text("hello")).with("quantity", connectors.IntValue(3)).with("amount", amount("12.5"))
	rec := r.stored(r.creates(want))
	if rec.ID == "" || rec.Version == "" && !b.Lacks.Versions {
		b.Errorf("created with id %q and version %q", rec.ID, rec.Version)
	}
	for name, v := range want {
		if r.value(rec, name) != v {
			b.Errorf("%s is %q", name, r.value(rec, name))
		}
	}
	if v := r.value(rec, "born"); v.State() != connectors.Null {
		b.Errorf("a field that was not written is %q (state %d)", v, v.State())
	}
	now := r.now(rec.ID)
	r.same(now.Row, rec.Row)
	if now.Version != rec.Version {
		b.Errorf("version %q read back as %q", rec.Version, now.Version)
	}
}

func createMoves(b *bench) {
	r := b.open(Children, nil)
	b.insert(Children, child("usmf", "Abc").with("title", text("theirs")))
	r.moved(r.creates(child("usmf", "Abc")))
	results := r.write(r.creates(child("dat", "Abc")), r.creates(child("dat", "Abc")))
	if results[0].Outcome != connectors.Stored || results[1].Outcome != connectors.Moved {
		b.Errorf("twice the same key in a batch: %v", results)
	}
	loose := b.open(Children, func(s *connectors.Selection) { s.Fold = connectors.Fold{Case: true, Space: true} })
	loose.moved(loose.creates(child("usmf", "aBC ")))
	results = loose.write(loose.creates(child("usmf", "x")), loose.creates(child("usmf", "X ")))
	if results[0].Outcome != connectors.Stored || results[1].Outcome != connectors.Moved {
		b.Errorf("twice the same key, folded, in a batch: %v", results)
	}
	if got := r.column(r.scan(10, nil), "title"); !slices.Equal(got, []string{"t", "t", "theirs"}) {
		b.Errorf("titles %v", got)
	}
}

func updatesPartly(b *bench) {
	r := b.open(Children, nil)
	full := child("usmf", "1").with("note", text("a")).with("quantity", connectors.IntValue(1)).with("amount", amount("1.5")).
		with("active", connectors.BoolValue(true)).with("born", connectors.DateValue(day(2001, 2, 3)))
	rec := r.stored(r.creates(full))
	b.update(Children, rec.ID, values{"note": text("theirs")})
	rec = r.stored(r.updates(r.now(rec.ID), values{"quantity": connectors.IntValue(2), "born": connectors.NullValue()}))
	want, _ := r.row(full.with("note", text("theirs")).with("quantity", connectors.IntValue(2)).with("born", connectors.NullValue()))
	for i, f := range r.fields {
		if want[i].State() == connectors.Absent {
			want[i] = connectors.NullValue()
		}
		if rec.Row[i] != want[i] {
			b.Errorf("%s is %q, want %q", f, rec.Row[i], want[i])
		}
	}
	r.same(r.now(rec.ID).Row, rec.Row)
}

func staleMoves(b *bench) {
	b.capture(Children)
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	b.update(Children, rec.ID, values{"note": text("theirs")})
	r.moved(r.updates(rec, values{"note": text("ours")}))
	r.moved(deletes(rec))
	now := r.now(rec.ID)
	if r.value(now, "note") != text("theirs") {
		b.Errorf("note is %q", r.value(now, "note"))
	}
	now.Version = ""
	r.stored(r.updates(now, values{"note": text("ours")}))
}

func goneMoves(b *bench) {
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	b.App.Delete(b, Children, rec.ID)
	r.moved(r.updates(rec, values{"note": text("ours")}))
	rec.Version = ""
	r.moved(r.updates(rec, values{"note": text("ours")}))
	if n := len(r.scan(10, nil)); n != 0 {
		b.Errorf("%d records", n)
	}
}

func removes(b *bench) {
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	for range 2 {
		if got := r.stored(deletes(rec)); got.ID != "" || got.Row != nil {
			b.Errorf("a stored delete answers the record %+v", got)
		}
	}
	if n := len(r.get(rec.ID)); n != 0 {
		b.Error("the record is still there")
	}
}

func writesTwice(b *bench) {
	b.capture(Children)
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	first, second := r.updates(rec, values{"note": text("first")}), r.updates(rec, values{"note": text("second")})
	results := r.write(first, second)
	if results[0].Outcome != connectors.Stored || results[1].Outcome != connectors.Moved {
		b.Errorf("the same version written twice: %v", results)
	}
	second.If = ""
	results = r.write(second, deletes(connectors.Record{ID: rec.ID}), second)
	if results[0].Outcome != connectors.Stored || results[1].Outcome != connectors.Stored || results[2].Outcome != connectors.Moved {
		b.Errorf("written, deleted, written: %v", results)
	}
}

func recreates(b *bench) {
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1")))
	results := r.write(deletes(rec), r.creates(child("usmf", "1").with("title", text("new"))))
	if results[0].Outcome != connectors.Stored || results[1].Outcome != connectors.Stored {
		b.Fatalf("results %v", results)
	}
	if got := r.column(r.scan(10, nil), "title"); !slices.Equal(got, []string{"new"}) {
		b.Errorf("titles %v", got)
	}
}

func answersInOrder(b *bench) {
	r := b.open(Children, nil)
	var batch []connectors.Write
	for i := range 30 {
		batch = append(batch, r.creates(child("usmf", fmt.Sprint(i))))
	}
	for i, result := range r.write(batch...) {
		if result.Outcome != connectors.Stored || r.value(result.Record, "number").Text() != fmt.Sprint(i) {
			b.Errorf("result %d is %+v", i, result)
		}
	}
	if results, err := r.Write(b.Context(), nil); err != nil || len(results) != 0 {
		b.Errorf("an empty batch: %v, %v", results, err)
	}
}

func changesKey(b *bench) {
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "old")))
	rec = r.stored(r.updates(rec, values{"number": text("new")}))
	if got := r.find(key("usmf", "new")); len(got) != 1 || got[0].ID != rec.ID {
		b.Errorf("the new key finds %v", got)
	}
	if got := r.find(key("usmf", "old")); len(got) != 0 {
		b.Errorf("the old key finds %v", got)
	}
	if !b.Lacks.Condition {
		b.insert(Children, child("usmf", "taken"))
		r.moved(r.creates(child("usmf", "new")))
		r.stored(r.creates(child("usmf", "old")))
	}
}
