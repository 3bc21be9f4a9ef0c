package mysql_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
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
	orders, audit := probe.Start(t, c, "orders"), probe.Start(t, c, "audit")
	o := probe.Open(t, c, "orders", "id", "total")
	if rec := o.Stored(o.Updates("1", connectors.Value{}, connectors.IntValue(57))); rec.Row[1] != connectors.IntValue(50) {
		t.Errorf("the app keeps %q", rec.Row[1])
	}
	probe.Want(t, "ours", orders.Told(), "update 1 map1/1")
	probe.Want(t, "the app's", audit.Told(), "create 1")
	a.exec(t, "UPDATE orders SET total = 20")
	probe.Want(t, "a user's", orders.Told(), "update 1")
}

func TestWhatACascadeRemovesIsNamedAsBlindAndChangesVersions(t *testing.T) {
	t.Parallel()
	a := newApp(t,
		"CREATE TABLE heads (id INT PRIMARY KEY) ENGINE=InnoDB",
		"CREATE TABLE tails (id INT PRIMARY KEY, head INT, CONSTRAINT of_head FOREIGN KEY (head) REFERENCES heads (id) ON DELETE SET NULL) ENGINE=InnoDB",
		"INSERT INTO heads VALUES (1)", "INSERT INTO tails VALUES (1, 1)")
	c := a.connect(t)
	tails := probe.Start(t, c, "tails")
	before := probe.Open(t, c, "tails", "id")
	was, err := before.Get(t.Context(), []string{"1"})
	if err != nil {
		t.Fatal(err)
	}
	heads := probe.Open(t, c, "heads", "id")
	heads.Stored(connectors.Write{Op: connectors.Delete, ID: "1", Mark: "map1/1"})
	probe.Want(t, "the feed", tails.Told())
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
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	o.Refused(o.Updates("1", connectors.Value{}, connectors.NullValue()), connectors.Invalid)
	unmarked := o.Updates("1", connectors.Value{}, connectors.IntValue(1))
	unmarked.Mark = ""
	marked := o.Updates("1", connectors.Value{}, connectors.IntValue(2))
	o.Results(unmarked, marked)
	o.Stored(unmarked)
	probe.Want(t, "told", s.Told(), "update 1", "update 1 map1/1", "update 1")
}
