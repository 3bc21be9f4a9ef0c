package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// assignments are the columns that a statement sets, and what to.
type assignments struct {
	columns []string
	args    []any
}

func (a *assignments) add(c *sqlcore.Column, arg any) {
	a.columns = append(a.columns, quote(c.Name))
	a.args = append(a.args, arg)
}

func (a *assignments) has(c *sqlcore.Column) bool { return slices.Contains(a.columns, quote(c.Name)) }

// assignments resolves the lookups and converts the values of a write. now is
// the record as it stands, nil for a create. Of several problems a missing
// parent is told first, since that one may mend itself.
func (b *batch) assignments(w connectors.Write, now *connectors.Record) (*assignments, error) {
	set := &assignments{}
	if len(w.Row) != len(b.p.Fields) || len(w.Fields) != len(b.p.Fields) {
		return nil, &connectors.Error{Kind: connectors.Invalid, Message: "the row is not one of this selection"}
	}
	var problem *connectors.Error
	keep := func(e *connectors.Error) {
		if problem == nil || e.Kind == connectors.MissingParent && problem.Kind != connectors.MissingParent {
			problem = e
		}
	}
	for _, plain := range []bool{false, true} {
		for i, f := range b.p.Fields {
			if !w.Fields[i] || w.Row[i].State() == connectors.Absent || f.Plain() != plain || set.has(f.Own()) {
				continue
			}
			arg, refusal, err := b.argument(w, i, now)
			if err != nil {
				return nil, err
			}
			if refusal != nil {
				refusal.Field = f.Text
				keep(refusal)
				continue
			}
			set.add(f.Own(), arg)
		}
	}
	if problem != nil {
		return nil, problem
	}
	return set, nil
}

func (b *batch) argument(w connectors.Write, i int, now *connectors.Record) (any, *connectors.Error, error) {
	f := b.p.Fields[i]
	if f.Own().Assigned {
		return nil, &connectors.Error{Kind: connectors.Invalid, Message: f.Text + " is assigned by the app"}, nil
	}
	if !f.Plain() {
		return b.parent(w, i, now)
	}
	arg, refusal := store(f.End(), w.Row[i])
	return arg, refusal, nil
}

// parent finds the native id that a lookup is to hold: of the parent that every
// selected field through this lookup agrees on, in the record's own company.
// Values without content clear the lookup.
func (b *batch) parent(w connectors.Write, i int, now *connectors.Record) (any, *connectors.Error, error) {
	lookup := b.p.Fields[i].Own()
	parent := b.p.Fields[i].Steps[1].Table
	var conditions, keys []string
	var args []any
	possible := true
	for j, f := range b.p.Fields {
		if f.Own() != lookup || f.Plain() || !w.Fields[j] || w.Row[j].IsEmpty() {
			continue
		}
		arg, refusal := operand(f.End(), w.Row[j])
		possible = possible && refusal == nil
		c := b.within(w, now).leads(f.Rest(), arg)
		conditions, args, keys = append(conditions, c.SQL), append(args, c.Args...), append(keys, w.Row[j].String())
	}
	if len(conditions) == 0 {
		return nil, nil, nil
	}
	var ids []any
	if possible {
		var err error
		query := fmt.Sprintf("SELECT +p.%s FROM %s AS p WHERE %s LIMIT 2", quote(parent.SingleKey().Name), from(parent.Name), strings.Join(conditions, " AND "))
		if ids, err = b.s.column(query, args); err != nil {
			return nil, nil, err
		}
	}
	key := strings.Join(keys, " | ")
	switch len(ids) {
	case 1:
		return ids[0], nil, nil
	case 0:
		return nil, &connectors.Error{Kind: connectors.MissingParent, Parent: parent.Name, ParentKey: key,
			Message: fmt.Sprintf("there is no %s with the key %q", parent.Name, key)}, nil
	}
	return nil, &connectors.Error{Kind: connectors.Invalid, Value: key,
		Message: fmt.Sprintf("several records of %s have the key %q", parent.Name, key)}, nil
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
	pos := b.p.Sel.Company
	if pos < 0 {
		return scope{cat: b.p.cat}
	}
	s := scope{b.p.cat, b.p.Sel.Fields[pos], w.Row[pos]}
	if now != nil && (!w.Fields[pos] || s.value.State() == connectors.Absent) {
		s.value = now.Row[pos]
	}
	return s
}

// leads is the condition that the path from a parent ends in a value, every
// record on the way being of the scope's company where it has one.
func (s scope) leads(p *sqlcore.Path, arg any) sqlcore.Fragment {
	// The innermost step is bound first: the value, then the company of each
	// record on the way back.
	f := sqlcore.Fragment{Args: []any{arg}}
	possible := true
	sql := p.Leads(dialect{}, "p", sqlcore.Mark, dialect{}.Same, func(t *sqlcore.Table, alias string) string {
		if s.path == "" {
			return ""
		}
		company, err := s.cat.Resolve(t, s.path)
		if err != nil { // the parent belongs to no company
			return ""
		}
		code, refusal := operand(company.End(), s.value)
		possible = possible && refusal == nil
		f.Args = append(f.Args, code)
		return company.Leads(dialect{}, alias, sqlcore.Mark, dialect{}.Same, nil)
	})
	if !possible {
		return sqlcore.Never()
	}
	f.SQL = bound(sql)
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
