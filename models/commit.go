package models

import (
	"context"
	"database/sql"
	"time"
)

// Commit is what one batch of reconciles leads to, stored all or not at all
// (I2): the links, the conflicts found on the way, the fates of the changes,
// the errors, and how far the initial write has come.
type Commit struct {
	MapID     int64
	Began     time.Time // when the step began that this is the outcome of; what was made due since then is due again
	Intents   []*Link   // links that are about to be written, until their Part is Settled
	Part      int       // the number of Intents among those that are not settled
	Settled   []int     // parts of what was declared before that have their outcome in this commit
	Taken     *Taken    // changes that are taken over from a feed only now
	Links     []*Link   // inserted when their ID is 0, else updated
	Linkless  bool      // all Links are new, and no two links of the map have one of their native ids
	Unlink    []int64   // links of records that left the map
	Conflicts []ConflictRecord
	Fates     []FateOf
	Errors    []*RecordError // opened, or added to the open error of the same record
	Mended    []Subject      // their open errors are resolved
	Owes      []Debt
	Paid      []int64    // links whose debts are settled
	Arrived   []Arrival  // records that a missing parent may have waited for
	Progress  *Execution // ID, State, position, and counts to be added
	Wrote     bool       // records were written: the map's last change is now
	Delay     []Retry    // errors and debts that are put off
}

// Taken is changes that a map takes over from a feed together with what came of
// them, so that they need not wait in the queue: the cursor moves in the commit
// that stores them (I1).
type Taken struct {
	Lease   Lease // on the feed
	Feed    Feed
	Next    string // its cursor after them
	Use     Use
	Changes []Change // those without a FateOf are queued
	Echoes  int64    // changes of own writes besides, which are counted as equal
}

// FateOf gives a queued change its fate. Err points to the error of this very
// commit that an Errored change waits for.
type FateOf struct {
	Seq  int64 // -1, -2 and so on for the changes that are taken over in this commit
	Fate Fate
	Err  *RecordError
}

// Subject names a record by its native ids, "" where it has none.
type Subject struct{ LeftID, RightID string }

// Debt is a lookup that was written empty because its parent is missing.
type Debt struct {
	Link         *Link
	Side         Side
	Field        string
	ConnectionID int64
	Parent       string
	Others       []string // further entities that the parent may be of
	ParentKey    string   // spelled as those of an Arrival
}

// Arrival says that records appeared in an entity.
type Arrival struct {
	ConnectionID int64
	Entity       string
	Keys         func() []string // by which they may be awaited; asked for only where something waits for a record of the entity
}

// Retry puts an open error or the debts of a link off until a time.
type Retry struct {
	ErrorID int64 // 0 for a debt
	LinkID  int64
	At      time.Time
}

// Apply stores a commit under the map's lease. Links without an ID get one,
// errors too.
func (s *Store) Apply(ctx context.Context, lease Lease, c *Commit) error {
	return s.batch(ctx, func(tx *sql.Tx) error {
		if err := s.hold(ctx, tx, lease); err != nil {
			return err
		}
		w := &commitWriter{Store: s, ctx: ctx, tx: tx, c: c, now: s.now()}
		if w.began = c.Began; w.began.IsZero() {
			w.began = w.now
		}
		for _, step := range []func() error{w.settle, w.declare, w.links, w.conflicts, w.mend, w.errors, w.take, w.fates, w.debts, w.arrivals, w.delays, w.progress, w.sums} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
}

// commitWriter is one Apply under way.
type commitWriter struct {
	*Store
	ctx   context.Context
	tx    *sql.Tx
	c     *Commit
	now   time.Time
	began time.Time // what was made due after that is due again
	tally Tally     // differences to be added
	issue string
}

func (w *commitWriter) exec(query string, args ...any) (int64, error) {
	r, err := w.tx.ExecContext(w.ctx, w.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (w *commitWriter) links() error {
	for _, id := range w.c.Unlink {
		if err := w.unlink(id); err != nil {
			return err
		}
	}
	grown, err := w.saveLinks(w.c.Links)
	w.tally.Linked += grown
	return err
}

func (w *commitWriter) conflicts() error {
	for i := range w.c.Conflicts {
		c := &w.c.Conflicts[i]
		fields, err := jsonText(c.Fields)
		if err != nil {
			return err
		}
		if _, err := w.exec(`INSERT INTO conflicts (map_id, execution_id, kind, record_key, left_id, right_id, fields, winner, left_image, right_image, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, w.c.MapID, c.ExecutionID, string(c.Kind), c.RecordKey, c.LeftID, c.RightID, fields,
			string(c.Winner), c.LeftImage, c.RightImage, w.now); err != nil {
			return err
		}
		w.tally.Conflicts++
		if c.Kind != InitialDiffers {
			w.issue = "Conflict at " + c.RecordKey
		}
	}
	return nil
}

// delays puts errors and debts off, but for debts that were made due meanwhile.
func (w *commitWriter) delays() error {
	for _, d := range w.c.Delay {
		var err error
		if d.ErrorID != 0 {
			_, err = w.exec("UPDATE record_errors SET retry_at = ? WHERE id = ?", d.At, d.ErrorID)
		} else {
			_, err = w.exec("UPDATE owed SET due_at = ?, attempts = attempts + 1 WHERE link_id = ? AND NOT (due_at > ? AND due_at <= ?)", d.At, d.LinkID, w.began, w.now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *commitWriter) progress() error {
	p := w.c.Progress
	if p == nil {
		return nil
	}
	_, err := w.exec(`UPDATE executions SET state = ?, partitions = ?, "partition" = ?, "offset" = ?, left_total = ?, right_total = ?,
		left_read = left_read + ?, right_read = right_read + ?, left_created = left_created + ?, right_created = right_created + ?,
		left_updated = left_updated + ?, right_updated = right_updated + ?, equal = equal + ?, filtered = filtered + ?,
		left_failed = left_failed + ?, right_failed = right_failed + ?, done = done + ?,
		started_at = coalesce(started_at, ?), finished_at = ? WHERE id = ? AND state IN ('waiting', 'reading', 'writing')`,
		string(p.State), p.Partitions, p.Partition, p.Offset, p.LeftTotal, p.RightTotal,
		p.LeftRead, p.RightRead, p.LeftCreated, p.RightCreated, p.LeftUpdated, p.RightUpdated, p.Equal, p.Filtered,
		p.LeftFailed, p.RightFailed, p.Done, w.now, p.FinishedAt, p.ID)
	return err
}

// sums adds the differences to the map's kept counters.
func (w *commitWriter) sums() error {
	if w.c.Wrote {
		if _, err := w.exec("UPDATE entity_maps SET last_change_at = ? WHERE id = ?", w.now, w.c.MapID); err != nil {
			return err
		}
	}
	if w.issue != "" {
		if _, err := w.exec("UPDATE entity_maps SET last_issue = ?, last_issue_at = ? WHERE id = ?", w.issue, w.now, w.c.MapID); err != nil {
			return err
		}
	}
	return addTally(w.ctx, w.Store, w.tx, w.c.MapID, &w.tally)
}

// addTally adds differences to the counters of a map.
func addTally(ctx context.Context, s *Store, tx *sql.Tx, mapID int64, t *Tally) error {
	if *t == (Tally{}) {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.rebind(`UPDATE tallies SET captured = captured + ?, queued = queued + ?, written = written + ?, equal = equal + ?,
		folded = folded + ?, lost = lost + ?, filtered = filtered + ?, discarded = discarded + ?, error = error + ?,
		linked = linked + ?, open_errors = open_errors + ?, conflicts = conflicts + ? WHERE map_id = ?`,
	), t.Captured, t.Queued, t.Written, t.Equal, t.Folded, t.Lost, t.Filtered, t.Discarded, t.Error, t.Linked, t.OpenErrors, t.Conflicts, mapID)
	return err
}

// count is the counter of a fate.
func (t *Tally) count(f Fate) *int64 {
	switch f {
	case Written:
		return &t.Written
	case Equal:
		return &t.Equal
	case Folded:
		return &t.Folded
	case Lost:
		return &t.Lost
	case Filtered:
		return &t.Filtered
	case Discarded:
		return &t.Discarded
	case Errored:
		return &t.Error
	default:
		return &t.Queued
	}
}
