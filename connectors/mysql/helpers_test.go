package mysql_test

import (
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
)

// opened is an open selection and its tools.
type opened struct {
	connectors.Entity
	t   testing.TB
	sel connectors.Selection
}

// open selects fields, of which the first is the alternate key.
func open(t testing.TB, c connectors.Connector, entity string, fields ...string) *opened {
	t.Helper()
	return openWith(t, c, connectors.Selection{Entity: entity, Fields: fields, Key: []int{0}, Company: -1})
}

func openWith(t testing.TB, c connectors.Connector, sel connectors.Selection) *opened {
	t.Helper()
	e, err := c.Open(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	return &opened{e, t, sel}
}

func text(s string) connectors.Value { return connectors.TextValue(s) }

// creates is a write of all fields that are not absent.
func (o *opened) creates(row ...connectors.Value) connectors.Write {
	w := connectors.Write{Op: connectors.Create, Row: row, Mark: "map1/1"}
	for _, v := range row {
		w.Fields = append(w.Fields, v.State() != connectors.Absent)
	}
	return w
}

func (o *opened) updates(id string, row ...connectors.Value) connectors.Write {
	w := o.creates(row...)
	w.Op, w.ID = connectors.Update, id
	return w
}

func (o *opened) write(batch ...connectors.Write) []connectors.Result {
	o.t.Helper()
	results, err := o.Write(o.t.Context(), batch)
	if err != nil {
		o.t.Fatal(err)
	}
	return results
}

func (o *opened) stored(w connectors.Write) connectors.Record {
	o.t.Helper()
	r := o.write(w)[0]
	if r.Outcome != connectors.Stored {
		o.t.Fatalf("outcome %d, %v", r.Outcome, r.Err)
	}
	return r.Record
}

func (o *opened) refused(w connectors.Write, kind connectors.Kind) *connectors.Error {
	o.t.Helper()
	r := o.write(w)[0]
	if r.Outcome != connectors.Refused || r.Err.Kind != kind {
		o.t.Fatalf("outcome %d, %v; want a refusal of the kind %v", r.Outcome, r.Err, kind)
	}
	return r.Err
}

// rows scans everything and spells each record as "id: value value".
func (o *opened) rows() (rows []string) {
	o.t.Helper()
	var at connectors.Position
	for {
		page, next, err := o.Scan(o.t.Context(), at, 2)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, r := range page {
			rows = append(rows, spell(r))
		}
		if at = next; next == "" {
			return rows
		}
	}
}

func spell(r connectors.Record) string {
	var values []string
	for _, v := range r.Row {
		values = append(values, v.String())
	}
	return r.ID + ": " + strings.Join(values, " ")
}

func want(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// stream is a started feed.
type stream struct {
	connectors.Feed
	t  testing.TB
	at connectors.Cursor
}

func start(t testing.TB, c connectors.Connector, entity string) *stream {
	t.Helper()
	f, err := c.Feed(t.Context(), entity)
	if err != nil {
		t.Fatal(err)
	}
	at, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &stream{f, t, at}
}

// told spells the changes since the last call as "op id origin".
func (s *stream) told() (told []string) {
	s.t.Helper()
	batch, next, caughtUp, err := s.Changes(s.t.Context(), s.at, 1000)
	if err != nil || !caughtUp {
		s.t.Fatalf("caught up: %v, %v", caughtUp, err)
	}
	s.at = next
	for _, c := range batch {
		id := c.ID
		if c.OldID != "" {
			id = c.OldID + ">" + c.ID
		}
		told = append(told, strings.TrimSpace(string(c.Op)+" "+id+" "+c.Origin))
	}
	return told
}

func failed(t testing.TB, err error, kind connectors.Kind) *connectors.Error {
	t.Helper()
	e, ok := err.(*connectors.Error)
	if !ok || e.Kind != kind {
		t.Fatalf("error %v (%T); want one of the kind %v", err, err, kind)
	}
	return e
}
