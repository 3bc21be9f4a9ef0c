package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"

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
	feed := start(t, c, "x")
	long := a.session(t)
	run(t, long, "BEGIN")
	run(t, long, "UPDATE x SET v = 'long' WHERE id = 1")
	for i := range 5 {
		a.exec(t, fmt.Sprintf("INSERT INTO x VALUES (%d, 'later')", 10+i))
		want(t, "while one is open", feed.told(), fmt.Sprintf("create %d", 10+i))
	}
	run(t, long, "UPDATE x SET v = 'longer' WHERE id = 2")
	if err := feed.Confirm(t.Context(), feed.at); err != nil {
		t.Fatal(err)
	}
	want(t, "before it ends", feed.told())
	run(t, long, "COMMIT")
	want(t, "after it ended", feed.told(), "update 1", "update 2")
	want(t, "nothing twice", feed.told())
	run(t, long, "BEGIN")
	run(t, long, "INSERT INTO x VALUES (99, 'never')")
	want(t, "again", feed.told())
	run(t, long, "ROLLBACK")
	want(t, "rolled back", feed.told())
}

// Transactions that overlap in every way, read in steps of every size: each
// change once, those of one record in order.
func TestOverlappingTransactionsAreToldOnceAndInOrder(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x SELECT i, '0' FROM generate_series(1, 8) i`)
	c := a.connect(t)
	for _, step := range []int{1, 2, 3, 7} {
		feed := &steps{stream: start(t, c, "x"), step: step}
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
	*stream
	step int
	told []connectors.Change
}

// read reads one step, or all to the present end.
func (s *steps) read(all bool) {
	s.t.Helper()
	for {
		batch, next, caughtUp, err := s.Changes(s.t.Context(), s.at, s.step)
		if err != nil {
			s.t.Fatal(err)
		}
		s.told, s.at = append(s.told, batch...), next
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
	top, part := start(t, c, "top"), start(t, c, "part")
	o := open(t, c, "top", "id", "v", "touched")
	rec := o.stored(o.creates(connectors.IntValue(1), text("a"), connectors.Value{}))
	if rec.Row[2] != connectors.IntValue(1) {
		t.Errorf("read back before the app's trigger: %v", rec.Row)
	}
	want(t, "our create and the app's update", top.told(), "create 1 map1/1", "update 1")
	want(t, "the app's own", part.told(), "create 101")
	o.stored(o.updates("1", connectors.IntValue(2), connectors.Value{}, connectors.Value{}))
	want(t, "ours, renamed", top.told(), "update 1>2 map1/1")
	want(t, "by a cascade", part.told(), "update 101")
	o.stored(connectors.Write{Op: connectors.Delete, ID: "2", Mark: "map1/1"})
	want(t, "ours, removed", top.told(), "delete 2 map1/1")
	want(t, "removed by a cascade", part.told(), "delete 101")
}

func TestTruncateExpiresTheCursor(t *testing.T) {
	a := newApp(t, plain, `INSERT INTO x VALUES (1, 'a')`)
	c := a.connect(t)
	feed := start(t, c, "x")
	a.exec(t, "TRUNCATE x")
	_, _, _, err := feed.Changes(t.Context(), feed.at, 10)
	failed(t, err, connectors.CursorExpired)
	feed = start(t, c, "x")
	a.exec(t, "INSERT INTO x VALUES (2, 'b')")
	want(t, "after", feed.told(), "create 2")
}

func TestCaptureThatWasInterruptedExpiresTheCursor(t *testing.T) {
	for name, do := range map[string][]string{
		"trigger dropped":  {`DROP TRIGGER "!dualwrite_row" ON x`},
		"trigger disabled": {`ALTER TABLE x DISABLE TRIGGER ALL`},
		"table replaced":   {`DROP TABLE x`, plain},
		"table renamed":    {`ALTER TABLE x RENAME TO y`},
		"schema dropped":   {`DROP SCHEMA dualwrite CASCADE`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, plain)
			c := a.connect(t)
			feed := start(t, c, "x")
			for _, s := range do {
				a.exec(t, s)
			}
			_, _, _, err := feed.Changes(t.Context(), feed.at, 10)
			failed(t, err, connectors.CursorExpired)
			if name == "trigger disabled" {
				a.exec(t, "ALTER TABLE x ENABLE TRIGGER ALL")
				return
			}
			if name != "table renamed" {
				feed = start(t, c, "x")
				a.exec(t, "INSERT INTO x VALUES (1, 'a')")
				want(t, "begun anew", feed.told(), "create 1")
			}
			if err := feed.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			want(t, "leftovers", a.Leftovers(t))
		})
	}
}

func TestChangesInAPartitionOrByCopyAreTold(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
		`CREATE TABLE x1 PARTITION OF x FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
		`CREATE TABLE x2 PARTITION OF x FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`)
	c := a.connect(t)
	feed := start(t, c, "x")
	a.exec(t, "INSERT INTO x VALUES (1, '2024-05-05', 'a')")
	a.exec(t, "INSERT INTO x1 VALUES (2, '2024-05-05', 'b')")
	if _, err := a.conn.CopyFrom(t.Context(), pgx.Identifier{"x2"}, []string{"id", "v"}, pgx.CopyFromRows(nil)); err != nil {
		t.Fatal(err)
	}
	a.exec(t, "UPDATE x SET v = 'c' WHERE id = 1")
	want(t, "told", feed.told(), `create 1|2024-05-05`, `create 2|2024-05-05`, `update 1|2024-05-05`)
	o := open(t, c, "x", "id", "day", "v")
	o.stored(o.updates("2|2024-05-05", connectors.Value{}, connectors.Value{}, text("ours")))
	o.stored(o.creates(connectors.IntValue(3), text("2025-02-02"), text("new")))
	want(t, "rows", o.rows(), "1|2024-05-05: 1 2024-05-05 c", "2|2024-05-05: 2 2024-05-05 ours", "3|2025-02-02: 3 2025-02-02 new")
}

func TestMovingAPartitionedRecordIsTold(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`,
		`CREATE TABLE x1 PARTITION OF x FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
		`CREATE TABLE x2 PARTITION OF x FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`, "INSERT INTO x VALUES (1, '2024-05-05', 'a')")
	c := a.connect(t)
	feed := start(t, c, "x")
	a.exec(t, "UPDATE x SET day = '2025-05-05'")
	if got := strings.Join(feed.told(), ", "); got != "delete 1|2024-05-05, create 1|2025-05-05" {
		t.Errorf("told %s", got)
	}
}

func TestSeveralFeedsOfOneTableShareTheCapture(t *testing.T) {
	a := newApp(t, plain)
	one, two := start(t, a.connect(t), "x"), start(t, a.connect(t), "x")
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	want(t, "one", one.told(), "create 1")
	want(t, "two", two.told(), "create 1")
}

// A snapshot and a sequence put back to before the cursor, as by a backup.
func TestACursorFromTheFutureExpires(t *testing.T) {
	a := newApp(t, plain)
	feed := start(t, a.connect(t), "x")
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	want(t, "told", feed.told(), "create 1")
	a.exec(t, "DO $$ BEGIN EXECUTE (SELECT 'ALTER SEQUENCE dualwrite.seq_' || relation || ' RESTART' FROM dualwrite.capture); END $$")
	_, _, _, err := feed.Changes(t.Context(), feed.at, 10)
	failed(t, err, connectors.CursorExpired)
	parts := strings.Split(string(feed.at), "/")
	parts[3] += "1" // another timeline
	_, _, _, err = feed.Changes(t.Context(), connectors.Cursor(strings.Join(parts, "/")), 10)
	failed(t, err, connectors.CursorExpired)
}

func TestServerRestartLosesNothing(t *testing.T) {
	a := newApp(t, plain)
	c := a.connect(t)
	o := open(t, c, "x", "id", "v")
	feed := start(t, c, "x")
	a.exec(t, "INSERT INTO x VALUES (1, 'a')")
	want(t, "before", feed.told(), "create 1")
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
	want(t, "after", feed.told(), "create 2", "create 3")
	want(t, "nothing twice", feed.told())
	o.stored(o.creates(connectors.IntValue(4), text("d")))
	want(t, "ours", feed.told(), "create 4 map1/1")
}

func TestConfirmForgetsWhatIsToldWhateverTheStep(t *testing.T) {
	a := newApp(t, plain)
	feed := start(t, a.connect(t), "x")
	left := func() string {
		return a.text(t, "SELECT (xpath('//c/text()', query_to_xml('SELECT count(*) AS c FROM dualwrite.log_' || relation, false, true, '')))[1] FROM dualwrite.capture")
	}
	a.exec(t, "INSERT INTO x SELECT i, 'a' FROM generate_series(1, 12000) i")
	for told := 0; told < 12000; {
		batch, next, _, err := feed.Changes(t.Context(), feed.at, 1000)
		if err != nil {
			t.Fatal(err)
		}
		told, feed.at = told+len(batch), next
		if err := feed.Confirm(t.Context(), feed.at); err != nil {
			t.Fatal(err)
		}
		if n := left(); n != "12000" && told < 12000 {
			t.Fatalf("%s rows are left within a window", n)
		}
	}
	want(t, "no more", feed.told())
	if err := feed.Confirm(t.Context(), feed.at); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != "0" {
		t.Errorf("%s rows are left", n)
	}
	a.exec(t, "UPDATE x SET v = 'b' WHERE id = 1")
	want(t, "after", feed.told(), "update 1")
}

func TestWhoWaitsIsWokenThoughSomebodyIsWritingAllTheTime(t *testing.T) {
	a := newApp(t, plain)
	feed := start(t, a.connect(t), "x")
	long := a.session(t)
	run(t, long, "BEGIN")
	run(t, long, "INSERT INTO x VALUES (1, 'long')") // nobody can lie down before it ends
	waiting := make(chan error, 1)
	go func() { waiting <- feed.Wait(t.Context(), feed.at) }()
	a.exec(t, "INSERT INTO x VALUES (2, 'short')")
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	want(t, "while one is open", feed.told(), "create 2")
	go func() { waiting <- feed.Wait(t.Context(), feed.at) }()
	run(t, long, "COMMIT")
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	want(t, "at its end", feed.told(), "create 1")
}
