package connectortest

import (
	"dualwrite/connectors"
)

var noLookups = func(l Lacks) bool { return l.Lookups }

var lookupTests = []test{
	{promise: "a lookup is written and read by the parent's key", lacks: noLookups, run: writesLookup},
	{promise: "a null or empty key clears a lookup", lacks: noLookups, run: clearsLookup},
	{promise: "a parent is found in the record's own company", lacks: noLookups, run: resolvesInCompany},
	{promise: "an update that does not name the company resolves in the stored one", lacks: noLookups, run: resolvesInStoredCompany},
	{promise: "a missing parent refuses and is named, before any other problem", lacks: noLookups, run: missesParent},
}

func writesLookup(b *bench) {
	b.insert(Parents, parent("usmf", "one"))
	b.insert(Parents, parent("usmf", "two"))
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1").with("parent.code", text("one"))))
	if v := r.value(rec, "parent.code"); v != text("one") {
		b.Errorf("created with the parent %q", v)
	}
	rec = r.stored(r.updates(rec, values{"parent.code": text("two")}))
	if v := r.value(r.now(rec.ID), "parent.code"); v != text("two") {
		b.Errorf("updated to the parent %q", v)
	}
}

func clearsLookup(b *bench) {
	b.insert(Parents, parent("usmf", "one"))
	r := b.open(Children, nil)
	for i, empty := range []connectors.Value{connectors.NullValue(), text("")} {
		rec := r.stored(r.creates(child("usmf", []string{"1", "2"}[i]).with("parent.code", text("one"))))
		rec = r.stored(r.updates(rec, values{"parent.code": empty}))
		if v := r.value(rec, "parent.code"); v.State() != connectors.Null {
			b.Errorf("cleared with %v, the parent is %q (state %d)", empty, v, v.State())
		}
	}
}

func resolvesInCompany(b *bench) {
	b.insert(Parents, parent("usmf", "both"))
	inDat := b.insert(Parents, parent("dat", "both"))
	b.insert(Parents, parent("usmf", "only"))
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("dat", "1").with("parent.code", text("both"))))
	b.update(Parents, inDat, values{"code": text("renamed")})
	if v := r.value(r.now(rec.ID), "parent.code"); v != text("renamed") {
		b.Errorf("the parent is %q, of another company", v)
	}
	e := r.refused(r.creates(child("dat", "2").with("parent.code", text("only"))), connectors.MissingParent)
	if e.ParentKey != "only" {
		b.Errorf("the error names the parent %q", e.ParentKey)
	}
}

func resolvesInStoredCompany(b *bench) {
	b.insert(Parents, parent("usmf", "both"))
	inDat := b.insert(Parents, parent("dat", "both"))
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("dat", "1")))
	rec = r.stored(r.updates(rec, values{"parent.code": text("both")}))
	b.update(Parents, inDat, values{"code": text("renamed")})
	if v := r.value(r.now(rec.ID), "parent.code"); v != text("renamed") {
		b.Errorf("the parent is %q, of another company", v)
	}
}

func missesParent(b *bench) {
	r := b.open(Children, nil)
	wrong := child("usmf", "1").with("parent.code", text("nobody")).with("title", text("far longer than twenty characters"))
	e := r.refused(r.creates(wrong), connectors.MissingParent)
	if e.Field != b.spelled(Children, "parent.code") || e.Parent != b.spelled(Parents, "") || e.ParentKey != "nobody" {
		b.Errorf("the error names field %q, parent %q, key %q", e.Field, e.Parent, e.ParentKey)
	}
	rec := r.stored(r.creates(child("usmf", "2")))
	r.refused(r.updates(rec, values{"parent.code": text("nobody"), "note": text("x")}), connectors.MissingParent)
	if v := r.value(r.now(rec.ID), "note"); v.IsSet() {
		b.Errorf("the refused update stored %q", v)
	}
	if n := len(r.scan(10, nil)); n != 1 {
		b.Errorf("%d records", n)
	}
	b.insert(Parents, parent("usmf", "nobody"))
	r.stored(r.creates(wrong.with("title", text("fits"))))
}
