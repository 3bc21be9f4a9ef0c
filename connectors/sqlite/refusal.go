package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"dualwrite/connectors"

	lib "modernc.org/sqlite/lib"
)

const danglingMessage = "the record refers to one that does not exist, or others refer to it"

// refusal tells a failure that is the record's own from one that ends the
// batch, which comes back as the error. Both nil: the record was to be created
// and another holds its key by now.
func (b *batch) refusal(ctx context.Context, w connectors.Write, err error) (*connectors.Error, error) {
	var e *connectors.Error
	if !errors.As(err, &e) {
		e = &connectors.Error{Kind: kindOf(code(err)), Message: words(err), Err: err}
		if e.Kind == connectors.Transient || e.Kind == connectors.Unreachable || e.Kind == connectors.Denied || !isSQLite(err) {
			return nil, err
		}
	}
	e.Op, e.Entity = "write", b.p.t.name
	if e.Kind == connectors.Duplicate && w.Op == connectors.Create {
		held, err := b.p.find(ctx, b.s, []connectors.Row{b.p.keyOf(w.Row)})
		if err != nil || len(held) > 0 {
			return nil, err
		}
	}
	if code(err) == lib.SQLITE_CONSTRAINT_FOREIGNKEY {
		missing, err := b.p.missingReference(ctx, b.s, w)
		if missing != nil || err != nil {
			return missing, err
		}
		e.Message = danglingMessage
		return e, nil
	}
	b.p.explain(e, w)
	return e, nil
}

// explain names the field of a violated constraint.
func (p *plan) explain(e *connectors.Error, w connectors.Write) {
	columns := []string{}
	if e.Err != nil {
		columns = failedColumns(e.Err, p.t.name)
	}
	if len(columns) == 0 {
		return
	}
	e.Field = p.spelled(columns[0])
	if pos := slices.Index(p.sel.Fields, e.Field); pos >= 0 && pos < len(w.Row) {
		e.Value = shown(w.Row[pos])
	}
	switch code(e.Err) {
	case lib.SQLITE_CONSTRAINT_NOTNULL:
		e.Message = fmt.Sprintf("%s must have a value", e.Field)
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		e.Message = fmt.Sprintf("another record already has %q as %s", e.Value, e.Field)
	}
}

// missingReference finds the first foreign key of the record, written by its
// own value, whose parent does not exist.
func (p *plan) missingReference(ctx context.Context, q querier, w connectors.Write) (*connectors.Error, error) {
	for i, f := range p.fields {
		ref := f.own().parent
		if ref == nil || !f.plain() || i >= len(w.Fields) || !w.Fields[i] {
			continue
		}
		arg, refusal := f.end().store(w.Row[i])
		if arg == nil || refusal != nil {
			continue
		}
		var there bool
		query := "SELECT 1 FROM " + from(ref.table) + " AS p WHERE p." + quote(ref.column) + " = ?"
		err := q.QueryRowContext(ctx, query, arg).Scan(&there)
		if errors.Is(err, sql.ErrNoRows) {
			key := w.Row[i].String()
			return &connectors.Error{Kind: connectors.MissingParent, Op: "write", Entity: p.t.name, Field: f.text,
				Parent: ref.table, ParentKey: key, Message: fmt.Sprintf("there is no %s with the key %q", ref.table, key)}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}
