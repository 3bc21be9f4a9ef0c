package mysql_test

import (
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

var viewScript = []string{`CREATE TABLE x (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE, v DECIMAL(18,2), kind VARCHAR(5) NOT NULL DEFAULT 'a') ENGINE=InnoDB`,
	`INSERT INTO x VALUES (1, 'one', 1, 'a'), (2, 'two', 2, 'b'), (3, 'three', 3, 'a')`,
	"CREATE VIEW `the ``view'``` (number, `key`, v, kind) AS SELECT id, code, v, kind FROM x WHERE kind <> 'b' AND kind <> 'it''s'",
	`CREATE ALGORITHM = TEMPTABLE VIEW fixed AS SELECT t.*, UPPER(code) AS big FROM x AS t`,
	`CREATE VIEW sums AS SELECT kind, count(*) FROM x GROUP BY kind`, `CREATE VIEW nokey AS SELECT v FROM x`}

func TestAViewIsReadWrittenAndCompared(t *testing.T) {
	t.Parallel()
	a := newApp(t, viewScript...)
	c := a.connect(t)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const name = "the `view'`"
	e, ok := s.Entity(name)
	if !ok || len(s.Entities) != 3 || len(e.Blind) == 0 || len(e.Keys) != 1 || e.Keys[0].Fields[0] != "key" || e.Fields[1].Length != 20 || e.Fields[2].ReadOnly {
		t.Fatalf("described as %+v", s.Entities)
	}
	o, feed := probe.Open(t, c, name, "key", "v"), probe.Start(t, c, name)
	probe.Want(t, "rows", o.Rows(), "1: one 1", "3: three 3")
	probe.Want(t, "nothing yet", feed.Told())
	rec := o.Stored(o.Updates("1", connectors.Value{}, text("5")))
	a.exec(t, "UPDATE x SET v = 9 WHERE id IN (1, 2)")
	stale := o.Updates("1", connectors.Value{}, text("6"))
	stale.If = rec.Version
	if r := o.Results(stale)[0]; r.Outcome != connectors.Moved {
		t.Errorf("a stale update: %+v", r)
	}
	if made := o.Stored(o.Creates(text("four"), text("4"))); made.ID != "4" {
		t.Errorf("made %+v", made)
	}
	o.Stored(connectors.Write{Op: connectors.Delete, ID: "3"})
	if err := feed.Wait(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	told := feed.Told()
	slices.Sort(told)
	probe.Want(t, "changes", told, "create 4", "delete 3", "update 1")
	probe.Want(t, "no more", feed.Told())
	if err := feed.Confirm(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	if again := probe.Start(t, c, name); again.At != feed.At {
		t.Errorf("started again at %s, not %s", again.At, feed.At)
	}
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "leftovers", a.Leftovers(t))
	if _, _, _, err := feed.Changes(t.Context(), feed.At, 1); connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("after the end: %v", err)
	}
}

func TestAViewThatCannotBeWrittenIsReadOnlyAndNeedsNoRightToWrite(t *testing.T) {
	t.Parallel()
	a := newApp(t, viewScript...)
	c := connect(t, a.account(t, "reader", "SELECT, SHOW VIEW, CREATE, DROP, INDEX ON DB.*", "INSERT, UPDATE, DELETE ON DB.*"))
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.Entity("fixed")
	if !ok || slices.ContainsFunc(e.Fields, func(f connectors.Field) bool { return !f.ReadOnly }) {
		t.Fatalf("described as %+v", e)
	}
	o, feed := probe.Open(t, c, "fixed", "code", "big"), probe.Start(t, c, "fixed")
	probe.Want(t, "rows", o.Rows(), "1: one ONE", "2: two TWO", "3: three THREE")
	o.Refused(connectors.Write{Op: connectors.Delete, ID: "1"}, connectors.Invalid)
	a.exec(t, "DELETE FROM x WHERE id = 2")
	probe.Want(t, "changes", feed.Told(), "delete 2")
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "leftovers", a.Leftovers(t))
}
