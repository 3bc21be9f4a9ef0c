package sqlite

import (
	"context"

	"dualwrite/connectors"
)

// pruneChunk is how many log rows one transaction looks at: the app's own users
// wait for it.
const pruneChunk = 500

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
	step, err := s.column("SELECT pruned FROM "+captureName+" WHERE entity = ?"+
		" UNION ALL SELECT max(seq) FROM (SELECT seq FROM "+log+
		" WHERE seq > (SELECT pruned FROM "+captureName+" WHERE entity = ?) AND seq <= ? ORDER BY seq LIMIT ?)",
		[]any{f.table, f.table, to, pruneChunk})
	if err != nil || len(step) < 2 || step[1] == nil {
		return false, err
	}
	if err = f.drop(s, step[0], step[1]); err != nil {
		return false, err
	}
	_, err = s.exec("UPDATE "+captureName+" SET pruned = ? WHERE entity = ?", step[1], f.table)
	return step[1] != to, err
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
