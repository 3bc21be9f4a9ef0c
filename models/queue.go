package models

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
)

// retryMost is how long something that waits for another record is left alone
// at most before it is tried without any sign that this has come.
const retryMost = 5 * time.Minute

// retryIn is how long to wait after so many tries. The first wait is short: what
// is missing may have come while we found it missing.
func retryIn(tries int) time.Duration {
	wait := time.Second
	for range tries {
		wait = min(4*wait, retryMost)
	}
	return wait
}

// EnsureFeed finds the feed of an entity, or begins one at a cursor.
func (s *Store) EnsureFeed(ctx context.Context, connectionID int64, entity, cursor string) (Feed, error) {
	err := s.batch(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.rebind(`INSERT INTO feeds (connection_id, entity, "cursor") VALUES (?, ?, ?) ON CONFLICT (connection_id, entity) DO NOTHING`),
			connectionID, entity, cursor)
		return err
	})
	if err != nil {
		return Feed{}, err
	}
	return s.FeedOf(ctx, connectionID, entity)
}

// FeedOf reads the feed of an entity.
func (s *Store) FeedOf(ctx context.Context, connectionID int64, entity string) (Feed, error) {
	var f Feed
	err := s.db.WithContext(ctx).Where("connection_id = ? AND entity = ?", connectionID, entity).Take(&f).Error
	return f, storeError(err)
}

// DropFeed forgets a feed that no map uses any more.
func (s *Store) DropFeed(ctx context.Context, id int64) error {
	return s.batch(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.rebind("DELETE FROM feeds WHERE id = ?"), id)
		return err
	})
}

// Capture puts changes into the queues of all maps that use the feed and moves
// its cursor, in one transaction (I1). Those of a map's own writes are only
// counted for it, as equal; where no other map uses the feed they need not be
// among the changes, but their number, echoes. Fails with kind Conflict when the
// cursor is no longer the one that was read from.
func (s *Store) Capture(ctx context.Context, lease Lease, feed Feed, next string, uses []Use, changes []Change, echoes int64) error {
	return s.batch(ctx, func(tx *sql.Tx) error {
		if err := s.moveCursor(ctx, tx, lease, feed, next); err != nil {
			return err
		}
		for _, u := range uses {
			if err := s.enqueue(ctx, tx, u, changes, echoes); err != nil {
				return err
			}
		}
		return nil
	})
}

// moveCursor moves the cursor of a feed under its lease.
func (s *Store) moveCursor(ctx context.Context, tx *sql.Tx, lease Lease, feed Feed, next string) error {
	if err := s.hold(ctx, tx, lease); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, s.rebind(`UPDATE feeds SET "cursor" = ?, checked_at = ? WHERE id = ? AND "cursor" = ?`), next, s.now(), feed.ID, feed.Cursor)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, Errorf(Conflict, "the feed of %s was moved by somebody else", feed.Entity))
	}
	return nil
}

// Use says that a map takes the changes of a feed as those of one of its sides.
type Use struct {
	MapID int64
	Side  Side
}

// Uses lists the maps that capture the changes of an entity, a map twice where
// both its sides are that entity.
func (s *Store) Uses(ctx context.Context, connectionID int64, entity string) ([]Use, error) {
	rows, err := s.writes.QueryContext(ctx, s.rebind(`SELECT m.id, 'left' FROM entity_maps m JOIN environments e ON e.id = m.environment_id
		WHERE e.left_connection_id = ? AND m.left_entity = ? AND m.status <> 'not running'
		UNION ALL SELECT m.id, 'right' FROM entity_maps m JOIN environments e ON e.id = m.environment_id
		WHERE e.right_connection_id = ? AND m.right_entity = ? AND m.status <> 'not running' ORDER BY 1, 2`), connectionID, entity, connectionID, entity)
	if err != nil {
		return nil, storeError(err)
	}
	defer rows.Close()
	var out []Use
	for rows.Next() {
		var u Use
		if err := rows.Scan(&u.MapID, &u.Side); err != nil {
			return nil, storeError(err)
		}
		out = append(out, u)
	}
	return out, storeError(rows.Err())
}

// rowsPerInsert keeps a statement below every database's parameter limit.
const rowsPerInsert = 100

// enqueue puts changes into the queue of a map.
func (s *Store) enqueue(ctx context.Context, tx *sql.Tx, u Use, changes []Change, echoes int64) error {
	captured := int64(len(changes)) + echoes
	if slices.ContainsFunc(changes, func(c Change) bool { return c.MadeBy == u }) {
		changes = slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.MadeBy == u })
	}
	queued := int64(len(changes))
	now := s.now()
	for rest := changes; len(rest) > 0; {
		n := min(len(rest), rowsPerInsert)
		var args []any
		for i := range rest[:n] {
			args = appendChange(args, u, &rest[i], now)
		}
		if _, err := tx.ExecContext(ctx, s.rebind(insertChanges("", n)), args...); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return addTally(ctx, s, tx, u.MapID, &Tally{Captured: captured, Queued: queued, Equal: captured - queued})
}

// insertChanges is the statement that inserts so many rows. more names columns
// besides those that appendChange fills.
func insertChanges(more string, rows int) string {
	row := "(?, ?, ?, ?, ?, ?, ?, ?, ?" + strings.Repeat(", ?", strings.Count(more, ",")) + ")"
	return "INSERT INTO changes (map_id, side, op, native_id, old_id, record_key, origin, at, captured_at" + more + ") VALUES " + row + strings.Repeat(", "+row, rows-1)
}

func appendChange(args []any, u Use, c *Change, now time.Time) []any {
	return append(args, u.MapID, string(u.Side), c.Op, c.NativeID, c.OldID, c.RecordKey, c.Origin, c.At, now)
}

// take stores the changes that the commit takes over, each with its fate; those
// without one are queued and told their sequence.
func (w *commitWriter) take() error {
	t := w.c.Taken
	if t == nil {
		return nil
	}
	if err := w.moveCursor(w.ctx, w.tx, t.Lease, t.Feed, t.Next); err != nil {
		return err
	}
	for _, f := range w.c.Fates {
		if f.Seq < 0 {
			c := &t.Changes[-f.Seq-1]
			if c.Fate = f.Fate; f.Err != nil {
				c.ErrorID = &f.Err.ID
			}
		}
	}
	w.tally.Captured += int64(len(t.Changes)) + t.Echoes
	w.tally.Equal += t.Echoes
	var fated []*Change
	for i := range t.Changes {
		c := &t.Changes[i]
		if c.Fate == "" {
			c.Fate = Queued
			if err := w.tx.QueryRowContext(w.ctx, w.rebind(insertChanges("", 1)+" RETURNING seq"), appendChange(nil, t.Use, c, w.now)...).Scan(&c.Seq); err != nil {
				return err
			}
		} else {
			fated = append(fated, c)
		}
		*w.tally.count(c.Fate)++
	}
	for some := range slices.Chunk(fated, rowsPerInsert) {
		var args []any
		for _, c := range some {
			args = append(appendChange(args, t.Use, c, w.now), string(c.Fate), w.now, c.ErrorID)
		}
		if _, err := w.exec(insertChanges(", fate, fate_at, error_id", len(some)), args...); err != nil {
			return err
		}
	}
	return nil
}

// Pending reads queued changes of a map, oldest first, after a sequence.
func (s *Store) Pending(ctx context.Context, mapID, after int64, limit int) ([]Change, error) {
	rows, err := s.writes.QueryContext(ctx, s.rebind("SELECT seq, side, op, native_id, old_id, record_key, origin FROM changes"+
		" WHERE map_id = ? AND fate = 'queued' AND seq > ? ORDER BY seq LIMIT ?"), mapID, after, limit)
	if err != nil {
		return nil, storeError(err)
	}
	defer rows.Close()
	var out []Change
	for rows.Next() {
		c := Change{MapID: mapID, Fate: Queued}
		if err := rows.Scan(&c.Seq, &c.Side, &c.Op, &c.NativeID, &c.OldID, &c.RecordKey, &c.Origin); err != nil {
			return nil, storeError(err)
		}
		out = append(out, c)
	}
	return out, storeError(rows.Err())
}

// PendingUpTo reports whether queued changes up to a sequence are left.
func (s *Store) PendingUpTo(ctx context.Context, mapID, mark int64) (bool, error) {
	var one int
	err := s.writes.QueryRowContext(ctx, s.rebind("SELECT 1 FROM changes WHERE map_id = ? AND fate = 'queued' AND seq <= ? LIMIT 1"), mapID, mark).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, storeError(err)
}

// PendingDeletes counts the linked records of a side that have a queued delete,
// up to a number that is enough.
func (s *Store) PendingDeletes(ctx context.Context, mapID int64, side Side, enough int64) (int64, error) {
	found := map[int64]bool{}
	for last := int64(0); int64(len(found)) < enough; {
		var ids []string
		err := eachRow(ctx, s.writes, s.rebind("SELECT seq, native_id FROM changes WHERE map_id = ? AND fate = 'queued' AND seq > ? AND side = ? AND op = 'delete' ORDER BY seq LIMIT ?"),
			[]any{mapID, last, string(side), 2 * mostParameters}, func(rows *sql.Rows) error {
				var id string
				err := rows.Scan(&last, &id)
				ids = append(ids, id)
				return err
			})
		if err != nil || len(ids) == 0 {
			return int64(len(found)), storeError(err)
		}
		links, err := s.LinksByID(ctx, mapID, side, ids)
		if err != nil {
			return 0, err
		}
		for _, l := range links {
			if l.Counts() {
				found[l.ID] = true
			}
		}
	}
	return int64(len(found)), nil
}

// QueuedIDs tells which of the native ids of a side have queued changes.
func (s *Store) QueuedIDs(ctx context.Context, mapID int64, side Side, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := inLists(ids, func(in string, list []any) error {
		return eachRow(ctx, s.writes, s.rebind("SELECT DISTINCT native_id FROM changes WHERE map_id = ? AND fate = 'queued' AND side = ? AND native_id"+in),
			append([]any{mapID, string(side)}, list...), func(rows *sql.Rows) error {
				var id string
				err := rows.Scan(&id)
				out[id] = true
				return err
			})
	})
	return out, storeError(err)
}

// Renamed tells to which native id queued changes have taken records of a side,
// by the id that they left.
func (s *Store) Renamed(ctx context.Context, mapID int64, side Side, ids []string) (map[string]string, error) {
	out := map[string]string{}
	err := inLists(ids, func(in string, list []any) error {
		return eachRow(ctx, s.writes, s.rebind("SELECT old_id, native_id FROM changes WHERE map_id = ? AND side = ? AND fate = 'queued' AND old_id <> '' AND old_id <> native_id"+
			" AND old_id"+in+" ORDER BY seq"), append([]any{mapID, string(side)}, list...), func(rows *sql.Rows) error {
			var old, id string
			err := rows.Scan(&old, &id)
			out[old] = id
			return err
		})
	})
	return out, storeError(err)
}

// DueError is an open error whose time to be tried again has come.
type DueError struct {
	ID int64
	Subject
}

// DueErrors lists the open errors of a map that are due, the longest first.
func (s *Store) DueErrors(ctx context.Context, mapID int64, limit int) (out []DueError, err error) {
	err = eachRow(ctx, s.writes, s.rebind("SELECT id, left_id, right_id FROM record_errors WHERE map_id = ? AND state = 'open' AND retry_at <= ? ORDER BY retry_at LIMIT ?"),
		[]any{mapID, s.now(), limit}, func(rows *sql.Rows) error {
			var d DueError
			err := rows.Scan(&d.ID, &d.LeftID, &d.RightID)
			out = append(out, d)
			return err
		})
	return out, storeError(err)
}

// DueDebts reads links of a map whose owed lookups are to be tried again.
func (s *Store) DueDebts(ctx context.Context, mapID int64, limit int) ([]int64, error) {
	rows, err := s.writes.QueryContext(ctx, s.rebind("SELECT DISTINCT link_id FROM owed WHERE map_id = ? AND due_at <= ? ORDER BY link_id LIMIT ?"), mapID, s.now(), limit)
	if err != nil {
		return nil, storeError(err)
	}
	ids, err := scanIDs(rows)
	return ids, storeError(err)
}
