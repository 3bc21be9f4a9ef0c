package models

import (
	"testing"
	"time"
)

func TestAParentThatComesWhileItIsFoundMissingIsNotWaitedFor(t *testing.T) {
	b := newLinkBook(t)
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b.now = func() time.Time { return clock }
	l := b.link("child", "1", "1")
	owe := func(began time.Time) {
		b.save(Commit{Began: began, Links: []*Link{l}, Owes: []Debt{{Link: l, Side: Right, Field: "parent.code", ConnectionID: 2, Parent: "parents", ParentKey: "p1"}}})
	}
	due := func() time.Duration {
		var at time.Time
		if err := b.writes.QueryRow("SELECT due_at FROM owed").Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at.Sub(clock)
	}
	for range 4 {
		owe(clock)
		clock = clock.Add(due())
	}
	owe(clock)
	if wait := due(); wait < time.Minute {
		t.Fatalf("what is missing is tried again after %v only", wait)
	}
	began := clock
	clock = clock.Add(time.Second)
	b.save(Commit{Arrived: []Arrival{{ConnectionID: 2, Entity: "parents", Keys: func() []string { return []string{"p1"} }}}})
	clock = clock.Add(time.Second)
	owe(began) // found missing before that
	if wait := due(); wait > 0 {
		t.Errorf("the parent that is there is waited for %v", wait)
	}
	owe(clock) // found missing again
	if wait := due(); wait < time.Second {
		t.Errorf("what is missing is tried again after %v", wait)
	}

	arrives := func() time.Time {
		clock = clock.Add(due()) // it is being tried
		began := clock
		clock = clock.Add(time.Second)
		b.save(Commit{Arrived: []Arrival{{ConnectionID: 2, Entity: "parents", Keys: func() []string { return []string{"p1"} }}}})
		clock = clock.Add(time.Second)
		return began
	}
	owe(arrives())
	if wait := due(); wait > 0 {
		t.Errorf("the parent that came during a try is waited for %v", wait)
	}
	delay := func(began time.Time) {
		b.save(Commit{Began: began, Delay: []Retry{{LinkID: l.ID, At: clock.Add(time.Hour)}}})
	}
	delay(clock)
	if wait := due(); wait != time.Hour {
		t.Errorf("what failed is put off for %v, want an hour", wait)
	}
	delay(arrives())
	if wait := due(); wait > 0 {
		t.Errorf("the parent that came while its child failed is waited for %v", wait)
	}
}

func TestALinkOwesOnlyWhatItWasFoundToOweLast(t *testing.T) {
	b := newLinkBook(t)
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b.now = func() time.Time { return clock }
	l := b.link("child", "1", "1")
	debt := func(field, parent, key string) Debt {
		return Debt{Link: l, Side: Right, Field: field, ConnectionID: 2, Parent: parent, ParentKey: key}
	}
	owe := func(all ...Debt) { b.save(Commit{Began: clock, Links: []*Link{l}, Owes: all}) }
	var parent, key string
	var rows int
	var at time.Time
	read := func() {
		t.Helper()
		if err := b.writes.QueryRow("SELECT count(*), max(parent), max(parent_key) FROM owed").Scan(&rows, &parent, &key); err != nil {
			t.Fatal(err)
		}
		if err := b.writes.QueryRow("SELECT due_at FROM owed WHERE field = 'parent.code'").Scan(&at); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		owe(debt("parent.code", "parents", "p1"), debt("group.code", "groups", "g1"))
		read()
		clock = at
	}
	owe(debt("parent.code", "parents", "p1"))
	if read(); rows != 1 || at.Sub(clock) < time.Minute {
		t.Errorf("one of two debts is left, and %d are stored; it is tried again after %v", rows, at.Sub(clock))
	}
	owe(debt("parent.code", "teams", "t1"))
	if read(); rows != 1 || parent != "teams" || key != "t1" {
		t.Errorf("what is owed is another record, and %d debts are stored, of %s %s", rows, parent, key)
	}
	if wait := at.Sub(clock); wait > time.Second { // it may have come while it was found missing
		t.Errorf("another record was found missing for the first time, and is tried again after %v", wait)
	}
	b.save(Commit{Paid: []int64{l.ID}})
	if due, err := b.DueDebts(t.Context(), b.mapID, 10); err != nil || len(due) > 0 {
		t.Errorf("what is paid is due: %v, %v", due, err)
	}
}
