package postgres_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/filter"
)

// The view tells, with each of its rows, under what setting it was read.
func TestOnlyLookupsThatAnIndexServesShunGoingThroughTheTable(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint PRIMARY KEY, code text UNIQUE, note text)`, `INSERT INTO x SELECT n, 'c' || n FROM generate_series(1, 3) AS n`,
		`CREATE VIEW v AS SELECT id, code, note, current_setting('enable_seqscan') AS how FROM x`)
	c := a.connect(t)
	sel := connectors.Selection{Entity: "v", Fields: []string{"code", "note", "how"}, Key: []int{0}, Company: -1}
	how := func(name string, want string, found []connectors.Record, err error) {
		t.Helper()
		if err != nil || len(found) == 0 || found[0].Row[2].String() != want {
			t.Errorf("%s: %v, %v; want %q", name, found, err, want)
		}
	}
	o := probe.OpenWith(t, c, sel)
	found, err := o.Find(t.Context(), []connectors.Row{{text("c1")}})
	how("by key", "off", found, err)
	found, err = o.Get(t.Context(), []string{"1"})
	how("by native id", "off", found, err)
	found, _, err = o.Scan(t.Context(), "", 2)
	how("a page", "off", found, err)
	how("a write", "off", []connectors.Record{o.Stored(o.Updates("2", connectors.Value{}, text("x"), connectors.Value{}))}, nil)
	loose := sel
	loose.Fold = connectors.Fold{Case: true, Space: true}
	found, err = probe.OpenWith(t, c, loose).Find(t.Context(), []connectors.Row{{text("C1 ")}})
	how("by key, folded", "on", found, err)
	sel.Filter = filter.Compare{Field: "how", Op: filter.Eq, Value: filter.Literal{Kind: filter.TextLiteral, Text: "on"}}
	if n, _, err := probe.OpenWith(t, c, sel).Count(t.Context()); n != 3 || err != nil {
		t.Errorf("a count goes through %d records freely, %v", n, err)
	}
}
