package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"dualwrite/connectors"

	lib "modernc.org/sqlite/lib"
)

// errMoved says that a write's condition failed.
var errMoved = errors.New("the condition failed")

// rolledBack says that a record made SQLite roll the whole transaction back,
// as an app's trigger can.
type rolledBack struct {
	at  int
	err *connectors.Error
}

func (r *rolledBack) Error() string { return "the app rolled the whole batch back: " + r.err.Error() }

// Write stores a batch in one transaction, each record within a savepoint. A
// record that makes the app roll everything back is refused and the rest of the
// batch is written anew.
func (e *entity) Write(ctx context.Context, writes []connectors.Write) ([]connectors.Result, error) {
	if len(writes) == 0 {
		return nil, nil
	}
	refused := map[int]*connectors.Error{}
	for {
		results, err := e.attempt(ctx, writes, refused)
		var lost *rolledBack
		var commit *commitError
		switch {
		case errors.As(err, &lost):
			refused[lost.at] = lost.err
			continue
		case errors.As(err, &commit) && code(err) == lib.SQLITE_CONSTRAINT_FOREIGNKEY:
			return e.writeSingly(ctx, writes, err)
		}
		return results, err
	}
}

func (e *entity) attempt(ctx context.Context, writes []connectors.Write, refused map[int]*connectors.Error) ([]connectors.Result, error) {
	results := make([]connectors.Result, len(writes))
	err := e.c.write(ctx, "write", e.sel.Entity, func(ctx context.Context, s *session, cat *catalog) error {
		p, err := e.compiled(cat)
		if err != nil {
			return err
		}
		if len(refused) == 0 {
			if stored, err := p.bulkInsert(ctx, s, writes); err != nil || stored != nil {
				results = stored
				return err
			}
		}
		b, err := newBatch(ctx, s, p, writes)
		if err != nil {
			return err
		}
		for i, w := range writes {
			if err := ctx.Err(); err != nil {
				return err
			}
			if refused[i] != nil {
				results[i] = connectors.Result{Outcome: connectors.Refused, Err: refused[i]}
				continue
			}
			if results[i], err = b.write(ctx, i, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// writeSingly finds the record that a deferred foreign key refused, which shows
// only when the whole batch is committed.
func (e *entity) writeSingly(ctx context.Context, writes []connectors.Write, refusal error) ([]connectors.Result, error) {
	if len(writes) == 1 {
		r := &connectors.Error{Kind: connectors.Invalid, Op: "write", Entity: e.sel.Entity, Err: refusal, Message: danglingMessage}
		err := e.read(ctx, "write", func(ctx context.Context, q querier, p *plan) error {
			missing, err := p.missingReference(ctx, q, writes[0])
			if missing != nil {
				r = missing
			}
			return err
		})
		return []connectors.Result{{Outcome: connectors.Refused, Err: r}}, err
	}
	var results []connectors.Result
	for i := range writes {
		one, err := e.Write(ctx, writes[i:i+1])
		if err != nil && i > 0 { // some are stored by now, whatever the kind promises
			return nil, &connectors.Error{Kind: connectors.Transient, Op: "write", Entity: e.sel.Entity, Err: err}
		}
		if err != nil {
			return nil, err
		}
		results = append(results, one...)
	}
	return results, nil
}

// batch is a Write under way.
type batch struct {
	s *session
	p *plan
	// held is who holds an alternate key, by the folded key, as far as the keys
	// of this batch's creates are concerned.
	held map[string]map[string]bool
	log  bool // the entity's feed is on
}

func newBatch(ctx context.Context, s *session, p *plan, writes []connectors.Write) (*batch, error) {
	b := &batch{s: s, p: p, held: map[string]map[string]bool{}}
	b.log = p.logged()
	var keys []connectors.Row
	for _, w := range writes {
		if w.Op == connectors.Create && len(p.Sel.Key) > 0 {
			keys = append(keys, p.KeyOf(w.Row))
		}
	}
	found, err := p.find(ctx, s, keys)
	for _, r := range found {
		b.holds(r, true)
	}
	return b, err
}

// holds keeps book of who holds a key after a record was stored or removed.
func (b *batch) holds(r connectors.Record, yes bool) {
	key := b.p.Folded(b.p.KeyOf(r.Row))
	if b.held[key] == nil {
		b.held[key] = map[string]bool{}
	}
	if yes {
		b.held[key][r.ID] = true
	} else {
		delete(b.held[key], r.ID)
	}
}

// write stores one record. Its error ends the batch; a refusal is a Result.
func (b *batch) write(ctx context.Context, at int, w connectors.Write) (connectors.Result, error) {
	if _, err := b.s.exec("SAVEPOINT dualwrite_record"); err != nil {
		return connectors.Result{}, err
	}
	record, err := b.apply(w)
	if err == nil {
		_, err = b.s.exec("RELEASE dualwrite_record")
		return connectors.Result{Outcome: connectors.Stored, Record: record}, err
	}
	_, undone := b.s.exec("ROLLBACK TO dualwrite_record")
	if undone == nil {
		_, undone = b.s.exec("RELEASE dualwrite_record")
	}
	if errors.Is(err, errMoved) && undone == nil {
		return connectors.Result{Outcome: connectors.Moved}, nil
	}
	refusal, err := b.refusal(ctx, w, err)
	switch {
	case err != nil:
		return connectors.Result{}, err
	case undone != nil:
		return connectors.Result{}, &rolledBack{at, refusal}
	case refusal == nil:
		return connectors.Result{Outcome: connectors.Moved}, nil
	}
	return connectors.Result{Outcome: connectors.Refused, Err: refusal}, nil
}

func (b *batch) apply(w connectors.Write) (connectors.Record, error) {
	if b.p.Table.View {
		return connectors.Record{}, &connectors.Error{Kind: connectors.Invalid, Message: b.p.Table.Name + " is a view, which SQLite lets nobody write to"}
	}
	switch w.Op {
	case connectors.Create:
		return b.create(w)
	case connectors.Update:
		return b.update(w)
	case connectors.Delete:
		return connectors.Record{}, b.remove(w)
	}
	return connectors.Record{}, &connectors.Error{Kind: connectors.Invalid, Message: "there is no operation " + string(w.Op)}
}

// one reads a record by native id; false when it is not there.
func (b *batch) one(id string) (r connectors.Record, ok bool, err error) {
	args, ok := parseID(b.p.Table, id)
	if !ok {
		return r, false, nil
	}
	ok = false
	rows, err := b.s.rows(bound(b.p.Select(byID(b.p.Table, "t."))), args...)
	if err != nil {
		return r, false, err
	}
	err = b.p.records(rows, func(found connectors.Record) { r, ok = found, true })
	return r, ok, err
}

// returned runs a statement that returns a native id; false when it touched no
// row.
func (b *batch) returned(query string, args []any) (id string, ok bool, err error) {
	rows, err := b.s.rows(query, args...)
	if err != nil {
		return "", false, err
	}
	defer rows.Close()
	for rows.Next() {
		var text sql.NullString
		if err = rows.Scan(&text); err != nil {
			return "", false, err
		}
		id, ok = text.String, text.Valid
	}
	return id, ok, rows.Err()
}
