package sqlite

import (
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/google/uuid"
)

func (b *batch) create(w connectors.Write) (connectors.Record, error) {
	if k, ok := b.p.comparable(b.p.KeyOf(w.Row)); ok && len(b.held[b.p.Folded(k.row)]) > 0 {
		return connectors.Record{}, errMoved
	}
	set, err := b.assignments(w, nil)
	if err != nil {
		return connectors.Record{}, err
	}
	if key := b.p.Table.SingleKey(); b.p.cat.makesID[b.p.Table] && !set.has(key) {
		set.add(key, uuid.NewString())
	}
	into := " DEFAULT VALUES"
	if len(set.columns) > 0 {
		into = " (" + strings.Join(set.columns, ", ") + ") VALUES (" + bound(sqlcore.Marks(len(set.columns))) + ")"
	}
	return b.statement(w, nil, "INSERT INTO "+from(b.p.Table.Name)+into, set.args)
}

func (b *batch) update(w connectors.Write) (connectors.Record, error) {
	now, there, err := b.one(w.ID)
	if err != nil {
		return now, err
	}
	if !there || w.If != "" && w.If != now.Version {
		return now, errMoved
	}
	set, err := b.assignments(w, &now)
	if err != nil || len(set.columns) == 0 {
		return now, err
	}
	id, _ := parseID(b.p.Table, w.ID)
	query := "UPDATE " + from(b.p.Table.Name) + " AS t SET " + strings.Join(set.columns, " = ?, ") + " = ? WHERE " + byID(b.p.Table, "t.")
	return b.statement(w, &now, query, append(set.args, id...))
}

func (b *batch) remove(w connectors.Write) error {
	now, there, err := b.one(w.ID)
	if err != nil || !there {
		return err
	}
	if w.If != "" && w.If != now.Version {
		return errMoved
	}
	end, err := b.logEnd()
	if err != nil {
		return err
	}
	id, _ := parseID(b.p.Table, w.ID)
	if _, err = b.s.exec("DELETE FROM "+from(b.p.Table.Name)+" AS t WHERE "+byID(b.p.Table, "t."), id...); err != nil {
		return err
	}
	if _, there, err = b.one(w.ID); err != nil {
		return err
	} else if there {
		return &connectors.Error{Kind: connectors.Invalid, Message: "the app keeps the record"}
	}
	b.holds(now, false)
	return b.mark(w, end, now.ID, "")
}

// statement runs an insert or update of one record and reads back what the app
// made of it, its triggers included. Before is the record as it was, nil for a
// create.
func (b *batch) statement(w connectors.Write, before *connectors.Record, query string, args []any) (connectors.Record, error) {
	end, err := b.logEnd()
	if err != nil {
		return connectors.Record{}, err
	}
	id, ok, err := b.returned(query+" RETURNING "+b.p.Table.IDSQL(dialect{}, ""), args)
	if err != nil {
		return connectors.Record{}, err
	}
	var after connectors.Record
	if ok {
		former := ""
		if before != nil && before.ID != id {
			former = before.ID
		}
		if err = b.mark(w, end, id, former); err != nil {
			return connectors.Record{}, err
		}
		after, ok, err = b.one(id)
	}
	if err == nil && !ok {
		err = &connectors.Error{Kind: connectors.Invalid, Message: "the app does not keep the record"}
	}
	if err != nil {
		return connectors.Record{}, err
	}
	if before != nil {
		b.holds(*before, false)
	}
	b.holds(after, true)
	return after, nil
}

// logEnd is the sequence of the newest log row, 0 while the feed is off.
func (b *batch) logEnd() (end int64, err error) {
	if !b.log {
		return 0, nil
	}
	stmt, err := b.s.prepared("SELECT coalesce(max(seq), 0) FROM " + from(logName(b.p.Table.Name)))
	if err != nil {
		return 0, err
	}
	err = stmt.QueryRow().Scan(&end)
	return end, err
}

// mark puts the origin on the log row that the statement itself caused (I11).
// What the app's triggers and cascades did to other rows stays without one. If
// they wrote the same row once more, nothing tells which of the changes is ours,
// and none is marked: a mark only saves a read.
func (b *batch) mark(w connectors.Write, end int64, id, former string) error {
	if !b.log || w.Mark == "" {
		return nil
	}
	log := from(logName(b.p.Table.Name))
	_, err := b.s.exec("UPDATE "+log+" SET origin = ? WHERE seq = (SELECT CASE WHEN count(*) = 1 THEN max(l.seq) END FROM "+log+" AS l"+
		" WHERE l.seq > ? AND l.op = ? AND +l.id = ? AND coalesce(l.old_id, '') = ?)", w.Mark, end, string(w.Op), id, former)
	return err
}

// byID is the condition that finds one record by its native id.
func byID(t *sqlcore.Table, prefix string) string {
	return strings.Join(t.IDColumns(dialect{}, prefix), " = ? AND ") + " = ?"
}
