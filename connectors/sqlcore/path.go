package sqlcore

import (
	"fmt"

	"dualwrite/connectors"
)

// Path is a field path, compiled: the columns it passes, the first in the
// entity's own table, each but the last a lookup.
type Path struct {
	Text  string
	Steps []Step
}

// Step is one column on the way and the table it is in.
type Step struct {
	Table  *Table
	Column *Column
}

// Own is the column of the entity's own table.
func (p *Path) Own() *Column { return p.Steps[0].Column }

// End is the column whose content the path reads.
func (p *Path) End() *Column { return p.Steps[len(p.Steps)-1].Column }

// Plain reports whether the path follows no lookup.
func (p *Path) Plain() bool { return len(p.Steps) == 1 }

// Rest is the path from its first lookup's parent on.
func (p *Path) Rest() *Path { return &Path{Text: p.Text, Steps: p.Steps[1:]} }

// Resolve compiles a path that starts in t. It fails with NoEntity.
func (c *Catalog) Resolve(t *Table, text string) (*Path, error) {
	p := &Path{Text: text}
	missing := func(message string) error {
		return &connectors.Error{Kind: connectors.NoEntity, Entity: t.Name, Field: text, Message: message}
	}
	at, rest := t, text
	for {
		if col, ok := at.Column(rest); ok { // a name may have dots in it
			p.Steps = append(p.Steps, Step{at, col})
			return p, nil
		}
		var head string
		head, rest = connectors.CutPath(rest)
		col, ok := at.Column(head)
		switch {
		case !ok:
			return nil, missing(fmt.Sprintf("there is no column %s in %s", head, at.Name))
		case col.Parent == nil || !col.Parent.Lookup:
			return nil, missing(fmt.Sprintf("%s of %s is not a lookup", head, at.Name))
		case rest == "":
			return nil, missing(fmt.Sprintf("%s ends without a field", text))
		}
		p.Steps = append(p.Steps, Step{at, col})
		at = c.Tables[col.Parent.Table]
	}
}

// Joins collects the LEFT JOINs that the paths of one statement read through,
// each once. The entity's own table goes by an alias.
type Joins struct {
	Text   string
	Alias  string // of the entity's own table
	D      Dialect
	byPath map[string]string // alias by the path of the lookup
}

// Column is the expression that reads the end of a path.
func (j *Joins) Column(p *Path) string {
	alias, prefix := j.Alias, ""
	for i, s := range p.Steps[:len(p.Steps)-1] {
		prefix += "." + s.Column.Name
		next, ok := j.byPath[prefix]
		if !ok {
			if j.byPath == nil {
				j.byPath = map[string]string{}
			}
			next = fmt.Sprintf("j%d", len(j.byPath)+1)
			j.byPath[prefix] = next
			parent := p.Steps[i+1].Table
			j.Text += fmt.Sprintf(" LEFT JOIN %s AS %s ON %s.%s = %s.%s", j.D.From(parent), next,
				next, j.D.Quote(parent.SingleKey().Name), alias, j.D.Quote(s.Column.Name))
		}
		alias = next
	}
	return alias + "." + j.D.Quote(p.End().Name)
}

// Leads is the condition that a path from the table known by an alias ends in a
// value, lookups on the way as subqueries, each step as its column compares by
// equal. Within, where it is not nil, adds to each record on the way.
func (p *Path) Leads(d Dialect, alias, value string, equal func(a, b string) string, within func(t *Table, alias string) string) string {
	col := alias + "." + d.Quote(p.Own().Name)
	sql := equal(col, value)
	if !p.Plain() {
		rest := p.Rest()
		parent, inner := rest.Steps[0].Table, alias+"p"
		sql = fmt.Sprintf("%s IN (SELECT %s.%s FROM %s AS %s WHERE %s)", col, inner, d.Quote(parent.SingleKey().Name),
			d.From(parent), inner, rest.Leads(d, inner, value, equal, within))
	}
	if within == nil {
		return sql
	}
	if more := within(p.Steps[0].Table, alias); more != "" {
		sql += " AND " + more
	}
	return sql
}
