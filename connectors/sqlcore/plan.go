package sqlcore

import (
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
)

// Plan is a selection compiled against one catalog: the statements that read
// it. Every one reads the same columns: the native id, the dialect's Head, and
// the content of each field at the position that At names.
type Plan struct {
	Catalog *Catalog
	D       Dialect
	Sel     connectors.Selection
	Table   *Table
	Fields  []*Path
	At      []int    // position, among the columns read, of each field's content
	List    []string // the columns read
	Source  string   // the table, as t, and what the fields are read through
	KeyEnds []string // expressions of the alternate key's content
	where   Fragment // what Scan and Count return
}

// Compile makes the plan of a selection; extra are conditions on t that every
// scan adds. It fails with NoEntity, or Invalid for a filter that cannot be.
func Compile(d Dialect, c *Catalog, sel connectors.Selection, extra ...string) (*Plan, error) {
	t, err := c.Table(sel.Entity)
	if err != nil {
		return nil, err
	}
	p := &Plan{Catalog: c, D: d, Sel: sel, Table: t, At: make([]int, len(sel.Fields))}
	j := &Joins{D: d, Alias: "t"}
	p.List = append([]string{t.IDSQL(d, "t.")}, d.Head(t, "t")...)
	head := p.List
	for i, text := range sel.Fields {
		f, err := c.Resolve(t, text)
		if err != nil {
			return nil, err
		}
		p.Fields = append(p.Fields, f)
		read := d.Read(f.End(), j.Column(f))
		if p.At[i] = 1 + slices.Index(head[1:], read); p.At[i] == 0 {
			p.At[i] = len(p.List)
			p.List = append(p.List, read)
		}
	}
	for _, pos := range sel.Key {
		p.KeyEnds = append(p.KeyEnds, j.Column(p.Fields[pos]))
	}
	if err := p.condition(j, extra); err != nil {
		return nil, err
	}
	p.Source = d.From(t) + " AS t" + j.Text
	return p, nil
}

// condition is what Scan and Count return: records of the selected companies
// that pass the filter.
func (p *Plan) condition(j *Joins, extra []string) error {
	all := Always()
	for _, sql := range extra {
		all.Add(" AND (" + sql + ")")
	}
	if p.Sel.Company >= 0 && len(p.Sel.Companies) > 0 {
		path := p.Fields[p.Sel.Company]
		loose := connectors.Fold{Case: true, Space: true}
		var codes []any
		for _, code := range p.Sel.Companies {
			codes = append(codes, loose.Apply(connectors.TextValue(code)).Text())
		}
		all.Add(" AND ("+p.D.Fold(path.End(), j.Column(path), loose)+" IN ("+Marks(len(codes))+"))", codes...)
	}
	if p.Sel.Filter != nil {
		f, err := p.Catalog.compileFilter(p.D, p.Table, p.Sel.Filter, j)
		if err != nil {
			return err
		}
		all.Add(" AND ("+f.SQL+")", f.Args...)
	}
	p.where = all
	return nil
}

// Count counts what Page goes through.
func (p *Plan) Count() Fragment {
	return Fragment{"SELECT count(*) FROM " + p.Source + " WHERE " + p.where.SQL, slices.Clone(p.where.Args)}
}

// Page reads at most size records in the order of the native id, after the one
// whose key columns hold the given values; nil for the first page.
func (p *Plan) Page(after []any, size int) Fragment {
	columns := p.Table.IDColumns(p.D, "t.")
	page := Fragment{"SELECT " + strings.Join(p.List, ", ") + " FROM " + p.Source + " WHERE " + p.where.SQL, slices.Clone(p.where.Args)}
	if after != nil {
		values := make([]string, len(after))
		for i := range values {
			values[i] = p.D.Operand(p.Table.IDColumn(i), Mark)
		}
		behind := Fragment{"(" + strings.Join(columns, ", ") + ") > (" + strings.Join(values, ", ") + ")", after}
		if s, ok := p.D.(Seeker); ok {
			behind = s.After(columns, values, after)
		}
		page.Add(" AND "+behind.SQL, behind.Args...)
	}
	page.Add(" ORDER BY " + strings.Join(columns, ", ") + " LIMIT " + strconv.Itoa(size))
	return page
}

// Select reads the records that a condition on t and what it is joined with
// passes.
func (p *Plan) Select(condition string) string {
	return "SELECT " + strings.Join(p.List, ", ") + " FROM " + p.Source + " WHERE " + condition
}

// Lookup reads the records that meet a condition with one of n rows, which are
// bound as k: v0 to v<width-1>. Where the dialect gives the order of joins a
// meaning, the rows come first and each is looked up in an index.
func (p *Plan) Lookup(n, width int, condition string) string {
	names := make([]string, width)
	for i := range names {
		names[i] = "v" + strconv.Itoa(i)
	}
	return "WITH k(" + strings.Join(names, ", ") + ") AS (" + p.D.Rows(n, width) + ") SELECT " + strings.Join(p.List, ", ") +
		" FROM k CROSS JOIN " + p.Source + " WHERE " + condition
}

// IDCondition compares the native id with the values of k.
func (p *Plan) IDCondition() string { return p.Table.IDEquals(p.D, "t.", "k.v") }

// IDEquals compares the columns of the native id, with a prefix, with values
// that go by a name and their number, "k.v0", "k.v1", or are bound at each Mark.
func (t *Table) IDEquals(d Dialect, prefix, value string) string {
	columns := t.IDColumns(d, prefix)
	for i, c := range columns {
		part := value
		if value != Mark {
			part += strconv.Itoa(i)
		}
		if col := t.IDColumn(i); col != nil && col.Opaque {
			columns[i] = d.IDPart(col, c) + " = " + part
		} else {
			columns[i] = c + " = " + d.Operand(col, part)
		}
	}
	return strings.Join(columns, " AND ")
}

// Folded is a key as text that two keys share when the selection takes them for
// one.
func (p *Plan) Folded(key connectors.Row) string {
	var b []byte
	for _, v := range key {
		b = p.Sel.Fold.Apply(v).AppendBinary(b)
	}
	return string(b)
}

// KeyOf is the alternate key of a row.
func (p *Plan) KeyOf(row connectors.Row) connectors.Row {
	key := make(connectors.Row, len(p.Sel.Key))
	for i, pos := range p.Sel.Key {
		key[i] = row[pos]
	}
	return key
}

// Spelled is a column's name as the selection spells it.
func (p *Plan) Spelled(column string) string {
	if i := p.Position(column); i >= 0 {
		return p.Sel.Fields[i]
	}
	return column
}

// Position finds the field whose path starts at a column of the table; -1 when
// the selection has none.
func (p *Plan) Position(column string) int {
	return slices.IndexFunc(p.Fields, func(f *Path) bool { return f.Own().Name == column })
}

// Capabilities are the plan's own share of what an entity promises: how the key
// compares, and whether the native id outlives a change of it.
func (p *Plan) Capabilities(caps connectors.Capabilities) connectors.Capabilities {
	caps.StableID = true
	for _, pos := range p.Sel.Key {
		f := p.Fields[pos]
		caps.Fold.Case = caps.Fold.Case || f.End().Fold.Case
		caps.Fold.Space = caps.Fold.Space || f.End().Fold.Space
		if f.Plain() && slices.Contains(p.Table.Key, f.Own().Pos) {
			caps.StableID = false
		}
	}
	return caps
}
