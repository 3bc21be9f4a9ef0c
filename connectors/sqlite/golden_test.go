package sqlite

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

var update = flag.Bool("update", false, "write testdata/statements.sql anew")

// samplePlan is of a table with a lookup, a company, a composite key and a name
// that must be quoted.
func samplePlan(t *testing.T, c *connector, fold connectors.Fold) *plan {
	t.Helper()
	sel := connectors.Selection{Entity: `the "children"`, Fields: []string{"dataareaid", "number", "parent.code", "amount", "seen", "day"}, Key: []int{0, 1}, Company: 0,
		Companies: []string{"USMF", "dat"}, Fold: fold, Filter: filter.And{
			Left:  filter.Compare{Field: "parent.code", Op: filter.Ne, Value: filter.Literal{Kind: filter.TextLiteral, Text: "A "}},
			Right: filter.Not{X: filter.Compare{Field: "seen", Op: filter.Ge, Value: filter.Literal{Kind: filter.DateLiteral, Text: "2024-02-29"}}}}}
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
		return s.script([]string{`CREATE TABLE parents (id GUID PRIMARY KEY, dataareaid TEXT(4), code TEXT UNIQUE)`,
			`CREATE TABLE "the ""children""" (number TEXT NOT NULL, day DATE NOT NULL, dataareaid TEXT(4), parent REFERENCES parents, amount DECIMAL(18,4), seen DATETIME, PRIMARY KEY (number, day))`})
	})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	add := func(name, sql string) { out.WriteString("-- " + name + "\n" + bound(sql) + ";\n\n") }
	p := samplePlan(t, c, connectors.Fold{})
	add("count", p.Plan.Count().SQL)
	add("first page", p.Page(nil, 100).SQL)
	add("next page", p.Page([]any{"N1", "2024-02-29"}, 100).SQL)
	add("by native ids", p.lookup(2, 2, p.IDCondition()))
	add("by keys", p.lookup(2, 2, p.indexCondition()))
	loose := samplePlan(t, c, connectors.Fold{Case: true, Space: true})
	add("by keys, folded", loose.Select(loose.scanCondition(2)))
	for _, tr := range triggers(p.Table) {
		add("trigger", tr.sql)
	}
	golden := filepath.Join("testdata", "statements.sql")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	reviewed, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(reviewed) != out.String() {
		t.Errorf("the statements are not those of %s; they are now:\n%s", golden, out.String())
	}
}
