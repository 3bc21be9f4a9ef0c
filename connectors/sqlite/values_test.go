package sqlite_test

import (
	"testing"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/filter"
)

// Whatever a text says, it comes back as it went in, by every statement that
// takes values, and nothing else is touched.
func FuzzAnyValueComesBackAsItWent(f *testing.F) {
	for _, s := range []string{"", " ", "'", `"`, "''", `\`, `\'`, "?", "?1", ":a", "@x", "$y", "%_", "!", "-- ", "/*", "; DROP TABLE x", "' OR '1'='1", "x'00'",
		"NULL", "1e5", "0012", "9223372036854775808", "ß", "漢字😀", "\r\n\t", "\u00a0", "\u202e", "a|b", "A ", "\ufeff", "a\x01"} {
		f.Add(s)
	}
	a := newApp(f, `CREATE TABLE x (id INTEGER PRIMARY KEY, code TEXT UNIQUE, note TEXT, by TEXT REFERENCES x (code))`, "INSERT INTO x (id, code) VALUES (1, 'kept')")
	c := a.connect(f)
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) || value == "kept" {
			t.Skip("no text, or the one that is there")
		}
		equal := filter.Compare{Field: "code", Op: filter.Eq, Value: filter.Literal{Kind: filter.TextLiteral, Text: value}}
		o := probe.OpenWith(t, c, connectors.Selection{Entity: "x", Fields: []string{"code", "note"}, Key: []int{0}, Company: -1,
			Filter: filter.And{Left: equal, Right: filter.Match{Field: "note", Op: filter.Contains, Text: value}}})
		r := o.Results(o.Creates(text(value), text(value)))[0]
		if r.Outcome != connectors.Stored {
			t.Fatalf("%q: %+v, %v", value, r, r.Err)
		}
		defer o.Stored(connectors.Write{Op: connectors.Delete, ID: r.Record.ID})
		o.Stored(o.Updates(r.Record.ID, connectors.Value{}, text(value+value)))
		page, _, err := o.Scan(t.Context(), "", 10)
		if err != nil || len(page) != 1 || page[0].Row[0] != text(value) || page[0].Row[1] != text(value+value) {
			t.Errorf("%q scans as %v, %v", value, page, err)
		}
		found, err := o.Find(t.Context(), []connectors.Row{{text(value)}, {text("kept")}})
		if err != nil || len(found) != 2 {
			t.Errorf("%q finds %v, %v", value, found, err)
		}
	})
}
