package postgres_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func TestAViewIsReadWrittenAndCompared(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint PRIMARY KEY, code text NOT NULL UNIQUE, v text, kind text NOT NULL DEFAULT 'a')`,
		`INSERT INTO x VALUES (1, 'one', 'x', 'a'), (2, 'two', 'x', 'b'), (3, 'three', 'x', 'a')`,
		`CREATE VIEW va AS SELECT id, code, v FROM x WHERE kind = 'a'`,
		`CREATE VIEW sums AS SELECT kind, count(*) FROM x GROUP BY kind`, `CREATE VIEW nokey AS SELECT v FROM x`)
	c := a.connect(t)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.Entity("va")
	if !ok || len(s.Entities) != 2 || len(e.Blind) == 0 || len(e.Keys) != 1 || e.Keys[0].Fields[0] != "code" {
		t.Fatalf("described as %+v", s.Entities)
	}
	o, feed := probe.Open(t, c, "va", "code", "v"), probe.Start(t, c, "va")
	probe.Want(t, "rows", o.Rows(), "1: one x", "3: three x")
	probe.Want(t, "nothing yet", feed.Told())
	rec := o.Results(connectors.Write{Op: connectors.Update, ID: "1", Row: connectors.Row{{}, text("ours")}, Fields: []bool{false, true}})[0].Record
	a.exec(t, "UPDATE x SET v = 'theirs' WHERE id = 1")
	stale := o.Updates("1", connectors.Value{}, text("lost"))
	stale.If = rec.Version
	if r := o.Results(stale)[0]; r.Outcome != connectors.Moved {
		t.Errorf("a stale update: %+v", r)
	}
	a.exec(t, "INSERT INTO x VALUES (4, 'four', 'x', 'a')")
	a.exec(t, "DELETE FROM x WHERE id = 3")
	told := map[string]bool{}
	for _, each := range feed.Told() {
		told[each] = true
	}
	if len(told) != 3 || !told["update 1"] || !told["create 4"] || !told["delete 3"] {
		t.Errorf("told %v", told)
	}
	probe.Want(t, "no more", feed.Told())
	if err := feed.Confirm(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "leftovers", a.Leftovers(t))
}
