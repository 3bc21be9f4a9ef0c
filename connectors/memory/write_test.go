package memory_test

import (
	"fmt"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
)

func TestWriteStoresAndReadsBackThroughLookups(t *testing.T) {
	app, e := setup(t, memory.Options{})
	row := customer("DEMF", "C1", "Fabrikam")
	row[3] = text("G")
	res := write(t, e, create(row, "map 1"))
	if res.Outcome != connectors.Stored || res.Record.Version == "" {
		t.Fatalf("create: %+v", res)
	}
	got, err := e.Get(t.Context(), []string{"gone", res.Record.ID})
	if err != nil || len(got) != 1 {
		t.Fatalf("get: %v, %v", got, err)
	}
	for i, want := range row {
		if got[0].Row[i] != want {
			t.Errorf("%s is %q, want %q", customerFields[i], got[0].Row[i], want)
		}
	}
	held, _ := app.Read("customers", res.Record.ID)
	group, _ := app.Read("groups", held["group"].Text())
	if group["terms"] != text("net 30 DEMF") {
		t.Errorf("the group of another company was taken: %v", group)
	}
	if held["visits"] != connectors.IntValue(0) {
		t.Errorf("visits has no default: %v", held["visits"])
	}
}

func TestPartialUpdateLeavesOtherFieldsAlone(t *testing.T) {
	app, e := setup(t, memory.Options{})
	row := customer("DEMF", "C1", "Fabrikam")
	row[3] = text("G")
	rec := write(t, e, create(row, "")).Record

	// The company that narrows the lookup is the stored one.
	res := write(t, e, connectors.Write{Op: connectors.Update, ID: rec.ID, If: rec.Version, Fields: only(5, 2, 3),
		Row: connectors.Row{{}, {}, text("Northwind"), text("G"), {}}})
	if res.Outcome != connectors.Stored || res.Record.Row[1] != text("C1") || res.Record.Row[2] != text("Northwind") {
		t.Fatalf("update: %+v", res)
	}
	held, _ := app.Read("customers", rec.ID)
	if group, _ := app.Read("groups", held["group"].Text()); group["terms"] != text("net 30 DEMF") {
		t.Errorf("the lookup left the company: %v", group)
	}
	res = write(t, e, connectors.Write{Op: connectors.Update, ID: rec.ID, Fields: only(5, 3), Row: customer("", "", "")})
	if res.Outcome != connectors.Stored || res.Record.Row[3].IsSet() || res.Record.Row[2] != text("Northwind") {
		t.Errorf("clearing the lookup: %+v", res)
	}
}

func TestConditionsHold(t *testing.T) {
	app, e := setup(t, memory.Options{})
	rec := write(t, e, create(customer("USMF", "C1", "a"), "")).Record
	update := connectors.Write{Op: connectors.Update, ID: rec.ID, If: rec.Version, Fields: only(5, 2), Row: customer("", "", "b")}
	if err := app.Edit("customers", rec.ID, values{"name": text("a")}); err != nil {
		t.Fatal(err)
	}
	gone := update
	gone.ID = "gone"
	for name, w := range map[string]connectors.Write{
		"update on an older version": update,
		"delete on an older version": {Op: connectors.Delete, ID: rec.ID, If: rec.Version},
		"update of nothing":          gone,
		"create on a held key":       create(customer("USMF", "C1", "b"), ""),
	} {
		if res := write(t, e, w); res.Outcome != connectors.Moved || res.Err != nil {
			t.Errorf("%s: %+v", name, res)
		}
	}
	if n := app.Writes(); n != 1 {
		t.Errorf("%d writes counted, want the one create", n)
	}
	update.If = ""
	if res := write(t, e, update); res.Outcome != connectors.Stored {
		t.Errorf("update without a condition: %+v", res)
	}
	if res := write(t, e, create(customer("DEMF", "C1", "b"), "")); res.Outcome != connectors.Stored {
		t.Errorf("the key of another company: %+v", res)
	}
	for range 2 {
		if res := write(t, e, connectors.Write{Op: connectors.Delete, ID: rec.ID}); res.Outcome != connectors.Stored || res.Record.ID != "" {
			t.Errorf("delete: %+v", res)
		}
	}
	if n := app.Writes(); n != 4 {
		t.Errorf("%d writes counted, want 4: deleting nothing stores nothing", n)
	}
}

func TestRefusalsNameKindAndField(t *testing.T) {
	app, e := setup(t, memory.Options{Fold: connectors.Fold{Case: true}})
	first := write(t, e, create(customer("USMF", "C1", "a"), "")).Record
	second := write(t, e, create(customer("USMF", "C2", "a"), "")).Record
	if _, err := app.Insert("groups", values{"code": text("X"), "company.code": text("DEMF")}); err != nil {
		t.Fatal(err)
	}
	set := func(i int, v connectors.Value) connectors.Write {
		row := customer("USMF", "C9", "a")
		row[i] = v
		return create(row, "")
	}
	tooMany := set(2, text("a name of more than twenty"))
	tooMany.Row[3] = text("nowhere")
	for name, c := range map[string]struct {
		w     connectors.Write
		kind  connectors.Kind
		field string
	}{
		"too long":                    {set(2, text("a name of more than twenty")), connectors.TooLarge, "name"},
		"too many digits":             {set(4, decimal(t, "1234567.5")), connectors.TooLarge, "limit"},
		"too fine":                    {set(4, decimal(t, "0.125")), connectors.TooLarge, "limit"},
		"required":                    {set(1, connectors.NullValue()), connectors.Invalid, "number"},
		"wrong type":                  {set(4, text("many")), connectors.Invalid, "limit"},
		"no such company":             {set(0, text("XXXX")), connectors.MissingParent, "company.code"},
		"group of another company":    {set(3, text("X")), connectors.MissingParent, "group.code"},
		"missing parent before other": {tooMany, connectors.MissingParent, "group.code"},
		"key of another record": {connectors.Write{Op: connectors.Update, ID: second.ID, Fields: only(5, 1), Row: customer("", "c1", "")},
			connectors.Duplicate, "number, company.code"},
	} {
		res := write(t, e, c.w)
		if res.Outcome != connectors.Refused || res.Err == nil || res.Err.Kind != c.kind || res.Err.Field != c.field {
			t.Errorf("%s: %+v, %v", name, res, res.Err)
		}
	}
	res := write(t, e, set(3, text("X")))
	if res.Err.Parent != "groups" || res.Err.ParentKey != "X" {
		t.Errorf("the missing parent is not named: %+v", res.Err)
	}
	company, _ := app.Read("customers", first.ID)
	id := company["company"].Text()
	res = write(t, open(t, app, connectors.Selection{Entity: "companies", Fields: []string{"code"}, Key: []int{0}, Company: -1}),
		connectors.Write{Op: connectors.Delete, ID: id})
	if res.Outcome != connectors.Refused || res.Err.Kind != connectors.Invalid {
		t.Errorf("deleting a record that others refer to: %+v", res)
	}
}

func TestSeveralPathsThroughOneLookupNameOneParent(t *testing.T) {
	app, _ := setup(t, memory.Options{})
	insert(t, app, "groups", values{"company.code": text("USMF"), "code": text("H"), "terms": text("net 30 USMF")})
	sel := connectors.Selection{Entity: "customers", Company: 0, Key: []int{1, 0},
		Fields: []string{"company.code", "number", "group.terms", "group.code"}}
	e := open(t, app, sel)
	row := func(terms, code string) connectors.Row {
		return connectors.Row{text("USMF"), text("C1"), text(terms), text(code)}
	}
	if res := write(t, e, create(row("net 30 USMF", ""), "")); res.Outcome != connectors.Refused || res.Err.Kind != connectors.Invalid {
		t.Errorf("an ambiguous parent: %+v", res)
	}
	if res := write(t, e, create(row("net 30 DEMF", "H"), "")); res.Outcome != connectors.Refused || res.Err.Kind != connectors.MissingParent {
		t.Errorf("paths that contradict each other: %+v", res)
	}
	if res := write(t, e, create(row("net 30 USMF", "H"), "")); res.Outcome != connectors.Stored || res.Record.Row[3] != text("H") {
		t.Errorf("paths that agree: %+v", res)
	}
}

func TestOneBadRecordLeavesTheOthersOfItsBatchStored(t *testing.T) {
	app, e := setup(t, memory.Options{})
	var batch []connectors.Write
	for i := range 50 {
		batch = append(batch, create(customer("USMF", fmt.Sprintf("C%d", i), "a"), ""))
	}
	batch[17].Row[3] = text("nowhere")
	results, err := e.Write(t.Context(), batch)
	if err != nil || len(results) != 50 || results[17].Outcome != connectors.Refused {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if n := len(app.IDs("customers")); n != 49 || app.Writes() != 49 {
		t.Errorf("%d records, %d writes, want 49", n, app.Writes())
	}
	if _, err := e.Write(t.Context(), make([]connectors.Write, e.Capabilities().WriteMax+1)); err == nil {
		t.Error("a batch past the most was taken")
	}
}

func TestValuesConvertExactlyOrNotAtAll(t *testing.T) {
	_, e := setup(t, memory.Options{})
	row := customer("USMF", "C1", "a")
	row[4] = connectors.IntValue(12)
	if res := write(t, e, create(row, "")); res.Outcome != connectors.Stored || res.Record.Row[4] != decimal(t, "12") {
		t.Errorf("a whole number in a decimal field: %+v", res)
	}
}

func decimal(t *testing.T, s string) connectors.Value {
	t.Helper()
	v, err := connectors.DecimalValue(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
