package connectortest

import (
	"fmt"
	"strings"

	"dualwrite/connectors"
)

var refuseTests = []test{
	{promise: "a text that is too long is refused with value and limit", run: refusesLong},
	{promise: "a decimal that does not fit is refused with value and limit", run: refusesDigits},
	{promise: "a value of another type is converted exactly or refused", run: refusesType},
	{promise: "a second holder of a unique field is refused as duplicate", lacks: func(l Lacks) bool { return l.Unique }, run: refusesDuplicate},
	{promise: "a required field without a value is refused by name", run: refusesMissing},
	{promise: "one bad record of fifty leaves forty-nine stored", run: storesTheRest},
}

func (b *bench) names(e *connectors.Error, field, value string) {
	b.Helper()
	if e.Field != b.spelled(Children, field) || value != "" && e.Value != value {
		b.Errorf("the error names field %q and value %q", e.Field, e.Value)
	}
}

func refusesLong(b *bench) {
	r := b.open(Children, nil)
	long := strings.Repeat("ü", 21)
	e := r.refused(r.creates(child("usmf", "1").with("badge", text(long))), connectors.TooLarge)
	b.names(e, "badge", long)
	if !strings.Contains(e.Limit, "20") {
		b.Errorf("the limit reads %q", e.Limit)
	}
	rec := r.stored(r.creates(child("usmf", "1").with("badge", text(long[2:]))))
	r.refused(r.updates(rec, values{"badge": text(long), "note": text("x")}), connectors.TooLarge)
	if now := r.now(rec.ID); now.Version != rec.Version || r.value(now, "note").IsSet() {
		b.Error("the refused update stored something")
	}
}

func refusesDigits(b *bench) {
	r := b.open(Children, nil)
	for _, digits := range []string{"0.00001", "123456789012345"} {
		e := r.refused(r.creates(child("usmf", "1").with("amount", amount(digits))), connectors.TooLarge)
		b.names(e, "amount", digits)
		if e.Limit == "" {
			b.Errorf("%s is refused without a limit", digits)
		}
	}
}

func refusesType(b *bench) {
	r := b.open(Children, nil)
	rec := r.stored(r.creates(child("usmf", "1").with("quantity", text("12")).with("note", connectors.IntValue(5)).with("amount", connectors.IntValue(7))))
	for field, want := range (values{"quantity": connectors.IntValue(12), "note": text("5"), "amount": amount("7")}) {
		if v := r.value(rec, field); v != want {
			b.Errorf("%s is %v %q", field, v.Type(), v)
		}
	}
	for field, v := range (values{"quantity": text("a dozen"), "born": text("yesterday"), "token": text("mine"), "active": text("perhaps")}) {
		result := r.write(r.updates(rec, values{field: v}))[0]
		if result.Outcome != connectors.Refused || result.Err.Kind != connectors.Invalid && result.Err.Kind != connectors.TooLarge {
			b.Errorf("%s = %q: %+v", field, v, result)
			continue
		}
		b.names(result.Err, field, v.Text())
	}
	if now := r.now(rec.ID); now.Version != rec.Version {
		b.Error("a refused update stored something")
	}
}

func refusesDuplicate(b *bench) {
	r := b.open(Children, nil)
	b.insert(Children, child("usmf", "1").with("badge", text("B1")))
	b.names(r.refused(r.creates(child("usmf", "2").with("badge", text("B1"))), connectors.Duplicate), "badge", "")
	rec := r.stored(r.creates(child("usmf", "2")))
	b.names(r.refused(r.updates(rec, values{"badge": text("B1")}), connectors.Duplicate), "badge", "")
	b.insert(Children, child("usmf", "3"))
	r.refused(r.updates(rec, values{"number": text("3")}), connectors.Duplicate)
}

func refusesMissing(b *bench) {
	r := b.open(Children, nil)
	b.names(r.refused(r.creates(values{"dataareaid": text("usmf"), "number": text("1")}), connectors.Invalid), "title", "")
	rec := r.stored(r.creates(child("usmf", "1")))
	b.names(r.refused(r.updates(rec, values{"title": connectors.NullValue()}), connectors.Invalid), "title", "")
}

func storesTheRest(b *bench) {
	r := b.open(Children, nil)
	var batch []connectors.Write
	for i := range 50 {
		v := child("usmf", fmt.Sprint(i))
		if i == 23 {
			v["title"] = text("far longer than twenty characters")
		}
		batch = append(batch, r.creates(v))
	}
	for i, result := range r.write(batch...) {
		if (result.Outcome == connectors.Refused) != (i == 23) {
			b.Errorf("record %d: %+v", i, result)
		}
	}
	if n := len(r.scan(100, nil)); n != 49 {
		b.Errorf("%d records are stored", n)
	}
}
