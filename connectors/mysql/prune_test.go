package mysql_test

import (
	"fmt"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func TestWhatIsConfirmedIsForgottenButTheNewestRowOfEachRecord(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	c := a.connect(t)
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	a.exec(t, "INSERT INTO items (id) SELECT seq FROM seq_0_to_1499")
	a.exec(t, "UPDATE items SET n = 1 WHERE id < 700")
	a.exec(t, "DELETE FROM items WHERE id < 500")
	a.exec(t, "UPDATE items SET id = -id WHERE id = 600")
	var told int
	for caughtUp := false; !caughtUp; {
		var batch []connectors.Change
		var err error
		if batch, s.At, caughtUp, err = s.Changes(t.Context(), s.At, 1000); err != nil {
			t.Fatal(err)
		}
		told += len(batch)
	}
	if told != 1500+700+500+1 {
		t.Errorf("%d changes", told)
	}
	versions := func() string { return fmt.Sprint(versionsOf(t, o)) }
	before := versions()
	if err := s.Confirm(t.Context(), s.At); err != nil {
		t.Fatal(err)
	}
	if left := a.text(t, "SELECT COUNT(*) FROM dualwrite_log_items"); left != "1000" {
		t.Errorf("%s rows left of 1000 records", left)
	}
	if versions() != before {
		t.Error("confirming has changed versions")
	}
	a.exec(t, "UPDATE items SET n = 2 WHERE id = 700")
	probe.Want(t, "afterwards", s.Told(), "update 700")
}

func versionsOf(t *testing.T, o *probe.Entity) (all []string) {
	t.Helper()
	page, _, err := o.Scan(t.Context(), "", 10000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page {
		all = append(all, r.ID+" "+r.Version)
	}
	return all
}

func TestConfirmingBesideAnOpenTransactionKeepsWhatItHasYetToTell(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2), (3)")
	c := a.connect(t)
	s := probe.Start(t, c, "items")
	long := begin(t, a.session(t))
	in(t, long, "UPDATE items SET note = 'long' WHERE id = 1")
	a.exec(t, "UPDATE items SET note = 'short' WHERE id = 2")
	probe.Want(t, "beside it", s.Told(), "update 2")
	open := s.At
	if err := s.Confirm(t.Context(), s.At); err != nil {
		t.Fatal(err)
	}
	again := probe.Start(t, c, "items")
	in(t, long, "UPDATE items SET note = 'longer' WHERE id = 3")
	if err := long.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.Confirm(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	a.exec(t, "UPDATE items SET note = 'after' WHERE id = 1")
	probe.Want(t, "once it ends", s.Told(), "update 1", "update 3", "update 1")
	probe.Want(t, "since the second start", again.Told(), "update 1", "update 3", "update 1")
	if err := s.Confirm(t.Context(), s.At); err != nil {
		t.Fatal(err)
	}
	if left := a.text(t, "SELECT COUNT(*) FROM dualwrite_log_items"); left != "3" {
		t.Errorf("%s rows left of 3 records", left)
	}
	_, _, _, err := s.Changes(t.Context(), open, 10)
	probe.Failed(t, err, connectors.CursorExpired)
}

func TestACaptureThatFitsStaysWhenItIsStartedAgain(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE parts (shop VARCHAR(10), code VARCHAR(10), n INT, PRIMARY KEY (shop, code)) ENGINE=InnoDB")
	c := a.connect(t)
	s := probe.Start(t, c, "parts")
	a.exec(t, "INSERT INTO parts VALUES ('a', 'b', 1)")
	probe.Start(t, c, "parts")
	probe.Want(t, "since the first start", s.Told(), "create a|b")
}

func TestTriggersThatAreGoneExpireTheCursor(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	c := a.connect(t)
	s := probe.Start(t, c, "items")
	a.exec(t, "DROP TRIGGER dualwrite_update_items")
	other := a.connect(t) // has not looked for them yet
	f, err := other.Feed(t.Context(), "items")
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, err = f.Changes(t.Context(), s.At, 10)
	probe.Failed(t, err, connectors.CursorExpired)
	again := probe.Start(t, c, "items")
	a.exec(t, "INSERT INTO items (id) VALUES (1)")
	a.exec(t, "UPDATE items SET n = 1")
	probe.Want(t, "after a new start", again.Told(), "create 1", "update 1")
	_, _, _, err = s.Changes(t.Context(), s.At, 10)
	probe.Failed(t, err, connectors.CursorExpired)
}

func TestAStartWaitsNoLongerThanItsPatienceForALongTransaction(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1)")
	c := a.connect(t)
	long := begin(t, a.session(t))
	in(t, long, "UPDATE items SET n = 1")
	f, err := c.Feed(t.Context(), "items")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Start(t.Context())
	probe.Failed(t, err, connectors.Transient)
	if err := long.Commit(); err != nil {
		t.Fatal(err)
	}
	if left := a.Leftovers(t); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
	probe.Start(t, c, "items")
}

func TestAChangedTableIsReadAsItIsNow(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1)")
	c := a.connect(t)
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "note")
	a.exec(t, "ALTER TABLE items DROP COLUMN n, ADD COLUMN more INT")
	probe.Want(t, "read", o.Rows(), "1: 1 ")
	o.Stored(o.Updates("1", connectors.Value{}, text("x")))
	probe.Want(t, "told", s.Told(), "update 1 map1/1")
	a.exec(t, "ALTER TABLE items DROP COLUMN note")
	_, err := o.Get(t.Context(), []string{"1"})
	probe.Failed(t, err, connectors.NoEntity)
	a.exec(t, "DROP TABLE items")
	_, err = o.Get(t.Context(), []string{"1"})
	probe.Failed(t, err, connectors.NoEntity)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := a.Leftovers(t); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}
