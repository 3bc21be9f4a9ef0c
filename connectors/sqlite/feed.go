package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// feed is the change feed of one table.
type feed struct {
	c     *connector
	table string
}

// Start installs the capture in one transaction. Triggers that are missing or
// no longer fit the table mean that changes went by unseen: the log then begins
// anew and cursors from before expire.
func (f *feed) Start(ctx context.Context) (cursor connectors.Cursor, err error) {
	err = f.c.write(ctx, "start feed", f.table, func(ctx context.Context, s *session, cat *catalog) error {
		t, err := cat.Table(f.table)
		if err != nil {
			return err
		}
		if !cat.current(t) {
			if err := f.install(ctx, s, cat, t); err != nil {
				return err
			}
		}
		end, err := f.end(s)
		cursor = toCursor(end)
		return err
	})
	return cursor, err
}

func (f *feed) install(ctx context.Context, s *session, cat *catalog, t *sqlcore.Table) error {
	var script []string
	if _, there := cat.installed[captureName]; !there {
		script = append(script, "CREATE TABLE "+captureName+" (entity TEXT PRIMARY KEY, pruned INTEGER NOT NULL)")
	}
	if _, there := cat.installed[logName(t.Name)]; !there {
		script = append(script, logTable(t.Name)...)
	}
	if t.View {
		script = append(script, imageTable(t.Name)...)
	} else {
		for _, tr := range triggers(t) {
			script = append(script, "DROP TRIGGER IF EXISTS "+quote(tr.name), tr.sql)
		}
	}
	if err := s.script(script); err != nil {
		return err
	}
	if t.View {
		c, err := cat.comparison(t.Name)
		if err == nil {
			err = c.begin(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	log := quote(logName(t.Name))
	_, err := s.exec("INSERT INTO "+log+" (seq, op) SELECT max(?, coalesce(max(seq), 0) + 1), ? FROM "+log, time.Now().UnixMicro(), opStart)
	if err != nil {
		return err
	}
	_, err = s.exec("INSERT OR REPLACE INTO "+captureName+" (entity, pruned) SELECT ?, max(seq) FROM "+log, t.Name)
	return err
}

// script runs statements once, without keeping them prepared.
func (s *session) script(statements []string) error {
	for _, text := range statements {
		if _, err := s.conn.ExecContext(context.Background(), text); err != nil {
			return err
		}
	}
	return nil
}

// Stop removes the capture, and the table that all captures share with the last
// of them. It works for a table that the app has dropped or renamed too.
func (f *feed) Stop(ctx context.Context) error {
	return f.c.write(ctx, "stop feed", f.table, func(_ context.Context, s *session, cat *catalog) error {
		var script []string
		for _, name := range triggerNames(f.table) {
			script = append(script, "DROP TRIGGER IF EXISTS "+quote(name))
		}
		script = append(script, "DROP TABLE IF EXISTS "+quote(logName(f.table)), "DROP TABLE IF EXISTS "+quote(imageName(f.table)))
		if err := s.script(script); err != nil {
			return err
		}
		if _, there := cat.installed[captureName]; !there {
			return nil
		}
		if _, err := s.exec("DELETE FROM "+captureName+" WHERE entity = ?", f.table); err != nil {
			return err
		}
		left, err := s.column("SELECT count(*) FROM "+captureName, nil)
		if err != nil || left[0] != int64(0) {
			return err
		}
		return s.script([]string{"DROP TABLE " + captureName})
	})
}

// Changes reads the log. Sequences are given out under SQLite's one write lock,
// so they appear in the order of commits and none appears late. A view is compared
// first when its log has no more.
func (f *feed) Changes(ctx context.Context, since connectors.Cursor, most int) (batch []connectors.Change, next connectors.Cursor, caughtUp bool, err error) {
	next = since
	most = max(most, 1)
	rows := 0
	if err = f.compareAt(ctx, since); err != nil {
		return nil, "", false, err
	}
	err = f.c.read(ctx, "changes", f.table, func(ctx context.Context, q querier, cat *catalog) error {
		from, err := f.position(ctx, q, cat, since)
		if err != nil {
			return err
		}
		query := "SELECT seq, op, old_id, id, coalesce(key, ''), origin, at FROM " + quote(logName(f.table)) + " WHERE seq > ? ORDER BY seq LIMIT ?"
		return each(ctx, q, query, func(r *sql.Rows) error {
			seq, change, ok, err := readChange(r)
			if ok {
				batch = append(batch, change)
			}
			next = toCursor(seq)
			rows++
			return err
		}, from, most)
	})
	if err != nil {
		return nil, "", false, err
	}
	return batch, next, rows < most, nil
}

// readChange reads one log row. A record that loses or gains its native id, of
// which a part may be null, leaves or enters what we see; false when it was
// never seen.
func readChange(r *sql.Rows) (seq int64, c connectors.Change, ok bool, err error) {
	var op string
	var oldID, id sql.NullString
	var at sql.NullInt64
	if err := r.Scan(&seq, &op, &oldID, &id, &c.Key, &c.Origin, &at); err != nil {
		return 0, c, false, err
	}
	c.Op, c.ID, c.OldID, c.At = connectors.Op(op), id.String, oldID.String, time.UnixMilli(at.Int64).UTC()
	switch {
	case op == opStart || !id.Valid && !oldID.Valid:
		return seq, c, false, nil
	case !id.Valid:
		c.Op, c.ID, c.OldID = connectors.Delete, oldID.String, ""
	}
	return seq, c, true, nil
}

// position checks a cursor against what the log still holds. One beyond its end
// comes from a log that is no more, such as the app's before an old backup was
// put back.
func (f *feed) position(ctx context.Context, q querier, cat *catalog, cursor connectors.Cursor) (int64, error) {
	expired := &connectors.Error{Kind: connectors.CursorExpired, Message: "changes since " + string(cursor) + " are not known any more"}
	if !cat.captures(f.table) {
		return 0, expired
	}
	seq, err := strconv.ParseInt(string(cursor), 10, 64)
	if err != nil {
		return 0, expired
	}
	var pruned, end int64
	query := "SELECT coalesce((SELECT pruned FROM " + captureName + " WHERE entity = ?), 0), coalesce((SELECT max(seq) FROM " + quote(logName(f.table)) + "), 0)"
	if err := q.QueryRowContext(ctx, query, f.table).Scan(&pruned, &end); err != nil {
		return 0, err
	}
	if seq < pruned || seq > end {
		return 0, expired
	}
	return seq, nil
}

func (f *feed) end(s *session) (int64, error) {
	end, err := s.column("SELECT max(seq) FROM "+quote(logName(f.table)), nil)
	if err != nil {
		return 0, err
	}
	seq, _ := end[0].(int64)
	return seq, nil
}

func toCursor(seq int64) connectors.Cursor { return connectors.Cursor(strconv.FormatInt(seq, 10)) }
