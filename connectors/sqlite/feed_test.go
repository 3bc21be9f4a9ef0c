package sqlite_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// editsAs names the file that this test binary, started again, is to edit.
const editsAs = "DUALWRITE_TEST_EDITS"

// TestEditsOfAnotherProcess is the other process of the test below.
func TestEditsOfAnotherProcess(t *testing.T) {
	path := os.Getenv(editsAs)
	if path == "" {
		t.Skip("this is what the test below starts")
	}
	a := appAt(t, path)
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	a.exec(t, "UPDATE x SET v = 'b'")
	a.exec(t, "INSERT OR REPLACE INTO x VALUES (1, 'c')")
	a.exec(t, "DELETE FROM x")
}

func TestAnotherProcessesEditsWakeAndAreTold(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`)
	feed := probe.Start(t, a.connect(t), "x")
	woken := make(chan error, 1)
	go func() { woken <- feed.Wait(t.Context(), feed.At) }()
	other := exec.Command(os.Args[0], "-test.run=^TestEditsOfAnotherProcess$")
	other.Env = append(os.Environ(), editsAs+"="+a.path)
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := <-woken; err != nil {
		t.Fatal(err)
	}
	// The delete inside REPLACE stays unseen, as EntitySchema.Blind says.
	probe.Want(t, "changes", feed.Told(), "create 1", "update 1", "create 1", "delete 1")
}

func TestStopLeavesTheSchemaAsItWas(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`, `CREATE TABLE y (id TEXT PRIMARY KEY)`)
	before := a.schema(t)
	c := a.connect(t)
	x, y := probe.Start(t, c, "x"), probe.Start(t, c, "y")
	if slices.Equal(before, a.schema(t)) {
		t.Fatal("nothing was installed")
	}
	for _, f := range []*probe.Feed{x, y} {
		if err := f.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	probe.Want(t, "schema", a.schema(t), before...)
}

func TestTablesWhoseNamesResembleOursAreCapturedSideBySide(t *testing.T) {
	names := []string{"x", "x_id", "log_x", "index_x", "create_x", "X y"}
	var script []string
	for _, name := range names {
		script = append(script, "CREATE TABLE "+quoted(name)+" (id INTEGER PRIMARY KEY, v TEXT)")
	}
	a := newApp(t, script...)
	c := a.connect(t)
	for _, name := range names {
		feed := probe.Start(t, c, name)
		a.exec(t, "INSERT INTO "+quoted(name)+" DEFAULT VALUES")
		probe.Want(t, name, feed.Told(), "create 1")
	}
}

func TestAChangeTellsTheRecordsOwnKey(t *testing.T) {
	a := newApp(t, cds...)
	c := a.connect(t)
	f, err := c.Feed(t.Context(), "account")
	if err != nil {
		t.Fatal(err)
	}
	at, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.exec(t, "INSERT INTO account (id, accountnumber) VALUES ('a', 'US-001')")
	a.exec(t, "UPDATE account SET accountnumber = 'US-002'")
	a.exec(t, "DELETE FROM account")
	all, _, _, err := f.Changes(t.Context(), at, 10)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, change := range all {
		keys = append(keys, change.Key)
	}
	probe.Want(t, "keys", keys, "US-001", "US-002", "US-002")
}

func TestPruningKeepsTheNewestRowOfEachRecordAndNoMore(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id TEXT PRIMARY KEY, v INT)`)
	feed := probe.Start(t, a.connect(t), "x")
	a.exec(t, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700) INSERT INTO x SELECT 'r' || i, 0 FROM n`)
	for i := range 4 {
		a.exec(t, "UPDATE x SET v = ?", i)
		a.exec(t, "UPDATE x SET id = 'moved' || id WHERE id = ?", fmt.Sprint("r", i+1))
		a.exec(t, "DELETE FROM x WHERE id = ?", fmt.Sprint("r", 700-i))
		toEnd(t, feed)
		if err := feed.Confirm(t.Context(), feed.At); err != nil {
			t.Fatal(err)
		}
		// One row for each record, and the newest of all.
		if n := a.text(t, "SELECT count(*) FROM dualwrite_log_x"); n != fmt.Sprint(700-i-1+1) {
			t.Errorf("round %d: %s rows are kept", i, n)
		}
		if n := a.text(t, "SELECT count(*) FROM x LEFT JOIN dualwrite_log_x AS l ON l.id = x.id WHERE l.seq IS NULL"); n != "0" {
			t.Errorf("round %d: %s records have no row", i, n)
		}
	}
}

// toEnd reads on to the end in steps.
func toEnd(t testing.TB, s *probe.Feed) {
	t.Helper()
	for caughtUp := false; !caughtUp; {
		var err error
		if _, s.At, caughtUp, err = s.Changes(t.Context(), s.At, 333); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACaptureThatWasInterruptedExpiresItsCursors(t *testing.T) {
	for name, edit := range map[string][]string{
		"the table is rebuilt": {`CREATE TABLE x2 (id INTEGER PRIMARY KEY, v TEXT, w TEXT)`, `INSERT INTO x2 (id, v) SELECT id, v FROM x`,
			`DROP TABLE x`, `ALTER TABLE x2 RENAME TO x`},
		"a trigger is dropped": {`DROP TRIGGER dualwrite_update_x`},
		"the log is dropped":   {`DROP TABLE dualwrite_log_x`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`, `INSERT INTO x VALUES (1, 'a')`)
			c := a.connect(t)
			feed := probe.Start(t, c, "x")
			o := probe.Open(t, c, "x", "v")
			for _, s := range edit {
				a.exec(t, s)
			}
			_, _, _, err := feed.Changes(t.Context(), feed.At, 10)
			probe.Failed(t, err, connectors.CursorExpired)
			again := probe.Start(t, c, "x")
			_, _, _, err = feed.Changes(t.Context(), feed.At, 10)
			probe.Failed(t, err, connectors.CursorExpired)
			o.Stored(o.Updates("1", text("b")))
			probe.Want(t, "changes", again.Told(), "update 1 map1/1")
		})
	}
}

func TestAnEntityFollowsTheAppsSchema(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT, w TEXT)`, `INSERT INTO x VALUES (1, 'a', 'b')`)
	c := a.connect(t)
	o := probe.Open(t, c, "x", "v", "w")
	feed := probe.Start(t, c, "x")
	a.exec(t, "ALTER TABLE x ADD COLUMN n INT DEFAULT 5")
	probe.Want(t, "rows", o.Rows(), "1: a b")
	o.Stored(o.Updates("1", text("c"), connectors.Value{}))
	probe.Want(t, "changes", feed.Told(), "update 1 map1/1")
	a.exec(t, "ALTER TABLE x RENAME COLUMN w TO z")
	_, err := o.Get(t.Context(), []string{"1"})
	if e := probe.Failed(t, err, connectors.NoEntity); e.Field != "w" {
		t.Errorf("the error names %q", e.Field)
	}
	a.exec(t, "DROP TABLE x")
	_, err = o.Get(t.Context(), []string{"1"})
	probe.Failed(t, err, connectors.NoEntity)
	_, err = feed.Start(t.Context())
	probe.Failed(t, err, connectors.NoEntity)
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "schema", a.schema(t))
}
