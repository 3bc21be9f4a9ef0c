package odata_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
)

// parents opens the parents of a plain service by company and code.
func parents(t *testing.T, c connectors.Connector) connectors.Entity {
	t.Helper()
	e, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"dataareaid", "code", "name"}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func create(code, name string) []connectors.Write {
	return []connectors.Write{{Op: connectors.Create, Row: connectors.Row{text("usmf"), text(code), text(name)}, Fields: []bool{true, true, true}}}
}

// write writes one record, which must come to an outcome.
func write(t *testing.T, e connectors.Entity, w []connectors.Write) connectors.Result {
	t.Helper()
	results, err := e.Write(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// once is true for the first request by a method and false for all others.
func once(method string) func(*http.Request) bool {
	var n atomic.Int64
	return func(r *http.Request) bool { return r.Method == method && n.Add(1) == 1 }
}

func TestWritesWhoseAnswersAreLostAreSettledByReading(t *testing.T) {
	p, address := serve(t)
	e := parents(t, connect(t, address, nil))
	p.after = once("POST")
	r := write(t, e, create("a", "one"))
	if r.Outcome != connectors.Stored || r.Record.Row[2].Text() != "one" || len(p.rows[connectortest.Parents]) != 1 {
		t.Fatalf("a create: %+v; %d records", r, len(p.rows[connectortest.Parents]))
	}
	p.after = once("PATCH")
	update := connectors.Write{Op: connectors.Update, ID: r.Record.ID, If: r.Record.Version, Row: connectors.Row{{}, {}, text("two")}, Fields: []bool{false, false, true}}
	if r = write(t, e, []connectors.Write{update}); r.Outcome != connectors.Stored || r.Record.Row[2].Text() != "two" || r.Record.Version == update.If {
		t.Fatalf("an update: %+v", r)
	}
	p.after = once("DELETE")
	if r := write(t, e, []connectors.Write{{Op: connectors.Delete, ID: r.Record.ID, If: r.Record.Version}}); r.Outcome != connectors.Stored || len(p.rows[connectortest.Parents]) != 0 {
		t.Fatalf("a delete: %+v; %d records", r, len(p.rows[connectortest.Parents]))
	}
}

func TestWritesThatWereNotExecutedAreSentAgain(t *testing.T) {
	p, address := serve(t)
	e := parents(t, connect(t, address, nil))
	cut := func(method string) {
		first := once(method)
		p.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			if first(r) {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	}
	cut("POST")
	r := write(t, e, create("a", "one"))
	if r.Outcome != connectors.Stored || len(p.rows[connectortest.Parents]) != 1 {
		t.Fatalf("a create: %+v; %d records", r, len(p.rows[connectortest.Parents]))
	}
	cut("DELETE")
	if r := write(t, e, []connectors.Write{{Op: connectors.Delete, ID: r.Record.ID, If: r.Record.Version}}); r.Outcome != connectors.Stored || len(p.rows[connectortest.Parents]) != 0 {
		t.Fatalf("a delete: %+v; %d records", r, len(p.rows[connectortest.Parents]))
	}
}

// TestWriteThatNobodyCanTellOfIsLeftToTheCaller has somebody else edit the record
// before what became of our update is read.
func TestWriteThatNobodyCanTellOfIsLeftToTheCaller(t *testing.T) {
	p, address := serve(t)
	e := parents(t, connect(t, address, nil))
	r := write(t, e, create("a", "one"))
	first := once("PATCH")
	p.after = func(q *http.Request) bool {
		if !first(q) {
			return false
		}
		person{p}.Update(t, connectortest.Parents, r.Record.ID, map[string]connectors.Value{"name": text("somebody else's")})
		return true
	}
	update := connectors.Write{Op: connectors.Update, ID: r.Record.ID, If: r.Record.Version, Row: connectors.Row{{}, {}, text("two")}, Fields: []bool{false, false, true}}
	if r := write(t, e, []connectors.Write{update}); r.Outcome != connectors.Refused || r.Err.Kind != connectors.Transient {
		t.Errorf("%+v", r)
	}
}

func TestServiceThatNeverAnswersAWriteMakesTheCallFail(t *testing.T) {
	p, address := serve(t)
	e := parents(t, connect(t, address, nil))
	var posts atomic.Int64
	p.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == "POST" {
			posts.Add(1)
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if _, err := e.Write(t.Context(), create("a", "one")); connectors.KindOf(err) != connectors.Transient || posts.Load() > 10 {
		t.Errorf("%v after %d requests", err, posts.Load())
	}
}
