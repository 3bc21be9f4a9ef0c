package models

import (
	"database/sql"
	"testing"
	"time"
)

func TestOnlyOldChangesWithAFateAreForgotten(t *testing.T) {
	b := newLinkBook(t)
	now := time.Now().UTC()
	old, limit := now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	insert := func(n int, fate Fate, at time.Time) {
		for range n {
			if _, err := b.writes.Exec("INSERT INTO changes (map_id, side, op, native_id, at, captured_at, fate, fate_at) VALUES (?, 'left', 'update', '1', ?, ?, ?, ?)", b.mapID, at, at, string(fate), at); err != nil {
				t.Fatal(err)
			}
		}
	}
	insert(1, Queued, old)
	insert(1, Errored, old)
	insert(2*pruneChunk, Written, old)
	insert(3, Folded, old)
	insert(7, Written, now)
	var after int64
	for rounds := 0; rounds == 0 || after != 0; rounds++ {
		next, err := b.Prune(t.Context(), limit, after)
		if err != nil || rounds > 5 {
			t.Fatalf("round %d, next %d: %v", rounds, next, err)
		}
		after = next
	}
	left := map[Fate]int{}
	err := eachRow(t.Context(), b.writes, "SELECT fate, count(*) FROM changes GROUP BY fate", nil, func(rows *sql.Rows) error {
		var fate Fate
		var n int
		err := rows.Scan(&fate, &n)
		left[fate] = n
		return err
	})
	if err != nil || len(left) != 3 || left[Queued] != 1 || left[Errored] != 1 || left[Written] != 7 {
		t.Errorf("left are %v, %v; want the queued one, the one with an error, and 7 young ones", left, err)
	}
}
