package connectors_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

var fields = []string{"t", "i", "d", "f", "b", "day", "at", "g", "raw", "p.q"}

var types = []connectors.Type{connectors.Text, connectors.Int, connectors.Decimal, connectors.Float, connectors.Bool,
	connectors.Date, connectors.DateTime, connectors.GUID, connectors.Bytes, connectors.Text}

const guid = "abcdef01-0000-0000-0000-000000000001"

func decimal(t *testing.T, s string) connectors.Value {
	t.Helper()
	v, err := connectors.DecimalValue(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func compile(t *testing.T, text string) (connectors.Matcher, error) {
	t.Helper()
	e, err := filter.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return connectors.CompileFilter(e, fields, types)
}

// expectMatch checks each filter against a row that holds v in one field and
// null elsewhere.
func expectMatch(t *testing.T, field string, v connectors.Value, want bool, filters ...string) {
	t.Helper()
	row := make(connectors.Row, len(fields))
	for i, f := range fields {
		row[i] = connectors.NullValue()
		if f == field {
			row[i] = v
		}
	}
	for _, text := range filters {
		m, err := compile(t, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := m(row); got != want {
			t.Errorf("%s with %s %q (state %d): %v", text, field, v, v.State(), got)
		}
	}
}

func TestNullEqualsEmptyTextAndIsNeitherLessNorGreater(t *testing.T) {
	for _, none := range []connectors.Value{connectors.NullValue(), {}} {
		expectMatch(t, "t", none, true, "t eq ''", "t eq null", "t ne 'x'", "not (t eq 'x')", "t eq '  '", "not (t lt 'x')", "i ne 5",
			"not (i eq 5)", "b ne true", "b ne false", "day ne 2020-01-01", `t like "*"`)
		expectMatch(t, "t", none, false, "t ne ''", "t ne null", "t eq 'x'", "t lt 'x'", "t ge ''", "t le ''", "i lt 5", "i ge 5", "b",
			"b eq false", "not (t ne 'x')", "day lt 2020-01-01", "startswith(t,'x')", "t gt null", "t le null")
	}
	expectMatch(t, "t", connectors.TextValue(""), true, "t eq ''", "t ne null", "t ne 'x'")
	expectMatch(t, "t", connectors.TextValue(""), false, "t ne ''", "t eq null", "t eq 'x'")
	expectMatch(t, "t", connectors.TextValue("x"), true, "t ne ''", "t ne null")
	expectMatch(t, "t", connectors.TextValue("x"), false, "t eq ''", "t eq null", "t lt null", "t gt null")
}

func TestTextComparesWithoutASCIICaseAndTrailingSpaces(t *testing.T) {
	v := connectors.TextValue("Contoso é ")
	expectMatch(t, "t", v, true, "t eq 'cONTOSO é'", "t eq 'contoso é   '", "t le 'contoso é '", "t ge 'CONTOSO É'", "t lt 'd'", "t gt 'B'",
		"startswith(t,'CON')", "endswith(t,'SO é ')", "contains(t,'TOS')", "contains(t,'')", "t == T::Contoso || t like \"con*\"")
	expectMatch(t, "t", v, false, "t eq 'contoso É'", "t ne 'CONTOSO é'", "t eq ' contoso é'", "startswith(t,'contoso é  ')", "endswith(t,'é')",
		"contains(t,'ott')")
	expectMatch(t, "p.q", v, true, "p.q ne 'x'")
	expectMatch(t, "g", connectors.GUIDValue(guid), true, "g eq ABCDEF01-0000-0000-0000-000000000001", "g ne 00000000-0000-0000-0000-000000000001")
}

func TestNumbersCompareExactly(t *testing.T) {
	expectMatch(t, "i", connectors.IntValue(math.MaxInt64), true, "i eq 9223372036854775807", "i lt 9223372036854775807.5",
		"i gt 9223372036854775806.5", "i ne 9223372036854775808", "i eq 9223372036854775807.0", "i gt -1e300", "i ge 9.223372036854775807e18")
	expectMatch(t, "i", connectors.IntValue(-3), true, "i lt -2.5", "i gt -3.5", "i eq -3.0", "i eq -03", "i lt 0", "i le -3")
	expectMatch(t, "d", decimal(t, "12345678901234567890.12"), true, "d eq 12345678901234567890.120", "d lt 12345678901234567890.121",
		"d gt 12345678901234567890.119", "d gt 99", "d lt 1e20", "d gt -1e20")
	expectMatch(t, "d", decimal(t, "-0.5"), true, "d lt 0", "d gt -0.51", "d lt -0.49", "d eq -5e-1", "d gt -1", "d lt 0.5")
	expectMatch(t, "f", connectors.FloatValue(0.1), true, "f eq 0.1", "f lt 0.10000000000000001", "f gt 0.09999999999999999", "f lt 1e400")
	expectMatch(t, "f", connectors.FloatValue(1<<53), true, "f eq 9007199254740992", "f lt 9007199254740993", "f ne 9007199254740993")
	expectMatch(t, "f", connectors.FloatValue(math.Inf(1)), true, "f gt 1e308", "f gt 1e399")
	expectMatch(t, "f", connectors.FloatValue(math.NaN()), true, "f ne 1", "not (f le 1)", "not (f gt 1)")
}

func TestBoolComparesWithItsManyNames(t *testing.T) {
	expectMatch(t, "b", connectors.BoolValue(true), true, "b", "b eq true", "b eq 1", "b eq 'Yes'", "b == NoYes::Yes", "b ne false", "b ne 0",
		"not (b eq 'no')", "b ne null")
	expectMatch(t, "b", connectors.BoolValue(false), true, "not b", "b eq false", "b = 0", "b == NoYes::No", "b ne 'true'")
}

func TestDatesCompareByDay(t *testing.T) {
	noon := time.Date(1969, 7, 20, 12, 0, 0, 1000, time.UTC)
	expectMatch(t, "day", connectors.DateValue(noon), true, "day eq 1969-07-20", `day == 20\07\1969`, "day lt 1969-07-21",
		"day eq 1969-07-20T23:59:59Z", "day ge 1969-07-20T23:59:59Z")
	expectMatch(t, "at", connectors.DateTimeValue(noon), true, "at eq 1969-07-20", "at le 1969-07-20", "at gt 1969-07-19",
		"at eq 1969-07-20T12:00:00.000001Z", "at gt 1969-07-20T12:00:00Z", "at lt 1969-07-20T12:00:01Z", "at lt 1969-07-20T11:00:01-01:00")
	expectMatch(t, "at", connectors.DateTimeValue(noon), false, "at gt 1969-07-20", "at ne 1969-07-20", "at eq 1969-07-20T12:00:00Z")
}

func TestConditionsJoin(t *testing.T) {
	expectMatch(t, "i", connectors.IntValue(5), true, "i eq 5 and t eq ''", "i eq 4 or i eq 5", "not (i eq 4 or i eq 6)", "i eq 4 and i eq 1 or i eq 5")
	expectMatch(t, "i", connectors.IntValue(5), false, "i eq 5 and t eq 'x'", "i eq 4 or i eq 6")
	expectMatch(t, "i", connectors.IntValue(5), true, "")
}

func TestCompileNamesWhatCannotBeCompared(t *testing.T) {
	for text, want := range map[string]struct {
		kind connectors.Kind
		word string
	}{
		"nowhere eq 1":            {connectors.NoEntity, "nowhere"},
		"not contains(T,'x')":     {connectors.NoEntity, "T"},
		"t eq 5":                  {connectors.Invalid, "quotes"},
		"t":                       {connectors.Invalid, "quotes"},
		"i eq '5'":                {connectors.Invalid, "number"},
		"i eq ''":                 {connectors.Invalid, "number"},
		"d eq true":               {connectors.Invalid, "number"},
		"f gt 2020-01-01":         {connectors.Invalid, "number"},
		"d eq 1e999":              {connectors.Invalid, "400 digits"},
		"b eq 2":                  {connectors.Invalid, "yes"},
		"b gt false":              {connectors.Invalid, "equal or not"},
		"t > T::Open":             {connectors.Invalid, "equal or not"},
		"day eq '2020-01-01'":     {connectors.Invalid, "without quotes"},
		"at eq 5":                 {connectors.Invalid, "date"},
		"g eq 'x'":                {connectors.Invalid, "36"},
		"g gt '" + guid + "'":     {connectors.Invalid, "36"},
		"raw eq 'x'":              {connectors.Invalid, "null"},
		"contains(i,'5')":         {connectors.Invalid, "text field"},
		"t eq 'x' or i eq 'five'": {connectors.Invalid, "i (whole number)"},
	} {
		_, err := compile(t, text)
		var e *connectors.Error
		if !errors.As(err, &e) || e.Kind != want.kind || e.Field == "" || !strings.Contains(e.Message, want.word) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := compile(t, "raw ne null"); err != nil {
		t.Error(err)
	}
}
