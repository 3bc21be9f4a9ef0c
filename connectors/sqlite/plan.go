package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// plan is a selection compiled against one catalog: the statements that read
// it. Every one reads the same columns: native id, sequence of the record's
// newest log row, all columns of the table (the version token covers them all),
// then those that lookups lead to.
type plan struct {
	cat     *catalog
	sel     connectors.Selection
	t       *table
	fields  []*path
	raw     []int    // position, among the columns read, of each field's content
	list    string   // the columns read
	table   string   // the table, as t
	joins   string   // what the fields are read through
	where   fragment // what Scan and Count return
	keyEnds []string // expressions of the alternate key's content
}

// ownColumns is where the table's own columns begin among the columns read.
const ownColumns = 2

func (c *catalog) compile(sel connectors.Selection) (*plan, error) {
	t, err := c.table(sel.Entity)
	if err != nil {
		return nil, err
	}
	p := &plan{cat: c, sel: sel, t: t, raw: make([]int, len(sel.Fields))}
	j := &joins{}
	sequence := "0"
	if _, on := c.installed[logName(t.name)]; on {
		sequence = "(SELECT coalesce(max(l.seq), 0) FROM " + from(logName(t.name)) + " AS l WHERE l.id = " + t.idSQL("t.") + ")"
	}
	columns := []string{t.idSQL("t."), sequence}
	for i := range t.columns {
		// The plus keeps the driver from making a time of a DATE column's text.
		columns = append(columns, "+t."+quote(t.columns[i].name))
	}
	for i, text := range sel.Fields {
		f, err := c.resolve(t, text)
		if err != nil {
			return nil, err
		}
		p.fields = append(p.fields, f)
		if p.raw[i] = ownColumns + f.own().pos; !f.plain() {
			p.raw[i] = len(columns)
			columns = append(columns, "+"+j.column(f))
		}
	}
	for _, pos := range sel.Key {
		p.keyEnds = append(p.keyEnds, j.column(p.fields[pos]))
	}
	p.list = strings.Join(columns, ", ")
	if p.where, err = c.condition(p, j); err != nil {
		return nil, err
	}
	p.table, p.joins = from(t.name)+" AS t", j.text
	return p, nil
}

// condition is what Scan and Count return: records of the selected companies
// that pass the filter and have a native id.
func (c *catalog) condition(p *plan, j *joins) (fragment, error) {
	var all fragment
	add := func(f fragment) {
		if all.sql != "" {
			all.sql += " AND "
		}
		all.sql += "(" + f.sql + ")"
		all.args = append(all.args, f.args...)
	}
	add(fragment{sql: "1"})
	if p.t.nullableKey() {
		for _, col := range p.t.idColumns("t.") {
			add(fragment{sql: col + " IS NOT NULL"})
		}
	}
	if p.sel.Company >= 0 && len(p.sel.Companies) > 0 {
		company := "rtrim(" + j.column(p.fields[p.sel.Company]) + ", ' ') COLLATE NOCASE"
		var codes []any
		for _, code := range p.sel.Companies {
			codes = append(codes, strings.TrimRight(code, " "))
		}
		add(fragment{company + " IN (" + numbered(len(codes)) + ")", codes})
	}
	if p.sel.Filter == nil {
		return all, nil
	}
	f, err := c.filter(p.t, p.sel.Filter, j)
	if err != nil {
		return all, err
	}
	add(f)
	return all, nil
}

// filter compiles the filter's fields, which need not be among the selected.
func (c *catalog) filter(t *table, e filter.Expr, j *joins) (fragment, error) {
	names := filter.Fields(e)
	types := make([]connectors.Type, len(names))
	fields := map[string]filterField{}
	for i, name := range names {
		f, err := c.resolve(t, name)
		if err != nil {
			return fragment{}, err
		}
		fields[name], types[i] = filterField{j.column(f), f.end()}, f.end().typ
	}
	if _, err := connectors.CompileFilter(e, names, types); err != nil {
		return fragment{}, err
	}
	return filterSQL(e, fields), nil
}

// position finds the field whose path starts at a column of the table; -1 when
// the selection has none.
func (p *plan) position(column string) int {
	return slices.IndexFunc(p.fields, func(f *path) bool { return f.own().name == column })
}

// spelled is a column's name as the selection spells it.
func (p *plan) spelled(column string) string {
	if i := p.position(column); i >= 0 {
		return p.sel.Fields[i]
	}
	return column
}

// statement reads records; tail is what follows the table and its joins.
func (p *plan) statement(tail string) string {
	return "SELECT " + p.list + " FROM " + p.table + p.joins + tail
}

// lookup reads the records that meet a condition with one of n keys, which are
// bound as the rows of k: v0 to v<width-1>. The cross join has SQLite take the
// keys one by one and look each up in an index.
func (p *plan) lookup(n, width int, condition string) string {
	names := make([]string, width)
	for i := range names {
		names[i] = "v" + strconv.Itoa(i)
	}
	return "WITH k(" + strings.Join(names, ", ") + ") AS (VALUES " + tuples(n, width) + ") SELECT " + p.list +
		" FROM k CROSS JOIN " + p.table + p.joins + " WHERE " + condition
}

func tuples(n, width int) string {
	one := "(" + numbered(width) + ")"
	return strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
}

func (p *plan) query(ctx context.Context, q querier, query string, args []any, found func(connectors.Record)) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return p.records(rows, found)
}

func (p *plan) records(rows *sql.Rows, found func(connectors.Record)) error {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	raw := make([]any, len(names))
	into := make([]any, len(names))
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		found(p.record(raw))
	}
	return rows.Err()
}

func (p *plan) record(raw []any) connectors.Record {
	r := connectors.Record{Row: make(connectors.Row, len(p.fields))}
	r.ID, _ = raw[0].(string)
	sequence, _ := raw[1].(int64)
	r.Version = strconv.FormatInt(sequence, 36) + "-" + strconv.FormatUint(digest(raw[ownColumns:ownColumns+len(p.t.columns)]), 36)
	for i, f := range p.fields {
		r.Row[i] = f.end().load(raw[p.raw[i]])
	}
	return r
}
