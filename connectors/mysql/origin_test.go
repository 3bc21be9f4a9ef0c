package mysql_test

import (
	"testing"

	"dualwrite/connectors"
)

func TestWhatAnAppTriggerDoesInOurTransactionIsNotOurs(t *testing.T) {
	t.Parallel()
	a := newApp(t,
		"CREATE TABLE orders (id INT PRIMARY KEY, total INT) ENGINE=InnoDB",
		"CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(50)) ENGINE=InnoDB",
		"CREATE TRIGGER app_rounds BEFORE UPDATE ON orders FOR EACH ROW SET NEW.total = NEW.total DIV 10 * 10",
		"CREATE TRIGGER app_audits AFTER UPDATE ON orders FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('total ', NEW.total))",
		"INSERT INTO orders VALUES (1, 0)")
	c := a.connect(t)
	orders, audit := start(t, c, "orders"), start(t, c, "audit")
	o := open(t, c, "orders", "id", "total")
	if rec := o.stored(o.updates("1", connectors.Value{}, connectors.IntValue(57))); rec.Row[1] != connectors.IntValue(50) {
		t.Errorf("the app keeps %q", rec.Row[1])
	}
	want(t, "ours", orders.told(), "update 1 map1/1")
	want(t, "the app's", audit.told(), "create 1")
	a.exec(t, "UPDATE orders SET total = 20")
	want(t, "a user's", orders.told(), "update 1")
}

func TestWhatACascadeRemovesIsNamedAsBlindAndChangesVersions(t *testing.T) {
	t.Parallel()
	a := newApp(t,
		"CREATE TABLE heads (id INT PRIMARY KEY) ENGINE=InnoDB",
		"CREATE TABLE tails (id INT PRIMARY KEY, head INT, CONSTRAINT of_head FOREIGN KEY (head) REFERENCES heads (id) ON DELETE SET NULL) ENGINE=InnoDB",
		"INSERT INTO heads VALUES (1)", "INSERT INTO tails VALUES (1, 1)")
	c := a.connect(t)
	tails := start(t, c, "tails")
	before := open(t, c, "tails", "id")
	was, err := before.Get(t.Context(), []string{"1"})
	if err != nil {
		t.Fatal(err)
	}
	heads := open(t, c, "heads", "id")
	heads.stored(connectors.Write{Op: connectors.Delete, ID: "1", Mark: "map1/1"})
	want(t, "the feed", tails.told())
	now, err := before.Get(t.Context(), []string{"1"})
	if err != nil || now[0].Version == was[0].Version {
		t.Errorf("the version stays %q, %v", now[0].Version, err)
	}
	schema, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, _ := schema.Entity("tails")
	if len(e.Blind) < 2 {
		t.Errorf("blind to %q", e.Blind)
	}
}

func TestAMarkDoesNotOutliveItsBatch(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1)")
	c := a.connect(t)
	s := start(t, c, "items")
	o := open(t, c, "items", "id", "n")
	o.refused(o.updates("1", connectors.Value{}, connectors.NullValue()), connectors.Invalid)
	unmarked := o.updates("1", connectors.Value{}, connectors.IntValue(1))
	unmarked.Mark = ""
	marked := o.updates("1", connectors.Value{}, connectors.IntValue(2))
	o.write(unmarked, marked)
	o.stored(unmarked)
	want(t, "told", s.told(), "update 1", "update 1 map1/1", "update 1")
}
