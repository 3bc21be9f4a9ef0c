package postgres

import (
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
)

// What the statement of an item does. A probe only looks for the parents of a
// record that is refused anyway: a missing one is told first, since that problem
// may mend itself.
const (
	kindCreate = "create"
	kindUpdate = "update"
	kindDelete = "delete"
	kindProbe  = "probe"
)

// item is one write of a batch, prepared, and what became of it.
type item struct {
	w            connectors.Write
	at           int                // in the batch
	wave         int                // items of one wave touch different records
	id           []*string          // native id in parts, nil for one that cannot be
	set          []bool             // fields to store
	values       []connectors.Value // fitted
	company      *string
	companyGiven bool
	heldKey      []*string // the alternate key, as compared with
	keyNull      bool
	folded       string // the alternate key as text that equal keys share
	refusal      *connectors.Error
	impossible   int // the lookup whose key nothing can have, as the position of its field; -1

	stored   bool
	answered bool // the statement has told what is stored
	storedID string
	held     bool
	absent   int // the lookup whose parent is missing or ambiguous, as the position of its field; -1
	many     bool
}

func (it *item) kind() string {
	switch {
	case it.refusal != nil:
		return kindProbe
	case it.w.Op == connectors.Create:
		return kindCreate
	case it.w.Op == connectors.Update:
		return kindUpdate
	}
	return kindDelete
}

// idle reports whether no statement can do anything for the item.
func (it *item) idle() bool {
	if it.w.Op != connectors.Create && it.id == nil || it.absent >= 0 {
		return true
	}
	return it.kind() != kindCreate && it.kind() != kindDelete && !slices.Contains(it.set, true)
}

// prepare converts a write to what the server is given.
func (p *plan) prepare(it *item, at int, w connectors.Write) {
	it.w, it.at, it.impossible, it.absent = w, at, -1, -1
	if w.Op != connectors.Create {
		it.id, _ = p.idParts(w.ID)
	}
	if w.Op == connectors.Delete {
		return
	}
	if len(w.Row) != len(p.Fields) || len(w.Fields) != len(p.Fields) {
		it.refusal = &connectors.Error{Kind: connectors.Invalid, Message: "the row is not one of this selection"}
		return
	}
	for i := range p.Fields {
		if it.set[i] = w.Fields[i] && w.Row[i].State() != connectors.Absent; it.set[i] {
			p.prepareField(it, i)
		}
	}
	p.prepareKey(it)
	p.prepareCompany(it)
}

func (p *plan) prepareField(it *item, i int) {
	f := p.Fields[i]
	var refusal *connectors.Error
	switch {
	case f.Own().Assigned:
		refusal = &connectors.Error{Kind: connectors.Invalid, Message: f.Text + " is assigned by the app"}
	case !f.Plain():
		v, impossible := f.End().Convert(it.w.Row[i])
		if impossible != nil || strings.Contains(v.Text(), "\x00") {
			it.impossible, it.absent = i, i
		}
		if it.values[i] = v; it.w.Row[i].IsEmpty() {
			it.values[i] = connectors.NullValue()
		}
	default:
		it.values[i], refusal = fit(f.End(), it.w.Row[i])
	}
	if refusal != nil && it.refusal == nil {
		refusal.Field = f.Text
		it.refusal = refusal
	}
	if refusal != nil {
		it.set[i] = false
	}
}

// prepareKey prepares the question who holds the key of a record to be created.
func (p *plan) prepareKey(it *item) {
	if it.w.Op != connectors.Create {
		return
	}
	if key, ok := p.Comparable(p.KeyOf(it.w.Row)); ok && len(key) > 0 {
		it.folded = p.Folded(key)
		spelled, nulls := p.spellKey(key)
		it.heldKey, it.keyNull = spelled, nulls == 1
	}
}

func (p *plan) prepareCompany(it *item) {
	pos := p.Sel.Company
	if pos < 0 {
		return
	}
	it.companyGiven = it.w.Op == connectors.Create || it.set[pos]
	v, refusal := p.Fields[pos].End().Convert(it.w.Row[pos])
	if it.companyGiven && refusal == nil {
		it.company = store(p.Fields[pos].End(), v)
	}
}

// missing is the refusal for a lookup without exactly one parent.
func (p *plan) missing(it *item) *connectors.Error {
	own := p.Fields[it.absent].Own()
	var keys []string
	for i, f := range p.Fields {
		if f.Own() == own && !f.Plain() && it.w.Fields[i] && !it.w.Row[i].IsEmpty() {
			keys = append(keys, it.w.Row[i].String())
		}
	}
	parent, key := p.Fields[it.absent].Steps[1].Table.Name, strings.Join(keys, " | ")
	e := &connectors.Error{Kind: connectors.MissingParent, Op: "write", Entity: p.Table.Name, Field: p.Fields[it.absent].Text,
		Parent: parent, ParentKey: key, Message: fmt.Sprintf("there is no %s with the key %q", parent, key)}
	if it.many {
		e = &connectors.Error{Kind: connectors.Invalid, Op: "write", Entity: p.Table.Name, Field: e.Field, Value: key,
			Message: fmt.Sprintf("several records of %s have the key %q", parent, key)}
	}
	return e
}

// reset forgets what became of the item.
func (it *item) reset() {
	it.stored, it.answered, it.storedID, it.held, it.absent, it.many = false, false, "", false, it.impossible, false
}

// take notes what the statement of the item's shape answered.
func (it *item) take(s *statement, r row) {
	it.held = r.text(1) == "true"
	for i, found := range words(r.text(2)) {
		if found != "1" {
			it.absent, it.many = s.lookups[i], found != "0"
			break
		}
	}
	if it.stored = r[3] != nil; it.stored {
		it.storedID = r.text(3)
	}
}
