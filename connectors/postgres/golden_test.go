package postgres

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
)

var update = flag.Bool("update", false, "write testdata/statements.sql anew")

// sample is a catalog with a lookup, a company, a composite key and a name that
// must be quoted.
func sample() *catalog {
	column := func(pos int, name, base, typed string, modifier int) sqlcore.Column {
		c := sqlcore.Column{Name: name, Pos: pos, Typed: typed}
		declare(&c, attribute{base: base, catalog: true, modifier: modifier})
		return c
	}
	parents := &sqlcore.Table{Name: "parents", Schema: "public", Base: "parents", Key: []int{0}, Columns: []sqlcore.Column{
		column(0, "id", "uuid", "uuid", -1), column(1, "dataareaid", "varchar", "character varying", 8), column(2, "code", "text", "text", -1)}}
	children := &sqlcore.Table{Name: `sales.the "children"`, Schema: "sales", Base: `the "children"`, Key: []int{0, 1}, Columns: []sqlcore.Column{
		column(0, "number", "varchar", "character varying", 24), column(1, "day", "date", "date", -1), column(2, "dataareaid", "varchar", "character varying", 8),
		column(3, "parent", "uuid", "uuid", -1), column(4, "amount", "numeric", "numeric", 1179656), column(5, "seen", "timestamptz", "timestamp with time zone", -1)}}
	children.Columns[3].Parent = &sqlcore.Reference{Table: "parents", Column: "id", Lookup: true}
	c := &catalog{relations: map[string]*relation{}}
	for _, t := range []*sqlcore.Table{parents, children} {
		c.Add(t)
		c.relations[t.Name] = &relation{oid: "4711", table: t}
	}
	return c
}

func sampleEntity(t *testing.T, fold connectors.Fold) *plan {
	e := &entity{sel: connectors.Selection{Entity: `sales.the "children"`, Fields: []string{"dataareaid", "number", "parent.code", "amount", "seen", "day"}, Key: []int{0, 1}, Company: 0,
		Companies: []string{"USMF", "dat"}, Fold: fold, Filter: filter.And{
			Left:  filter.Compare{Field: "parent.code", Op: filter.Ne, Value: filter.Literal{Kind: filter.TextLiteral, Text: "A "}},
			Right: filter.Not{X: filter.Compare{Field: "seen", Op: filter.Ge, Value: filter.Literal{Kind: filter.DateLiteral, Text: "2024-02-29"}}}}}}
	p, err := e.compiled(sample())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStatementsAreTheReviewedOnes holds every statement to the text that was
// looked through; run it with -update after a change, and look again.
func TestStatementsAreTheReviewedOnes(t *testing.T) {
	var out strings.Builder
	add := func(name, sql string) { out.WriteString("-- " + name + "\n" + numbered(sql) + ";\n\n") }
	p := sampleEntity(t, connectors.Fold{})
	add("count", p.Count().SQL)
	add("first page", p.Page(nil, 100).SQL)
	add("next page", p.Page([]any{"N1", "2024-02-29"}, 100).SQL)
	ids, _, _ := p.byIDs([]string{"N1|2024-02-29"})
	add("by native ids", ids)
	add("by keys", p.Lookup(0, 2, p.KeyCondition("k.v", false)))
	add("by keys with nulls", p.Lookup(0, 2, p.KeyCondition("k.v", true)))
	loose := sampleEntity(t, connectors.Fold{Case: true, Space: true})
	add("by keys, folded", loose.Lookup(0, 2, loose.KeyCondition("k.v", false)))
	row := connectors.Row{connectors.TextValue("usmf"), connectors.TextValue("N1"), connectors.TextValue("P"), connectors.IntValue(1), {}, connectors.TextValue("2024-02-29")}
	for _, w := range []struct {
		name string
		connectors.Write
	}{
		{"create with a lookup", connectors.Write{Op: connectors.Create, Row: row, Fields: []bool{true, true, true, true, false, true}}},
		{"update of a lookup in the stored company", connectors.Write{Op: connectors.Update, ID: "N1|2024-02-29", Row: row, Fields: []bool{false, false, true, false, false, false}}},
		{"update of plain fields", connectors.Write{Op: connectors.Update, ID: "N1|2024-02-29", Row: row, Fields: []bool{false, false, false, true, false, true}}},
		{"delete", connectors.Write{Op: connectors.Delete, ID: "N1|2024-02-29"}},
	} {
		add(w.name, p.statementFor(p.prepare(0, w.Write)).sql)
	}
	c := capture{"4711", p.Table}
	add("capture", strings.Join(c.install(), ";\n"))
	path := filepath.Join("testdata", "statements.sql")
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	reviewed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(reviewed) != out.String() {
		t.Errorf("the statements are not those of %s; they are now:\n%s", path, out.String())
	}
}
