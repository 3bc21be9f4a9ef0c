package mysql

import (
	"context"
	"errors"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	mysql "github.com/go-sql-driver/mysql"
)

// refuse makes a statement's failure the refusal of its only record. The server
// names columns and constraints in its words only; here they are found by the
// catalog. A create whose key somebody holds by now has moved.
func (b *batch) refuse(ctx context.Context, it *item, cause error) error {
	e := &connectors.Error{Kind: kindOf(number(cause)), Err: cause}
	var said *mysql.MySQLError
	if errors.As(cause, &said) {
		e.Message = said.Message
	}
	it.refuse(e)
	switch number(cause) {
	case duplicateEntry:
		return b.explainDuplicate(ctx, it, e)
	case parentMissing:
		return b.explainParent(ctx, it)
	case childrenExist:
		e.Message = "other records refer to this one"
	case nullNotAllowed, noDefault:
		b.explainNull(it, e)
	case tooLong, outOfRange:
		e.Limit = said.Message
		b.explainValue(it, e)
	}
	return nil
}

// explainNull names the first required column that the record leaves empty.
func (b *batch) explainNull(it *item, e *connectors.Error) {
	for i := range b.p.Table.Columns {
		c := &b.p.Table.Columns[i]
		at := slices.Index(it.columns, c.Pos)
		empty := at >= 0 && it.args[at] == nil || at < 0 && it.w.Op == connectors.Create && !c.HasDefault
		if c.Required && !c.Assigned && empty {
			e.Field = b.p.Spelled(c.Name)
			e.Message = e.Field + " must have a value"
			return
		}
	}
}

// explainValue names the only field that could be the one at fault.
func (b *batch) explainValue(it *item, e *connectors.Error) {
	if len(it.columns) != 1 {
		return
	}
	e.Field = b.p.Spelled(b.p.Table.Columns[it.columns[0]].Name)
	if i := b.p.Position(b.p.Table.Columns[it.columns[0]].Name); i >= 0 {
		e.Value = sqlcore.Shown(it.w.Row[i])
	}
}

// explainDuplicate finds the unique index that another record fills.
func (b *batch) explainDuplicate(ctx context.Context, it *item, e *connectors.Error) error {
	if it.w.Op == connectors.Create && it.key != "" {
		if err := b.dropHeld(ctx, []*item{it}); err != nil || !it.open() {
			it.refusal = nil
			return err
		}
	}
	indexes := append([]sqlcore.Unique{{Columns: b.p.Table.Key}}, b.p.Table.Uniques...)
	for _, u := range indexes {
		text, args := b.p.D.From(b.p.Table)+" AS t", []any(nil)
		var conditions []string
		touched := it.w.Op == connectors.Create
		for _, pos := range u.Columns {
			c := &b.p.Table.Columns[pos]
			at := slices.Index(it.columns, pos)
			if at < 0 {
				if it.w.Op == connectors.Create {
					conditions = append(conditions, "1 = 0")
				} else {
					own := "(SELECT o." + quote(c.Name) + " FROM " + b.p.D.From(b.p.Table) + " AS o WHERE " + b.p.Table.IDEquals(b.p.D, "o.", sqlcore.Mark) + ")"
					conditions = append(conditions, "t."+quote(c.Name)+" = "+own)
					args = append(args, it.id...)
				}
				continue
			}
			touched = true
			conditions = append(conditions, "t."+quote(c.Name)+" = "+b.p.D.Operand(c, sqlcore.Mark))
			args = append(args, it.args[at])
		}
		if !touched {
			continue
		}
		row, err := b.l.row(ctx, "SELECT 1 FROM "+text+" WHERE "+strings.Join(conditions, " AND ")+" LIMIT 1", args...)
		if err != nil {
			return err
		}
		if row != nil {
			b.nameDuplicate(it, e, u)
			return nil
		}
	}
	return nil
}

func (b *batch) nameDuplicate(it *item, e *connectors.Error, u sqlcore.Unique) {
	var values []string
	for _, pos := range u.Columns {
		name := b.p.Table.Columns[pos].Name
		i := b.p.Position(name)
		if at := slices.Index(it.columns, pos); at < 0 || i < 0 {
			continue
		}
		if e.Field == "" {
			e.Field = b.p.Spelled(name)
		}
		values = append(values, sqlcore.Shown(it.w.Row[i]))
	}
	e.Value = strings.Join(values, " | ")
	e.Message = "another record already has " + quoted(e.Value) + " as " + e.Field
	if c := &b.p.Table.Columns[u.Columns[0]]; c.Fold.Case {
		e.Message += ", as the collation " + c.Collation + " compares"
	}
}

// explainParent finds the foreign key, written by its own value, whose parent
// does not exist.
func (b *batch) explainParent(ctx context.Context, it *item) error {
	for i, f := range b.p.Fields {
		ref := f.Own().Parent
		at := slices.Index(it.columns, f.Own().Pos)
		if ref == nil || !f.Plain() || at < 0 || it.args[at] == nil {
			continue
		}
		parent, err := b.p.Catalog.Table(ref.Table)
		if err != nil {
			return err
		}
		end, _ := parent.Column(ref.Column)
		row, err := b.l.row(ctx, "SELECT 1 FROM "+b.p.D.From(parent)+" AS p WHERE p."+quote(end.Name)+" = "+b.p.D.Operand(end, sqlcore.Mark), it.args[at])
		if err != nil {
			return err
		}
		if row == nil {
			key := it.w.Row[i].String()
			it.missing = &connectors.Error{Kind: connectors.MissingParent, Field: f.Text, Parent: ref.Table, ParentKey: key,
				Message: "there is no " + ref.Table + " with the key " + quoted(key)}
			return nil
		}
	}
	it.refusal.Message = "the record refers to one that does not exist"
	return nil
}
