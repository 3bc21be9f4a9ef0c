package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
)

// assignments are the columns that a statement sets, and what to.
type assignments struct {
	columns []string
	args    []any
}

func (a *assignments) add(c *column, arg any) {
	a.columns = append(a.columns, quote(c.name))
	a.args = append(a.args, arg)
}

func (a *assignments) has(c *column) bool { return slices.Contains(a.columns, quote(c.name)) }

// assignments resolves the lookups and converts the values of a write. now is
// the record as it stands, nil for a create. Of several problems a missing
// parent is told first, since that one may mend itself.
func (b *batch) assignments(w connectors.Write, now *connectors.Record) (*assignments, error) {
	set := &assignments{}
	if len(w.Row) != len(b.p.fields) || len(w.Fields) != len(b.p.fields) {
		return nil, &connectors.Error{Kind: connectors.Invalid, Message: "the row is not one of this selection"}
	}
	var problem *connectors.Error
	keep := func(e *connectors.Error) {
		if problem == nil || e.Kind == connectors.MissingParent && problem.Kind != connectors.MissingParent {
			problem = e
		}
	}
	for _, plain := range []bool{false, true} {
		for i, f := range b.p.fields {
			if !w.Fields[i] || w.Row[i].State() == connectors.Absent || f.plain() != plain || set.has(f.own()) {
				continue
			}
			arg, refusal, err := b.argument(w, i, now)
			if err != nil {
				return nil, err
			}
			if refusal != nil {
				refusal.Field = f.text
				keep(refusal)
				continue
			}
			set.add(f.own(), arg)
		}
	}
	if problem != nil {
		return nil, problem
	}
	return set, nil
}

func (b *batch) argument(w connectors.Write, i int, now *connectors.Record) (any, *connectors.Error, error) {
	f := b.p.fields[i]
	if f.own().generated || b.p.t.alias && b.p.t.key() == f.own() {
		return nil, &connectors.Error{Kind: connectors.Invalid, Message: f.text + " is assigned by the app"}, nil
	}
	if !f.plain() {
		return b.parent(w, i, now)
	}
	arg, refusal := f.end().store(w.Row[i])
	return arg, refusal, nil
}

// parent finds the native id that a lookup is to hold: of the parent that every
// selected field through this lookup agrees on, in the record's own company.
// Values without content clear the lookup.
func (b *batch) parent(w connectors.Write, i int, now *connectors.Record) (any, *connectors.Error, error) {
	lookup := b.p.fields[i].own()
	parent := b.p.fields[i].steps[1].table
	var conditions, keys []string
	var args []any
	possible := true
	for j, f := range b.p.fields {
		if f.own() != lookup || f.plain() || !w.Fields[j] || w.Row[j].IsEmpty() {
			continue
		}
		arg, refusal := f.end().operand(w.Row[j])
		possible = possible && refusal == nil
		in := b.within(w, now)
		c := in.leads(&path{steps: f.steps[1:]}, "p", arg)
		conditions, args, keys = append(conditions, c.sql), append(args, c.args...), append(keys, w.Row[j].String())
	}
	if len(conditions) == 0 {
		return nil, nil, nil
	}
	var ids []any
	if possible {
		var err error
		query := fmt.Sprintf("SELECT +p.%s FROM %s AS p WHERE %s LIMIT 2", quote(parent.key().name), from(parent.name), strings.Join(conditions, " AND "))
		if ids, err = b.s.column(query, args); err != nil {
			return nil, nil, err
		}
	}
	key := strings.Join(keys, " | ")
	switch len(ids) {
	case 1:
		return ids[0], nil, nil
	case 0:
		return nil, &connectors.Error{Kind: connectors.MissingParent, Parent: parent.name, ParentKey: key,
			Message: fmt.Sprintf("there is no %s with the key %q", parent.name, key)}, nil
	}
	return nil, &connectors.Error{Kind: connectors.Invalid, Value: key,
		Message: fmt.Sprintf("several records of %s have the key %q", parent.name, key)}, nil
}

// scope is the company that a lookup is resolved in.
type scope struct {
	cat   *catalog
	path  string // the selection's company path; "" for a global entity
	value connectors.Value
}

// within is the company of the record written: the one it is to have, else the
// one it has.
func (b *batch) within(w connectors.Write, now *connectors.Record) scope {
	pos := b.p.sel.Company
	if pos < 0 {
		return scope{cat: b.p.cat}
	}
	s := scope{b.p.cat, b.p.sel.Fields[pos], w.Row[pos]}
	if now != nil && (!w.Fields[pos] || s.value.State() == connectors.Absent) {
		s.value = now.Row[pos]
	}
	return s
}

// leads is the condition that the path from a parent ends in a value, every
// record on the way being of the scope's company where it has one.
func (s scope) leads(p *path, alias string, arg any) fragment {
	col := alias + "." + quote(p.own().name)
	f := fragment{col + " IS ?", []any{arg}}
	if !p.plain() {
		rest := &path{steps: p.steps[1:]}
		parent, inner := rest.steps[0].table, alias+"p"
		f = s.leads(rest, inner, arg)
		f.sql = fmt.Sprintf("%s IN (SELECT %s.%s FROM %s AS %s WHERE %s)", col, inner, quote(parent.key().name), from(parent.name), inner, f.sql)
	}
	if s.path == "" {
		return f
	}
	company, err := s.cat.resolve(p.steps[0].table, s.path)
	if err != nil { // the parent belongs to no company
		return f
	}
	code, refusal := company.end().operand(s.value)
	if refusal != nil {
		return fragment{sql: "0"}
	}
	f.sql += " AND " + company.equals(alias, "?")
	f.args = append(f.args, code)
	return f
}

// column runs a prepared query and gives its only column.
func (s *session) column(query string, args []any) (values []any, err error) {
	rows, err := s.rows(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v any
		if err = rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}
