package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore/sqlgolden"
)

const children = `the "children"`

func planFor(t *testing.T, c *connector, sel connectors.Selection) *plan {
	t.Helper()
	var p *plan
	err := c.read(t.Context(), "compile", sel.Entity, func(_ context.Context, _ querier, cat *catalog) (err error) {
		p, err = cat.compile(sel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStatementsAreTheReviewedOnes holds the statements that read, and the
// triggers, to the text that was looked through; run it with -update after a
// change, and look again.
func TestStatementsAreTheReviewedOnes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(t.Context(), map[string]string{"path": path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	c := opened.(*connector)
	err = c.write(t.Context(), "make", "", func(_ context.Context, s *session, _ *catalog) error {
		return s.script([]string{`CREATE TABLE regions (id INTEGER PRIMARY KEY, code TEXT UNIQUE)`,
			`CREATE TABLE parents (id GUID PRIMARY KEY, dataareaid TEXT(4), code TEXT UNIQUE, region INTEGER REFERENCES regions)`,
			`CREATE TABLE "the ""children""" (number TEXT NOT NULL, day DATE NOT NULL, dataareaid TEXT(4), parent REFERENCES parents, amount DECIMAL(18,4), seen DATETIME, PRIMARY KEY (number, day))`})
	})
	if err != nil {
		t.Fatal(err)
	}
	out := &sqlgolden.Texts{Bound: bound}
	p := planFor(t, c, sqlgolden.Children(children, connectors.Fold{}))
	out.Add("count", p.Plan.Count().SQL)
	out.Add("first page", p.Page(nil, 100).SQL)
	out.Add("next page", p.Page([]any{"N1", "2024-02-29"}, 100).SQL)
	out.Add("by native ids", p.lookup(2, 2, p.IDCondition()))
	single := planFor(t, c, connectors.Selection{Entity: "parents", Fields: []string{"code"}, Company: -1})
	out.Add("by native ids of one column", single.lookup(2, 1, single.IDCondition()))
	for _, name := range sqlgolden.FoldNames() {
		folded := planFor(t, c, sqlgolden.Children(children, sqlgolden.Folds()[name]))
		if folded.Indexed() {
			out.Add("by keys, "+name, folded.lookup(2, 2, folded.indexCondition()))
		} else {
			out.Add("by keys, "+name, folded.Select(folded.scanCondition(2)))
		}
	}
	nested := planFor(t, c, sqlgolden.Nested(children))
	out.Add("by keys two lookups away", nested.lookup(2, 2, nested.indexCondition()))
	lead := scope{cat: nested.cat, path: "dataareaid", value: connectors.TextValue("usmf")}
	out.Add("parent two lookups away, in a company", lead.leads(nested.Fields[1].Rest(), "EU").SQL)
	for _, f := range sqlgolden.Filters() {
		sel := connectors.Selection{Entity: children, Fields: []string{"number"}, Company: -1, Filter: f}
		out.Add("count of "+filter.String(f), planFor(t, c, sel).Plan.Count().SQL)
	}
	out.Add("log", strings.Join(logTable(children), ";\n"))
	out.Add("image of a view", strings.Join(imageTable(children), ";\n"))
	for _, tr := range triggers(p.Table) {
		out.Add("trigger", tr.sql)
	}
	out.Check(t, "statements.sql")
}
