package models

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Overview is what all maps together have done lately and have left to do.
type Overview struct {
	PerMinute int64 // changes captured in the last minute
	Queued    int64
	Errors    int64 // open ones
	Conflicts int64 // not reviewed yet
}

// OverviewNow reads the overview from the kept counters.
func (s *Store) OverviewNow(ctx context.Context) (Overview, error) {
	var o Overview
	err := s.reads.QueryRowContext(ctx, "SELECT coalesce(sum(queued), 0), coalesce(sum(open_errors), 0), coalesce(sum(conflicts), 0) FROM tallies").
		Scan(&o.Queued, &o.Errors, &o.Conflicts)
	if err == nil {
		o.PerMinute, err = s.capturedSince(ctx, s.now().Add(-time.Minute))
	}
	return o, storeError(err)
}

// capturedSince counts the changes that were captured after a time. Sequences
// follow the time of capture, so that the first of them is found by halving.
func (s *Store) capturedSince(ctx context.Context, since time.Time) (int64, error) {
	var low, high sql.NullInt64
	if err := s.reads.QueryRowContext(ctx, "SELECT (SELECT min(seq) FROM changes), (SELECT max(seq) FROM changes)").Scan(&low, &high); err != nil || !high.Valid {
		return 0, err
	}
	first, end := low.Int64, high.Int64+1
	for first < end {
		middle := first + (end-first)/2
		var seq int64
		var at time.Time
		err := s.reads.QueryRowContext(ctx, s.rebind("SELECT seq, captured_at FROM changes WHERE seq >= ? ORDER BY seq LIMIT 1"), middle).Scan(&seq, &at)
		if errors.Is(err, sql.ErrNoRows) {
			break // pruned meanwhile
		}
		if err != nil {
			return 0, err
		}
		if at.After(since) {
			end = middle
		} else {
			first = seq + 1
		}
	}
	return high.Int64 + 1 - first, nil
}
