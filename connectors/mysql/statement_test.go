package mysql

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
	"dualwrite/connectors/sqlcore/sqlgolden"
)

const children = "the `children'`"

// sample is a catalog with a lookup behind a lookup, a company, a composite key
// and a name that must be quoted.
func sample(mariaDB bool) *catalog {
	column := func(name string, ct columnType) sqlcore.Column {
		c := sqlcore.Column{Name: name}
		if ct.name == "varchar" {
			ct.charset, ct.collation = "utf8mb4", "utf8mb4_bin"
		}
		ct.apply(&c)
		return c
	}
	text, whole := columnType{name: "varchar", full: "varchar(20)", length: 20}, columnType{name: "bigint", full: "bigint(20)"}
	regions := &sqlcore.Table{Name: "regions", Base: "regions", Key: []int{0}, Columns: []sqlcore.Column{column("id", whole), column("code", text)}}
	parents := &sqlcore.Table{Name: "parents", Base: "parents", Key: []int{0}, Columns: []sqlcore.Column{column("id", whole), column("dataareaid", text), column("code", text), column("region", whole)}}
	parents.Columns[3].Parent = &sqlcore.Reference{Table: "regions", Column: "id", Lookup: true}
	t := &sqlcore.Table{Name: children, Base: children, Key: []int{0, 1}, Columns: []sqlcore.Column{column("number", text), column("day", columnType{name: "date"}), column("dataareaid", text),
		column("parent", whole), column("amount", columnType{name: "decimal", precision: 18, scale: 4}), column("seen", columnType{name: "datetime", fraction: 6})}}
	t.Columns[3].Parent = &sqlcore.Reference{Table: "parents", Column: "id", Lookup: true}
	c := &catalog{Catalog: &sqlcore.Catalog{}, d: dialect{mariaDB: mariaDB, returning: mariaDB, captured: map[string]bool{children: true}}, rels: map[string]*rel{}}
	for _, t := range []*sqlcore.Table{regions, parents, t} {
		for i := range t.Columns {
			t.Columns[i].Pos = i
		}
		c.Add(t)
		c.rels[t.Name] = &rel{key: "PRIMARY"}
	}
	return c
}

// TestStatementsAreTheReviewedOnes holds every statement, as MariaDB and as MySQL
// 8 take it, to the text that was looked through; run it with -update after a
// change, and look again.
func TestStatementsAreTheReviewedOnes(t *testing.T) {
	for file, mariaDB := range map[string]bool{"mariadb.sql": true, "mysql8.sql": false} {
		out := &sqlgolden.Texts{Bound: placed}
		c := sample(mariaDB)
		plan := func(sel connectors.Selection) *plan {
			p, err := c.compile(sel)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		reading(out, plan)
		writing(out, plan)
		capturing(out, c)
		out.Check(t, file)
	}
}

func reading(out *sqlgolden.Texts, plan func(connectors.Selection) *plan) {
	p := plan(sqlgolden.Children(children, connectors.Fold{}))
	out.Add("count", p.Count().SQL)
	out.Add("first page", p.Page(nil, 100).SQL)
	out.Add("next page", p.Page([]any{"N1", "2024-02-29"}, 100).SQL)
	out.Add("by native ids", p.numbered(2, 2, p.byID()))
	single := plan(connectors.Selection{Entity: "parents", Fields: []string{"code"}, Company: -1})
	out.Add("by one native id", p.numbered(1, 2, p.byID()))
	out.Add("by native ids of one column", single.numbered(2, 1, single.byID()))
	out.Add("by keys with nulls", p.numbered(2, 2, p.keyEquals(" <=> ")))
	for _, name := range sqlgolden.FoldNames() {
		folded := plan(sqlgolden.Children(children, sqlgolden.Folds()[name]))
		if folded.Indexed() {
			out.Add("by keys, "+name, folded.numbered(2, 2, folded.keyEquals(" = ")))
		} else {
			out.Add("by keys, "+name, folded.Select(folded.spelling()+" IN ("+sqlcore.Marks(2)+")"))
		}
	}
	nested := plan(sqlgolden.Nested(children))
	out.Add("by keys two lookups away", nested.numbered(2, 2, nested.keyEquals(" = ")))
	for _, f := range sqlgolden.Filters() {
		out.Add("count of "+filter.String(f), plan(connectors.Selection{Entity: children, Fields: []string{"number"}, Company: -1, Filter: f}).Count().SQL)
	}
}

func writing(out *sqlgolden.Texts, plan func(connectors.Selection) *plan) {
	p, nested := plan(sqlgolden.Children(children, connectors.Fold{})), plan(sqlgolden.Nested(children))
	lookup := func(p *sqlcore.Table) *sqlcore.Column { return &p.Columns[3] }
	out.Add("locks", p.locking(2))
	out.Add("parents, in a company", "WITH "+p.rows(2, 2)+p.question(&question{lookup: lookup(p.Table), fields: []int{2}}))
	out.Add("parents by what is two lookups away", "WITH "+nested.rows(2, 3)+nested.question(&question{lookup: lookup(nested.Table), fields: []int{1, 2}}))
	out.Add("inserts", p.inserting(2, []int{0, 1, 2, 3, 4}))
	out.Add("updates", p.updating(2, []int{3, 4, 5}))
	out.Add("updates one", p.updatingOne([]int{3, 4, 5}))
	out.Add("deletes", p.deleting(2))
}

func capturing(out *sqlgolden.Texts, c *catalog) {
	table := c.Tables[children]
	script := []string{captureTable, logTable(table)}
	for _, tr := range triggers(c.d, table) {
		script = append(script, tr.sql(table))
	}
	out.Add("capture", strings.Join(script, ";\n"))
	out.Add("image of a view", imageTable(table))
}
