package memory_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
)

type values = map[string]connectors.Value

func text(s string) connectors.Value { return connectors.TextValue(s) }

// contoso is a company-specific app: customers look up groups and each other,
// and everything looks up its legal entity.
func contoso() connectors.Schema {
	company := connectors.Field{Name: "company", Type: connectors.GUID, Lookup: "companies"}
	return connectors.Schema{Entities: []connectors.EntitySchema{
		{Name: "companies", Fields: []connectors.Field{{Name: "code", Type: connectors.Text, Length: 4, Required: true}},
			Keys: []connectors.AlternateKey{{Name: "code", Fields: []string{"code"}, Active: true}}},
		{Name: "groups", Company: "company.code", Fields: []connectors.Field{
			company,
			{Name: "code", Type: connectors.Text, Length: 10, Required: true},
			{Name: "terms", Type: connectors.Text},
		}, Keys: []connectors.AlternateKey{{Name: "code", Fields: []string{"code", "company.code"}, Active: true}}},
		{Name: "customers", Company: "company.code", Fields: []connectors.Field{
			company,
			{Name: "number", Type: connectors.Text, Length: 10, Required: true},
			{Name: "name", Type: connectors.Text, Length: 20},
			{Name: "group", Type: connectors.GUID, Lookup: "groups"},
			{Name: "payer", Type: connectors.GUID, Lookup: "customers"},
			{Name: "limit", Type: connectors.Decimal, Digits: 8, Scale: 2},
			{Name: "visits", Type: connectors.Int, Required: true, HasDefault: true},
			{Name: "score", Type: connectors.Int, ReadOnly: true},
		}, Keys: []connectors.AlternateKey{{Name: "number", Fields: []string{"number", "company.code"}, Active: true}}},
	}}
}

// customerFields is the selection most tests use; customer gives a row of it.
var customerFields = [...]string{"company.code", "number", "name", "group.code", "limit"}

func customer(company, number, name string) connectors.Row {
	return connectors.Row{text(company), text(number), text(name), connectors.NullValue(), connectors.NullValue()}
}

func customers() connectors.Selection {
	return connectors.Selection{Entity: "customers", Fields: customerFields[:], Key: []int{1, 0}, Company: 0}
}

// setup opens the customers of an app with two companies, each with a group G.
func setup(t *testing.T, opt memory.Options) (*memory.App, connectors.Entity) {
	t.Helper()
	app := memory.New(contoso(), opt)
	for _, c := range []string{"USMF", "DEMF"} {
		insert(t, app, "companies", values{"code": text(c)})
		insert(t, app, "groups", values{"company.code": text(c), "code": text("G"), "terms": text("net 30 " + c)})
	}
	return app, open(t, app, customers())
}

func open(t *testing.T, app *memory.App, sel connectors.Selection) connectors.Entity {
	t.Helper()
	e, err := app.Open(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func insert(t *testing.T, app *memory.App, entity string, v values) string {
	t.Helper()
	id, err := app.Insert(entity, v)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// write stores one record and gives its result.
func write(t *testing.T, e connectors.Entity, w connectors.Write) connectors.Result {
	t.Helper()
	res, err := e.Write(t.Context(), []connectors.Write{w})
	if err != nil {
		t.Fatal(err)
	}
	return res[0]
}

func create(row connectors.Row, mark string) connectors.Write {
	return connectors.Write{Op: connectors.Create, Row: row, Fields: all(len(row)), Mark: mark}
}

func all(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// only marks the positions that a partial update stores.
func only(n int, at ...int) []bool {
	out := make([]bool, n)
	for _, i := range at {
		out[i] = true
	}
	return out
}
