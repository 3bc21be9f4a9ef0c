package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dualwrite/connectors/sqltest"
	"dualwrite/models"
)

func fromNothingByMouse(t *testing.T, b *chromium)        { fromNothing(t, b, byMouse) }
func fromNothingWithoutScripts(t *testing.T, b *chromium) { fromNothing(t, b, withoutScripts) }

// shops are two apps in PostgreSQL that name the same things in their own ways.
type shops struct{ left, right sqltest.Database }

func openShops(t *testing.T) shops {
	t.Helper()
	s := shops{databases.postgres.Database(t), databases.postgres.Database(t)}
	s.left.Exec(t, "CREATE TABLE customers (id serial PRIMARY KEY, customer_code varchar(20) NOT NULL UNIQUE, name varchar(60), credit_limit numeric(12,2), country_id int)",
		"CREATE TABLE countries (id serial PRIMARY KEY, code char(2) NOT NULL UNIQUE, title text)",
		"ALTER TABLE customers ADD FOREIGN KEY (country_id) REFERENCES countries (id)",
		"INSERT INTO customers (customer_code, name, credit_limit) SELECT 'C' || i, 'Customer ' || i, i FROM generate_series(1, 40) i")
	s.right.Exec(t, "CREATE TABLE accounts (accountid uuid PRIMARY KEY DEFAULT gen_random_uuid(), msdyn_customercode varchar(20) NOT NULL UNIQUE, msdyn_name varchar(60), creditlimit numeric(12,2))",
		"INSERT INTO accounts (msdyn_customercode, msdyn_name) SELECT 'C' || i, 'Account ' || i FROM generate_series(31, 60) i")
	return s
}

// rows are what both sides shall hold, by key.
func (s shops) rows(t *testing.T) (left, right string) {
	t.Helper()
	return s.left.Exec(t, "SELECT customer_code, name, credit_limit FROM customers ORDER BY 1"), s.right.Exec(t, "SELECT msdyn_customercode, msdyn_name, creditlimit FROM accounts ORDER BY 1")
}

// emptySite is a program without the practice environment: nothing is set up.
func emptySite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), bare: true}
	s.start()
	return s
}

// fromNothing goes from an empty store to two apps in step.
func fromNothing(t *testing.T, b *chromium, h hands) {
	shops := openShops(t)
	p := newPerson(t, b, emptySite(t), h)
	p.visit(setupLink(t, p.site))
	p.fill("textbox", "Name", "Ada")
	p.fill("textbox", "Password", goodPassword)
	p.fill("textbox", "Password again", goodPassword)
	p.press("button", "Create administrator")
	p.sees("There are no entity maps yet.")
	p.connects("Shop", shops.left, 1)
	p.connects("Office", shops.right, 2)
	p.links()
	p.addsMap()
	p.runsIt(shops)
}

// connects makes a connection, and tests it before it is saved.
func (p *person) connects(name string, d sqltest.Database, number int) {
	p.t.Helper()
	p.press("link", "Connections")
	p.press("link", "New connection")
	p.press("link", "PostgreSQL")
	p.arrives("/connections/new")
	p.typesConnection(name, d, "wrong")
	p.press("button", "Test connection")
	p.sees("The connection does not work.")
	p.fill("textbox", "Password", d.Password)
	p.press("button", "Test connection")
	p.sees("The connection works. Nothing is missing.")
	p.sees("agrees with ours")
	if p.hands == withoutScripts {
		p.sees("Type the password again")
		p.fill("textbox", "Password", d.Password)
	}
	p.press("button", "Save")
	p.arrives(fmt.Sprintf("/connections/%d", number))
	p.sees("kept, sealed")
}

// typesConnection fills the form of a connection to PostgreSQL.
func (p *person) typesConnection(name string, d sqltest.Database, password string) {
	p.t.Helper()
	for field, value := range map[string]string{"Name *": name, "Host *": d.Host, "Port": strconv.Itoa(d.Port), "Database *": d.Name, "User *": d.User, "Password": password} {
		p.fill("textbox", field, value)
	}
}

// links makes an environment of the two.
func (p *person) links() {
	p.t.Helper()
	p.press("link", "Environments")
	p.press("link", "New environment")
	p.choose("Left app", "Shop")
	p.choose("Right app", "Office")
	p.press("button", "Next")
	p.sees("The connection works.")
	p.sees("Neither app tells its legal entities.")
	p.fill("textbox", "Name of the environment", "Company")
	p.press("button", "Link")
	p.arrives("/environments/1")
}

// addsMap takes the map that is proposed.
func (p *person) addsMap() {
	p.t.Helper()
	p.press("link", "Add entity map")
	p.fill("combobox", "Entity of Shop", "customers")
	p.fill("combobox", "Entity of Office", "accounts")
	p.press("button", "Next")
	p.sees("3 field mappings")
	p.press("button", "Add map")
	p.arrives("/maps/1/mappings")
	p.sees("It does not run yet")
}

// runsIt runs the map and compares both sides, then after an edit once more.
func (p *person) runsIt(s shops) {
	p.t.Helper()
	p.press("link", "Run")
	p.press("button", "Run")
	p.arrives("/maps")
	same := func(what string) {
		p.await("both sides are equal "+what, func() bool {
			left, right := s.rows(p.t)
			return left == right && strings.Count(left, "\n") == 60
		})
	}
	same("after the initial sync")
	p.rowShows("customers (accounts)", "Running")
	s.left.Exec(p.t, "UPDATE customers SET name = 'edited left' WHERE customer_code = 'C1'")
	s.right.Exec(p.t, "UPDATE accounts SET creditlimit = 7 WHERE msdyn_customercode = 'C60'")
	p.await("both edits are on the other side", func() bool {
		left, right := s.rows(p.t)
		return left == right && strings.Contains(right, "edited left") && strings.Contains(left, "7.00")
	})
}

// setupAccessible runs axe over the pages on which apps are connected and
// linked, and looks whether they fit a phone.
func setupAccessible(t *testing.T, b *chromium) {
	s := freshSite(t)
	tb := b.open(t, s.server.URL())
	tb.resize(1280, 900)
	axe, err := os.ReadFile(filepath.Join("testdata", "axe-core-4.14.1", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	tb.becomesAdministrator(s)
	s.check(s.store.Unlink(t.Context(), who, linkedAlone(t, s), 1))
	for _, v := range setupSights() {
		tb.resize(1280, 900)
		tb.check(string(axe), v)
		tb.picture(os.Getenv("DUALWRITE_SCREENSHOTS"), "setup", v)
	}
}

// linkedAlone adds an environment without maps, to be unlinked.
func linkedAlone(t *testing.T, s *site) int64 {
	t.Helper()
	e, err := s.store.LinkEnvironment(t.Context(), who, models.Environment{Name: "Spare", LeftConnectionID: 1, RightConnectionID: 2})
	s.check(err)
	return e.ID
}

// setupSights lists what an administrator sees who sets apps up.
func setupSights() []sight {
	return []sight{
		{name: "connections", path: "/connections"}, {name: "connection", path: "/connections/1"}, {name: "connection-kinds", path: "/connections/new"},
		{name: "connection-new", path: "/connections/new?kind=postgres"}, {name: "connection-edit", path: "/connections/1/edit"}, {name: "connection-delete", path: "/connections/1/delete"},
		{name: "environments", path: "/environments"}, {name: "environment-choice", path: "/environments/new"}, {name: "environment-link", path: "/environments/new?left=1&right=2"},
		{name: "environment", path: "/environments/1"}, {name: "environment-companies", path: "/environments/1/companies"}, {name: "environment-unlink", path: "/environments/1/unlink"}, {name: "environment-unlinked", path: "/environments/2"},
		{name: "environment-relink", path: "/environments/2/link"}, {name: "map-new", path: "/maps/new"}, {name: "map-entities", path: "/maps/new?environment=1"},
		{name: "map-proposal", path: "/maps/new?environment=1&left=CustomersV3&right=contacts"}, {name: "map-proposal-refused", path: "/maps/new?environment=1&left=nothing&right=contacts"},
	}
}
