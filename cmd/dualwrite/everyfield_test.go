package main

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// crossing is one way to map a field, and a value that goes each way through it.
type crossing struct {
	name        string
	left, right string // types of the two columns; "" where the side has none
	through     string // what follows the right column in its path
	read        string // what reads the right column; "" for the column itself
	direction   models.Direction
	transforms  []models.Transform
	goes, gives string // a value of the left column, and what it becomes; "" for none
	comes, back string // a value of the right column, and what it becomes
}

// The records that lookups refer to.
const (
	groupOne, groupTwo  = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	regionOne           = "33333333-3333-4333-8333-333333333333"
	regionTwo           = "44444444-4444-4444-8444-444444444444"
	customer, passer    = "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"
	groupCode           = "(SELECT code FROM groups WHERE groupid = o.[c])"
	regionCode          = "(SELECT r.code FROM groups g JOIN regions r ON r.regionid = g.region WHERE g.groupid = o.[c])"
	customerOrPasserKey = "coalesce((SELECT number FROM accounts WHERE accountid = o.[c]), (SELECT mail FROM contacts WHERE contactid = o.[c]))"
)

// crossings names every transform, direction and depth of a lookup.
func crossings() []crossing {
	text := "VARCHAR(40)"
	list := func(all ...models.Transform) []models.Transform { return all }
	pairs := models.Transform{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "open", Right: "1"}, {Left: "shut", Right: "2"}}}
	or := func(s string) models.Transform { return models.Transform{Type: models.Default, Default: s} }
	calculated := func(s string) models.Transform { return models.Transform{Type: models.Expression, Expression: s} }
	return []crossing{
		{name: "plain", left: text, right: text, direction: models.Both, goes: "O'Brien & Söhne", gives: "O'Brien & Söhne", comes: "50%", back: "50%"},
		{name: "rightwards", left: text, right: text, direction: models.LeftToRight, goes: "a", gives: "a", comes: "b"},
		{name: "leftwards", left: text, right: text, direction: models.RightToLeft, goes: "a", comes: "b", back: "b"},
		{name: "number_as_text", left: "BIGINT", right: text, direction: models.Both, goes: "42", gives: "42", comes: "-7", back: "-7"},
		{name: "yes_as_number", left: "BOOLEAN", right: "BIGINT", direction: models.Both, goes: "1", gives: "1", comes: "0", back: "0"},
		{name: "day_as_instant", left: "DATE", right: "DATETIME", direction: models.Both, goes: "2026-02-28", gives: "2026-02-28T00:00:00Z", comes: "2024-02-29T00:00:00Z", back: "2024-02-29"},
		{name: "decimal", left: "TEXT", right: "DECTEXT(18,4)", direction: models.Both, goes: "12.5", gives: "12.5000", comes: "0.1000", back: "0.1"},
		{name: "value_map", left: text, right: "BIGINT", direction: models.Both, transforms: list(pairs), goes: "OPEN", gives: "1", comes: "2", back: "shut"},
		{name: "value_map_rightwards", left: text, right: "BIGINT", direction: models.LeftToRight, goes: "new", gives: "1", comes: "2",
			transforms: list(models.Transform{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "open", Right: "1"}, {Left: "new", Right: "1"}}})},
		{name: "default_both", left: text, right: text, direction: models.Both, transforms: list(or("none")), gives: "none", back: "none"},
		{name: "default_then_map", left: text, right: "BIGINT", direction: models.LeftToRight, transforms: list(or("shut"), pairs), gives: "2", comes: "1"},
		{name: "truncate", left: text, right: text, direction: models.LeftToRight, transforms: list(models.Transform{Type: models.Truncate, Length: 4}), goes: "äöüßX", gives: "äöüß", comes: "long enough"},
		{name: "expression", left: text, right: text, direction: models.LeftToRight, transforms: list(calculated("upper(value) & '/' & plain")), goes: "x", gives: "X/O'Brien & Söhne", comes: "y"},
		{name: "expression_leftwards", left: text, right: "BIGINT", direction: models.RightToLeft, transforms: list(calculated("padleft(value * 2, 4, '0')")), goes: "x", comes: "21", back: "0042"},
		{name: "map_then_expression", left: text, right: "BIGINT", direction: models.LeftToRight, transforms: list(pairs, calculated("number(value) + 10")), goes: "shut", gives: "12", comes: "5"},
		{name: "constant_right", right: text, direction: models.LeftToRight, transforms: list(or("made here")), gives: "made here", comes: "stays"},
		{name: "constant_left", left: text, direction: models.RightToLeft, transforms: list(or("made there")), goes: "stays", back: "made there"},
		{name: "lookup", left: text, right: "GUID REFERENCES groups (groupid)", through: ".code", read: groupCode, direction: models.Both, goes: "g1", gives: "G1", comes: groupTwo, back: "G2"},
		{name: "lookup_rightwards", left: text, right: "GUID REFERENCES groups (groupid)", through: ".code", read: groupCode, direction: models.LeftToRight, goes: "G2", gives: "G2", comes: groupOne},
		{name: "lookup_of_lookup", left: text, right: "GUID REFERENCES groups (groupid)", through: ".region.code", read: regionCode, direction: models.Both, goes: "north", gives: "North", comes: groupTwo, back: "South"},
		{name: "lookup_of_several", left: text, right: "GUID", through: ".accounts(number).contacts(mail)", read: customerOrPasserKey, direction: models.Both, goes: "ada@b.c", gives: "ada@b.c", comes: customer, back: "C1"},
		{name: "lookup_of_several_first", left: text, right: "GUID", through: ".accounts(number).contacts(mail)", read: customerOrPasserKey, direction: models.Both, goes: "c1", gives: "C1", comes: passer, back: "ada@b.c"},
	}
}

func (c *crossing) path(side int) string {
	switch {
	case side == 0 && c.left != "":
		return c.name
	case side == 1 && c.right != "":
		return c.name + c.through
	}
	return ""
}

// rightRead reads the right column of the record with a key.
func (c *crossing) rightRead(key string) string {
	expr := cmp.Or(c.read, "o.[c]")
	return "SELECT CAST(" + strings.ReplaceAll(expr, "[c]", c.name) + " AS TEXT) FROM orders o WHERE number = '" + key + "'"
}

func (c *crossing) leftRead(key string) string {
	return "SELECT CAST(" + c.name + " AS TEXT) FROM Orders WHERE number = '" + key + "'"
}

// crossingTables makes a table of all crossings on each side, and what they look up.
func crossingTables() (left, right []string) {
	columns := [2]string{"number VARCHAR(20) COLLATE NOCASE PRIMARY KEY NOT NULL", "orderid GUID PRIMARY KEY, number VARCHAR(20) COLLATE NOCASE NOT NULL"}
	for _, c := range crossings() {
		for side, declared := range []string{c.left, c.right} {
			if declared != "" {
				columns[side] += ", " + c.name + " " + declared
			}
		}
	}
	return []string{"CREATE TABLE Orders (" + columns[0] + ")"}, []string{
		"CREATE TABLE regions (regionid GUID PRIMARY KEY, code VARCHAR(10) COLLATE NOCASE UNIQUE NOT NULL)",
		"CREATE TABLE groups (groupid GUID PRIMARY KEY, code VARCHAR(10) COLLATE NOCASE UNIQUE NOT NULL, region GUID REFERENCES regions (regionid), UNIQUE (region))",
		"CREATE TABLE accounts (accountid GUID PRIMARY KEY, number VARCHAR(20) COLLATE NOCASE UNIQUE NOT NULL)",
		"CREATE TABLE contacts (contactid GUID PRIMARY KEY, mail VARCHAR(40) COLLATE NOCASE UNIQUE NOT NULL)",
		"CREATE TABLE orders (" + columns[1] + ", UNIQUE (number))",
		fmt.Sprintf("INSERT INTO regions VALUES ('%s', 'North'), ('%s', 'South')", regionOne, regionTwo),
		fmt.Sprintf("INSERT INTO groups VALUES ('%s', 'G1', '%s'), ('%s', 'G2', '%s')", groupOne, regionOne, groupTwo, regionTwo),
		fmt.Sprintf("INSERT INTO accounts VALUES ('%s', 'C1')", customer), fmt.Sprintf("INSERT INTO contacts VALUES ('%s', 'ada@b.c')", passer),
	}
}

// several makes the columns that may hold a record of two tables lookups.
func several(m *service.Model) {
	orders := m.Entity("orders")
	for _, c := range crossings() {
		if !strings.HasPrefix(c.through, ".accounts(") {
			continue
		}
		f := orders.Field(c.name)
		f.Type, f.Target, f.Navigation = service.Lookup, "accounts", c.name+"_account"
		orders.Fields = append(orders.Fields, &service.Field{Name: f.Name, Column: f.Column, Label: f.Label, Type: service.Lookup, Target: "contacts", Navigation: c.name + "_contact"})
	}
}

// insert adds an order to a side with the values that go or come from there.
func (b *bridge) insert(side int, key string) {
	b.t.Helper()
	columns, marks, args := []string{"number"}, "?", []any{key}
	if side == 1 {
		columns, marks, args = append(columns, "orderid"), "?, ?", append(args, service.NewGUID())
	}
	for _, c := range crossings() {
		if v := [2]string{c.goes, c.comes}[side]; v != "" && c.path(side) != "" {
			columns, marks, args = append(columns, c.name), marks+", ?", append(args, v)
		}
	}
	[2]*app{b.left, b.right}[side].exec("INSERT INTO "+[2]string{"Orders", "orders"}[side]+" ("+strings.Join(columns, ", ")+") VALUES ("+marks+")", args...)
}

// crossed is what the other side is to hold of an order that was made on one.
func (b *bridge) crossed(side int, key string) (all []wanted) {
	for _, c := range crossings() {
		w := wanted{what: fmt.Sprintf("%s of %s", c.name, key), side: b.right, want: cmp.Or(c.gives, "<null>")}
		if w.query = c.rightRead(key); side == 1 {
			w.side, w.query, w.want = b.left, c.leftRead(key), cmp.Or(c.back, "<null>")
		}
		if c.path(1-side) != "" {
			all = append(all, w)
		}
	}
	return all
}

// TestEveryTransformDirectionAndLookupCarriesARecordBothWays makes a record on each
// side before the initial write and one after it, and then edits each record on the
// side that it was copied to.
func TestEveryTransformDirectionAndLookupCarriesARecordBothWays(t *testing.T) {
	left, right := crossingTables()
	m := models.Map{Name: "Orders (orders)", Definition: models.Definition{Left: models.Endpoint{Entity: "Orders", Label: "Orders"},
		Right: models.Endpoint{Entity: "orders", Label: "orders"}, Key: []models.KeyPair{{Left: "number", Right: "number"}},
		Fields: []models.FieldMapping{{Left: "number", Right: "number", Direction: models.Both}}}}
	for _, c := range crossings() {
		m.Definition.Fields = append(m.Definition.Fields, models.FieldMapping{Left: c.path(0), Right: c.path(1), Direction: c.direction, Transforms: c.transforms})
	}
	b := newBridge(t, left, right, several, []models.Map{m}, "orders", "groups", "regions", "accounts", "contacts")
	b.insert(0, "L1")
	b.insert(1, "R1")
	b.runAll()
	b.settle("after the initial write", append(b.crossed(0, "L1"), b.crossed(1, "R1")...))
	b.insert(0, "L2")
	b.insert(1, "R2")
	b.settle("live", append(b.crossed(0, "L2"), b.crossed(1, "R2")...))

	var edited []wanted
	for _, c := range crossings() {
		if c.direction.Flows(models.Left) && c.path(0) != "" && c.path(1) != "" && c.comes != "" {
			b.right.exec("UPDATE orders SET "+c.name+" = ? WHERE number = 'L1'", c.comes)
			edited = append(edited, wanted{c.name + " of L1", b.left, c.leftRead("L1"), c.back})
		}
		if c.direction.Flows(models.Right) && c.path(0) != "" && c.path(1) != "" && c.goes != "" {
			b.left.exec("UPDATE Orders SET "+c.name+" = ? WHERE number = 'R1'", c.goes)
			edited = append(edited, wanted{c.name + " of R1", b.right, c.rightRead("R1"), c.gives})
		}
	}
	b.left.exec("UPDATE Orders SET plain = 'other' WHERE number = 'L2'")
	edited = append(edited, wanted{"what an expression reads besides its field", b.right, "SELECT expression FROM orders WHERE number = 'L2'", "X/other"})
	b.left.exec("INSERT INTO Orders (number, plain, lookup_of_several) VALUES ('L3', 'early', 'late@b.c')")
	b.settle("after edits", append(edited, wanted{"the order of a contact who is not there yet", b.right, "SELECT coalesce(lookup_of_several, plain) FROM orders WHERE number = 'L3'", "early"}))
	b.right.exec("INSERT INTO contacts VALUES (?, 'late@b.c')", groupOne)
	b.settle("when the contact has come", []wanted{{"the contact of L3", b.right, "SELECT lookup_of_several FROM orders WHERE number = 'L3'", groupOne}})
	b.left.exec("DELETE FROM Orders WHERE number = 'R2'")
	b.right.exec("DELETE FROM orders WHERE number = 'L2'")
	b.settle("after deletes", []wanted{{"R2", b.right, "SELECT number FROM orders WHERE number = 'R2'", "<none>"}, {"L2", b.left, "SELECT number FROM Orders WHERE number = 'L2'", "<none>"}})
	for _, e := range b.openErrors(m.Name) {
		t.Errorf("%s has an error in %s: %s", e.RecordKey, e.Field, e.Message)
	}
}
