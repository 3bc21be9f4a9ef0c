package postgres

import (
	"context"
	"fmt"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
)

// apartPatience is how long a record that is looked for among others may wait
// for a lock: it is known to be held for longer.
const apartPatience = "50ms"

// apart stores what can be stored: a part of the batch that fails is rolled back
// and halved, down to the one record at fault.
func (b *batch) apart(ctx context.Context) error {
	clear(b.found)
	var p pipeline
	p.add("ROLLBACK", nil, nil)
	p.add("BEGIN", nil, nil)
	p.add("SET LOCAL lock_timeout = '"+apartPatience+"'", nil, nil)
	p.byIndex()
	b.lock(&p)
	if err := p.run(ctx, b.conn); err != nil {
		return err
	}
	if err := b.part(ctx, b.items); err != nil {
		return err
	}
	return b.finish(ctx)
}

func (b *batch) part(ctx context.Context, items []*item) error {
	err := b.tryPart(ctx, items)
	if err == nil || !b.p.ofRecord(err) {
		return err
	}
	if undo := query(ctx, b.conn, "ROLLBACK TO SAVEPOINT dualwrite_part", nil, nil); undo != nil {
		return undo
	}
	b.forget(items)
	if len(items) == 1 {
		return b.refuse(ctx, items[0], err)
	}
	half := len(items) / 2
	if err := b.part(ctx, items[:half]); err != nil {
		return err
	}
	return b.part(ctx, items[half:])
}

// forget drops what items had answered before they were rolled back. Others that
// wrote the same record are read back.
func (b *batch) forget(items []*item) {
	for _, it := range items {
		delete(b.found, it.storedID)
	}
	for _, it := range b.items {
		_, there := b.found[it.storedID]
		it.answered = it.answered && there
	}
}

func (b *batch) tryPart(ctx context.Context, items []*item) error {
	var p pipeline
	p.add("SAVEPOINT dualwrite_part", nil, nil)
	b.write(&p, items)
	b.listen(&p)
	if err := p.run(ctx, b.conn); err != nil {
		return err
	}
	if err := b.settle(ctx, items); err != nil {
		return err
	}
	var end pipeline
	b.p.mark(&end, "")
	end.add("SET CONSTRAINTS ALL IMMEDIATE", nil, nil)
	end.add("RELEASE SAVEPOINT dualwrite_part", nil, nil)
	return end.run(ctx, b.conn)
}

// refuse notes why the server refuses one record. A create whose key somebody
// else has taken meanwhile has only lost its condition.
func (b *batch) refuse(ctx context.Context, it *item, err error) error {
	it.reset()
	e := b.p.explain(it, err)
	if e.Kind == connectors.Duplicate && it.w.Op == connectors.Create {
		key := b.p.KeyOf(it.w.Row)
		if err := b.p.find(ctx, b.conn, []connectors.Row{key}, func(connectors.Record) { it.held = true }); err != nil {
			return err
		}
	}
	it.refusal = e
	return nil
}

// explain makes an error of the server one of the record, and names the field
// of a violated constraint.
func (p *plan) explain(it *item, err error) *connectors.Error {
	var pg *pgconn.PgError
	if e, ok := err.(*pgconn.PgError); ok {
		pg = e
	} else {
		return &connectors.Error{Kind: connectors.Invalid, Message: "the app does not keep the record", Err: err}
	}
	e := &connectors.Error{Kind: kindOf(pg.Code), Message: pg.Message, Err: err}
	switch e.Kind {
	case connectors.Internal, connectors.Denied, connectors.NoEntity, connectors.Unreachable:
		e.Kind = connectors.Invalid
	}
	own := pg.SchemaName == p.Table.Schema && pg.TableName == p.Table.Base
	columns := p.rel.constraints[pg.ConstraintName]
	if c, ok := p.Table.Column(pg.ColumnName); ok && pg.ColumnName != "" {
		columns = []int{c.Pos}
	}
	if !own || len(columns) == 0 {
		return e
	}
	at := p.culprit(it, columns)
	e.Field = p.Spelled(p.Table.Columns[columns[0]].Name)
	value := connectors.Value{}
	if at >= 0 {
		e.Field, value = p.Sel.Fields[at], it.w.Row[at]
		e.Value = sqlcore.Shown(value)
	}
	switch pg.Code {
	case notNullViolation:
		e.Message = e.Field + " must have a value"
	case uniqueViolation:
		e.Message = fmt.Sprintf("another record already has %q as %s", e.Value, e.Field)
	case foreignKeyViolation:
		if ref := p.Table.Columns[columns[0]].Parent; ref != nil && len(columns) == 1 && it.w.Op != connectors.Delete {
			return &connectors.Error{Kind: connectors.MissingParent, Field: e.Field, Parent: ref.Table, ParentKey: value.String(),
				Message: fmt.Sprintf("there is no %s with the key %q", ref.Table, value.String()), Err: err}
		}
	}
	return e
}

// culprit is the position of the first written field that is one of a
// constraint's columns, -1 when none is.
func (p *plan) culprit(it *item, columns []int) int {
	for i, f := range p.Fields {
		if it.set[i] && slices.Contains(columns, f.Own().Pos) {
			return i
		}
	}
	return -1
}
