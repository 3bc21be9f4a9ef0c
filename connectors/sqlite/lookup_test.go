package sqlite_test

import (
	"testing"

	"dualwrite/connectors"
)

// accounts selects accounts with their company and their parent by path.
func accounts(t testing.TB, c connectors.Connector, fold connectors.Fold) *opened {
	return openWith(t, c, connectors.Selection{Entity: "account", Key: []int{0, 1}, Company: 0, Fold: fold,
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
	usmf := o.stored(o.creates(account("USMF", "A1", "")...))
	dat := o.stored(o.creates(account("dat", "a1", "")...))
	if r := o.write(o.creates(account("usmf", "a1", "")...))[0]; r.Outcome != connectors.Moved {
		t.Errorf("a second USMF A1: %+v", r)
	}
	child := o.stored(o.creates(account("DAT", "B", "A1")...))
	if child.Row[2] != text("a1") {
		t.Errorf("the parent is %q", child.Row[2])
	}
	found, err := o.Find(t.Context(), []connectors.Row{{text("usmf"), text("A1")}, {text("DAT"), text("b")}, {text("frrt"), text("A1")}})
	if err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
	// The company is not named, so the one that is stored counts.
	grandchild := o.stored(o.creates(account("DAT", "C", "")...))
	grandchild = o.stored(o.updates(grandchild.ID, connectors.Value{}, connectors.Value{}, text("b"), connectors.Value{}, connectors.Value{}))
	if grandchild.Row[2] != text("B") || grandchild.Row[3] != text("a1") {
		t.Errorf("read through two lookups: %v", grandchild.Row)
	}
	if e := o.refused(o.creates(account("frrt", "D", "")...), connectors.MissingParent); e.Parent != "cdm_company" || e.ParentKey != "frrt" {
		t.Errorf("%+v", e)
	}
	_ = usmf
	_ = dat
}

func TestALookupIsWrittenThroughAnother(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := accounts(t, c, connectors.Fold{})
	o.stored(o.creates(account("USMF", "top", "")...))
	o.stored(o.creates(account("USMF", "mid", "top")...))
	o.stored(o.creates(account("USMF", "low", "")...))
	low := o.get(find(o, "USMF", "low"))[0]
	row := account("", "", "")
	row[0], row[1], row[3] = connectors.Value{}, connectors.Value{}, text("top")
	rec := o.stored(o.updates(low.ID, row...))
	if rec.Row[2] != text("mid") || rec.Row[3] != text("top") {
		t.Errorf("the one whose parent is top is %v", rec.Row)
	}
	row[2], row[3] = text("top"), text("top")
	o.refused(o.updates(low.ID, row...), connectors.MissingParent)
}

func find(o *opened, key ...string) string {
	o.t.Helper()
	row := connectors.Row{}
	for _, k := range key {
		row = append(row, text(k))
	}
	found, err := o.Find(o.t.Context(), []connectors.Row{row})
	if err != nil || len(found) != 1 {
		o.t.Fatalf("%v finds %v, %v", key, found, err)
	}
	return found[0].ID
}

func TestAnAmbiguousParentIsRefused(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := openWith(t, c, connectors.Selection{Entity: "account", Key: []int{0}, Company: -1, Fields: []string{"accountnumber", "parent.name", "name"}})
	o.stored(o.creates(text("1"), connectors.Value{}, text("twin")))
	o.stored(o.creates(text("2"), connectors.Value{}, text("twin")))
	if e := o.refused(o.creates(text("3"), text("twin"), connectors.Value{}), connectors.Invalid); e.Field != "parent.name" {
		t.Errorf("%+v", e)
	}
}

func TestAForeignKeyByValueNamesItsMissingParent(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := open(t, c, "account", "accountnumber", "country")
	e := o.refused(o.creates(text("1"), text("XX")), connectors.MissingParent)
	if e.Field != "country" || e.Parent != "countries" || e.ParentKey != "XX" {
		t.Errorf("%+v", e)
	}
}

func TestADeleteThatOthersNeedIsRefused(t *testing.T) {
	c := newApp(t, cds...).connect(t)
	o := open(t, c, "cdm_company", "cdm_companycode")
	acc := accounts(t, c, connectors.Fold{})
	acc.stored(acc.creates(account("USMF", "1", "")...))
	o.refused(connectors.Write{Op: connectors.Delete, ID: find(o, "USMF")}, connectors.Invalid)
}
