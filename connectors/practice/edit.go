package practice

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	driver "modernc.org/sqlite"
)

// FieldError is a record that an app does not take: what is wrong, and with
// which field, "" where the rule names none.
type FieldError struct {
	Field   string
	Message string
}

func (e *FieldError) Error() string { return strings.TrimPrefix(e.Field+": "+e.Message, ": ") }

// Save stores the given fields of a record, by column; nil empties a field. A
// new record has the id "" and gets one. Lookups are given as the key of the
// parent. Fails with *FieldError when the app refuses, ErrNoRecord when the
// record is gone.
func (b *Browser) Save(ctx context.Context, side int, t *Table, id string, values map[string]*string) (string, error) {
	a := b.apps[side]
	tx, err := a.db.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("save in %s: %w", t.Name, err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	company, err := b.companyOf(ctx, tx, t, id, values)
	if err != nil {
		return "", err
	}
	var names []string
	var args []any
	for _, c := range t.Columns {
		text, given := values[c.Name]
		if !given || c.Primary {
			continue
		}
		arg, err := b.argument(ctx, tx, side, c, company, text)
		if err != nil {
			return "", err
		}
		names, args = append(names, quoted(c.Name)), append(args, arg)
	}
	if len(names) == 0 && id != "" {
		return id, nil
	}
	if id == "" {
		id, err = t.insert(ctx, tx, names, args)
	} else {
		err = t.update(ctx, tx, id, names, args)
	}
	if err == nil {
		err = tx.Commit()
	}
	return id, t.refusal(err)
}

// companyOf is the legal entity that a record's lookups resolve in, as the app
// keeps it.
func (b *Browser) companyOf(ctx context.Context, tx *sql.Tx, t *Table, id string, values map[string]*string) (any, error) {
	if t.company == "" {
		return nil, nil
	}
	if code, given := values[t.company]; given {
		if code == nil {
			return nil, nil
		}
		var company string
		err := tx.QueryRowContext(ctx, "SELECT cdm_companyid FROM cdm_companies WHERE cdm_companycode = ?", *code).Scan(&company)
		if err != nil {
			return nil, nil //nolint:nilerr // the left app has no such table, and a missing company is told of its own field
		}
		return company, nil
	}
	var company any
	err := tx.QueryRowContext(ctx, "SELECT "+quoted(t.company)+" FROM "+quoted(t.Name)+" WHERE "+quoted(t.primary)+" = ?", id).Scan(&company)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s %s: %w", t.Name, id, ErrNoRecord)
	}
	return company, err
}

// argument is a typed text as the app keeps it.
func (b *Browser) argument(ctx context.Context, tx *sql.Tx, side int, c Column, company any, text *string) (any, error) {
	if text == nil {
		return nil, nil
	}
	if p, err := b.Table(side, c.Parent); err == nil {
		return p.find(ctx, tx, c.Name, *text, company)
	}
	switch kind, _, _ := strings.Cut(c.Type, "("); kind {
	case "INTEGER", "BOOLEAN":
		n, err := strconv.ParseInt(*text, 10, 64)
		if err != nil {
			return nil, &FieldError{c.Name, "is a whole number"}
		}
		return n, nil
	case "DECIMAL":
		if _, err := strconv.ParseFloat(*text, 64); err != nil {
			return nil, &FieldError{c.Name, "is a number such as 12.50"}
		}
	}
	return *text, nil
}

// find gives the native id of the parent with a key, in the record's company.
func (t *Table) find(ctx context.Context, tx *sql.Tx, field, key string, company any) (any, error) {
	query, args := "SELECT "+quoted(t.primary)+" FROM "+quoted(t.Name)+" WHERE "+quoted(t.key)+" = ?", []any{key}
	if t.company != "" {
		query, args = query+" AND "+quoted(t.company)+" IS ?", append(args, company)
	}
	var id string
	err := tx.QueryRowContext(ctx, query, args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &FieldError{field, fmt.Sprintf("there is no record %q in %s", key, t.Name)}
	}
	return id, err
}

func (t *Table) insert(ctx context.Context, tx *sql.Tx, names []string, args []any) (string, error) {
	for _, c := range t.Columns {
		if c.Primary && c.Type == "GUID" {
			names, args = append(names, quoted(c.Name)), append(args, newGUID())
		}
	}
	query := "INSERT INTO " + quoted(t.Name) + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", max(0, len(names)-1)) + ")"
	if len(names) == 0 {
		query = "INSERT INTO " + quoted(t.Name) + " DEFAULT VALUES"
	}
	var id string
	err := tx.QueryRowContext(ctx, query+" RETURNING CAST("+quoted(t.primary)+" AS TEXT)", args...).Scan(&id)
	return id, err
}

func (t *Table) update(ctx context.Context, tx *sql.Tx, id string, names []string, args []any) error {
	r, err := tx.ExecContext(ctx, "UPDATE "+quoted(t.Name)+" SET "+strings.Join(names, " = ?, ")+" = ? WHERE "+quoted(t.primary)+" = ?", append(args, id)...)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%s %s: %w", t.Name, id, ErrNoRecord))
	}
	return nil
}

// Delete deletes a record. Fails as Save does.
func (b *Browser) Delete(ctx context.Context, side int, t *Table, id string) error {
	r, err := b.apps[side].db.ExecContext(ctx, "DELETE FROM "+quoted(t.Name)+" WHERE "+quoted(t.primary)+" = ?", id)
	if err != nil {
		return t.refusal(err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%s %s: %w", t.Name, id, ErrNoRecord))
	}
	return nil
}

// Extended result codes of SQLite: https://www.sqlite.org/rescode.html
const (
	refusedCheck   = 275
	refusedForeign = 787
	refusedNull    = 1299
	refusedTrigger = 1811
	refusedUnique  = 2067
)

// refusal gives a broken rule of the app in its field's words. Which column it
// is about, only the text of the error says.
func (t *Table) refusal(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	column := ""
	for _, c := range t.Columns {
		if strings.Contains(e.Error(), "("+c.Name+")") || strings.Contains(e.Error(), t.Name+"."+c.Name) || strings.Contains(e.Error(), ": "+c.Name+" ") {
			column = c.Name
			break
		}
	}
	switch e.Code() {
	case refusedNull:
		return &FieldError{column, "must have a value"}
	case refusedUnique:
		return &FieldError{column, "another record has this key already"}
	case refusedForeign:
		return &FieldError{"", "Other records refer to this one, or it refers to one that is not there."}
	case refusedCheck:
		return &FieldError{column, "breaks a rule of the app: " + ruleOf(e.Error())}
	case refusedTrigger:
		return &FieldError{column, ruleOf(e.Error())}
	default:
		return err
	}
}

// ruleOf is the rule in SQLite's text: "… constraint failed: length(NAME) <= 60 (275)".
func ruleOf(text string) string {
	if i := strings.LastIndex(text, "failed: "); i >= 0 {
		text = text[i+len("failed: "):]
	}
	if i := strings.LastIndex(text, " ("); i >= 0 {
		text = text[:i]
	}
	return text
}

// newGUID is a random identifier: RFC 9562, version 4.
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
