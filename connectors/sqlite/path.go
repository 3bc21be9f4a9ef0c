package sqlite

import (
	"fmt"

	"dualwrite/connectors"
)

// path is a field path, compiled: the columns it passes, the first in the
// entity's own table, each but the last a lookup.
type path struct {
	text  string
	steps []step
}

type step struct {
	table  *table
	column *column
}

func (p *path) own() *column { return p.steps[0].column }
func (p *path) end() *column { return p.steps[len(p.steps)-1].column }
func (p *path) plain() bool  { return len(p.steps) == 1 }

// resolve compiles a path that starts in t.
func (c *catalog) resolve(t *table, text string) (*path, error) {
	p := &path{text: text}
	missing := func(message string) error {
		return &connectors.Error{Kind: connectors.NoEntity, Entity: t.name, Field: text, Message: message}
	}
	at, rest := t, text
	for {
		if col, ok := at.column(rest); ok { // a name may have dots in it
			p.steps = append(p.steps, step{at, col})
			return p, nil
		}
		var head string
		head, rest = connectors.CutPath(rest)
		col, ok := at.column(head)
		switch {
		case !ok:
			return nil, missing(fmt.Sprintf("there is no column %s in %s", head, at.name))
		case col.parent == nil || !col.parent.lookup:
			return nil, missing(fmt.Sprintf("%s of %s is not a lookup", head, at.name))
		case rest == "":
			return nil, missing(fmt.Sprintf("%s ends without a field", text))
		}
		p.steps = append(p.steps, step{at, col})
		at = c.tables[col.parent.table]
	}
}

// joins collects the LEFT JOINs that the paths of one statement read through,
// each once. The entity's own table goes by the alias t.
type joins struct {
	text   string
	byPath map[string]string // alias by the path of the lookup
}

// column is the expression that reads the end of a path.
func (j *joins) column(p *path) string {
	alias, prefix := "t", ""
	for i, s := range p.steps[:len(p.steps)-1] {
		prefix += "." + s.column.name
		next, ok := j.byPath[prefix]
		if !ok {
			if j.byPath == nil {
				j.byPath = map[string]string{}
			}
			next = fmt.Sprintf("j%d", len(j.byPath)+1)
			j.byPath[prefix] = next
			parent := p.steps[i+1].table
			j.text += fmt.Sprintf(" LEFT JOIN %s AS %s ON %s.%s = %s.%s",
				from(parent.name), next, next, quote(parent.key().name), alias, quote(s.column.name))
		}
		alias = next
	}
	return alias + "." + quote(p.end().name)
}

// equals compares the end of a path with a value, lookups on the way as
// subqueries, each step as its column compares. It starts in the table that
// goes by the alias.
func (p *path) equals(alias, value string) string {
	col := alias + "." + quote(p.own().name)
	if p.plain() {
		return col + " IS " + value
	}
	rest := &path{steps: p.steps[1:]}
	parent, inner := rest.steps[0].table, alias+"p"
	return fmt.Sprintf("%s IN (SELECT %s.%s FROM %s AS %s WHERE %s)",
		col, inner, quote(parent.key().name), from(parent.name), inner, rest.equals(inner, value))
}
