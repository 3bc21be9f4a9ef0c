package postgres

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
	"dualwrite/connectors/sqlcore/sqlgolden"
)

// sample is a catalog with a lookup behind a lookup, a company, a composite key and a name that
// must be quoted.
func sample() *catalog {
	column := func(pos int, name, base, typed string, modifier int) sqlcore.Column {
		c := sqlcore.Column{Name: name, Pos: pos, Typed: typed}
		declare(&c, attribute{base: base, catalog: true, modifier: modifier})
		return c
	}
	regions := &sqlcore.Table{Name: `"regions"`, Schema: "public", Base: `"regions"`, Key: []int{0}, Columns: []sqlcore.Column{
		column(0, "id", "int8", "bigint", -1), column(1, "code", "text", "text", -1)}}
	parents := &sqlcore.Table{Name: "parents", Schema: "public", Base: "parents", Key: []int{0}, Columns: []sqlcore.Column{
		column(0, "id", "uuid", "uuid", -1), column(1, "dataareaid", "varchar", "character varying", 8), column(2, "code", "text", "text", -1), column(3, "region", "int8", "bigint", -1)}}
	parents.Columns[3].Parent = &sqlcore.Reference{Table: `"regions"`, Column: "id", Lookup: true}
	children := &sqlcore.Table{Name: `sales.the "children"`, Schema: "sales", Base: `the "children"`, Key: []int{0, 1}, Columns: []sqlcore.Column{
		column(0, "number", "varchar", "character varying", 24), column(1, "day", "date", "date", -1), column(2, "dataareaid", "varchar", "character varying", 8),
		column(3, "parent", "uuid", "uuid", -1), column(4, "amount", "numeric", "numeric", 1179656), column(5, "seen", "timestamptz", "timestamp with time zone", -1)}}
	children.Columns[3].Parent = &sqlcore.Reference{Table: "parents", Column: "id", Lookup: true}
	c := &catalog{relations: map[string]*relation{}}
	for _, t := range []*sqlcore.Table{regions, parents, children} {
		c.Add(t)
		c.relations[t.Name] = &relation{oid: "4711", table: t}
	}
	return c
}

func planOf(t *testing.T, sel connectors.Selection) *plan {
	t.Helper()
	p, err := (&entity{sel: sel}).compiled(sample())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func prepared(p *plan, w connectors.Write) *item {
	return newBatch(p, nil, []connectors.Write{w}).items[0]
}

const children = `sales.the "children"`

// TestStatementsAreTheReviewedOnes holds every statement to the text that was
// looked through; run it with -update after a change, and look again.
func TestStatementsAreTheReviewedOnes(t *testing.T) {
	out := &sqlgolden.Texts{Bound: numbered}
	p := planOf(t, sqlgolden.Children(children, connectors.Fold{}))
	out.Add("count", p.Count().SQL)
	out.Add("first page", p.Page(nil, 100).SQL)
	out.Add("next page", p.Page([]any{"N1", "2024-02-29"}, 100).SQL)
	ids, _, _ := p.byIDs([]string{"N1|2024-02-29"})
	out.Add("by native ids", ids)
	single, _, _ := planOf(t, connectors.Selection{Entity: "parents", Fields: []string{"code"}, Company: -1}).byIDs([]string{"00000000-0000-0000-0000-000000000001"})
	out.Add("by native ids of one column", single)
	out.Add("by keys with nulls", p.Lookup(0, 2, p.KeyCondition("k.v", true)))
	for _, name := range sqlgolden.FoldNames() {
		folded := planOf(t, sqlgolden.Children(children, sqlgolden.Folds()[name]))
		out.Add("by keys, "+name, folded.Lookup(0, 2, folded.KeyCondition("k.v", false)))
	}
	nested := planOf(t, sqlgolden.Nested(children))
	out.Add("by keys two lookups away", nested.Lookup(0, 2, nested.KeyCondition("k.v", false)))
	texts := connectors.Row{connectors.TextValue("N1"), connectors.TextValue("EU"), connectors.TextValue("P")}
	write := connectors.Write{Op: connectors.Update, ID: "N1|2024-02-29", Row: texts, Fields: []bool{false, true, true}}
	out.Add("update of a lookup by what is two lookups away", nested.statementFor(prepared(nested, write)).sql)
	for _, f := range sqlgolden.Filters() {
		sel := connectors.Selection{Entity: children, Fields: []string{"number"}, Company: -1, Filter: f}
		out.Add("count of "+filter.String(f), planOf(t, sel).Count().SQL)
	}
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
		out.Add(w.name, p.statementFor(prepared(p, w.Write)).sql)
	}
	c := capture{oid: "4711", table: p.Table}
	out.Add("capture", strings.Join(c.install(), ";\n"))
	view := *p.Table
	view.View = true
	out.Add("capture of a partitioned table", strings.Join(capture{oid: "4713", table: p.Table, byRow: true}.install(), ";\n"))
	v := capture{oid: "4712", table: &view}
	out.Add("capture of a view", strings.Join(v.install(), ";\n"))
	out.Add("comparison of a view", v.compare())
	out.Check(t, "statements.sql")
}
