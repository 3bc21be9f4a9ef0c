package sqlite_test

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// SQLite lets a column hold anything; nothing of it may be lost or stop a scan.
func TestContentsThatDoNotFitTheirTypeAreReadAsTheyAre(t *testing.T) {
	for _, c := range []struct{ declared, content, want string }{
		{"INT", "'abc'", "text abc"}, {"INT", "1.5", "floating point 1.5"}, {"INT", "'12'", "whole number 12"}, {"INT", "x'0a'", "bytes 0a"},
		{"DECIMAL(9,2)", "'abc'", "text abc"}, {"DECIMAL(9,2)", "'0.10'", "decimal 0.1"}, {"DECIMAL(9,2)", "1e20", "decimal 100000000000000000000"},
		{"DECIMAL(9,2)", "9007199254740993", "decimal 9007199254740993"}, {"DECIMAL(9,2)", "9e999", "floating point +Inf"},
		{"BOOLEAN", "'true'", "yes/no true"}, {"BOOLEAN", "-1", "yes/no true"}, {"BOOLEAN", "'maybe'", "text maybe"}, {"BOOLEAN", "0.5", "floating point 0.5"},
		{"DATE", "'2024-02-30'", "text 2024-02-30"}, {"DATE", "'2024-02-29 00:00:00'", "date 2024-02-29"}, {"DATE", "'2024-02-29T10:00'", "text 2024-02-29T10:00"},
		{"DATE", "1700000000", "whole number 1700000000"}, {"DATETIME", "'2024-02-29'", "date and time 2024-02-29T00:00:00Z"},
		{"DATETIME", "'2024-02-29 10:11:12.345678'", "date and time 2024-02-29T10:11:12.345678Z"},
		{"DATETIME", "'2024-02-29T10:00:00+02:00'", "date and time 2024-02-29T08:00:00Z"}, {"DATETIME", "'soon'", "text soon"},
		{"GUID", "'0F8FAD5B-D9CB-469F-A165-70867728950E'", "unique identifier 0f8fad5b-d9cb-469f-a165-70867728950e"}, {"GUID", "'{x}'", "text {x}"},
		{"STRING", "'0012'", "text 12"}, {"TEXT", "x'ff'", "bytes ff"}, {"REAL", "3", "floating point 3"}, {"BLOB", "'a'", "text a"}, {"BLOB", "x''", "bytes "},
	} {
		a := newApp(t, "CREATE TABLE x (id INTEGER PRIMARY KEY, v "+c.declared+")", "INSERT INTO x (v) VALUES ("+c.content+")")
		v := get(t, probe.Open(t, a.connect(t), "x", "v"), "1")[0].Row[0]
		if got := fmt.Sprintf("%s %s", v.Type(), v); got != c.want {
			t.Errorf("%s %s reads as %s, want %s", c.declared, c.content, got, c.want)
		}
	}
}

func TestADecimalIsHeldToItsLastDigitWhereTheColumnCan(t *testing.T) {
	a := newApp(t, "CREATE TABLE x (id INTEGER PRIMARY KEY, n NUMERIC, t DECIMAL TEXT(38,10), d DECIMAL(38,18), f DOUBLE)")
	o := probe.OpenWith(t, a.connect(t), connectors.Selection{Entity: "x", Fields: []string{"n", "t", "d", "f"}, Company: -1})
	for _, c := range []struct {
		field  int
		digits string
		stored bool
	}{
		{0, "123456789012.345", true}, {0, "1234567890123.456", false}, {0, "9223372036854775807", true}, {0, "9223372036854775808", false},
		{0, "100000000000000000000000", true}, {0, "0.000000000000000000012345", true}, {1, "1234567890123456789012345678.0123456789", true},
		{1, "12345678901234567890123456789", false}, {1, "0.12345678901", false}, {2, "0.123456789012345", true}, {2, "0.1234567890123456", false},
		{3, "0.1", true}, {3, "0.10000000000000001", false}, {3, "9007199254740993", false},
	} {
		row := make([]connectors.Value, 4)
		row[c.field], _ = connectors.DecimalValue(c.digits)
		r := o.Results(o.Creates(row...))[0]
		switch {
		case !c.stored && (r.Outcome != connectors.Refused || r.Err.Kind != connectors.TooLarge || r.Err.Limit == ""):
			t.Errorf("%s in field %d: %+v", c.digits, c.field, r)
		case c.stored && r.Outcome != connectors.Stored:
			t.Errorf("%s in field %d: %v", c.digits, c.field, r.Err)
		case c.stored && r.Record.Row[c.field].String() != c.digits && c.field != 3:
			t.Errorf("%s in field %d reads back as %s", c.digits, c.field, r.Record.Row[c.field])
		}
	}
}

func TestTheVersionTellsChangesOfFieldsThatAreNotSelected(t *testing.T) {
	a := newApp(t, "CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT, other TEXT, at DATE)", "INSERT INTO x VALUES (1, 'a', NULL, NULL)")
	o := probe.Open(t, a.connect(t), "x", "v")
	seen := map[string]bool{}
	for _, edit := range []string{"v = v", "other = ''", "other = 'x'", "other = NULL, at = 'x'", "at = x'78'", "v = 'ab', at = NULL", "v = 'a', other = 'b'"} {
		a.exec(t, "UPDATE x SET "+edit)
		version := get(t, o, "1")[0].Version
		if !strings.HasPrefix(version, "0-") || seen[version] {
			t.Errorf("after %s the version is %s", edit, version)
		}
		seen[version] = true
	}
}
