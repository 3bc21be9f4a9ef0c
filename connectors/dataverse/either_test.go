package dataverse_test

import (
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/practice/service"
)

// newOrders serves orders whose customer is an account or a contact.
func newOrders(t *testing.T) (*environment, connectors.Connector) {
	t.Helper()
	env := serve(t, []string{
		"CREATE TABLE accounts (accountid GUID PRIMARY KEY, accountnumber VARCHAR(20) COLLATE NOCASE UNIQUE, name VARCHAR(60))",
		"CREATE TABLE contacts (contactid GUID PRIMARY KEY, personid VARCHAR(30) COLLATE NOCASE UNIQUE)",
		"CREATE TABLE orders (orderid GUID PRIMARY KEY, number VARCHAR(20) COLLATE NOCASE UNIQUE, customerid GUID, note TEXT)",
	}, func(m *service.Model) {
		orders := m.Entity("orders")
		customer := orders.Field("customerid")
		customer.Type, customer.Target, customer.Navigation = service.Lookup, "accounts", "customerid_account"
		orders.Fields = append(orders.Fields, &service.Field{Name: "customerid", Column: "customerid", Label: "customerid", Type: service.Lookup, Target: "contacts", Navigation: "customerid_contact"})
	}, "accounts", "contacts", "orders")
	for _, insert := range []string{
		"INSERT INTO accounts VALUES ('2e451703-4b1c-4711-80de-00155db19e6d', 'A1', 'Adventure'), ('3e451703-4b1c-4711-80de-00155db19e6d', 'both', 'Both')",
		"INSERT INTO contacts VALUES ('4e451703-4b1c-4711-80de-00155db19e6d', 'P1'), ('5e451703-4b1c-4711-80de-00155db19e6d', 'both')",
	} {
		env.exec(t, insert)
	}
	return env, env.slow(t)
}

const eitherCustomer = "customerid.accounts(accountnumber).contacts(personid)"

func openOrders(t *testing.T, c connectors.Connector, fields ...string) connectors.Entity {
	t.Helper()
	e, err := c.Open(t.Context(), connectors.Selection{Entity: "orders", Key: []int{0}, Company: -1, Fields: append([]string{"number"}, fields...), Fold: connectors.Fold{Case: true, Space: true}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestALookupToSeveralTablesIsDescribedWithItsTargets(t *testing.T) {
	_, c := newOrders(t)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own, end, err := s.Resolve("orders", eitherCustomer)
	if err != nil || !slices.Equal(own.Targets, []string{"accounts", "contacts"}) || end.Type != connectors.Text || end.Length != 30 {
		t.Errorf("%+v, %+v, %v", own, end, err)
	}
	if one, _, err := s.Resolve("orders", "customerid_contact.personid"); err != nil || one.Lookup != "contacts" {
		t.Errorf("to contacts alone: %+v, %v", one, err)
	}
}

// writeOrder stores one order and answers what the app then holds of its customer.
func writeOrder(t *testing.T, e connectors.Entity, w connectors.Write) connectors.Result {
	t.Helper()
	results, err := e.Write(t.Context(), []connectors.Write{w})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

func TestALookupToSeveralTablesTakesTheFirstThatHasTheRecord(t *testing.T) {
	env, c := newOrders(t)
	e := openOrders(t, c, eitherCustomer)
	id, held := "", ""
	for _, step := range []struct {
		key, stored, id string
	}{{"a1", "A1", "2e451703"}, {"P1", "P1", "4e451703"}, {"both", "both", "3e451703"}, {"", "", ""}, {"p1", "P1", "4e451703"}} {
		w := connectors.Write{Op: connectors.Create, Row: connectors.Row{text("1"), text(step.key)}, Fields: []bool{true, true}}
		if id != "" {
			w.Op, w.ID = connectors.Update, id
		}
		r := writeOrder(t, e, w)
		if r.Outcome != connectors.Stored || r.Record.Row[1].Text() != step.stored {
			t.Fatalf("%q is stored as %+v", step.key, r)
		}
		id = r.Record.ID
		if err := env.db.QueryRow("SELECT coalesce(customerid, '') FROM orders").Scan(&held); err != nil || !strings.HasPrefix(held, step.id) || step.id == "" && held != "" {
			t.Errorf("%q refers to %q, %v", step.key, held, err)
		}
	}
	page, _, err := e.Scan(t.Context(), "", 10)
	if err != nil || len(page) != 1 || page[0].Row[1].Text() != "P1" {
		t.Errorf("read again it is %+v, %v", page, err)
	}
}

func TestACustomerWhoIsNowhereNamesEveryTableThatWasTried(t *testing.T) {
	_, c := newOrders(t)
	r := writeOrder(t, openOrders(t, c, eitherCustomer), connectors.Write{Op: connectors.Create, Row: connectors.Row{text("1"), text("nobody")}, Fields: []bool{true, true}})
	if r.Outcome != connectors.Refused || r.Err.Kind != connectors.MissingParent || r.Err.Field != eitherCustomer || r.Err.Parent != "accounts" || !slices.Equal(r.Err.Others, []string{"contacts"}) || r.Err.ParentKey != "nobody" ||
		!strings.Contains(r.Err.Message, "accounts or contacts") {
		t.Errorf("%+v, %+v", r, r.Err)
	}
}

func TestOneTableOfALookupToSeveralIsWrittenWithoutContradictingAnother(t *testing.T) {
	_, c := newOrders(t)
	e := openOrders(t, c, "customerid_account.accountnumber", "customerid_contact.personid")
	all := []bool{true, true, true}
	r := writeOrder(t, e, connectors.Write{Op: connectors.Create, Row: connectors.Row{text("1"), text("A1"), connectors.NullValue()}, Fields: all})
	if r.Outcome != connectors.Stored || r.Record.Row[1].Text() != "A1" || r.Record.Row[2].IsSet() {
		t.Fatalf("an account: %+v", r)
	}
	r = writeOrder(t, e, connectors.Write{Op: connectors.Update, ID: r.Record.ID, Row: connectors.Row{text("1"), connectors.NullValue(), text("P1")}, Fields: all})
	if r.Outcome != connectors.Stored || r.Record.Row[1].IsSet() || r.Record.Row[2].Text() != "P1" {
		t.Errorf("a contact instead: %+v", r)
	}
	r = writeOrder(t, e, connectors.Write{Op: connectors.Update, ID: r.Record.ID, Row: connectors.Row{text("1"), text("A1"), text("P1")}, Fields: all})
	if r.Outcome != connectors.Refused || r.Err.Kind != connectors.Invalid || !strings.Contains(r.Err.Message, "both customerid_account and customerid_contact") {
		t.Errorf("both at once: %+v", r)
	}
}

func TestAKeyThroughALookupToSeveralTablesIsRefused(t *testing.T) {
	_, c := newOrders(t)
	_, err := c.Open(t.Context(), connectors.Selection{Entity: "orders", Key: []int{0}, Company: -1, Fields: []string{eitherCustomer}})
	if connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("opening gives %v", err)
	}
}
