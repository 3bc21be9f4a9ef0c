package memory_test

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/memory"
)

// scan reads everything in pages and gives the numbers, joined.
func scan(t *testing.T, e connectors.Entity, size int, between func()) string {
	t.Helper()
	var seen []string
	pos := connectors.Position("")
	for {
		page, next, err := e.Scan(t.Context(), pos, size)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range page {
			seen = append(seen, rec.Row[1].Text())
		}
		if next == "" {
			return strings.Join(seen, " ")
		}
		pos = next
		between()
	}
}

func numbered(t *testing.T, app *memory.App, company string, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		insert(t, app, "customers", values{"company.code": text(company), "number": text(fmt.Sprint(i)), "visits": connectors.IntValue(int64(i))})
	}
}

func TestScanGivesEveryRecordOnceWhilePeopleEdit(t *testing.T) {
	for _, keyed := range []bool{false, true} {
		app, e := setup(t, memory.Options{KeyIsID: keyed})
		numbered(t, app, "USMF", 1, 7)
		ids := app.IDs("customers")
		edits := 0
		got := scan(t, e, 2, func() {
			edits++
			if err := app.Edit("customers", ids[1], values{"name": text(fmt.Sprint(edits))}); err != nil {
				t.Fatal(err)
			}
			if edits == 1 {
				if err := app.Remove("customers", ids[0]); err != nil {
					t.Fatal(err)
				}
			}
		})
		if got != "1 2 3 4 5 6 7" {
			t.Errorf("ids are keys %v: %s", keyed, got)
		}
		if got := scan(t, e, 6, func() {}); got != "2 3 4 5 6 7" {
			t.Errorf("one full page: %s", got)
		}
	}
}

func TestScanAndCountHeedFilterAndCompanies(t *testing.T) {
	app, _ := setup(t, memory.Options{})
	numbered(t, app, "USMF", 1, 5)
	numbered(t, app, "DEMF", 6, 9)
	expr, err := filter.Parse("visits gt 3 and company.code ne ''")
	if err != nil {
		t.Fatal(err)
	}
	sel := customers()
	sel.Filter, sel.Companies = expr, []string{"demf"}
	e := open(t, app, sel)
	if got := scan(t, e, 2, func() {}); got != "6 7 8 9" {
		t.Errorf("DEMF: %s", got)
	}
	if n, exact, err := e.Count(t.Context()); n != 4 || !exact || err != nil {
		t.Errorf("count: %d, %v, %v", n, exact, err)
	}
	sel.Companies = nil
	if got := scan(t, open(t, app, sel), 1, func() {}); got != "4 5 6 7 8 9" {
		t.Errorf("all companies: %s", got)
	}
	if all, err := e.Get(t.Context(), app.IDs("customers")); err != nil || len(all) != 9 {
		t.Errorf("get ignores neither filter nor company: %d, %v", len(all), err)
	}
}

func TestFindComparesAsTheSelectionSays(t *testing.T) {
	app, _ := setup(t, memory.Options{})
	for _, n := range []string{"abc", "ABC", "abc ", "abd"} {
		insert(t, app, "customers", values{"company.code": text("USMF"), "number": text(n)})
	}
	insert(t, app, "customers", values{"company.code": text("DEMF"), "number": text("abc")})
	keys := []connectors.Row{{text("Abc"), text("USMF")}, {text("abc"), text("USMF")}, {connectors.NullValue(), text("USMF")},
		{connectors.IntValue(5), text("USMF")}}
	for fold, want := range map[connectors.Fold]int{{}: 1, {Case: true}: 2, {Space: true}: 2, {Case: true, Space: true}: 3} {
		sel := customers()
		sel.Fold = fold
		found, err := open(t, app, sel).Find(t.Context(), keys)
		if err != nil || len(found) != want {
			t.Errorf("%+v: %d records, want %d; %v", fold, len(found), want, err)
		}
	}
}

func TestOpenNamesWhatIsNotThere(t *testing.T) {
	app, _ := setup(t, memory.Options{})
	unknown, err := filter.Parse("gone eq 1")
	if err != nil {
		t.Fatal(err)
	}
	for _, sel := range []connectors.Selection{
		{Entity: "gone", Company: -1},
		{Entity: "customers", Fields: []string{"gone"}, Company: -1},
		{Entity: "customers", Fields: []string{"group.gone"}, Company: -1},
		{Entity: "customers", Fields: []string{"name.code"}, Company: -1},
		{Entity: "customers", Fields: []string{"name"}, Company: -1, Filter: unknown},
	} {
		if _, err := app.Open(t.Context(), sel); connectors.KindOf(err) != connectors.NoEntity {
			t.Errorf("%+v: %v", sel, err)
		}
	}
	if _, err := app.Feed(t.Context(), "gone"); connectors.KindOf(err) != connectors.NoEntity {
		t.Errorf("feed: %v", err)
	}
}

func TestNestedPathsReadAndWrite(t *testing.T) {
	app, e := setup(t, memory.Options{})
	row := customer("USMF", "C1", "a")
	row[3] = text("G")
	payer := write(t, e, create(row, "")).Record
	sel := connectors.Selection{Entity: "customers", Company: 0, Key: []int{1, 0},
		Fields: []string{"company.code", "number", "payer.group.terms"}}
	nested := open(t, app, sel)
	res := write(t, nested, create(connectors.Row{text("USMF"), text("C2"), text("net 30 USMF")}, ""))
	if res.Outcome != connectors.Stored || res.Record.Row[2] != text("net 30 USMF") {
		t.Fatalf("%+v, %v", res, res.Err)
	}
	if held, _ := app.Read("customers", res.Record.ID); held["payer"] != text(payer.ID) {
		t.Errorf("payer is %v", held["payer"])
	}
	res = write(t, nested, create(connectors.Row{text("USMF"), text("C3"), text("net 30 DEMF")}, ""))
	if res.Outcome != connectors.Refused || res.Err.Kind != connectors.MissingParent || res.Err.Parent != "customers" {
		t.Errorf("%+v", res)
	}
}
