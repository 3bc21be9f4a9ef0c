package memory

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"dualwrite/connectors"
)

// check holds a whole record against the rules of the app: what is required,
// what has a default, and which keys are unique. It fills in the defaults.
func (a *App) check(t *table, old *row, vals []connectors.Value) *connectors.Error {
	for i := range t.schema.Fields {
		f := &t.schema.Fields[i]
		if !f.Required || f.ReadOnly || vals[i].IsSet() {
			continue
		}
		if old == nil && f.HasDefault {
			vals[i] = defaultOf(f.Type)
			continue
		}
		return &connectors.Error{Kind: connectors.Invalid, Field: f.Name, Message: f.Name + " needs a value"}
	}
	for i := range t.keys {
		k := &t.keys[i]
		if k.holder(t, vals, old, a.opt.Fold) != nil {
			return duplicate(k, k.text(&row{vals: vals}))
		}
	}
	return nil
}

func duplicate(k *key, value string) *connectors.Error {
	names := make([]string, len(k.paths))
	for i, p := range k.paths {
		names[i] = p.name
	}
	field := strings.Join(names, ", ")
	return &connectors.Error{Kind: connectors.Duplicate, Field: field, Value: value,
		Message: fmt.Sprintf("another record already has %s %q", field, value)}
}

// fits holds one value against the limits of its field.
func fits(v connectors.Value, f *connectors.Field) *connectors.Error {
	if !v.IsSet() {
		return nil
	}
	limit := ""
	switch f.Type {
	case connectors.Text:
		if f.Length > 0 && utf8.RuneCountInString(v.Text()) > f.Length {
			limit = fmt.Sprintf("at most %d characters", f.Length)
		}
	case connectors.Decimal:
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(v.Text(), "-"), ".")
		if f.Digits > 0 && (len(fraction) > f.Scale || whole != "0" && len(whole) > f.Digits-f.Scale) {
			limit = fmt.Sprintf("at most %d digits, %d of them after the point", f.Digits, f.Scale)
		}
	}
	if limit == "" {
		return nil
	}
	return &connectors.Error{Kind: connectors.TooLarge, Field: f.Name, Value: v.String(), Limit: limit,
		Message: fmt.Sprintf("%q does not fit %s: %s", v, f.Name, limit)}
}

func defaultOf(t connectors.Type) connectors.Value {
	switch t {
	case connectors.Int:
		return connectors.IntValue(0)
	case connectors.Decimal:
		zero, _ := connectors.DecimalValue("0")
		return zero
	case connectors.Float:
		return connectors.FloatValue(0)
	case connectors.Bool:
		return connectors.BoolValue(false)
	case connectors.Date, connectors.DateTime:
		epoch := connectors.DateTimeValue(epoch())
		v, _ := exactly(epoch, t)
		return v
	case connectors.GUID:
		return connectors.GUIDValue("00000000-0000-0000-0000-000000000000")
	case connectors.Bytes:
		return connectors.BytesValue(nil)
	}
	return connectors.TextValue("")
}

func noEntity(op, entity string) *connectors.Error {
	return &connectors.Error{Kind: connectors.NoEntity, Op: op, Entity: entity, Message: "there is no entity " + entity}
}
