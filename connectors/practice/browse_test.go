package practice

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// openBrowser opens a fresh copy of the two apps.
func openBrowser(t *testing.T) *Browser {
	t.Helper()
	apps := Apps{Left: filepath.Join(t.TempDir(), "left.db"), Right: filepath.Join(t.TempDir(), "right.db")}
	for from, to := range map[string]string{template.Left: apps.Left, template.Right: apps.Right} {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := OpenBrowser(t.Context(), apps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *Browser) mustTable(t *testing.T, side int, name string) *Table {
	t.Helper()
	table, err := b.Table(side, name)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// field gives a field of a record as text, "<null>" for no value.
func (e Entry) field(t *Table, name string) string {
	for i, c := range t.Columns {
		if c.Name == name && e.Values[i] != nil {
			return *e.Values[i]
		}
	}
	return "<null>"
}

func TestEveryRecordIsOnOnePage(t *testing.T) {
	b := openBrowser(t)
	for side := range b.apps {
		tables, counts, err := b.Tables(t.Context(), side)
		if err != nil || len(tables) < 10 {
			t.Fatalf("%d entities, %v", len(tables), err)
		}
		for i, table := range tables {
			seen, after := map[string]bool{}, ""
			for {
				page, err := b.Page(t.Context(), side, table, "", after, 400)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page {
					seen[e.ID], after = true, e.ID
				}
				if len(page) < 400 {
					break
				}
			}
			if int64(len(seen)) != counts[i] {
				t.Errorf("%s: %d records on its pages, want %d", table.Name, len(seen), counts[i])
			}
		}
	}
}

func TestALookupIsShownAndTakenAsTheKeyOfItsParent(t *testing.T) {
	b := openBrowser(t)
	contacts := b.mustTable(t, 1, "contacts")
	page, err := b.Page(t.Context(), 1, contacts, "", "", 2000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page {
		group, company := e.field(contacts, "msdyn_customergroupid"), e.field(contacts, "msdyn_company")
		if group == "<null>" || company == "<null>" {
			continue
		}
		if len(group) > 10 || len(company) > 4 {
			t.Fatalf("the group is shown as %q, the company as %q", group, company)
		}
		if _, err := b.Save(t.Context(), 1, contacts, e.ID, map[string]*string{"msdyn_customergroupid": &group}); err != nil {
			t.Fatal(err)
		}
		if again, err := b.Record(t.Context(), 1, contacts, e.ID); err != nil || again.field(contacts, "msdyn_customergroupid") != group {
			t.Fatalf("it became %q: %v", again.field(contacts, "msdyn_customergroupid"), err)
		}
		wantsRefusal(t, b, 1, contacts, e.ID, "msdyn_customergroupid", "no such")
		return
	}
	t.Error("no contact has a group")
}

func wantsRefusal(t *testing.T, b *Browser, side int, table *Table, id, field, value string) {
	t.Helper()
	_, err := b.Save(t.Context(), side, table, id, map[string]*string{field: &value})
	var refused *FieldError
	if !errors.As(err, &refused) || refused.Field != field || refused.Message == "" {
		t.Errorf("%s = %q: %v", field, value, err)
	}
}

func TestTheAppsOwnRulesAreToldAtTheirField(t *testing.T) {
	b := openBrowser(t)
	for side, names := range [2][]string{{"Currencies", "CURRENCYCODE", "NAME", "XAA", "XBB"}, {"transactioncurrencies", "isocurrencycode", "currencyname", "XAA", "XBB"}} {
		table := b.mustTable(t, side, names[0])
		first, err := b.Save(t.Context(), side, table, "", map[string]*string{names[1]: &names[3], names[2]: &names[3]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Save(t.Context(), side, table, "", map[string]*string{names[1]: &names[4], names[2]: &names[4]}); err != nil {
			t.Fatal(err)
		}
		wantsRefusal(t, b, side, table, first, names[1], names[4])
		wantsRefusal(t, b, side, table, first, names[1], "much too long")
		if _, err := b.Save(t.Context(), side, table, first, map[string]*string{names[2]: nil}); err == nil {
			t.Error("a required field was emptied")
		}
		if err := b.Delete(t.Context(), side, table, first); err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), side, table, first); !errors.Is(err, ErrNoRecord) {
			t.Errorf("deleting twice: %v", err)
		}
		if _, err := b.Record(t.Context(), side, table, first); !errors.Is(err, ErrNoRecord) {
			t.Errorf("reading what is deleted: %v", err)
		}
	}
	customers := b.mustTable(t, 0, "CustomersV3")
	page, err := b.Page(t.Context(), 0, customers, "", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	wantsRefusal(t, b, 0, customers, page[0].ID, "ORGANIZATIONNUMBEROFEMPLOYEES", "many")
}
