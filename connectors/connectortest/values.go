package connectortest

import (
	"fmt"
	"math"
	"time"

	"dualwrite/connectors"
)

var valueTests = []test{
	{promise: "values come back as they were written", run: roundTrips},
	{promise: "values that users entered are read as they are", run: readsForeign},
	{promise: "values at the limits of their types come back", lacks: func(l Lacks) bool { return l.Extremes }, run: roundTripsLimits},
	{promise: "null and the empty text stay apart", lacks: func(l Lacks) bool { return l.EmptyText }, run: keepsEmpty},
	{promise: "a decimal is held exactly or refused", run: keepsDecimals},
}

// samples are values by column that any app can hold.
func samples() map[string][]connectors.Value {
	return map[string][]connectors.Value{
		"title": {text("twenty characters ok")},
		"note": {text("it's \"quoted\" `so` [and] \\so"), text("emoji 👩‍👩‍👧‍👦 and ﷽"), text("שלום עולם مرحبا"), text("cafe\u0301 and caf\u00e9"),
			text("lines\nand\r\nreturns\rand\ttabs"), text("controls \x01\x02\x1f\x7f"), text("%_?*;--/* */"), text("0012"), text("1e5"), text("null"), text("  spaces around  ")},
		"quantity": {connectors.IntValue(0), connectors.IntValue(-1), connectors.IntValue(math.MaxInt32), connectors.IntValue(math.MinInt32)},
		"amount":   {amount("0"), amount("0.1"), amount("-0.0001"), amount("99999999999.9999"), amount("-12345678901234"), amount("1000000")},
		"active":   {connectors.BoolValue(true), connectors.BoolValue(false)},
		"born":     {connectors.DateValue(day(1970, 1, 1)), connectors.DateValue(day(2000, 2, 29)), connectors.DateValue(day(1900, 3, 1))},
		"seen":     {connectors.DateTimeValue(day(1970, 1, 1)), connectors.DateTimeValue(time.Date(2024, 12, 31, 23, 59, 59, 0, time.UTC))},
		"token":    {connectors.GUIDValue("00000000-0000-0000-0000-000000000000"), connectors.GUIDValue("FFFFFFFF-FFFF-4FFF-8FFF-FFFFFFFFFFFF")},
	}
}

func roundTrips(b *bench) { trip(b, samples()) }

func roundTripsLimits(b *bench) {
	trip(b, map[string][]connectors.Value{
		"quantity": {connectors.IntValue(math.MaxInt64), connectors.IntValue(math.MinInt64), connectors.IntValue(1<<53 + 1)},
		"born":     {connectors.DateValue(day(1, 1, 1)), connectors.DateValue(day(9999, 12, 31))},
		"seen": {connectors.DateTimeValue(day(1, 1, 1)), connectors.DateTimeValue(time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)),
			connectors.DateTimeValue(time.Date(1969, 12, 31, 23, 59, 59, 1_000, time.UTC))},
	})
}

// trip writes each value by a create and by an update, and reads it in each way.
func trip(b *bench, all map[string][]connectors.Value) {
	r := b.open(Children, nil)
	n := 0
	for field, list := range all {
		for _, v := range list {
			n++
			number := fmt.Sprint("N", n)
			other := connectors.NullValue()
			if field == "title" {
				other = text("t")
			}
			rec := r.stored(r.creates(child("usmf", number).with(field, v)))
			r.reads(rec, field, v)
			rec = r.stored(r.updates(rec, values{field: other}))
			rec = r.stored(r.updates(rec, values{field: v}))
			r.reads(rec, field, v)
			r.reads(r.now(rec.ID), field, v)
			r.reads(r.find(key("usmf", number))[0], field, v)
		}
	}
}

func (r *records) reads(rec connectors.Record, field string, want connectors.Value) {
	r.Helper()
	if got := r.value(rec, field); got != want {
		r.Errorf("%s is %v %q, want %q", field, got.Type(), got, want)
	}
}

func readsForeign(b *bench) {
	r := b.open(Children, nil)
	want := map[string]connectors.Value{}
	n := 0
	for field, list := range samples() {
		for _, v := range list {
			n++
			number := fmt.Sprint("N", n)
			b.insert(Children, child("usmf", number).with(field, v))
			want[field+" "+number] = v
		}
	}
	for _, rec := range r.scan(7, nil) {
		for _, field := range r.fields {
			if v, ok := want[field+" "+r.value(rec, "number").Text()]; ok {
				r.reads(rec, field, v)
			}
		}
	}
}

func keepsEmpty(b *bench) {
	r := b.open(Children, nil)
	for i, v := range []connectors.Value{connectors.NullValue(), text(""), text(" ")} {
		rec := r.stored(r.creates(child("usmf", fmt.Sprint(i)).with("note", v)))
		r.reads(rec, "note", v)
		r.reads(r.now(rec.ID), "note", v)
	}
}

func keepsDecimals(b *bench) {
	r := b.open(Children, nil)
	for i, digits := range []string{"12345678901234.5678", "0.3", "1234567890.1234", "99999999999999.9999", "-0.3333"} {
		result := r.write(r.creates(child("usmf", fmt.Sprint(i)).with("amount", amount(digits))))[0]
		switch {
		case result.Outcome == connectors.Stored:
			r.reads(r.now(result.Record.ID), "amount", amount(digits))
		case result.Err == nil || result.Err.Kind != connectors.TooLarge || result.Err.Limit == "":
			b.Errorf("%s: %+v", digits, result)
		}
	}
}
