package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"

	"github.com/jackc/pgx/v5"
)

const plain = `CREATE TABLE x (id bigint PRIMARY KEY, v text)`

func run(t testing.TB, conn *pgx.Conn, query string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestALongOpenTransactionDelaysNothingButItself(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x VALUES (1, 'a'), (2, 'b')`)
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	long := a.session(t)
	run(t, long, "BEGIN")
	run(t, long, "UPDATE x SET v = 'long' WHERE id = 1")
	for i := range 5 {
		a.exec(t, fmt.Sprintf("INSERT INTO x VALUES (%d, 'later')", 10+i))
		probe.Want(t, "while one is open", feed.Told(), fmt.Sprintf("create %d", 10+i))
	}
	run(t, long, "UPDATE x SET v = 'longer' WHERE id = 2")
	if err := feed.Confirm(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "before it ends", feed.Told())
	run(t, long, "COMMIT")
	probe.Want(t, "after it ended", feed.Told(), "update 1", "update 2")
	probe.Want(t, "nothing twice", feed.Told())
	run(t, long, "BEGIN")
	run(t, long, "INSERT INTO x VALUES (99, 'never')")
	probe.Want(t, "again", feed.Told())
	run(t, long, "ROLLBACK")
	probe.Want(t, "rolled back", feed.Told())
}

// Transactions that overlap in every way, read in steps of every size: each
// change once, those of one record in order.
func TestOverlappingTransactionsAreToldOnceAndInOrder(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x SELECT i, '0' FROM generate_series(1, 8) i`)
	c := a.connect(t)
	for _, step := range []int{1, 2, 3, 7} {
		feed := &steps{Feed: probe.Start(t, c, "x"), t: t, step: step}
		written := feed.overlap(a)
		feed.read(true)
		got := map[string][]string{}
		for _, c := range feed.told {
			got[c.ID] = append(got[c.ID], string(c.Op))
		}
		for id, w := range written {
			if !slices.Equal(got[id], w) {
				t.Errorf("steps of %d: record %s is told %v, was written %v", step, id, got[id], w)
			}
		}
	}
}

// steps is a feed that is read a few changes at a time.
type steps struct {
	*probe.Feed
	t    testing.TB
	step int
	told []connectors.Change
}

// read reads one step, or all to the present end.
func (s *steps) read(all bool) {
	s.t.Helper()
	for {
		batch, next, caughtUp, err := s.Changes(s.t.Context(), s.At, s.step)
		if err != nil {
			s.t.Fatal(err)
		}
		s.told, s.At = append(s.told, batch...), next
		if caughtUp || !all {
			return
		}
	}
}

// overlap has four sessions begin together, write and commit in another order,
// reading in between, and says what was written to each record. Two sessions
// write the same record one after the other.
func (s *steps) overlap(a *app) map[string][]string {
	var sessions []*pgx.Conn
	for range 4 {
		sessions = append(sessions, a.session(s.t))
	}
	written := map[string][]string{}
	for round := range 6 {
		for _, each := range sessions {
			run(s.t, each, "BEGIN")
			run(s.t, each, "SELECT pg_current_xact_id()")
		}
		for i := range sessions {
			session := sessions[(i*3+round)%4]
			for _, id := range []string{fmt.Sprint(1 + i/2), fmt.Sprint(5 + i)} {
				run(s.t, session, "UPDATE x SET v = v || '.' WHERE id = "+id)
				written[id] = append(written[id], "update")
			}
			s.read(false)
			run(s.t, session, "COMMIT")
			s.read(round%2 == 0)
		}
	}
	return written
}

func TestWhatTheAppDoesWithinOurTransactionIsNotOurs(t *testing.T) {
	a := newApp(t,
		`CREATE TABLE top (id bigint PRIMARY KEY, v text, touched int NOT NULL DEFAULT 0)`,
		`CREATE TABLE part (id bigint PRIMARY KEY, up bigint REFERENCES top ON DELETE CASCADE ON UPDATE CASCADE, v text)`,
		`CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			UPDATE top SET touched = touched + 1 WHERE id = NEW.id; INSERT INTO part VALUES (100 + NEW.id, NEW.id, 'made'); RETURN NULL; END $$`,
		`CREATE TRIGGER a AFTER INSERT ON top FOR EACH ROW EXECUTE FUNCTION touch()`)
	c := a.connect(t)
	top, part := probe.Start(t, c, "top"), probe.Start(t, c, "part")
	o := probe.Open(t, c, "top", "id", "v", "touched")
	rec := o.Stored(o.Creates(connectors.IntValue(1), text("a"), connectors.Value{}))
	if rec.Row[2] != connectors.IntValue(1) {
		t.Errorf("read back before the app's trigger: %v", rec.Row)
	}
	probe.Want(t, "our create and the app's update", top.Told(), "update 1", "create 1 map1/1")
	probe.Want(t, "the app's own", part.Told(), "create 101")
	o.Stored(o.Updates("1", connectors.IntValue(2), connectors.Value{}, connectors.Value{}))
	probe.Want(t, "ours, renamed", top.Told(), "update 1>2 map1/1")
	probe.Want(t, "by a cascade", part.Told(), "update 101")
	o.Stored(connectors.Write{Op: connectors.Delete, ID: "2", Mark: "map1/1"})
	probe.Want(t, "ours, removed", top.Told(), "delete 2 map1/1")
	probe.Want(t, "removed by a cascade", part.Told(), "delete 101")
}

func TestTruncateExpiresTheCursor(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x VALUES (1, 'a')`)
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	a.exec(t, "TRUNCATE x")
	_, _, _, err := feed.Changes(t.Context(), feed.At, 10)
	probe.Failed(t, err, connectors.CursorExpired)
	feed = probe.Start(t, c, "x")
	a.exec(t, "INSERT INTO x VALUES (2, 'b')")
	probe.Want(t, "after", feed.Told(), "create 2")
}

func TestCaptureThatWasInterruptedExpiresTheCursor(t *testing.T) {
	for name, do := range map[string][]string{
		"trigger dropped":  {`DROP TRIGGER "!dualwrite_update" ON x`},
		"trigger disabled": {`ALTER TABLE x DISABLE TRIGGER ALL`},
		"table replaced":   {`DROP TABLE x`, plain},
		"table renamed":    {`ALTER TABLE x RENAME TO y`},
		"schema dropped":   {`DROP SCHEMA dualwrite CASCADE`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, plain)
			c := a.connect(t)
			feed := probe.Start(t, c, "x")
			for _, s := range do {
				a.exec(t, s)
			}
			_, _, _, err := feed.Changes(t.Context(), feed.At, 10)
			probe.Failed(t, err, connectors.CursorExpired)
			if name == "trigger disabled" {
				a.exec(t, "ALTER TABLE x ENABLE TRIGGER ALL")
				return
			}
			if name != "table renamed" {
				feed = probe.Start(t, c, "x")
				a.exec(t, "INSERT INTO x VALUES (1, 'a')")
				probe.Want(t, "begun anew", feed.Told(), "create 1")
			}
			if err := feed.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			probe.Want(t, "leftovers", a.Leftovers(t))
		})
	}
}

func TestChangesInAPartitionOrByCopyAreTold(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
		`CREATE TABLE x1 PARTITION OF x FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
		`CREATE TABLE x2 PARTITION OF x FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`)
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	a.exec(t, "INSERT INTO x VALUES (1, '2024-05-05', 'a')")
	a.exec(t, "INSERT INTO x1 VALUES (2, '2024-05-05', 'b')")
	if _, err := a.conn.CopyFrom(t.Context(), pgx.Identifier{"x2"}, []string{"id", "v"}, pgx.CopyFromRows(nil)); err != nil {
		t.Fatal(err)
	}
	a.exec(t, "UPDATE x SET v = 'c' WHERE id = 1")
	probe.Want(t, "told", feed.Told(), `create 1|2024-05-05`, `create 2|2024-05-05`, `update 1|2024-05-05`)
	o := probe.Open(t, c, "x", "id", "day", "v")
	o.Stored(o.Updates("2|2024-05-05", connectors.Value{}, connectors.Value{}, text("ours")))
	o.Stored(o.Creates(connectors.IntValue(3), text("2025-02-02"), text("new")))
	probe.Want(t, "rows", o.Rows(), "1|2024-05-05: 1 2024-05-05 c", "2|2024-05-05: 2 2024-05-05 ours", "3|2025-02-02: 3 2025-02-02 new")
}

func TestMovingAPartitionedRecordIsTold(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
		`CREATE TABLE x1 PARTITION OF x FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
		`CREATE TABLE x2 PARTITION OF x FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`, "INSERT INTO x VALUES (1, '2024-05-05', 'a')")
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	a.exec(t, "UPDATE x SET day = '2025-05-05'")
	if got := strings.Join(feed.Told(), ", "); got != "delete 1|2024-05-05, create 1|2025-05-05" {
		t.Errorf("told %s", got)
	}
}

const renaming = `CREATE FUNCTION renaming() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := NEW.id + 100; RETURN NEW; END $$`

// The server looks at the trigger that notes new native ids only where the
// statement names a column of them.
func TestANativeIDThatATriggerOfTheAppChangesIsTold(t *testing.T) {
	a := newApp(t, plain, renaming, `CREATE TRIGGER renaming BEFORE UPDATE ON x FOR EACH ROW WHEN (NEW.v = 'rename') EXECUTE FUNCTION renaming()`, `INSERT INTO x VALUES (1, 'a'), (2, 'b')`)
	feed := probe.Start(t, a.connect(t), "x")
	a.exec(t, `UPDATE x SET v = CASE id WHEN 1 THEN 'rename' ELSE 'c' END`)
	probe.Want(t, "told", feed.Told(), "update 1>101", "update 2")
	a.exec(t, `UPDATE x SET id = id + 1000`)
	probe.Want(t, "told of a statement that names the id", feed.Told(), "update 101>1201", "update 2>1002")
}

func TestATriggerOfTheAppThatMayChangeNativeIDsExpiresTheCursor(t *testing.T) {
	a := newApp(t, plain, renaming, `INSERT INTO x VALUES (1, 'a')`)
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	a.exec(t, `UPDATE x SET id = 2`)
	probe.Want(t, "before", feed.Told(), "update 1>2")
	a.exec(t, `CREATE TRIGGER renaming BEFORE UPDATE ON x FOR EACH ROW EXECUTE FUNCTION renaming()`)
	_, _, _, err := feed.Changes(t.Context(), feed.At, 10)
	probe.Failed(t, err, connectors.CursorExpired)
	feed = probe.Start(t, c, "x")
	a.exec(t, `UPDATE x SET v = 'b'`)
	probe.Want(t, "after", feed.Told(), "update 2>102")
}

// What is read of the log is one range of it, which begins where the first row of
// a transaction may be that has ended since.
func TestTransactionsThatEndOutOfOrderAreToldOnceFromFewRows(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x SELECT i, '0' FROM generate_series(1, 20) i`)
	feed := probe.Start(t, a.connect(t), "x")
	var open []*pgx.Conn
	for i := range 6 {
		session := a.session(t)
		run(t, session, "BEGIN")
		run(t, session, fmt.Sprintf("UPDATE x SET v = 'open' WHERE id = %d", i+1))
		a.exec(t, fmt.Sprintf("UPDATE x SET v = 'short' WHERE id = %d", i+11))
		probe.Want(t, "while they are open", feed.Told(), fmt.Sprintf("update %d", i+11))
		open = append(open, session)
	}
	for _, i := range []int{4, 0, 5, 2, 1, 3} {
		run(t, open[i], fmt.Sprintf("UPDATE x SET v = 'end' WHERE id = %d", i+1))
		if err := feed.Confirm(t.Context(), feed.At); err != nil {
			t.Fatal(err)
		}
		run(t, open[i], "COMMIT")
		a.exec(t, "UPDATE x SET v = 'after' WHERE id = 20")
		probe.Want(t, "at its end", feed.Told(), fmt.Sprintf("update %d", i+1), fmt.Sprintf("update %d", i+1), "update 20")
	}
	probe.Want(t, "nothing twice", feed.Told())
}

func TestSeveralFeedsOfOneTableShareTheCapture(t *testing.T) {
	a := newApp(t, plain)
	one, two := probe.Start(t, a.connect(t), "x"), probe.Start(t, a.connect(t), "x")
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	probe.Want(t, "one", one.Told(), "create 1")
	probe.Want(t, "two", two.Told(), "create 1")
}

// A snapshot and a sequence put back to before the cursor, as by a backup.
func TestACursorFromTheFutureExpires(t *testing.T) {
	a := newApp(t, plain)
	feed := probe.Start(t, a.connect(t), "x")
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	probe.Want(t, "told", feed.Told(), "create 1")
	a.exec(t, "DO $$ BEGIN EXECUTE (SELECT 'ALTER SEQUENCE dualwrite.seq_' || relation || ' RESTART' FROM dualwrite.capture); END $$")
	_, _, _, err := feed.Changes(t.Context(), feed.At, 10)
	probe.Failed(t, err, connectors.CursorExpired)
	parts := strings.Split(string(feed.At), "/")
	parts[3] += "1" // another timeline
	_, _, _, err = feed.Changes(t.Context(), connectors.Cursor(strings.Join(parts, "/")), 10)
	probe.Failed(t, err, connectors.CursorExpired)
}

func TestServerRestartLosesNothing(t *testing.T) {
	a := newApp(t, plain)
	c := a.connect(t)
	o := probe.Open(t, c, "x", "id", "v")
	feed := probe.Start(t, c, "x")
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	probe.Want(t, "before", feed.Told(), "create 1")
	a.exec(t, "INSERT INTO x VALUES (2, 'b')")
	a.conn.Close(t.Context())
	server.Restart(t)
	a.conn = a.session(t)
	a.exec(t, "INSERT INTO x VALUES (3, 'c')")
	for range 10 { // idle connections of the pool are broken
		if _, err := o.Get(t.Context(), []string{"1"}); err == nil {
			break
		} else if k := connectors.KindOf(err); k != connectors.Unreachable {
			t.Fatalf("%v: %v", k, err)
		}
	}
	probe.Want(t, "after", feed.Told(), "create 2", "create 3")
	probe.Want(t, "nothing twice", feed.Told())
	o.Stored(o.Creates(connectors.IntValue(4), text("d")))
	probe.Want(t, "ours", feed.Told(), "create 4 map1/1")
}

func TestConfirmForgetsWhatIsToldWhateverTheStep(t *testing.T) {
	a := newApp(t, plain)
	feed := probe.Start(t, a.connect(t), "x")
	left := func() string {
		return a.text(t, "SELECT (xpath('//c/text()', query_to_xml('SELECT count(*) AS c FROM dualwrite.log_' || relation, false, true, '')))[1] FROM dualwrite.capture")
	}
	a.exec(t, "INSERT INTO x SELECT i, 'a' FROM generate_series(1, 12000) i")
	for told := 0; told < 12000; {
		batch, next, _, err := feed.Changes(t.Context(), feed.At, 1000)
		if err != nil {
			t.Fatal(err)
		}
		told, feed.At = told+len(batch), next
		if err := feed.Confirm(t.Context(), feed.At); err != nil {
			t.Fatal(err)
		}
		if n := left(); n != "12000" && told < 12000 {
			t.Fatalf("%s rows are left within a window", n)
		}
	}
	probe.Want(t, "no more", feed.Told())
	if err := feed.Confirm(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != "0" {
		t.Errorf("%s rows are left", n)
	}
	a.exec(t, "UPDATE x SET v = 'b' WHERE id = 1")
	probe.Want(t, "after", feed.Told(), "update 1")
}

func TestWhoWaitsIsWokenThoughSomebodyIsWritingAllTheTime(t *testing.T) {
	a := newApp(t, plain)
	feed := probe.Start(t, a.connect(t), "x")
	long := a.session(t)
	run(t, long, "BEGIN")
	run(t, long, "INSERT INTO x VALUES (1, 'long')") // nobody can lie down before it ends
	waiting := make(chan error, 1)
	go func() { waiting <- feed.Wait(t.Context(), feed.At) }()
	a.exec(t, "INSERT INTO x VALUES (2, 'short')")
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "while one is open", feed.Told(), "create 2")
	go func() { waiting <- feed.Wait(t.Context(), feed.At) }()
	run(t, long, "COMMIT")
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "at its end", feed.Told(), "create 1")
}
