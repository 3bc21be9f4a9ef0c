package sqlite_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// accounts selects accounts with their company and their parent by path.
func accounts(t testing.TB, c connectors.Connector, fold connectors.Fold) *probe.Entity {
	return probe.OpenWith(t, c, connectors.Selection{Entity: "account", Key: []int{0, 1}, Company: 0, Fold: fold,
		Fields: []string{"msdyn_company.cdm_companycode", "accountnumber", "parent.accountnumber", "parent.parent.accountnumber", "country"}})
}

func account(company, number, parent string) []connectors.Value {
	row := []connectors.Value{text(company), text(number), text(parent), {}, {}}
	if parent == "" {
		row[2] = connectors.Value{}
	}
	return row
}

func TestACompanyThatIsALookupScopesKeysAndParents(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := accounts(t, c, connectors.Fold{Case: true})
	usmf := o.Stored(o.Creates(account("USMF", "A1", "")...))
	dat := o.Stored(o.Creates(account("dat", "a1", "")...))
	if r := o.Results(o.Creates(account("usmf", "a1", "")...))[0]; r.Outcome != connectors.Moved {
		t.Errorf("a second USMF A1: %+v", r)
	}
	child := o.Stored(o.Creates(account("DAT", "B", "A1")...))
	if child.Row[2] != text("a1") {
		t.Errorf("the parent is %q", child.Row[2])
	}
	found, err := o.Find(t.Context(), []connectors.Row{{text("usmf"), text("A1")}, {text("DAT"), text("b")}, {text("frrt"), text("A1")}})
	if err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
	// The company is not named, so the one that is stored counts.
	grandchild := o.Stored(o.Creates(account("DAT", "C", "")...))
	grandchild = o.Stored(o.Updates(grandchild.ID, connectors.Value{}, connectors.Value{}, text("b"), connectors.Value{}, connectors.Value{}))
	if grandchild.Row[2] != text("B") || grandchild.Row[3] != text("a1") {
		t.Errorf("read through two lookups: %v", grandchild.Row)
	}
	if e := o.Refused(o.Creates(account("frrt", "D", "")...), connectors.MissingParent); e.Parent != "cdm_company" || e.ParentKey != "frrt" {
		t.Errorf("%+v", e)
	}
	_ = usmf
	_ = dat
}

func TestALookupIsWrittenThroughAnother(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := accounts(t, c, connectors.Fold{})
	o.Stored(o.Creates(account("USMF", "top", "")...))
	o.Stored(o.Creates(account("USMF", "mid", "top")...))
	o.Stored(o.Creates(account("USMF", "low", "")...))
	low := get(t, o, find(t, o, "USMF", "low"))[0]
	row := account("", "", "")
	row[0], row[1], row[3] = connectors.Value{}, connectors.Value{}, text("top")
	rec := o.Stored(o.Updates(low.ID, row...))
	if rec.Row[2] != text("mid") || rec.Row[3] != text("top") {
		t.Errorf("the one whose parent is top is %v", rec.Row)
	}
	row[2], row[3] = text("top"), text("top")
	o.Refused(o.Updates(low.ID, row...), connectors.MissingParent)
}

func find(t testing.TB, o *probe.Entity, key ...string) string {
	t.Helper()
	row := connectors.Row{}
	for _, k := range key {
		row = append(row, text(k))
	}
	found, err := o.Find(t.Context(), []connectors.Row{row})
	if err != nil || len(found) != 1 {
		t.Fatalf("%v finds %v, %v", key, found, err)
	}
	return found[0].ID
}

func TestAnAmbiguousParentIsRefused(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := probe.OpenWith(t, c, connectors.Selection{Entity: "account", Key: []int{0}, Company: -1, Fields: []string{"accountnumber", "parent.name", "name"}})
	o.Stored(o.Creates(text("1"), connectors.Value{}, text("twin")))
	o.Stored(o.Creates(text("2"), connectors.Value{}, text("twin")))
	if e := o.Refused(o.Creates(text("3"), text("twin"), connectors.Value{}), connectors.Invalid); e.Field != "parent.name" {
		t.Errorf("%+v", e)
	}
}

func TestAForeignKeyByValueNamesItsMissingParent(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := probe.Open(t, c, "account", "accountnumber", "country")
	e := o.Refused(o.Creates(text("1"), text("XX")), connectors.MissingParent)
	if e.Field != "country" || e.Parent != "countries" || e.ParentKey != "XX" {
		t.Errorf("%+v", e)
	}
}

func TestADeleteThatOthersNeedIsRefused(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := probe.Open(t, c, "cdm_company", "cdm_companycode")
	acc := accounts(t, c, connectors.Fold{})
	acc.Stored(acc.Creates(account("USMF", "1", "")...))
	o.Refused(connectors.Write{Op: connectors.Delete, ID: find(t, o, "USMF")}, connectors.Invalid)
}
