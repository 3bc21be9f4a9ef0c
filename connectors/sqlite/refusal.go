package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

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
		if !isSQLite(err) || !ofRecord(code(err)) {
			return nil, err
		}
	}
	e.Op, e.Entity = "write", b.p.Table.Name
	if e.Kind == connectors.Duplicate && w.Op == connectors.Create {
		held, err := b.p.find(ctx, b.s, []connectors.Row{b.p.KeyOf(w.Row)})
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

// ofRecord reports whether a statement that fails with a code does so because of
// its record.
func ofRecord(code int) bool {
	switch kindOf(code) {
	case connectors.Transient, connectors.Unreachable, connectors.Denied:
		return false
	}
	return true
}

// explain names the field of a violated constraint.
func (p *plan) explain(e *connectors.Error, w connectors.Write) {
	columns := []string{}
	if e.Err != nil {
		columns = failedColumns(e.Err, p.Table.Name)
	}
	if len(columns) == 0 {
		return
	}
	e.Field = p.Spelled(columns[0])
	if pos := slices.Index(p.Sel.Fields, e.Field); pos >= 0 && pos < len(w.Row) {
		e.Value = sqlcore.Shown(w.Row[pos])
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
	for i, f := range p.Fields {
		ref := f.Own().Parent
		if ref == nil || !f.Plain() || i >= len(w.Fields) || !w.Fields[i] {
			continue
		}
		arg, refusal := store(f.End(), w.Row[i])
		if arg == nil || refusal != nil {
			continue
		}
		var there bool
		query := "SELECT 1 FROM " + from(ref.Table) + " AS p WHERE p." + quote(ref.Column) + " = ?"
		err := q.QueryRowContext(ctx, query, arg).Scan(&there)
		if errors.Is(err, sql.ErrNoRows) {
			key := w.Row[i].String()
			return &connectors.Error{Kind: connectors.MissingParent, Op: "write", Entity: p.Table.Name, Field: f.Text,
				Parent: ref.Table, ParentKey: key, Message: fmt.Sprintf("there is no %s with the key %q", ref.Table, key)}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}
