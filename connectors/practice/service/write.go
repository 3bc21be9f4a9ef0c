package service

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	driver "modernc.org/sqlite"
)

// Values are fields of a record to store, in the form in which records are held.
type Values map[*Field]any

// Insert adds a record and answers its native id. A field left out gets what
// the app gives: a number of its sequence, a new GUID. Fails with *Refusal.
func (t *Tx) Insert(ctx context.Context, e *Entity, v Values) (string, error) {
	if err := t.fill(ctx, e, v); err != nil {
		return "", err
	}
	for _, f := range e.Fields {
		if _, given := v[f]; f.Required && !f.HasDefault && !f.Primary && !given {
			return "", &Refusal{Kind: Missing, Entity: e, Field: f}
		}
	}
	if err := t.check(ctx, e, "", v); err != nil {
		return "", err
	}
	names, args := e.assignments(v)
	query := "INSERT INTO " + quoted(e.Table) + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", max(0, len(names)-1)) + ")"
	if len(names) == 0 {
		query = "INSERT INTO " + quoted(e.Table) + " DEFAULT VALUES"
	}
	var id string
	err := t.one(ctx, []any{&id}, query+" RETURNING CAST("+quoted(e.ID)+" AS TEXT)", args...)
	return id, e.refusal(err, false)
}

// fill gives what the app gives of itself.
func (t *Tx) fill(ctx context.Context, e *Entity, v Values) error {
	for _, f := range e.Fields {
		if _, given := v[f]; given {
			continue
		}
		switch {
		case f.Primary && f.Type == GUID:
			v[f] = NewGUID()
		case f.Sequence != "":
			var n int64
			err := t.one(ctx, []any{&n}, `INSERT INTO practice_numbers VALUES (?, 2) ON CONFLICT DO UPDATE SET next = next + 1 RETURNING next - 1`, f.Sequence)
			if err != nil {
				return fmt.Errorf("draw a number for %s: %w", f.Name, err)
			}
			v[f] = fmt.Sprintf(f.Sequence, n)
		}
	}
	return nil
}

// Update stores fields of one record; the others stay. It answers whether the
// record is there. Fails with *Refusal.
func (t *Tx) Update(ctx context.Context, e *Entity, id string, v Values) (bool, error) {
	if err := t.check(ctx, e, id, v); err != nil {
		return true, err
	}
	names, args := e.assignments(v)
	if len(names) == 0 {
		names, args = []string{quoted(e.ID)}, []any{id} // an empty change is a write too
	}
	r, err := t.exec(ctx, "UPDATE "+quoted(e.Table)+" SET "+strings.Join(names, " = ?, ")+" = ? WHERE "+quoted(e.ID)+" = ?", append(args, id)...)
	if err != nil {
		return true, e.refusal(err, false)
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// Delete removes one record and answers whether it was there. Fails with
// *Refusal.
func (t *Tx) Delete(ctx context.Context, e *Entity, id string) (bool, error) {
	r, err := t.exec(ctx, "DELETE FROM "+quoted(e.Table)+" WHERE "+quoted(e.ID)+" = ?", id)
	if err != nil {
		return true, e.refusal(err, true)
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

func (e *Entity) assignments(v Values) (names []string, args []any) {
	for _, f := range e.Fields {
		if value, given := v[f]; given && f.Stamp == "" {
			names, args = append(names, quoted(f.Column)), append(args, value)
		}
	}
	return names, args
}

// check holds values against the app's rules: id is the record that they are
// for, "" for a new one.
func (t *Tx) check(ctx context.Context, e *Entity, id string, v Values) error {
	for _, f := range e.Fields {
		value, given := v[f]
		if !given {
			continue
		}
		if value == nil && f.Required {
			return &Refusal{Kind: Missing, Entity: e, Field: f}
		}
		if f.Type == Lookup && value != nil {
			if err := t.checkTarget(ctx, f, value); err != nil {
				return err
			}
		}
		if f.Name == e.Company && f.Type == Text && t.Model.Companies != nil {
			code, err := t.company(ctx, value)
			if err != nil {
				return err
			}
			v[f] = code
		}
	}
	for i := range e.Keys {
		if e.Keys[i].Status == Active {
			if err := t.checkKey(ctx, e, &e.Keys[i], id, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tx) checkTarget(ctx context.Context, f *Field, value any) error {
	target := t.Model.Entity(f.Target)
	if target == nil {
		return fmt.Errorf("%s refers to %s, which is not served", f.Name, f.Target)
	}
	var there bool
	err := t.one(ctx, []any{&there}, "SELECT EXISTS (SELECT 1 FROM "+quoted(target.Table)+" WHERE "+quoted(target.ID)+" = ?)", value)
	if err == nil && !there {
		return &Refusal{Kind: NoTarget, Entity: target, Field: f, Value: fmt.Sprint(value)}
	}
	return err
}

// company gives a legal entity in the app's own spelling.
func (t *Tx) company(ctx context.Context, code any) (string, error) {
	e := t.Model.Entity(t.Model.Companies.Set)
	column := quoted(e.Field(t.Model.Companies.Field).Column)
	var own string
	err := t.one(ctx, []any{&own}, "SELECT "+column+" FROM "+quoted(e.Table)+" WHERE "+column+" = ? COLLATE NOCASE", code)
	if errors.Is(err, sql.ErrNoRows) {
		return "", &Refusal{Kind: NoCompany, Entity: e, Value: fmt.Sprint(code)}
	}
	return own, err
}

// checkKey refuses values that another record holds, compared as the app
// compares. A key with an empty part is not one.
func (t *Tx) checkKey(ctx context.Context, e *Entity, k *Key, id string, v Values) error {
	var conditions []string
	var args []any
	touched := id == ""
	for _, name := range k.Fields {
		f := e.Field(name)
		expression := t.Model.comparable(f, "t."+quoted(f.Column))
		value, given := v[f]
		switch {
		case given && value == nil, !given && id == "":
			return nil
		case given:
			touched = true
			conditions, args = append(conditions, expression+" = ?"), append(args, f.compared(value))
		default:
			own := t.Model.comparable(f, quoted(f.Column))
			conditions = append(conditions, expression+" = (SELECT "+own+" FROM "+quoted(e.Table)+" WHERE "+quoted(e.ID)+" = ?)")
			args = append(args, id)
		}
	}
	if !touched {
		return nil
	}
	var taken bool
	query := "SELECT EXISTS (SELECT 1 FROM " + quoted(e.Table) + " t WHERE " + strings.Join(conditions, " AND ") + " AND t." + quoted(e.ID) + " IS NOT ?)"
	var own any = id
	if id == "" {
		own = nil
	}
	if err := t.one(ctx, []any{&taken}, query, append(args, own)...); err != nil {
		return fmt.Errorf("look for the key of %s: %w", e.Set, err)
	}
	if taken {
		return &Refusal{Kind: Duplicate, Entity: e, Key: k}
	}
	return nil
}

// compared is a value as comparable compares it.
func (f *Field) compared(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	switch f.Type {
	case Text, Enum:
		return f.folded(text)
	case DateTime:
		return strings.TrimSuffix(text, "Z")
	case Decimal, Money:
		if units, _, _, ok := scaled(text, f.Scale); ok {
			return units
		}
	}
	return value
}

// Extended result codes of SQLite: https://www.sqlite.org/rescode.html
const (
	refusedCheck   = 275
	refusedForeign = 787
	refusedNull    = 1299
	refusedPrimary = 1555
	refusedTrigger = 1811
	refusedUnique  = 2067
)

// refusal gives a rule of the file's that was broken.
func (e *Entity) refusal(err error, deleting bool) error {
	var broken *driver.Error
	if !errors.As(err, &broken) {
		return err
	}
	switch broken.Code() {
	case refusedForeign:
		if deleting {
			return &Refusal{Kind: InUse, Entity: e}
		}
		return &Refusal{Kind: Rule, Entity: e, Message: "a record that is looked up is missing"}
	case refusedPrimary, refusedUnique:
		return &Refusal{Kind: Duplicate, Entity: e}
	case refusedCheck, refusedTrigger, refusedNull:
		text := broken.Error()
		if i := strings.LastIndex(text, "failed: "); i >= 0 {
			text = text[i+len("failed: "):]
		}
		if i := strings.LastIndex(text, " ("); i >= 0 {
			text = text[:i]
		}
		return &Refusal{Kind: Rule, Entity: e, Message: text}
	}
	return err
}

// NewGUID is a random identifier: RFC 9562, version 4.
func NewGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
