package service

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
)

// Select says which records to read and what of them.
type Select struct {
	Entity  *Entity
	Grammar Grammar
	Fields  []*Field
	Expand  []Expand
	Filter  Filter
	Order   []Order
	After   []any // Record.Position of the record before; nil for the beginning
	Skip    int
	Limit   int
	// Changes reads by row version instead of by Order: those after Since and
	// up to UpTo.
	Changes     bool
	Since, UpTo int64

	id string // of the only record to read; "" for all
}

// Expand is a record that a lookup refers to and what to read of it.
type Expand struct {
	Lookup *Field
	Fields []*Field
	Expand []Expand
}

// Order is one term of an order. Records without a value come first.
type Order struct {
	Path []string
	Desc bool
}

// Record is what was read of one record. Values stand in the order of the
// selected fields; an expanded record is nil where the lookup is empty.
type Record struct {
	ID       string
	Version  int64
	Values   []any
	Expanded []*Record
	Position []any // where the record stands in the order
}

// statement puts the parts of a select together.
type statement struct {
	*query
	columns []string
	order   []orderTerm
}

type orderTerm struct {
	expression string
	desc       bool
}

// Select reads records.
func (t *Tx) Select(ctx context.Context, s *Select) ([]*Record, error) {
	st := &statement{query: newQuery(t.Model, s.Grammar, s.Entity)}
	where, err := st.prepare(s)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT %s FROM %s%s WHERE %s ORDER BY ", strings.Join(st.columns, ", "), s.source(), strings.Join(st.joins, ""), where)
	for _, o := range st.order {
		b.WriteString(o.expression)
		if o.desc {
			b.WriteString(" DESC")
		}
		b.WriteString(", ")
	}
	fmt.Fprintf(&b, "t.%s LIMIT %d OFFSET %d", quoted(s.Entity.ID), s.Limit, s.Skip)
	rows, err := t.query(ctx, b.String(), st.args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Entity.Set, err)
	}
	defer func() { _ = rows.Close() }()
	var out []*Record
	for rows.Next() {
		r, err := st.scan(rows, s)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", s.Entity.Set, err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// source is the entity's table with the versions of its rows, so joined that an
// index finds each row of the second from the first.
func (s *Select) source() string {
	table, id := quoted(s.Entity.Table), "t."+quoted(s.Entity.ID)
	if s.Changes {
		return "practice_versions v CROSS JOIN " + table + " t ON v.entity = " + literal(s.Entity.Table) + " AND " + id + " = v.id"
	}
	return table + " t LEFT JOIN practice_versions v ON v.entity = " + literal(s.Entity.Table) + " AND v.id = +" + id
}

// prepare collects columns, order and conditions; arguments in that order.
func (st *statement) prepare(s *Select) (where string, err error) {
	st.columns = []string{"CAST(t." + quoted(s.Entity.ID) + " AS TEXT)", "coalesce(v.version, 0)"}
	if err := st.selectFields("t", s.Fields, s.Expand); err != nil {
		return "", err
	}
	for _, o := range s.Order {
		f, column, err := st.resolve(o.Path)
		if err != nil {
			return "", err
		}
		st.order = append(st.order, orderTerm{st.model.comparable(f, column), o.Desc})
	}
	if s.Changes {
		st.order = []orderTerm{{"v.version", false}}
	}
	for _, o := range st.order {
		st.columns = append(st.columns, o.expression)
	}
	if where, err = st.where(s.Filter); err != nil {
		return "", err
	}
	if s.Changes {
		where += " AND v.version > ? AND v.version <= ?"
		st.args = append(st.args, s.Since, s.UpTo)
	}
	if s.id != "" {
		where += " AND t." + quoted(s.Entity.ID) + " = ?"
		st.args = append(st.args, s.id)
	}
	if s.After != nil {
		after, err := st.after(s)
		if err != nil {
			return "", err
		}
		where += " AND " + after
	}
	return where, nil
}

func (st *statement) selectFields(alias string, fields []*Field, expands []Expand) error {
	e := st.entities[alias]
	for _, f := range fields {
		st.columns = append(st.columns, f.selected(e.column(alias, f)))
	}
	for _, x := range expands {
		inner, err := st.enter(alias, x.Lookup)
		if err != nil {
			return err
		}
		target := st.entities[inner]
		st.columns = append(st.columns, "CAST("+inner+"."+quoted(target.ID)+" AS TEXT)", "("+fmt.Sprintf("SELECT version FROM practice_versions v WHERE v.entity = %s AND v.id = +%s.%s", literal(target.Table), inner, quoted(target.ID))+")")
		if err := st.selectFields(inner, x.Fields, x.Expand); err != nil {
			return err
		}
	}
	return nil
}

// after is the condition of standing behind a position: values of the order's
// terms and the native id.
func (st *statement) after(s *Select) (string, error) {
	if len(s.After) != len(st.order)+1 {
		return "", &Refusal{Kind: BadFilter, Message: "The paging cookie does not belong to this query."}
	}
	var whole strings.Builder
	for i, o := range st.order {
		value := st.positionValue(s.After[i])
		switch {
		case value == nil && o.desc:
			fmt.Fprintf(&whole, "(%s IS NULL AND ", o.expression)
		case value == nil:
			fmt.Fprintf(&whole, "(%s IS NOT NULL OR %s IS NULL AND ", o.expression, o.expression)
		case o.desc:
			fmt.Fprintf(&whole, "(%s < ? OR %s IS NULL OR %s = ? AND ", o.expression, o.expression, o.expression)
			st.args = append(st.args, value, value)
		default:
			fmt.Fprintf(&whole, "(%s > ? OR %s = ? AND ", o.expression, o.expression)
			st.args = append(st.args, value, value)
		}
	}
	fmt.Fprintf(&whole, "t.%s > ?%s", quoted(s.Entity.ID), strings.Repeat(")", len(st.order)))
	st.args = append(st.args, st.positionValue(s.After[len(st.order)]))
	return "(" + whole.String() + ")", nil
}

// positionValue is a value of a position that may have been JSON in between.
func (st *statement) positionValue(v any) any {
	if n, ok := v.(json.Number); ok {
		if whole, err := n.Int64(); err == nil {
			return whole
		}
	}
	return v
}

func (st *statement) scan(rows *sql.Rows, s *Select) (*Record, error) {
	cells := make([]any, len(st.columns))
	places := make([]any, len(cells))
	for i := range cells {
		places[i] = &cells[i]
	}
	if err := rows.Scan(places...); err != nil {
		return nil, err
	}
	r, rest := takeRecord(cells, s.Fields, s.Expand)
	for _, v := range rest {
		if raw, ok := v.([]byte); ok {
			v = string(raw)
		}
		r.Position = append(r.Position, v)
	}
	r.Position = append(r.Position, r.ID)
	return r, nil
}

// takeRecord takes one record's cells off the front.
func takeRecord(cells []any, fields []*Field, expands []Expand) (*Record, []any) {
	r := &Record{Values: make([]any, len(fields))}
	id, there := cells[0].(string)
	r.ID = id
	r.Version, _ = cells[1].(int64)
	cells = cells[2:]
	for i, f := range fields {
		r.Values[i] = f.scanned(cells[i])
	}
	cells = cells[len(fields):]
	for _, x := range expands {
		var inner *Record
		inner, cells = takeRecord(cells, x.Fields, x.Expand)
		r.Expanded = append(r.Expanded, inner)
	}
	if !there {
		return nil, cells
	}
	return r, cells
}

// Count counts the records that pass a filter, no further than to limit.
func (t *Tx) Count(ctx context.Context, s *Select, limit int64) (int64, error) {
	q := newQuery(t.Model, s.Grammar, s.Entity)
	where, err := q.where(s.Filter)
	if err != nil {
		return 0, err
	}
	var n int64
	err = t.one(ctx, []any{&n}, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s t%s WHERE %s LIMIT ?)",
		quoted(s.Entity.Table), strings.Join(q.joins, ""), where), append(q.args, limit)...)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", s.Entity.Set, err)
	}
	return n, nil
}

// ByID reads one record by its native id, which must be there.
func (t *Tx) ByID(ctx context.Context, e *Entity, id string, fields []*Field) (*Record, error) {
	found, err := t.Select(ctx, &Select{Entity: e, Fields: fields, Limit: 1, id: id})
	if err == nil && len(found) == 0 {
		err = &Refusal{Kind: NotFound, Entity: e, Value: id}
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}
