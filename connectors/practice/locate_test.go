package practice

import (
	"errors"
	"testing"
)

func TestARecordIsFoundByTheKeyThatItsServerGivesIt(t *testing.T) {
	b := openBrowser(t)
	for _, c := range []struct {
		side               int
		table, key         string
		field, value, name string
	}{
		{0, "CustomersV3", "dataAreaId='usmf',CustomerAccount='US0701'", "CUSTOMERACCOUNT", "US0701", "CustomerAccount"},
		{0, "Currencies", "'USD'", "CURRENCYCODE", "USD", "CurrencyCode"},
		{1, "transactioncurrencies", "isocurrencycode='USD'", "isocurrencycode", "USD", "isocurrencycode"},
	} {
		table := b.mustTable(t, c.side, c.table)
		id, err := b.Locate(t.Context(), c.side, table, c.key)
		if err != nil {
			t.Errorf("%s(%s): %v", c.table, c.key, err)
			continue
		}
		e, err := b.Record(t.Context(), c.side, table, id)
		if err != nil || e.field(table, c.field) != c.value {
			t.Errorf("%s(%s) is %s, %v", c.table, c.key, e.field(table, c.field), err)
		}
		for _, column := range table.Columns {
			if column.Name == c.field && column.Served != c.name {
				t.Errorf("%s is served as %s, want %s", c.field, column.Served, c.name)
			}
		}
	}
	customers := b.mustTable(t, 0, "CustomersV3")
	for _, key := range []string{"", "17", "dataAreaId='usmf',CustomerAccount='none'", "None='x'", "'", "9c7d6e5f-4a3b-4c2d-8e1f-0a1b2c3d4e5f"} {
		if id, err := b.Locate(t.Context(), 0, customers, key); !errors.Is(err, ErrNoRecord) {
			t.Errorf("%q is the key of %s, %v", key, id, err)
		}
	}
}
