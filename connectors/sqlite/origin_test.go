package sqlite_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func TestChangesByTheAppsOwnTriggersCarryNoMark(t *testing.T) {
	a := newApp(t,
		`CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT UNIQUE, total INTEGER, stamp INTEGER DEFAULT 0)`,
		// Before an insert another row comes into being in the same table, which
		// takes the row id that the insert might have been expected to get.
		`CREATE TRIGGER twin BEFORE INSERT ON orders WHEN NEW.number NOT LIKE '%-twin' BEGIN
			INSERT INTO orders (number) VALUES (NEW.number || '-twin'); END`,
		// An update touches its own row once more, and another one.
		`CREATE TRIGGER touch AFTER UPDATE OF total ON orders BEGIN
			UPDATE orders SET stamp = stamp + 1 WHERE id = NEW.id;
			UPDATE orders SET stamp = stamp + 1 WHERE number = NEW.number || '-twin'; END`,
		`CREATE TRIGGER along AFTER DELETE ON orders WHEN OLD.number NOT LIKE '%-twin' BEGIN
			DELETE FROM orders WHERE number = OLD.number || '-twin'; END`)
	c := a.connect(t)
	feed := probe.Start(t, c, "orders")
	o := probe.Open(t, c, "orders", "number", "total", "stamp")

	rec := o.Stored(o.Creates(text("A"), connectors.IntValue(1), connectors.Value{}))
	probe.Want(t, "a create", feed.Told(), "create 1", "create 2 map1/1")
	if rec.ID != "2" {
		t.Errorf("created %s", rec.ID)
	}

	w := o.Updates("2", text("B"), connectors.Value{}, connectors.Value{})
	w.If = rec.Version
	rec = o.Stored(w)
	probe.Want(t, "an update", feed.Told(), "update 2 map1/1")

	// The row is written twice, by us and by a trigger, in an order that depends
	// on which trigger is the older.
	w = o.Updates("2", text("A"), connectors.IntValue(5), connectors.Value{})
	w.If = rec.Version
	rec = o.Stored(w)
	probe.Want(t, "an update that a trigger follows up", feed.Told(), "update 2", "update 2", "update 1")
	if probe.Spell(rec) != "2: A 5 1" {
		t.Errorf("read back %q without the trigger's effect", probe.Spell(rec))
	}

	o.Stored(connectors.Write{Op: connectors.Delete, ID: "2", If: rec.Version, Mark: "map1/2"})
	probe.Want(t, "a delete", feed.Told(), "delete 2 map1/2", "delete 1")
}

func TestChangesByForeignKeyCascadesCarryNoMark(t *testing.T) {
	a := newApp(t,
		`CREATE TABLE items (code TEXT PRIMARY KEY, parent TEXT REFERENCES items ON UPDATE CASCADE ON DELETE CASCADE)`,
		`INSERT INTO items VALUES ('a', NULL), ('b', 'a'), ('c', 'b')`)
	c := a.connect(t)
	feed := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "code")

	o.Stored(o.Updates("a", text("z")))
	probe.Want(t, "a key change", feed.Told(), "update b", "update a>z map1/1")
	o.Stored(connectors.Write{Op: connectors.Delete, ID: "z", Mark: "map1/2"})
	probe.Want(t, "a delete", feed.Told(), "delete c", "delete b", "delete z map1/2")
}

func TestAMarkIsOfTheStatementThatCarriedIt(t *testing.T) {
	a := newApp(t, `CREATE TABLE items (code TEXT PRIMARY KEY, n INTEGER)`)
	c := a.connect(t)
	feed := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "code", "n")
	one, two := o.Creates(text("a"), connectors.IntValue(1)), o.Updates("a", connectors.Value{}, connectors.IntValue(2))
	gone, again := connectors.Write{Op: connectors.Delete, ID: "a", Mark: "m3"}, o.Creates(text("a"), connectors.IntValue(4))
	one.Mark, two.Mark, again.Mark = "m1", "m2", "m4"
	for _, r := range o.Results(one, two, gone, again) {
		if r.Outcome != connectors.Stored {
			t.Fatalf("%+v", r)
		}
	}
	probe.Want(t, "one batch", feed.Told(), "create a m1", "update a m2", "delete a m3", "create a m4")
}
