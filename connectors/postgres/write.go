package postgres

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5/pgconn"
)

// tries is how often a batch is sent that the server gave up because of other
// transactions.
const tries = 6

// Write stores a batch in one transaction. When a record makes it fail, the
// batch is halved until that record is alone, and the rest is stored. A create
// succeeds only while no record holds its key: where no unique constraint of the
// app says so, that holds against every writer that goes through Dualwrite, but
// not against a user who enters the same key in the same moment.
func (e *entity) Write(ctx context.Context, writes []connectors.Write) (results []connectors.Result, err error) {
	if len(writes) == 0 {
		return nil, nil
	}
	err = e.c.do(ctx, "write", e.sel.Entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		return e.planned(ctx, conn, func(p *plan) error {
			results, err = p.write(ctx, conn, writes)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func (p *plan) write(ctx context.Context, conn *pgconn.PgConn, writes []connectors.Write) ([]connectors.Result, error) {
	for try := 1; ; try++ {
		results, err := p.attempt(ctx, conn, writes)
		if err == nil || !passing(err) || try == tries {
			return results, err
		}
		if err := query(ctx, conn, "ROLLBACK", nil, nil); err != nil {
			return nil, err
		}
		if err := pause(ctx, time.Duration(rand.Int64N(int64(5*time.Millisecond)<<try))); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *plan) attempt(ctx context.Context, conn *pgconn.PgConn, writes []connectors.Write) ([]connectors.Result, error) {
	if results, err := p.tryCopy(ctx, conn, writes); results != nil || err != nil {
		return results, err
	}
	b := newBatch(p, conn, writes)
	if slices.ContainsFunc(b.items, func(it *item) bool { return it.refusal != nil }) {
		// A limit may be another by now.
		if reformed, err := p.rel.reformed(ctx, conn); err != nil || reformed {
			return nil, cmp.Or(err, errTypeChanged)
		}
	}
	err := b.whole(ctx)
	if err != nil && p.ofRecord(err) {
		err = b.apart(ctx)
	}
	if err != nil {
		return nil, err
	}
	results := make([]connectors.Result, len(b.items))
	for i, it := range b.items {
		results[i] = b.result(it)
	}
	return results, nil
}

// ofRecord tells a failure that one record may have caused from one of the
// call. Whatever a function of the app fails with is the record's.
func (p *plan) ofRecord(err error) bool {
	var pg *pgconn.PgError
	if errors.Is(err, errMisplaced) {
		return true
	}
	if !errors.As(err, &pg) || pg.SeverityUnlocalized != "ERROR" || passing(err) {
		return false
	}
	switch pg.Code[:2] {
	case "53", "57", "58", "08", "25", "28", "3D", "XX":
		return false
	case "42":
		return pg.Where != "" || pg.Code == insufficientRights && p.rel.rowSecurity
	}
	return true
}

// result says what became of an item, once the batch is stored.
func (b *batch) result(it *item) connectors.Result {
	now, there := b.found[it.w.ID]
	if it.stored {
		now, there = b.found[it.storedID]
	}
	moved := connectors.Result{Outcome: connectors.Moved}
	stale := it.w.If != "" && now.Version != it.w.If
	switch {
	case it.w.Op == connectors.Delete && (it.stored || !there && it.refusal == nil):
		return connectors.Result{Outcome: connectors.Stored}
	case it.stored && there:
		return connectors.Result{Outcome: connectors.Stored, Record: now}
	case it.stored && b.removedLater(it):
		return connectors.Result{Outcome: connectors.Stored, Record: connectors.Record{ID: it.storedID, Row: make(connectors.Row, len(b.p.Fields))}}
	case it.stored:
		return b.refused(&connectors.Error{Kind: connectors.Invalid, Message: "the app does not keep the record"})
	case it.held || it.w.Op != connectors.Create && (!there || stale):
		return moved
	case it.absent >= 0:
		return b.refused(b.p.missing(it))
	case it.refusal != nil:
		return b.refused(it.refusal)
	case it.w.Op == connectors.Update && it.idle():
		return connectors.Result{Outcome: connectors.Stored, Record: now} // nothing was to be written
	case it.w.Op == connectors.Delete:
		return b.refused(&connectors.Error{Kind: connectors.Invalid, Message: "the app keeps the record"})
	}
	return b.refused(&connectors.Error{Kind: connectors.Invalid, Message: "the app does not take the change"})
}

func (b *batch) refused(e *connectors.Error) connectors.Result {
	e.Op, e.Entity = "write", b.p.Table.Name
	return connectors.Result{Outcome: connectors.Refused, Err: e}
}

// removedLater reports whether a later write of the batch took the record away
// again, or gave it another native id.
func (b *batch) removedLater(it *item) bool {
	for _, later := range b.items[it.at+1:] {
		if later.stored && later.w.ID == it.storedID {
			return true
		}
	}
	return false
}
