package mysql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// resolveLookups finds the native ids that the items' lookups are to hold: for
// each lookup, the parent that all fields through it agree on, in the record's
// own company. Fields without content clear the lookup.
func (b *batch) resolveLookups(ctx context.Context, items []*item) error {
	for _, it := range items {
		it.parents = map[int]any{}
	}
	for i, f := range b.p.Fields {
		first := slices.IndexFunc(b.p.Fields, func(g *sqlcore.Path) bool { return !g.Plain() && g.Own() == f.Own() })
		if f.Plain() || first != i {
			continue
		}
		if err := b.resolveLookup(ctx, items, f.Own()); err != nil {
			return err
		}
	}
	return nil
}

// question is what some items ask of a lookup: fields by position.
type question struct {
	lookup *sqlcore.Column
	fields []int
	items  []*item
}

func (b *batch) resolveLookup(ctx context.Context, items []*item, lookup *sqlcore.Column) error {
	var questions []*question
	for _, it := range items {
		if it.w.Op == connectors.Delete || !it.open() || it.missing != nil || len(it.w.Fields) != len(b.p.Fields) {
			continue
		}
		named, asks := b.p.asks(it, lookup)
		if named && len(asks) == 0 {
			it.parents[lookup.Pos] = nil
		}
		if len(asks) == 0 {
			continue
		}
		i := slices.IndexFunc(questions, func(q *question) bool { return slices.Equal(q.fields, asks) })
		if i < 0 {
			i = len(questions)
			questions = append(questions, &question{lookup: lookup, fields: asks})
		}
		questions[i].items = append(questions[i].items, it)
	}
	for _, q := range questions {
		if err := b.ask(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// asks lists the fields through a lookup that have content.
func (p *plan) asks(it *item, lookup *sqlcore.Column) (named bool, fields []int) {
	for i, f := range p.Fields {
		if f.Own() == lookup && !f.Plain() && it.set[i] {
			named = true
			if !it.w.Row[i].IsEmpty() {
				fields = append(fields, i)
			}
		}
	}
	return named, fields
}

func (b *batch) ask(ctx context.Context, q *question) error {
	var rows [][]any
	var asking [][]*item
	at := map[string]int{}
	for _, it := range q.items {
		row := b.p.questionRow(it, q.fields)
		text := fmt.Sprintf("%q", row)
		n, ok := at[text]
		if !ok {
			n = len(rows)
			at[text] = n
			rows, asking = append(rows, row), append(asking, nil)
		}
		asking[n] = append(asking[n], it)
	}
	text := b.p.question(q)
	found := make([]int, len(rows))
	for base, part := range portions(rows) {
		err := b.l.query(ctx, "WITH "+b.p.rows(len(part), len(part[0]))+text, bind(part, base), func(raw []any) error {
			n := int(num(raw[0]))
			found[n]++
			for _, it := range asking[n] {
				it.parents[q.lookup.Pos] = bound(q.lookup, load(q.lookup, raw[1]))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for n, count := range found {
		for _, it := range asking[n] {
			b.p.noParent(it, q, count)
		}
	}
	return nil
}

// noParent refuses an item for whose question there is not exactly one answer.
func (p *plan) noParent(it *item, q *question, count int) {
	switch {
	case count == 0:
		it.missing = p.missing(it, q.fields[0])
	case count > 1:
		e := p.missing(it, q.fields[0])
		it.missing = &connectors.Error{Kind: connectors.Invalid, Field: e.Field, Value: e.ParentKey,
			Message: "several records of " + e.Parent + " have the key " + quoted(e.ParentKey)}
	}
}

// questionRow is what an item asks: the content of the fields, and its company.
func (p *plan) questionRow(it *item, fields []int) []any {
	var row []any
	for _, i := range fields {
		row = append(row, bound(p.Fields[i].End(), it.values[i]))
	}
	pos := p.Sel.Company
	if pos < 0 {
		return append(row, nil)
	}
	company := it.w.Row[pos]
	if it.w.Op == connectors.Update && !it.set[pos] && it.there {
		company = it.now.Row[pos]
	}
	v, refusal := p.Fields[pos].End().Convert(company)
	if refusal != nil {
		v = company
	}
	return append(row, bound(p.Fields[pos].End(), v))
}

// question reads the native ids of parents, with the number of the row asking.
func (p *plan) question(q *question) string {
	parent := p.Fields[q.fields[0]].Steps[1].Table
	company := "k.v" + strconv.Itoa(len(q.fields))
	within := func(t *sqlcore.Table, alias string) string {
		if p.Sel.Company < 0 {
			return ""
		}
		path, err := p.Catalog.Resolve(t, p.Sel.Fields[p.Sel.Company])
		if err != nil { // the parent belongs to no company
			return ""
		}
		return path.Leads(p.D, alias, p.D.Operand(path.End(), company), p.D.Same, nil)
	}
	var conditions []string
	for i, pos := range q.fields {
		f := p.Fields[pos]
		conditions = append(conditions, f.Rest().Leads(p.D, "p", p.D.Operand(f.End(), "k.v"+strconv.Itoa(i)), p.D.Same, within))
	}
	key := parent.SingleKey()
	return " SELECT STRAIGHT_JOIN k.n, " + p.D.Read(key, "p."+quote(key.Name)) + " FROM " + boundRows + " AS k JOIN " + p.D.From(parent) + " AS p WHERE " + strings.Join(conditions, " AND ")
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }
