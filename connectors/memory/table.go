package memory

import (
	"cmp"
	"slices"

	"dualwrite/connectors"
)

// table holds the records of one entity, in the order in which they were
// created, and the changes made to them.
type table struct {
	schema  *connectors.EntitySchema
	rows    map[string]*row
	order   []*row
	lastSeq int64
	indexes []*index // by position in schema.Fields; nil where there is none
	lookups []*table // by position in schema.Fields; nil for an ordinary field
	// referrers are the lookups of all tables that refer to this one.
	referrers []referrer
	company   *path // nil for a global entity
	keys      []key
	paths     map[string]*path // for users, who select nothing
	feed
}

// row is one record. Storing it again replaces vals as a whole, so that whoever
// holds the former slice still has the former content.
type row struct {
	id      string
	seq     int64 // stays for the record's life
	version string
	vals    []connectors.Value // by position in schema.Fields
}

type referrer struct {
	table *table
	field int
}

// index finds rows by the value of one own field, as loosely as any Fold
// compares; what it finds must be compared once more.
type index struct {
	rows map[connectors.Value][]*row
}

func newTable(e *connectors.EntitySchema) *table {
	return &table{schema: e, rows: map[string]*row{}, indexes: make([]*index, len(e.Fields)),
		lookups: make([]*table, len(e.Fields)), paths: map[string]*path{}}
}

// link finds the parents that the lookups refer to.
func (t *table) link(tables map[string]*table) {
	for i, f := range t.schema.Fields {
		if parent := tables[f.Lookup]; parent != nil {
			t.lookups[i] = parent
			t.index(i)
			parent.referrers = append(parent.referrers, referrer{t, i})
		}
	}
}

// compile prepares the legal entity and the keys, once all tables are linked.
func (t *table) compile(a *App) error {
	if t.schema.Company != "" {
		p, err := a.compile(t, t.schema.Company, "")
		if err != nil {
			return err
		}
		t.company = p
	}
	for _, k := range t.schema.Keys {
		if !k.Active {
			continue
		}
		compiled, err := a.compileKey(t, k)
		if err != nil {
			return err
		}
		t.keys = append(t.keys, compiled)
	}
	return nil
}

// index builds the index of an own field, or gives the one there is.
func (t *table) index(field int) *index {
	if ix := t.indexes[field]; ix != nil {
		return ix
	}
	ix := &index{rows: map[connectors.Value][]*row{}}
	for _, r := range t.order {
		ix.add(r, r.vals[field])
	}
	t.indexes[field] = ix
	return ix
}

func (ix *index) add(r *row, v connectors.Value) {
	if v.IsSet() {
		v = loosest().Apply(v)
		ix.rows[v] = append(ix.rows[v], r)
	}
}

func (ix *index) remove(r *row, v connectors.Value) {
	if !v.IsSet() {
		return
	}
	v = loosest().Apply(v)
	held := ix.rows[v]
	if i := slices.Index(held, r); i >= 0 {
		held = slices.Delete(held, i, i+1)
	}
	if len(held) == 0 {
		delete(ix.rows, v)
		return
	}
	ix.rows[v] = held
}

// find gives the rows that may hold v, in no promised order but always the same.
func (ix *index) find(v connectors.Value) []*row {
	return ix.rows[loosest().Apply(v)]
}

func (t *table) insert(r *row) {
	t.lastSeq++
	r.seq = t.lastSeq
	t.order = append(t.order, r)
	t.rows[r.id] = r
	for i, ix := range t.indexes {
		if ix != nil {
			ix.add(r, r.vals[i])
		}
	}
}

// replace gives a row new content, and perhaps a new id.
func (t *table) replace(r *row, id string, vals []connectors.Value) {
	for i, ix := range t.indexes {
		if ix != nil && r.vals[i] != vals[i] {
			ix.remove(r, r.vals[i])
			ix.add(r, vals[i])
		}
	}
	if id != r.id {
		delete(t.rows, r.id)
		t.rows[id] = r
		r.id = id
	}
	r.vals = vals
}

func (t *table) remove(r *row) {
	for i, ix := range t.indexes {
		if ix != nil {
			ix.remove(r, r.vals[i])
		}
	}
	delete(t.rows, r.id)
	at := t.after(r.seq - 1)
	t.order = slices.Delete(t.order, at, at+1)
}

// after is the position in order of the first row past seq.
func (t *table) after(seq int64) int {
	i, _ := slices.BinarySearchFunc(t.order, seq+1, func(r *row, seq int64) int { return cmp.Compare(r.seq, seq) })
	return i
}

// loosest is how indexes compare: no other Fold finds more.
func loosest() connectors.Fold { return connectors.Fold{Case: true, Space: true} }
