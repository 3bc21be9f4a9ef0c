package core

import (
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
)

func decimal(t *testing.T, s string) connectors.Value {
	t.Helper()
	v, err := connectors.DecimalValue(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func field(f connectors.Field) *Field { return &Field{Field: f} }

func TestValuesThatDoNotFitAreRefusedWithValueAndLimit(t *testing.T) {
	text := connectors.TextValue
	for _, c := range []struct {
		name  string
		f     *Field
		v     connectors.Value
		kind  connectors.Kind
		limit string
	}{
		{"long text", field(connectors.Field{Type: connectors.Text, Length: 3}), text("äöüß"), connectors.TooLarge, "3 characters"},
		{"too many decimals", field(connectors.Field{Type: connectors.Decimal, Digits: 6, Scale: 2}), decimal(t, "1.234"), connectors.TooLarge, "2 digits after"},
		{"too many digits", field(connectors.Field{Type: connectors.Decimal, Digits: 6, Scale: 2}), decimal(t, "12345"), connectors.TooLarge, "4 digits before"},
		{"32 bits", &Field{Field: connectors.Field{Type: connectors.Int}, Low: -1 << 31, High: 1<<31 - 1}, connectors.IntValue(1 << 31), connectors.TooLarge, "between"},
		{"64 bits", field(connectors.Field{Type: connectors.Int}), text("9223372036854775808"), connectors.TooLarge, "between"},
		{"no number", field(connectors.Field{Type: connectors.Int}), text("a dozen"), connectors.Invalid, "whole number"},
		{"half", field(connectors.Field{Type: connectors.Int}), decimal(t, "0.5"), connectors.Invalid, "whole number"},
		{"no member", &Field{Field: connectors.Field{Type: connectors.Text}, Enum: "N.E", Members: []string{"A", "B"}}, text("C"), connectors.Invalid, "A, B"},
		{"time in a date", field(connectors.Field{Type: connectors.Date}), connectors.DateTimeValue(time.Date(2024, 1, 1, 5, 0, 0, 0, time.UTC)), connectors.TooLarge, "without a time"},
		{"the day that means none", &Field{Field: connectors.Field{Type: connectors.Date}, Empty: AsFirstDay}, connectors.DateValue(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)), connectors.TooLarge, "1900-01-01"},
		{"inexact float", field(connectors.Field{Type: connectors.Float}), decimal(t, "0.10000000000000000001"), connectors.TooLarge, "floating"},
		{"no identifier", field(connectors.Field{Type: connectors.GUID}), text("mine"), connectors.Invalid, "identifier"},
	} {
		got, refusal := c.f.Fit(c.v)
		if refusal == nil || refusal.Kind != c.kind || refusal.Value != c.v.String() || !strings.Contains(refusal.Limit, c.limit) {
			t.Errorf("%s: %v, %+v", c.name, got, refusal)
		}
	}
}

func TestNoValueIsWrittenAndReadInTheAppsOwnWay(t *testing.T) {
	for _, c := range []struct {
		name string
		f    *Field
		json any
	}{
		{"null", field(connectors.Field{Type: connectors.Date}), nil},
		{"text", &Field{Field: connectors.Field{Type: connectors.Text}, Empty: AsText}, ""},
		{"day", &Field{Field: connectors.Field{Type: connectors.Date}, Empty: AsFirstDay}, "1900-01-01"},
		{"noon", &Field{Field: connectors.Field{Type: connectors.Date}, Empty: AsMidday}, "1900-01-01T12:00:00Z"},
		{"instant", &Field{Field: connectors.Field{Type: connectors.DateTime}, Empty: AsFirstDay}, "1900-01-01T00:00:00Z"},
		{"identifier", &Field{Field: connectors.Field{Type: connectors.GUID}, Empty: AsZeroGUID}, zeroGUID},
	} {
		if got := c.f.json(connectors.NullValue()); got != c.json {
			t.Errorf("%s: null is written %v", c.name, got)
		}
		if v, err := c.f.read(c.json); err != nil || v.IsSet() {
			t.Errorf("%s: %v is read as %v, %v", c.name, c.json, v, err)
		}
	}
	noon := &Field{Field: connectors.Field{Type: connectors.Date}, Empty: AsMidday}
	day, err := noon.read("2024-02-29T12:00:00Z")
	if err != nil || day.String() != "2024-02-29" || noon.json(day) != "2024-02-29T12:00:00Z" || noon.literal(day) != "2024-02-29T12:00:00Z" {
		t.Errorf("a day is read as %v, %v and written %v", day, err, noon.json(day))
	}
	yes := &Field{Field: connectors.Field{Type: connectors.Text}, Enum: "NS.NoYes", Members: []string{"No", "Yes"}}
	if v, err := yes.read("Yes"); err != nil || v != connectors.TextValue("Yes") || yes.json(v) != "Yes" || yes.literal(v) != "NS.NoYes'Yes'" {
		t.Errorf("a member is read as %v, %v", v, err)
	}
	text := &Field{Field: connectors.Field{Type: connectors.Text}}
	if v, err := text.read(""); err != nil || v != connectors.TextValue("") || text.json(v) != "" {
		t.Errorf("an empty text is read as %v, %v", v, err)
	}
}

func TestFieldIsFoundInTheAppsWordsAsAWholeWordOnly(t *testing.T) {
	for _, c := range []struct {
		text, name string
		want       bool
	}{
		{"The value in field 'CustomerGroupId' is wrong", "CustomerGroupId", true},
		{"customergroupid: too long", "CustomerGroupId", true},
		{"field CustomerGroupIdentity", "CustomerGroupId", false},
		{"my_name is wrong", "name", false},
		{"anything", "", false},
	} {
		if got := mentions(c.text, c.name); got != c.want {
			t.Errorf("%q mentions %q: %v", c.text, c.name, got)
		}
	}
}
