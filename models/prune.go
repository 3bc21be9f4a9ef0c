package models

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// pruneChunk is how many changes one Prune looks at.
const pruneChunk = 5000

// Prune forgets changes whose fate was sealed before a time; the tallies go on
// counting them. It looks at a few thousand changes after a sequence, and tells
// where to go on: 0 when the rest is younger.
func (s *Store) Prune(ctx context.Context, before time.Time, after int64) (next int64, err error) {
	err = s.batch(ctx, func(tx *sql.Tx) error {
		var last int64
		var at time.Time
		err := tx.QueryRowContext(ctx, s.rebind("SELECT seq, captured_at FROM (SELECT seq, captured_at FROM changes WHERE seq > ? ORDER BY seq LIMIT ?) AS c ORDER BY seq DESC LIMIT 1"),
			after, pruneChunk).Scan(&last, &at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if at.Before(before) {
			next = last
		}
		_, err = tx.ExecContext(ctx, s.rebind("DELETE FROM changes WHERE seq > ? AND seq <= ? AND fate NOT IN ('queued', 'error') AND fate_at < ?"), after, last, before)
		return err
	})
	return next, err
}
