package service

import (
	"fmt"
	"strings"
)

// query is an SQL statement in the making: the joins that paths needed and the
// arguments of the conditions.
type query struct {
	model    *Model
	grammar  Grammar
	root     *Entity
	joins    []string
	entities map[string]*Entity // by alias
	aliases  map[string]string  // by path of navigation properties
	args     []any
}

func newQuery(m *Model, g Grammar, e *Entity) *query {
	return &query{model: m, grammar: g, root: e, entities: map[string]*Entity{"t": e}, aliases: map[string]string{"": "t"}}
}

// column is the expression of a field of a record. What the server keeps about
// records stands beside them.
func (e *Entity) column(alias string, f *Field) string {
	if f.Stamp == "" {
		return alias + "." + quoted(f.Column)
	}
	return fmt.Sprintf("(SELECT %s FROM practice_versions v WHERE v.entity = %s AND v.id = +%s.%s)", f.Stamp, literal(e.Table), alias, quoted(e.ID))
}

// enter gives the alias of the record that a lookup refers to, joining it once.
func (q *query) enter(alias string, lookup *Field) (string, error) {
	path := alias + "/" + lookup.Navigation
	if known, ok := q.aliases[path]; ok {
		return known, nil
	}
	target := q.model.Entity(lookup.Target)
	if target == nil {
		return "", &Refusal{Kind: UnknownField, Entity: q.entities[alias], Value: lookup.Navigation}
	}
	joined := fmt.Sprintf("j%d", len(q.joins))
	q.joins = append(q.joins, fmt.Sprintf(" LEFT JOIN %s %s ON %s.%s = %s", quoted(target.Table), joined, joined, quoted(target.ID), q.entities[alias].column(alias, lookup)))
	q.aliases[path], q.entities[joined] = joined, target
	return joined, nil
}

// resolve finds the field at the end of a path and the column that holds it.
func (q *query) resolve(path []string) (*Field, string, error) {
	alias := "t"
	for _, step := range path[:len(path)-1] {
		lookup := q.entities[alias].Navigation(step)
		if lookup == nil {
			return nil, "", &Refusal{Kind: UnknownField, Entity: q.entities[alias], Value: step}
		}
		next, err := q.enter(alias, lookup)
		if err != nil {
			return nil, "", err
		}
		alias = next
	}
	e := q.entities[alias]
	f := e.Property(path[len(path)-1])
	if f == nil {
		return nil, "", &Refusal{Kind: UnknownField, Entity: e, Value: path[len(path)-1]}
	}
	return f, e.column(alias, f), nil
}

// where translates a filter.
func (q *query) where(f Filter) (string, error) {
	switch n := f.(type) {
	case nil:
		return "1", nil
	case *Junction:
		return q.junction(n)
	case *Negation:
		inner, err := q.where(n.Of)
		return "NOT " + inner, err
	case *Comparison:
		return q.comparison(n)
	case *TextTest:
		return q.textTest(n)
	}
	return "", fmt.Errorf("a filter cannot hold a %T", f)
}

// junction joins its parts as a balanced tree: SQLite limits the depth of an
// expression, not its size.
func (q *query) junction(j *Junction) (string, error) {
	parts := make([]string, len(j.Parts))
	for i, p := range j.Parts {
		sql, err := q.where(p)
		if err != nil {
			return "", err
		}
		parts[i] = sql
	}
	operator := " AND "
	if j.Any {
		operator = " OR "
	}
	return balanced(parts, operator), nil
}

func balanced(parts []string, operator string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	half := len(parts) / 2
	return "(" + balanced(parts[:half], operator) + operator + balanced(parts[half:], operator) + ")"
}

func (q *query) textTest(n *TextTest) (string, error) {
	f, column, err := q.resolve(n.Path)
	if err != nil {
		return "", err
	}
	if f.Type != Text {
		return "", &Refusal{Kind: BadFilter, Message: "The function '" + n.Func + "' needs a property of the type Edm.String."}
	}
	pattern := escaped(n.Text)
	if n.Func != "startswith" {
		pattern = "%" + pattern
	}
	if n.Func != "endswith" {
		pattern += "%"
	}
	q.args = append(q.args, pattern)
	if q.model.EmptyForNull {
		column = "coalesce(" + column + ", '')"
	}
	return fmt.Sprintf(`(%s IS NOT NULL AND %s LIKE ? ESCAPE '\')`, column, column), nil
}

// escaped is a text as a LIKE pattern that means itself.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}
