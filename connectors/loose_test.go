package connectors_test

import (
	"math"
	"testing"
	"time"

	"dualwrite/connectors"
)

func TestLooselySameUpToWhatAppsNormalise(t *testing.T) {
	text, number := connectors.TextValue, func(s string) connectors.Value { return decimal(t, s) }
	second := time.Date(1960, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(d time.Duration) connectors.Value { return connectors.DateTimeValue(second.Add(d)) }
	for _, c := range []struct {
		sent, stored connectors.Value
		same         bool
	}{
		{text("Contoso"), text("  CONTOSO "), true},
		{text("ı"), text("I"), true},
		{text("Contoso Entertainment System"), text("Contoso Entertainment"), true},
		{text("Contoso Entertainment"), text("Contoso Entertainment System"), false},
		{text("Contoso Ltd"), text("Contoso"), false},
		{text("Contoso Ltd"), text("Contoso Gmb"), false},
		{text("Contoso"), text(""), false},
		{text("Contoso"), connectors.NullValue(), false},
		{text(" "), connectors.NullValue(), true},
		{text(""), connectors.Value{}, true},
		{connectors.NullValue(), connectors.IntValue(0), false},
		{connectors.IntValue(5), connectors.IntValue(5), true},
		{connectors.IntValue(5), connectors.IntValue(6), false},
		{number("5.004"), connectors.IntValue(5), true},
		{connectors.IntValue(5), number("5.004"), false},
		{connectors.IntValue(math.MaxInt64), connectors.IntValue(math.MaxInt64 - 1), false},
		{number("12.345"), number("12.35"), true},
		{number("12.345"), number("12.34"), true},
		{number("12.34"), number("12.35"), false},
		{number("12.309"), number("12.3"), true},
		{number("12.3"), number("12.309"), false},
		{number("12.3"), number("12.31"), false},
		{number("12.3456"), number("12.346"), true},
		{number("12.341"), number("12.345"), false},
		{number("-0.001"), number("0"), true},
		{number("0.1"), connectors.FloatValue(0.1), true},
		{connectors.FloatValue(math.Inf(1)), connectors.FloatValue(math.Inf(1)), true},
		{connectors.FloatValue(math.Inf(1)), connectors.FloatValue(1), false},
		{at(0), at(999 * time.Millisecond), true},
		{at(0), at(-time.Microsecond), false},
		{at(0), at(time.Second), false},
		{at(0), connectors.DateValue(second), true},
		{connectors.DateValue(second), connectors.DateValue(second.AddDate(0, 0, 1)), false},
		{connectors.BoolValue(true), connectors.BoolValue(false), false},
		{connectors.BoolValue(true), connectors.BoolValue(true), true},
		{connectors.GUIDValue(guid), text("ABCDEF01-0000-0000-0000-000000000001"), true},
		{connectors.BytesValue([]byte("a")), connectors.BytesValue([]byte("A")), false},
		{connectors.BytesValue([]byte("a")), connectors.BytesValue([]byte("a")), true},
	} {
		if connectors.Loosely(c.sent, c.stored) != c.same {
			t.Errorf("%q stored as %q: %v, want %v", c.sent, c.stored, !c.same, c.same)
		}
	}
}
