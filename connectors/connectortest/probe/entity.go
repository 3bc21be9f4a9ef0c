// Package probe is what the tests that a connector has of its own do by hand:
// open a selection, write to it, read it, and follow a feed. What goes wrong on
// the way ends the test.
package probe

import (
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
)

// Entity is an open selection.
type Entity struct {
	connectors.Entity
	t testing.TB
}

// Open selects fields, of which the first is the alternate key.
func Open(t testing.TB, c connectors.Connector, entity string, fields ...string) *Entity {
	t.Helper()
	return OpenWith(t, c, connectors.Selection{Entity: entity, Fields: fields, Key: []int{0}, Company: -1})
}

// OpenWith opens any selection.
func OpenWith(t testing.TB, c connectors.Connector, sel connectors.Selection) *Entity {
	t.Helper()
	e, err := c.Open(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	return &Entity{e, t}
}

// Creates is a write of all fields that are not absent.
func (e *Entity) Creates(row ...connectors.Value) connectors.Write {
	w := connectors.Write{Op: connectors.Create, Row: row, Mark: "map1/1"}
	for _, v := range row {
		w.Fields = append(w.Fields, v.State() != connectors.Absent)
	}
	return w
}

// Updates is an unconditional write of all fields that are not absent.
func (e *Entity) Updates(id string, row ...connectors.Value) connectors.Write {
	w := e.Creates(row...)
	w.Op, w.ID = connectors.Update, id
	return w
}

// Results writes a batch that must be answered.
func (e *Entity) Results(batch ...connectors.Write) []connectors.Result {
	e.t.Helper()
	results, err := e.Write(e.t.Context(), batch)
	if err != nil {
		e.t.Fatal(err)
	}
	return results
}

// Stored writes one record that must be stored.
func (e *Entity) Stored(w connectors.Write) connectors.Record {
	e.t.Helper()
	r := e.Results(w)[0]
	if r.Outcome != connectors.Stored {
		e.t.Fatalf("outcome %d, %v", r.Outcome, r.Err)
	}
	return r.Record
}

// Refused writes one record that must be refused with a kind.
func (e *Entity) Refused(w connectors.Write, kind connectors.Kind) *connectors.Error {
	e.t.Helper()
	r := e.Results(w)[0]
	if r.Outcome != connectors.Refused || r.Err.Kind != kind {
		e.t.Fatalf("outcome %d, %v; want a refusal of the kind %v", r.Outcome, r.Err, kind)
	}
	return r.Err
}

// Rows scans everything, in small pages, and spells each record.
func (e *Entity) Rows() (rows []string) {
	e.t.Helper()
	var at connectors.Position
	for {
		page, next, err := e.Scan(e.t.Context(), at, 2)
		if err != nil {
			e.t.Fatal(err)
		}
		for _, r := range page {
			rows = append(rows, Spell(r))
		}
		if at = next; next == "" {
			return rows
		}
	}
}

// Spell spells a record as "id: value value".
func Spell(r connectors.Record) string {
	var values []string
	for _, v := range r.Row {
		values = append(values, v.String())
	}
	return r.ID + ": " + strings.Join(values, " ")
}

// Want compares two lists.
func Want(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// Failed demands an error of a kind.
func Failed(t testing.TB, err error, kind connectors.Kind) *connectors.Error {
	t.Helper()
	e, ok := err.(*connectors.Error)
	if !ok || e.Kind != kind {
		t.Fatalf("error %v (%T); want one of the kind %v", err, err, kind)
	}
	return e
}
