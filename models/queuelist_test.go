package models

import (
	"testing"
)

// queueStore is errorStore with 60 queued changes and three conflicts.
func queueStore(t *testing.T) *Store {
	s := errorStore(t)
	for i := range 60 {
		if _, err := s.writes.Exec("INSERT INTO changes (map_id, side, op, native_id, record_key, at, captured_at) VALUES (1, 'left', 'update', ?, ?, ?, ?)",
			i, map[bool]string{true: "even"}[i%2 == 0], s.Now(), s.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []ConflictKind{BothEdited, BothEdited, EditVsDelete} {
		if _, err := s.writes.Exec("INSERT INTO conflicts (map_id, kind, record_key, fields, winner, at) VALUES (1, ?, 'K', '[]', 'right', ?)", string(kind), s.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.writes.Exec("UPDATE tallies SET captured = 60, queued = 60, conflicts = 3 WHERE map_id = 1"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDiscardedChangesKeepTheSumsRight(t *testing.T) {
	s := queueStore(t)
	if err := s.DiscardChanges(t.Context(), 1, []int64{1, 2, 2, 99}, "ann", "a test"); err != nil {
		t.Fatal(err)
	}
	m, err := s.SummaryOf(t.Context(), 1)
	if err != nil || m.Tally.Queued != 58 || m.Tally.Discarded != 2 {
		t.Errorf("tally %+v, %v", m.Tally, err)
	}
	if err := s.DiscardChanges(t.Context(), 1, []int64{1}, "bob", "again"); KindOf(err) != Conflict {
		t.Errorf("discarding twice: %v", err)
	}
	page, _, err := s.QueuePage(t.Context(), 1, "", 0, 1)
	if err != nil || len(page) != 1 || page[0].Seq != 3 {
		t.Errorf("the queue begins with %+v, %v", page, err)
	}
	log, err := s.Activities(t.Context(), 1, 0, 1)
	if err != nil || log[0].Actor != "ann" || log[0].Detail != "2 queued changes: a test" {
		t.Errorf("the activity is %+v, %v", log, err)
	}
}

func TestPagesOfTheQueueAddUp(t *testing.T) {
	s := queueStore(t)
	for search, want := range map[string]int{"": 60, "EVEN": 30, "59": 1, "none": 0} {
		n, after := 0, int64(0)
		for first := true; first || after > 0; first = false {
			page, next, err := s.QueuePage(t.Context(), 1, search, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			n, after = n+len(page), next
		}
		if n != want {
			t.Errorf("%q: %d changes, want %d", search, n, want)
		}
	}
}

func TestReviewedConflictsLeaveTheList(t *testing.T) {
	s := queueStore(t)
	if err := s.ReviewConflicts(t.Context(), 1, []int64{1}, "ann", "looked at"); err != nil {
		t.Fatal(err)
	}
	if err := s.ReviewConflicts(t.Context(), 1, []int64{1}, "bob", "looked at"); KindOf(err) != Conflict {
		t.Errorf("reviewing twice: %v", err)
	}
	for want, f := range map[int]ConflictFilter{2: {}, 1: {Kind: EditVsDelete}, 3: {Reviewed: true}} {
		f.MapID = 1
		if page, _, err := s.ConflictPage(t.Context(), f, 0, 10); err != nil || len(page) != want {
			t.Errorf("%+v: %d conflicts, want %d (%v)", f, len(page), want, err)
		}
	}
	counts, err := s.ConflictCounts(t.Context(), 1)
	if err != nil || len(counts) != 2 || counts[0].Count+counts[1].Count != 2 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if m, err := s.SummaryOf(t.Context(), 1); err != nil || m.Tally.Conflicts != 2 {
		t.Errorf("%d conflicts are counted, want 2 (%v)", m.Tally.Conflicts, err)
	}
}
