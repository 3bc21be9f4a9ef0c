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
	b.save(Commit{Arrived: []Arrival{{ConnectionID: 2, Entity: "parents", Keys: []string{"p1"}}}})
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
		b.save(Commit{Arrived: []Arrival{{ConnectionID: 2, Entity: "parents", Keys: []string{"p1"}}}})
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
