package core

import (
	"testing"

	"dualwrite/connectors"
)

// TestOwnWriteIsRecognisedAsTheAppStoresIt matters where an answer was lost: a
// write that is not recognised makes the whole batch wait for the caller.
func TestOwnWriteIsRecognisedAsTheAppStoresIt(t *testing.T) {
	e := customers(Dialect{Fold: loose})
	for _, f := range []connectors.Field{{Name: "Name", Type: connectors.Text}, {Name: "CreditLimit", Type: connectors.Decimal}, {Name: "OnHold", Type: connectors.Bool}} {
		kept := &Field{Field: f, Wire: f.Name, Empty: map[connectors.Type]Empty{connectors.Text: AsText, connectors.Decimal: AsZero, connectors.Bool: AsFalse}[f.Type]}
		e.sel.Fields = append(e.sel.Fields, f.Name)
		e.paths = append(e.paths, &Path{Text: f.Name, Steps: []Step{{e.set, kept}}})
	}
	row := func(name string, limit, hold connectors.Value) connectors.Row {
		return append(keys("usmf/US-1")[0], connectors.TextValue(name), limit, hold)
	}
	none, yes, no := connectors.NullValue(), connectors.BoolValue(true), connectors.BoolValue(false)
	for name, c := range map[string]struct {
		op         connectors.Op
		sent, held connectors.Row
		want       bool
	}{
		"as it was sent":                 {connectors.Update, row("Contoso", connectors.IntValue(5), yes), row("Contoso", connectors.IntValue(5), yes), true},
		"trimmed":                        {connectors.Update, row("Contoso ", none, yes), row("Contoso", none, yes), true},
		"no value kept as zero and no":   {connectors.Update, row("Contoso", none, none), row("Contoso", connectors.IntValue(0), no), true},
		"a number that was to be taken":  {connectors.Update, row("Contoso", none, no), row("Contoso", connectors.IntValue(5), no), false},
		"a default for what a new lacks": {connectors.Create, row("Contoso", none, no), row("Contoso", connectors.IntValue(5), no), true},
		"another text":                   {connectors.Create, row("Contoso", none, no), row("Fabrikam", none, no), false},
	} {
		it := &item{w: connectors.Write{Op: c.op, Row: c.sent, Fields: []bool{true, true, true, true, true}}}
		if got := e.asSent(it, connectors.Record{Row: c.held}); got != c.want {
			t.Errorf("%s: recognised %v, want %v", name, got, c.want)
		}
	}
}

// TestRecordThatTheAppNumbersIsNotCreatedTwice keeps a create whose key the app
// assigns from being sent again: its record cannot be found by a key.
func TestRecordThatTheAppNumbersIsNotCreatedTwice(t *testing.T) {
	e := customers(Dialect{Fold: loose, Sequences: true})
	it := &item{w: connectors.Write{Op: connectors.Create, Row: connectors.Row{connectors.TextValue("usmf"), connectors.NullValue()}, Fields: []bool{true, false}}}
	if e.settleCreate(it, nil, nil); !it.done || it.result.Err == nil || it.result.Err.Kind != connectors.Transient {
		t.Errorf("a create without its key is left to be sent again: %+v", it.result)
	}
	whole := &item{w: connectors.Write{Op: connectors.Create, Row: keys("usmf/US-1")[0], Fields: []bool{true, true}}}
	if e.settleCreate(whole, nil, nil); whole.done {
		t.Errorf("a create that was not executed is settled: %+v", whole.result)
	}
}
