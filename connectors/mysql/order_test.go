package mysql_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors/connectortest/probe"
)

const itemsTable = "CREATE TABLE items (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0, note VARCHAR(50)) ENGINE=InnoDB"

func begin(t testing.TB, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback() })
	return tx
}

func in(t testing.TB, tx *sql.Tx, query string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestALongTransactionDelaysItsOwnChangesOnly(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2), (3)")
	s := probe.Start(t, a.connect(t), "items")
	long := begin(t, a.session(t))
	in(t, long, "UPDATE items SET note = 'long' WHERE id = 1")
	a.exec(t, "UPDATE items SET note = 'short' WHERE id = 2")
	probe.Want(t, "beside the long one", s.Told(), "update 2")
	in(t, long, "UPDATE items SET note = 'longer' WHERE id = 3")
	a.exec(t, "INSERT INTO items (id) VALUES (4)")
	probe.Want(t, "beside it again", s.Told(), "create 4")
	probe.Want(t, "nothing new", s.Told())
	if err := long.Commit(); err != nil {
		t.Fatal(err)
	}
	a.exec(t, "UPDATE items SET note = 'after' WHERE id = 1")
	probe.Want(t, "once it ends", s.Told(), "update 1", "update 3", "update 1")
}

func TestWaitWakesForAGapThatIsFilled(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2)")
	s := probe.Start(t, a.connect(t), "items")
	long := begin(t, a.session(t))
	in(t, long, "UPDATE items SET note = 'long' WHERE id = 1")
	a.exec(t, "UPDATE items SET note = 'short' WHERE id = 2")
	probe.Want(t, "beside the long one", s.Told(), "update 2")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- s.Wait(ctx, s.At) }()
	if err := long.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "once it ends", s.Told(), "update 1")
}

func TestTheGapOfARolledBackTransactionIsClosed(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2)")
	s := probe.Start(t, a.connect(t), "items")
	lost := begin(t, a.session(t))
	in(t, lost, "UPDATE items SET note = 'lost' WHERE id = 1")
	a.exec(t, "INSERT INTO items (id) VALUES (3)")
	probe.Want(t, "beside it", s.Told(), "create 3")
	until(t, s, func() bool { return strings.Contains(string(s.At), "@") })
	later := begin(t, a.session(t))
	in(t, later, "UPDATE items SET note = 'later' WHERE id = 2")
	if err := lost.Rollback(); err != nil {
		t.Fatal(err)
	}
	until(t, s, func() bool { return !strings.Contains(string(s.At), " ") })
	if err := later.Commit(); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "the later one", s.Told(), "update 2")
}

// until asks for changes, of which there are none, until a condition holds.
func until(t testing.TB, s *probe.Feed, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); !done(); {
		probe.Want(t, "meanwhile", s.Told())
		if time.Now().After(limit) {
			t.Fatalf("it does not come to that; the cursor is %q", s.At)
		}
	}
}

func TestAStartBesideAnOpenTransactionMissesNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2)")
	c := a.connect(t)
	first := probe.Start(t, c, "items")
	open := begin(t, a.session(t))
	in(t, open, "UPDATE items SET note = 'open' WHERE id = 1")
	a.exec(t, "UPDATE items SET note = 'before' WHERE id = 2")
	again := probe.Start(t, c, "items")
	if err := open.Commit(); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "since the second start", again.Told(), "update 1")
	probe.Want(t, "since the first", first.Told(), "update 1", "update 2")
}

// TestManyWritersLoseNothing lets writers commit, roll back and linger at
// random while a reader follows and forgets; what it was told must be what was
// committed.
func TestManyWritersLoseNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	const records, writers, rounds = 10, 8, 60
	for i := range records {
		a.exec(t, "INSERT INTO items (id) VALUES (?)", i)
	}
	c := a.connect(t)
	s := probe.Start(t, c, "items")
	var work sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		db := a.session(t)
		work.Go(func() {
			for n := range rounds {
				writeSome(t, db, w, n, records)
			}
		})
	}
	go func() { work.Wait(); close(done) }()
	told := map[string]int{}
	follow := func(most int) (caughtUp bool) {
		batch, next, caughtUp, err := s.Changes(t.Context(), s.At, most)
		if err == nil {
			err = s.Confirm(t.Context(), next)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range batch {
			told[change.ID]++
		}
		s.At = next
		return caughtUp
	}
	for running := true; running; {
		follow(7)
		select {
		case <-done:
			running = false
		default:
		}
	}
	for !follow(50) {
	}
	held := map[string]int{}
	rows, err := a.db.Query("SELECT id, n FROM items")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, n int
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		held[fmt.Sprint(id)] = n
	}
	if !maps.Equal(told, held) {
		t.Errorf("told %v, committed %v", told, held)
	}
}

// writeSome counts up in two records, in one order for everybody, and commits or
// not.
func writeSome(t testing.TB, db *sql.DB, writer, n, records int) {
	tx, err := db.Begin()
	if err != nil {
		t.Error(err)
		return
	}
	one, two := (writer+n)%records, (writer*3+n*7)%records
	if one > two {
		one, two = two, one
	}
	for _, id := range slices.Compact([]int{one, two}) {
		if _, err := tx.Exec("UPDATE items SET n = n + 1 WHERE id = ?", id); err != nil {
			t.Error(err)
		}
	}
	if n%4 == 3 {
		err = tx.Rollback()
	} else {
		err = tx.Commit()
	}
	if err != nil {
		t.Error(err)
	}
}

// TestOthersWhoWatchTransactionsDoNotDeceive keeps the server from renewing its
// list of transactions, which it does only while nobody reads it.
func TestOthersWhoWatchTransactionsDoNotDeceive(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2)")
	s := probe.Start(t, a.connect(t), "items")
	ctx, cancel := context.WithCancel(t.Context())
	monitor := a.session(t)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for ctx.Err() == nil {
			var n int
			_ = monitor.QueryRow("SELECT COUNT(*) FROM information_schema.innodb_trx").Scan(&n)
		}
	}()
	for i := range 15 {
		open := begin(t, a.session(t))
		in(t, open, "UPDATE items SET n = ? WHERE id = 1", i+1)
		a.exec(t, "UPDATE items SET n = ? WHERE id = 2", i+1)
		probe.Want(t, "beside it", s.Told(), "update 2")
		for range 5 {
			probe.Want(t, "meanwhile", s.Told())
		}
		if err := open.Commit(); err != nil {
			t.Fatal(err)
		}
		probe.Want(t, "once it ends", s.Told(), "update 1")
	}
	cancel()
	<-stopped
}
