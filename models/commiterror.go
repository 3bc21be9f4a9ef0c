package models

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// fates moves queued changes to their fate; one that already has a fate keeps it.
func (w *commitWriter) fates() error {
	alike := map[Fate][]int64{}
	for _, f := range w.c.Fates {
		if f.Seq < 0 {
			continue // it was given by take
		}
		if f.Err == nil {
			alike[f.Fate] = append(alike[f.Fate], f.Seq)
		} else if err := w.fate(f.Fate, &f.Err.ID, []int64{f.Seq}); err != nil {
			return err
		}
	}
	for fate, seqs := range alike {
		if err := w.fate(fate, nil, seqs); err != nil {
			return err
		}
	}
	return nil
}

// fate gives queued changes a fate.
func (w *commitWriter) fate(fate Fate, errorID *int64, seqs []int64) error {
	return inLists(seqs, func(in string, list []any) error {
		n, err := w.exec("UPDATE changes SET fate = ?, fate_at = ?, error_id = ? WHERE fate = 'queued' AND seq"+in, append([]any{string(fate), w.now, errorID}, list...)...)
		w.tally.Queued -= n
		*w.tally.count(fate) += n
		return err
	})
}

// errors opens errors, or brings the open error of the same record up to date.
func (w *commitWriter) errors() error {
	for _, e := range w.c.Errors {
		e.MapID = w.c.MapID
		w.issue = e.RecordKey + ": " + e.Message
		var p pastTry
		err := w.tx.QueryRowContext(w.ctx, w.rebind(`SELECT id, parent_conn, parent, parent_key, attempts, retry_at FROM record_errors WHERE map_id = ? AND state = 'open'
			AND (left_id <> '' AND left_id = ? OR right_id <> '' AND right_id = ?) ORDER BY id LIMIT 1`), w.c.MapID, e.LeftID, e.RightID).Scan(
			&e.ID, &p.connectionID, &p.parent, &p.key, &p.tries, &p.due)
		if soon := w.due(p.of(e.ParentConn, e.Parent, e.ParentKey)); e.RetryAt != nil && soon.Before(*e.RetryAt) {
			e.RetryAt = &soon
		}
		switch {
		case errors.Is(err, sql.ErrNoRows):
			err = w.openError(e)
		case err == nil:
			err = w.updateError(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *commitWriter) openError(e *RecordError) error {
	others, err := othersText(e.Others)
	if err != nil {
		return err
	}
	w.tally.OpenErrors++
	return w.tx.QueryRowContext(w.ctx, w.rebind(`INSERT INTO record_errors (map_id, execution_id, stage, side, company, record_key, left_id, right_id,
		field, kind, message, parent, others, parent_key, parent_conn, left_image, right_image, first_at, last_at, retry_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`), e.MapID, e.ExecutionID, string(e.Stage), string(e.Side), e.Company,
		e.RecordKey, e.LeftID, e.RightID, e.Field, e.Kind, e.Message, e.Parent, others, e.ParentKey, e.ParentConn, e.LeftImage, e.RightImage,
		w.now, w.now, e.RetryAt).Scan(&e.ID)
}

func (w *commitWriter) updateError(e *RecordError) error {
	// Another open error may hold the record's other side, once two records turn
	// out to be one: this one takes its changes over.
	rows, err := w.tx.QueryContext(w.ctx, w.rebind(`UPDATE record_errors SET state = 'resolved', closed_at = ?, closed_by = ? WHERE map_id = ? AND state = 'open' AND id <> ?
		AND (left_id <> '' AND left_id = ? OR right_id <> '' AND right_id = ?) RETURNING id`), w.now, System, w.c.MapID, e.ID, e.LeftID, e.RightID)
	if err != nil {
		return err
	}
	merged, err := scanIDs(rows)
	if err != nil {
		return err
	}
	for _, id := range merged {
		w.tally.OpenErrors--
		if _, err := w.exec("UPDATE changes SET error_id = ? WHERE error_id = ? AND fate = 'error'", e.ID, id); err != nil {
			return err
		}
	}
	others, err := othersText(e.Others)
	if err != nil {
		return err
	}
	_, err = w.exec(`UPDATE record_errors SET side = ?, record_key = ?, left_id = ?, right_id = ?, field = ?, kind = ?, message = ?, parent = ?, others = ?, parent_key = ?,
		parent_conn = ?, left_image = ?, right_image = ?, last_at = ?, attempts = attempts + 1,
		retry_at = CASE WHEN retry_at > ? THEN retry_at ELSE ? END WHERE id = ?`, string(e.Side), e.RecordKey, e.LeftID, e.RightID, e.Field, e.Kind,
		e.Message, e.Parent, others, e.ParentKey, e.ParentConn, e.LeftImage, e.RightImage, w.now, e.SeenAt, e.RetryAt, e.ID)
	return err
}

// mend resolves the open errors of records that are in step now; the changes
// that waited for them are written.
func (w *commitWriter) mend() error {
	for _, m := range w.c.Mended {
		rows, err := w.tx.QueryContext(w.ctx, w.rebind(`UPDATE record_errors SET state = 'resolved', closed_at = ?, closed_by = ?, retry_at = NULL
			WHERE map_id = ? AND state = 'open' AND (left_id <> '' AND left_id = ? OR right_id <> '' AND right_id = ?) RETURNING id`),
			w.now, System, w.c.MapID, m.LeftID, m.RightID)
		if err != nil {
			return err
		}
		ids, err := scanIDs(rows)
		if err != nil {
			return err
		}
		for _, id := range ids {
			n, err := w.exec("UPDATE changes SET fate = 'written', fate_at = ?, error_id = NULL WHERE error_id = ? AND fate = 'error'", w.now, id)
			if err != nil {
				return err
			}
			w.tally.OpenErrors--
			w.tally.Error -= n
			w.tally.Written += n
		}
	}
	return nil
}

// debts stores and settles what is owed to records whose parent was missing. A
// link owes what it was found to owe last, and nothing else.
func (w *commitWriter) debts() error {
	for _, id := range w.c.Paid {
		if _, err := w.takeDebts(id); err != nil {
			return err
		}
	}
	before := map[int64]map[debtName]pastTry{}
	for _, d := range w.c.Owes {
		id := d.Link.ID
		if before[id] == nil {
			var err error
			if before[id], err = w.takeDebts(id); err != nil {
				return err
			}
		}
		try := before[id][debtName{d.Side, d.Field}].of(d.ConnectionID, d.Parent, d.ParentKey)
		others, err := othersText(d.Others)
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO owed (link_id, map_id, side, field, connection_id, parent, others, parent_key, due_at, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			id, w.c.MapID, string(d.Side), d.Field, d.ConnectionID, d.Parent, others, d.ParentKey, w.due(try), try.tries+1); err != nil {
			return err
		}
	}
	return nil
}

// debtName tells the debts of a link apart.
type debtName struct {
	side  Side
	field string
}

// pastTry is what is known of a debt, or an open error, from before.
type pastTry struct {
	connectionID int64
	parent, key  string // what it waited for
	tries        int
	due          sql.NullTime
}

// of is what the past says of waiting for a record: nothing, if that was for
// another one.
func (p pastTry) of(connectionID int64, parent, key string) pastTry {
	if p.connectionID != connectionID || p.parent != parent || p.key != key {
		return pastTry{}
	}
	return p
}

// takeDebts takes the debts of a link out of the store.
func (w *commitWriter) takeDebts(linkID int64) (map[debtName]pastTry, error) {
	rows, err := w.tx.QueryContext(w.ctx, w.rebind("DELETE FROM owed WHERE link_id = ? RETURNING side, field, connection_id, parent, parent_key, attempts, due_at"), linkID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	taken := map[debtName]pastTry{}
	for rows.Next() {
		var name debtName
		var p pastTry
		if err := rows.Scan(&name.side, &name.field, &p.connectionID, &p.parent, &p.key, &p.tries, &p.due); err != nil {
			return nil, err
		}
		taken[name] = p
	}
	return taken, rows.Err()
}

// due is when to try again what was tried before. What it waits for may have
// come after it was found missing and before this is stored: it was made due by
// that, after the step began, and stays so.
func (w *commitWriter) due(p pastTry) time.Time {
	if p.due.Valid && p.due.Time.After(w.began) && !p.due.Time.After(w.now) {
		return w.now
	}
	return w.now.Add(retryIn(p.tries))
}

// arrivals wakes what waits for one of the records that arrived, whichever map
// brought it.
func (w *commitWriter) arrivals() error {
	for _, a := range w.c.Arrived {
		if err := w.arrival(a, "parent <> '' AND parent = ?", a.Entity); err != nil {
			return err
		}
		if err := w.arrival(a, "others <> '' AND others LIKE ?", `%"`+a.Entity+`"%`); err != nil {
			return err
		}
	}
	return nil
}

// arrival wakes what waits for records in one of the places where their entity
// may stand; each has an index, by the condition that it is not empty. What is due already may be on its way, with the record found missing:
// it is made due anew, which tells its outcome (see due).
func (w *commitWriter) arrival(a Arrival, place, entity string) error {
	var awaited bool
	err := w.tx.QueryRowContext(w.ctx, w.rebind("SELECT EXISTS (SELECT 1 FROM owed WHERE connection_id = ? AND "+place+
		") OR EXISTS (SELECT 1 FROM record_errors WHERE state = 'open' AND parent_conn = ? AND "+place+")"),
		a.ConnectionID, entity, a.ConnectionID, entity).Scan(&awaited)
	if err != nil || !awaited {
		return err
	}
	return inLists(a.Keys(), func(in string, list []any) error {
		args := append([]any{w.now, a.ConnectionID, entity}, list...)
		if _, err := w.exec("UPDATE owed SET due_at = ? WHERE connection_id = ? AND "+place+" AND parent_key"+in, args...); err != nil {
			return err
		}
		_, err := w.exec("UPDATE record_errors SET retry_at = ? WHERE parent_conn = ? AND "+place+" AND state = 'open' AND parent_key"+in, args...)
		return err
	})
}

func scanIDs(rows *sql.Rows) ([]int64, error) {
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// othersText is how further entities of a lookup are stored.
func othersText(entities []string) (string, error) {
	if len(entities) == 0 {
		return "", nil
	}
	return jsonText(entities)
}

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	return string(b), nil
}
