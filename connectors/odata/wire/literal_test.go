package wire_test

import (
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

func TestLiteralsAreWrittenByTheGrammar(t *testing.T) {
	decimal, err := connectors.DecimalValue("-12.50")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 7, 1, 13, 5, 0, 0, time.FixedZone("", 2*3600))
	for _, c := range []struct {
		v    connectors.Value
		want string
	}{
		{connectors.TextValue(""), "''"},
		{connectors.TextValue("O'Brien"), "'O''Brien'"},
		{connectors.TextValue("''"), "''''''"},
		{connectors.IntValue(1<<53 + 1), "9007199254740993"},
		{decimal, "-12.5"},
		{connectors.BoolValue(true), "true"},
		{connectors.DateValue(at), "2024-07-01"},
		{connectors.DateTimeValue(at), "2024-07-01T11:05:00Z"},
		{connectors.GUIDValue("60C4E274-0D87-E711-80E5-00155DB19E6D"), "60c4e274-0d87-e711-80e5-00155db19e6d"},
		{connectors.BytesValue([]byte{0xfb, 0xff}), "binary'-_8='"},
		{connectors.NullValue(), "null"},
	} {
		if got := wire.Literal(c.v); got != c.want {
			t.Errorf("%v is written %s, want %s", c.v, got, c.want)
		}
	}
}

func TestNothingInALiteralIsTakenForSyntaxOfAnAddress(t *testing.T) {
	for in, want := range map[string]string{
		"'O''Brien/A&B+1'":          "'O''Brien%2FA%26B%2B1'",
		"'Söhne'":                   "'S%C3%B6hne'",
		`'"'`:                       "'%22'",
		"'%2F'":                     "'%252F'",
		"'a b#c?d'":                 "'a%20b%23c%3Fd'",
		"dataAreaId='usmf',Key='1'": "dataAreaId='usmf',Key='1'",
	} {
		if got := wire.EscapePath(in); got != want {
			t.Errorf("%s is escaped %s, want %s", in, got, want)
		}
	}
	q := wire.Query(nil).With("$filter", "a eq '1+1; x'").With("$skip", "").With("$expand", "nav($select=a;$expand=b)")
	if got, want := q.On("set"), "set?$filter=a%20eq%20'1%2B1%3B%20x'&$expand=nav($select=a%3B$expand=b)"; got != want {
		t.Errorf("the query is %s, want %s", got, want)
	}
}

func TestKeyPredicatesAreReadInAnyOrder(t *testing.T) {
	for _, text := range []string{"'US-001'", "60c4e274-0d87-e711-80e5-00155db19e6d", "Number=-5", "dataAreaId='usmf',CustomerAccount='US,001=''x'''", "Day=2024-02-29,Kind=NS.Kind'A'"} {
		parts, err := wire.ParsePredicate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if again := wire.Predicate(parts); again != text && len(parts) > 1 {
			t.Errorf("%s is read as %q", text, parts)
		}
	}
	for _, text := range []string{"", "'open", "a='x", "a='x',", ",a=1"} {
		if parts, err := wire.ParsePredicate(text); err == nil {
			t.Errorf("%q is read as %q", text, parts)
		}
	}
}

func TestKeyIsFoundInAnEntitysAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://org/api/data/v9.2/accounts(60c4e274-0d87-e711-80e5-00155db19e6d)":      "60c4e274-0d87-e711-80e5-00155db19e6d",
		"https://fo/data/CustomersV3(dataAreaId='usmf',CustomerAccount='a(b)%2Fc')?x=1": "dataAreaId='usmf',CustomerAccount='a(b)/c'",
		"CustomersV3(CustomerAccount=%27US-002%27,dataAreaId=%27usmf%27)":               "CustomerAccount='US-002',dataAreaId='usmf'",
	} {
		if got, ok := wire.PredicateOf(address); !ok || got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
	if got, ok := wire.PredicateOf("2e451703-4b1c-e711-80de-00155db19e6d"); ok {
		t.Errorf("a bare id has the predicate %q", got)
	}
}

func TestNumbersAreReadWithAllTheirDigits(t *testing.T) {
	o, err := wire.DecodeObject([]byte("\ufeff" + `{"a":9007199254740993,"b":"9007199254740993","c":5000000.0000,"d":"INF","e":5.0}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "9007199254740993", "b": "9007199254740993", "e": "5"} {
		if v, err := wire.Decode(connectors.Int, o[name]); err != nil || v.String() != want {
			t.Errorf("%s is %v, %v", name, v, err)
		}
	}
	if v, err := wire.Decode(connectors.Decimal, o["c"]); err != nil || v.String() != "5000000" {
		t.Errorf("c is %v, %v", v, err)
	}
	if v, err := wire.Decode(connectors.Float, o["d"]); err != nil || v.String() != "+Inf" {
		t.Errorf("d is %v, %v", v, err)
	}
	if _, err := wire.Decode(connectors.Int, o["d"]); err == nil {
		t.Error("a text is read as a number")
	}
}
