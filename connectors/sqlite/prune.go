package sqlite

import (
	"context"

	"dualwrite/connectors"
)

// pruneChunk is how many log rows one transaction looks at, and ownChunk how many
// of those that cost little: the app's own users wait for it.
const (
	pruneChunk = 500
	ownChunk   = 10_000
)

// Confirm prunes the log up to a cursor, in steps that let others write in
// between. What stays is the newest row of each record that exists, whose
// sequence is part of the record's version token, and the newest row of all,
// which the next sequence is counted from.
func (f *feed) Confirm(ctx context.Context, upTo connectors.Cursor) error {
	for {
		more := false
		err := f.c.write(ctx, "confirm", f.table, func(ctx context.Context, s *session, cat *catalog) error {
			to, err := f.position(ctx, s, cat, upTo)
			if err == nil {
				more, err = f.prune(s, to)
			}
			return err
		})
		if connectors.KindOf(err) == connectors.CursorExpired {
			return nil // forgotten already
		}
		if err != nil || !more {
			return err
		}
	}
}

// prune takes the next step towards a sequence and reports whether there is
// another to take.
func (f *feed) prune(s *session, to int64) (more bool, err error) {
	log := quote(logName(f.table))
	row, err := s.column("SELECT pruned FROM "+captureName+" WHERE entity = ?", []any{f.table})
	if err != nil || len(row) == 0 {
		return false, err
	}
	pruned, _ := row[0].(int64)
	reached, err := f.ownCreates(s, pruned, to)
	if err != nil {
		return false, err
	}
	if reached <= pruned {
		end, err := s.column("SELECT max(seq) FROM (SELECT seq FROM "+log+" WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?)", []any{pruned, to, pruneChunk})
		if err != nil || end[0] == nil {
			return false, err
		}
		reached, _ = end[0].(int64)
		if err = f.drop(s, pruned, reached); err != nil {
			return false, err
		}
	}
	_, err = s.exec("UPDATE "+captureName+" SET pruned = ? WHERE entity = ?", reached, f.table)
	return reached != to, err
}

// ownCreates tells up to which sequence the log, from one on that was looked at,
// holds nothing but creates of ours. There is nothing to drop among them: each is
// the newest row of its record, unless a row that is still to be looked at is, and
// what had the native id before ended with a delete.
func (f *feed) ownCreates(s *session, pruned, to int64) (int64, error) {
	ends, err := s.column("WITH rows AS (SELECT seq, op, origin FROM "+quote(logName(f.table))+" WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?)"+
		" SELECT coalesce(max(seq), 0) FROM rows WHERE seq < coalesce((SELECT min(seq) FROM rows WHERE op <> 'create' OR origin = ''), seq + 1)",
		[]any{pruned, to, ownChunk})
	if err != nil {
		return 0, err
	}
	reached, _ := ends[0].(int64)
	return reached, nil
}

// drop deletes what the log rows from ?1 to ?2 leave without a purpose. A row is
// superseded when a newer one tells of the same record, under this native id or
// as the id it had before. ?1 was looked at in the step before, but may have
// been the newest then.
func (f *feed) drop(s *session, begin, end any) error {
	log := quote(logName(f.table))
	window := " FROM " + log + " WHERE seq BETWEEN ?1 AND ?2"
	newest := " AND seq < (SELECT max(seq) FROM " + log + ")"
	if _, err := s.exec("DELETE"+window+" AND id IS NULL"+newest, begin, end); err != nil {
		return err
	}
	_, err := s.exec("DELETE FROM "+log+" AS l WHERE l.id IN (SELECT id"+window+" UNION SELECT old_id"+window+") AND l.seq <= ?2"+newest+
		" AND (l.op = 'delete' OR EXISTS (SELECT 1 FROM "+log+" AS n WHERE n.id = l.id AND n.seq > l.seq)"+
		" OR EXISTS (SELECT 1 FROM "+log+" AS n WHERE n.old_id = l.id AND n.seq > l.seq AND n.seq BETWEEN ?1 AND ?2))", begin, end)
	return err
}
