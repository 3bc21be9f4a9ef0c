package mysql

import (
	"errors"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/google/uuid"
)

// item is one write of a batch and what became of it.
type item struct {
	w    connectors.Write
	wave int    // items of one wave touch different records
	id   []any  // native id as values of its columns, nil for one that cannot be
	key  string // Create: the alternate key as text that equal keys share, "" for none
	// values are what the fields are to hold, fitted; those of lookups by path
	// are converted to what the path ends in.
	values  []connectors.Value
	set     []bool
	refusal *connectors.Error // of the record itself
	missing *connectors.Error // a parent that there is not; told before refusal

	now     connectors.Record // Update, Delete: as it stood
	there   bool
	parents map[int]any // native ids by the position of the lookup's column
	columns []int       // what the statement sets
	args    []any
	outcome connectors.Outcome
	after   connectors.Record
}

// prepare converts a write to what the server is given.
func (p *plan) prepare(w connectors.Write) *item {
	it := &item{w: w, values: make([]connectors.Value, len(p.Fields)), set: make([]bool, len(p.Fields))}
	if w.Op != connectors.Create {
		it.id, _ = p.idArgs(w.ID)
	}
	if e := p.readOnly(); e != nil {
		it.refuse(e)
		return it
	}
	if w.Op == connectors.Delete {
		return it
	}
	if len(w.Row) != len(p.Fields) || len(w.Fields) != len(p.Fields) {
		it.refuse(&connectors.Error{Kind: connectors.Invalid, Message: "the row is not one of this selection"})
		return it
	}
	for i := range p.Fields {
		if it.set[i] = w.Fields[i] && w.Row[i].State() != connectors.Absent; it.set[i] {
			p.prepareField(it, i)
		}
	}
	if key, ok := p.Comparable(p.KeyOf(w.Row)); w.Op == connectors.Create && ok && len(key) > 0 {
		it.key = p.Folded(key)
	}
	return it
}

func (p *plan) prepareField(it *item, i int) {
	f, v := p.Fields[i], it.w.Row[i]
	var refusal *connectors.Error
	switch {
	case f.Own().Assigned:
		refusal = &connectors.Error{Kind: connectors.Invalid, Message: f.Text + " is assigned by the app"}
	case f.Plain():
		it.values[i], refusal = fit(f.End(), v)
	case v.IsEmpty():
		it.values[i] = connectors.NullValue()
	default:
		var impossible *connectors.Error
		if it.values[i], impossible = f.End().Convert(v); impossible != nil {
			it.missing = p.missing(it, i)
		}
	}
	if refusal != nil {
		refusal.Field = f.Text
		it.refuse(refusal)
		it.set[i] = false
	}
}

func (it *item) refuse(e *connectors.Error) {
	if it.refusal == nil {
		it.refusal = e
	}
}

// touches is what must not be written twice in one wave.
func (it *item) touches() string {
	if it.w.Op == connectors.Create {
		return "key " + it.key
	}
	return "id " + it.w.ID
}

// open reports whether nothing is decided about the item yet.
func (it *item) open() bool { return it.outcome == 0 }

// assign lists the columns that the item's statement sets: lookups first, since
// a path says more than the id that may be selected beside it.
func (p *plan) assign(it *item) {
	it.columns, it.args = nil, nil
	add := func(pos int, arg any) {
		if !slices.Contains(it.columns, pos) {
			it.columns, it.args = append(it.columns, pos), append(it.args, arg)
		}
	}
	for pos, id := range it.parents {
		add(pos, id)
	}
	for i, f := range p.Fields {
		if it.set[i] && f.Plain() {
			add(f.Own().Pos, bound(f.Own(), it.values[i]))
		}
	}
	key := p.Table.SingleKey()
	if it.w.Op == connectors.Create && key != nil && key.Type == connectors.GUID && !key.HasDefault {
		add(key.Pos, uuid.NewString())
	}
	sortColumns(it)
}

// sortColumns puts the columns in the table's order, so that items which set the
// same columns share a statement.
func sortColumns(it *item) {
	order := make([]int, len(it.columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return it.columns[a] - it.columns[b] })
	columns, args := make([]int, len(order)), make([]any, len(order))
	for i, from := range order {
		columns[i], args[i] = it.columns[from], it.args[from]
	}
	it.columns, it.args = columns, args
}

// keyAfter is the native id that the item's record has once it is written, as
// values of its columns; false where the app has a say in it.
func (p *plan) keyAfter(it *item) ([]any, bool) {
	key := slices.Clone(it.id)
	if key == nil {
		key = make([]any, len(p.Table.Key))
	}
	for i, pos := range p.Table.Key {
		at := slices.Index(it.columns, pos)
		switch {
		case at >= 0:
			key[i] = it.args[at]
		case it.w.Op == connectors.Create:
			return nil, false
		}
	}
	return key, true
}

// missing is the refusal for a lookup without a parent.
func (p *plan) missing(it *item, i int) *connectors.Error {
	parent, key := p.Fields[i].Steps[1].Table.Name, p.parentKey(it, p.Fields[i].Own())
	return &connectors.Error{Kind: connectors.MissingParent, Field: p.Fields[i].Text, Parent: parent, ParentKey: key,
		Message: "there is no " + parent + " with the key " + quoted(key)}
}

// parentKey is what all fields through a lookup ask of its parent, for people.
func (p *plan) parentKey(it *item, lookup *sqlcore.Column) string {
	var keys []string
	for i, f := range p.Fields {
		if f.Own() == lookup && !f.Plain() && it.w.Fields[i] && !it.w.Row[i].IsEmpty() {
			keys = append(keys, it.w.Row[i].String())
		}
	}
	return strings.Join(keys, " | ")
}

// result says what became of the item.
func (it *item) result(table string) connectors.Result {
	switch e := it.refusal; {
	case it.outcome == connectors.Stored && it.w.Op == connectors.Delete:
		return connectors.Result{Outcome: connectors.Stored}
	case it.outcome == connectors.Stored:
		return connectors.Result{Outcome: connectors.Stored, Record: it.after}
	case it.outcome == connectors.Moved:
		return connectors.Result{Outcome: connectors.Moved}
	case it.missing != nil:
		it.missing.Op, it.missing.Entity = "write", table
		return connectors.Result{Outcome: connectors.Refused, Err: it.missing}
	case e != nil:
		e.Op, e.Entity = "write", table
		return connectors.Result{Outcome: connectors.Refused, Err: e}
	}
	return connectors.Result{Outcome: connectors.Refused, Err: &connectors.Error{Kind: connectors.Internal, Op: "write", Entity: table, Err: errUndecided}}
}

var errUndecided = errors.New("nothing became of the record")
