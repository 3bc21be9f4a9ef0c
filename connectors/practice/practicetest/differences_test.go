package practicetest

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors/practice"
)

const (
	toAccounts = "Customers V3 (accounts)"
	toContacts = "Customers V3 (contacts)"
	persons    = "CDS Contacts V2 (contacts)"
)

// template is a pair of apps that tests copy, because making them takes longer.
var template practice.Apps

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "practicetest")
	if err == nil {
		template, err = practice.Create(context.Background(), dir)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// create gives a fresh copy of the two apps.
func create(t *testing.T) practice.Apps {
	t.Helper()
	dir := t.TempDir()
	apps := practice.Apps{Left: filepath.Join(dir, "left.db"), Right: filepath.Join(dir, "right.db")}
	for from, to := range map[string]string{template.Left: apps.Left, template.Right: apps.Right} {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return apps
}

func differences(t *testing.T, apps practice.Apps, only ...string) []Difference {
	t.Helper()
	found, err := Differences(apps.Left, apps.Right, only)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// edit does what a user of an app does.
func edit(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	result, err := db.ExecContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%s changed %d records: %v", statement, n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// records counts the records with a problem.
func records(found []Difference, mapName string, p Problem) int {
	seen := map[string]bool{}
	for _, d := range found {
		if d.Map == mapName && d.Problem == p {
			seen[d.Company+" "+d.Key] = true
		}
	}
	return len(seen)
}

func TestFreshAppsDifferAsMadeAndNowhereElse(t *testing.T) {
	found := differences(t, create(t))
	for name, want := range map[string][4]int{ // only left, only right, different, duplicate
		"Legal entities (cdm_companies)":                         {1, 0, 0, 0},
		"Currencies (transactioncurrencies)":                     {1, 1, 0, 0},
		"Payment days CDS (msdyn_paymentdays)":                   {1, 0, 0, 0},
		"Payment day lines CDS V2 (msdyn_paymentdaylines)":       {1, 0, 0, 0},
		"Payment schedule (msdyn_paymentschedules)":              {1, 0, 0, 0},
		"Payment schedule lines (msdyn_paymentschedulelines)":    {5, 0, 0, 0},
		"Terms of payment (msdyn_paymentterms)":                  {1, 1, 0, 0},
		"Customer payment method (msdyn_customerpaymentmethods)": {1, 1, 0, 0},
		"Customer groups (msdyn_customergroups)":                 {1, 1, 0, 0},
		"Vendors V2 (msdyn_vendors)":                             {36, 36, 12, 0},
		toAccounts:                                               {300, 300, 90, 0},
		toContacts:                                               {198, 200, 60, 2},
		persons:                                                  {30, 30, 9, 0},
	} {
		got := [4]int{records(found, name, OnlyLeft), records(found, name, OnlyRight), records(found, name, Different), records(found, name, DuplicateKey)}
		if got != want {
			t.Errorf("%s: %v, not %v", name, got, want)
		}
	}
}

func TestEachEditIsOneMoreDifference(t *testing.T) {
	apps := create(t)
	before := differences(t, apps, toAccounts, toContacts, persons)
	var want []Difference
	for _, test := range []struct {
		app, statement string
		want           Difference
	}{
		{apps.Right, `UPDATE accounts SET telephone1 = telephone1 || ' ' WHERE accountnumber = 'US0001'`,
			Difference{Map: toAccounts, Company: "USMF", Key: "US0001", Problem: Different, Field: "PRIMARYCONTACTPHONE = telephone1"}},
		{apps.Right, `UPDATE accounts SET name = upper(name) WHERE accountnumber = 'US0002'`,
			Difference{Map: toAccounts, Company: "USMF", Key: "US0002", Problem: Different, Field: "ORGANIZATIONNAME = name"}},
		{apps.Left, `UPDATE CustomersV3 SET CREDITLIMIT = CREDITLIMIT + 0.01 WHERE CUSTOMERACCOUNT = 'GB0001'`,
			Difference{Map: toAccounts, Company: "GBSI", Key: "GB0001", Problem: Different, Field: "CREDITLIMIT = creditlimit"}},
		{apps.Left, `UPDATE CustomersV3 SET CUSTOMERGROUPID = CASE CUSTOMERGROUPID WHEN '10' THEN '20' ELSE '10' END WHERE CUSTOMERACCOUNT = 'GB0002'`,
			Difference{Map: toAccounts, Company: "GBSI", Key: "GB0002", Problem: Different, Field: "CUSTOMERGROUPID = msdyn_customergroupid.msdyn_groupid"}},
		{apps.Left, `UPDATE CustomersV3 SET INVOICEADDRESS = 'unheard of' WHERE CUSTOMERACCOUNT = 'DE0001'`,
			Difference{Map: toAccounts, Company: "DEMF", Key: "DE0001", Problem: Different, Field: "INVOICEADDRESS = msdyn_invoiceaddress"}},
		{apps.Right, `UPDATE contacts SET donotemail = 1 - donotemail WHERE msdyn_contactpersonid = '000040'`,
			Difference{Map: persons, Company: "USMF", Key: "000040", Problem: Different, Field: "ISRECEIVINGDIRECTMAIL = donotemail"}},
		{apps.Right, `UPDATE contacts SET middlename = '' WHERE msdyn_contactpersonid = 'US0601' AND middlename IS NULL`,
			Difference{Map: toContacts, Company: "USMF", Key: "US0601", Problem: Different, Field: "PERSONMIDDLENAME = middlename"}},
		{apps.Left, `DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'US0602'`,
			Difference{Map: toContacts, Company: "USMF", Key: "US0602", Problem: OnlyRight}},
		{apps.Right, `DELETE FROM contacts WHERE msdyn_contactpersonid = 'US0603'`,
			Difference{Map: toContacts, Company: "USMF", Key: "US0603", Problem: OnlyLeft}},
	} {
		edit(t, test.app, test.statement)
		want = append(want, test.want)
	}
	added := slices.DeleteFunc(differences(t, apps, toAccounts, toContacts, persons), func(d Difference) bool { return slices.Contains(before, d) })
	for i := range added {
		added[i].Left, added[i].Right = "", ""
	}
	byText := func(a, b Difference) int { return strings.Compare(a.String(), b.String()) }
	slices.SortFunc(added, byText)
	slices.SortFunc(want, byText)
	if !reflect.DeepEqual(added, want) {
		t.Errorf("the edits add\n%v\nnot\n%v", added, want)
	}
}

func TestWhatTheMapDoesNotCompareIsNoDifference(t *testing.T) {
	apps := create(t)
	before := differences(t, apps)
	edit(t, apps.Right, `UPDATE accounts SET address1_latitude = 1, address1_addresstypecode = 1 WHERE accountnumber = 'US0001'`)
	edit(t, apps.Left, `UPDATE CustomersV3 SET LANGUAGEID = 'de' WHERE CUSTOMERACCOUNT = 'US0001'`)
	edit(t, apps.Right, `UPDATE accounts SET accountnumber = 'us0002' WHERE accountnumber = 'US0002'`)
	edit(t, apps.Left, `UPDATE CustomersV3 SET PAYMENTTERMS = lower(PAYMENTTERMS) WHERE CUSTOMERACCOUNT = 'US0001'`)
	edit(t, apps.Left, `UPDATE CustomersV3 SET INVOICEACCOUNT = '' WHERE CUSTOMERACCOUNT = 'US0001' AND INVOICEACCOUNT IS NULL`)
	edit(t, apps.Right, `UPDATE contacts SET msdyn_sellable = 0 WHERE msdyn_contactpersonid = 'US0601'`)
	after := differences(t, apps)
	// The contact that no longer buys leaves its map, and stands alone in the other map on contacts.
	after = slices.DeleteFunc(after, func(d Difference) bool { return d.Map == persons && d.Key == "US0601" && d.Problem == OnlyRight })
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%d differences became %d", len(before), len(after))
	}
}

func TestPlantedTextsOnBothSidesAreNoDifference(t *testing.T) {
	found := differences(t, create(t), toAccounts, toContacts)
	for _, p := range practice.Planted() {
		missing := slices.ContainsFunc(found, func(d Difference) bool { return d.Map == p.Map && d.Company == p.Company && d.Key == p.Key })
		if p.Map == toAccounts || p.Map == toContacts {
			if equal := strings.HasPrefix(p.Note, "equal on both sides"); missing == equal {
				t.Errorf("%s %s (%s): reported %v", p.Map, p.Key, p.Note, missing)
			}
		}
	}
}

func TestWhatCannotBeComparedIsAnError(t *testing.T) {
	apps := create(t)
	if _, err := Differences(apps.Left, apps.Right, []string{"Unheard of"}); err == nil {
		t.Error("an unknown map was compared")
	}
	if _, err := Differences(apps.Left, apps.Left+".missing", nil); err == nil {
		t.Error("a missing file was compared")
	}
	if _, err := condition("CREDITLIMIT > 3", []string{"CREDITLIMIT"}); err == nil {
		t.Error("a filter with an unknown relation was read")
	}
	if _, err := parse("x", []byte(`{"fields": [{"left": "A", "right": "b", "direction": "both", "transforms": [{"type": "truncate"}]}]}`)); err == nil {
		t.Error("an unknown transform was read")
	}
}

func TestOfAServedAppNothingAndZeroAreTheSame(t *testing.T) {
	apps := create(t)
	edit(t, apps.Left, `UPDATE CustomersV3 SET CREDITLIMIT = NULL, SALESMEMO = NULL, PAYMENTTERMSBASEDAYS = 7 WHERE CUSTOMERACCOUNT = 'GB0001'`)
	edit(t, apps.Right, `UPDATE accounts SET creditlimit = 0, description = '', msdyn_paymenttermsbasedays = 0 WHERE accountnumber = 'GB0001'`)
	of := func(all []Difference, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for _, d := range all {
			if d.Key == "GB0001" {
				fields = append(fields, d.Field)
			}
		}
		return strings.Join(fields, ", ")
	}
	if got := of(Differences(apps.Left, apps.Right, []string{toAccounts})); got != "CREDITLIMIT = creditlimit, PAYMENTTERMSBASEDAYS = msdyn_paymenttermsbasedays, SALESMEMO = description" {
		t.Errorf("the files differ in %s", got)
	}
	if got := of(ServedDifferences(apps.Left, apps.Right, []string{toAccounts})); got != "PAYMENTTERMSBASEDAYS = msdyn_paymenttermsbasedays" {
		t.Errorf("the served apps differ in %s", got)
	}
}
