package models

import (
	"testing"
	"time"
)

func TestTheOverviewCountsTheLastMinute(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := Open(t.Context(), t.TempDir(), Options{Volatile: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if o, err := s.OverviewNow(t.Context()); err != nil || o != (Overview{}) {
		t.Fatalf("an empty store: %+v, %v", o, err)
	}
	for _, age := range []time.Duration{time.Hour, 3 * time.Minute, time.Minute, 59 * time.Second, time.Second} {
		if _, err := s.writes.Exec("INSERT INTO changes (map_id, side, op, native_id, at, captured_at) VALUES (1, 'left', 'update', 'x', ?, ?)", now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.writes.Exec("DELETE FROM changes WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	if o, err := s.OverviewNow(t.Context()); err != nil || o.PerMinute != 2 {
		t.Errorf("%d changes in the last minute, want 2 (%v)", o.PerMinute, err)
	}
}
