package sqlite_test

import (
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

var viewScript = []string{`CREATE TABLE x (id INTEGER PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE, v DECIMAL(18,2), kind TEXT NOT NULL DEFAULT 'a')`,
	`INSERT INTO x VALUES (1, 'one', 1, 'a'), (2, 'two', 2, 'b'), (3, 'three', 3, 'a')`,
	`CREATE VIEW "the ""view""" (number, "key", v, big) AS SELECT id, code, v, upper(code) FROM x WHERE kind = 'a'`,
	`CREATE VIEW sums AS SELECT kind, count(*) FROM x GROUP BY kind`, `CREATE VIEW nokey AS SELECT v FROM x`, `CREATE VIEW broken AS SELECT id FROM nowhere`}

func TestAViewIsReadAndCompared(t *testing.T) {
	a := newApp(t, viewScript...)
	before := a.schema(t)
	c := a.connect(t)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const name = `the "view"`
	e, ok := s.Entity(name)
	if !ok || len(s.Entities) != 2 || len(e.Blind) == 0 || len(e.Keys) != 1 || e.Keys[0].Fields[0] != "key" || e.Fields[1].Length != 20 {
		t.Fatalf("described as %+v", s.Entities)
	}
	if slices.ContainsFunc(e.Fields, func(f connectors.Field) bool { return !f.ReadOnly }) {
		t.Errorf("some fields can be written: %+v", e.Fields)
	}
	o, feed := probe.Open(t, c, name, "key", "v", "big"), probe.Start(t, c, name)
	probe.Want(t, "rows", o.Rows(), "1: one 1 ONE", "3: three 3 THREE")
	probe.Want(t, "nothing yet", feed.Told())
	o.Refused(connectors.Write{Op: connectors.Delete, ID: "1"}, connectors.Invalid)
	a.exec(t, "UPDATE x SET v = 9 WHERE id = 1")
	a.exec(t, "UPDATE x SET v = 9 WHERE id = 2")
	a.exec(t, "INSERT INTO x VALUES (4, 'four', 4, 'a')")
	a.exec(t, "UPDATE x SET kind = 'c' WHERE id = 3")
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
	if after := a.schema(t); !slices.Equal(before, after) {
		t.Errorf("the schema was %q and is %q", before, after)
	}
	if _, _, _, err := feed.Changes(t.Context(), feed.At, 1); connectors.KindOf(err) != connectors.CursorExpired {
		t.Errorf("after the end: %v", err)
	}
}

func TestAViewOfManyPagesIsComparedWhole(t *testing.T) {
	a := newApp(t, viewScript...)
	a.exec(t, "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2510) INSERT INTO x SELECT i, 'c' || i, i, 'a' FROM n")
	feed := probe.Start(t, a.connect(t), `the "view"`)
	probe.Want(t, "nothing yet", feed.Told())
	a.exec(t, "UPDATE x SET v = -1 WHERE id IN (10, 2510)")
	a.exec(t, "DELETE FROM x WHERE id IN (3, 2400)")
	told := feed.Told()
	slices.Sort(told)
	probe.Want(t, "changes", told, "delete 2400", "delete 3", "update 10", "update 2510")
}
