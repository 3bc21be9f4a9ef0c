package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dualwrite/connectors"
)

// fault is why a value cannot be carried to the other side. It names the
// field, the value and the limit, and becomes the error of that record.
type fault struct {
	kind    string // connectors.Kind text, or one of the engine's own
	field   string
	message string
}

func (f *fault) Error() string { return f.message }

// Kinds of error that only the engine knows.
const (
	kindUnmapped   = "unmapped value"
	kindExpression = "expression"
	kindDuplicate  = "duplicate key"
	kindNoKey      = "empty key"
	kindTaken      = "key taken"
)

// convert carries a value into the type and limits of a field. It never loses
// anything silently: what does not fit is a fault.
func convert(v connectors.Value, to *connectors.Field, path string) (connectors.Value, *fault) {
	if !v.IsSet() {
		return connectors.NullValue(), nil
	}
	if v.Type() != to.Type {
		c, ok := recast(v, to.Type)
		if !ok {
			return v, &fault{kind: connectors.TooLarge.String(), field: path,
				message: fmt.Sprintf("%s holds %q, which cannot be kept as a %s without loss", path, shorten(v.String()), to.Type)}
		}
		v = c
	}
	if limit := breaks(v, to); limit != "" {
		return v, &fault{kind: connectors.TooLarge.String(), field: path,
			message: fmt.Sprintf("%s is %q, but %s holds %s", path, shorten(v.String()), path, limit)}
	}
	return v, nil
}

// breaks says in words which limit of a field a value of its type breaks.
func breaks(v connectors.Value, to *connectors.Field) string {
	switch v.Type() {
	case connectors.Text:
		if n := utf8.RuneCountInString(v.Text()); to.Length > 0 && n > to.Length {
			return fmt.Sprintf("at most %d characters, and this is %d", to.Length, n)
		}
	case connectors.Decimal:
		whole, frac, _ := strings.Cut(strings.TrimPrefix(v.Text(), "-"), ".")
		if to.Digits > 0 && (len(frac) > to.Scale || whole != "0" && len(whole) > to.Digits-to.Scale) {
			return fmt.Sprintf("at most %d digits, %d of them after the point", to.Digits, to.Scale)
		}
	}
	return ""
}

// shorten keeps a value readable in a message.
func shorten(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// recast changes the type of a value, if that loses nothing.
func recast(v connectors.Value, to connectors.Type) (connectors.Value, bool) {
	switch to {
	case connectors.Text:
		return connectors.TextValue(v.String()), true
	case connectors.Int:
		n, err := strconv.ParseInt(strings.TrimSpace(numeric(v)), 10, 64)
		return connectors.IntValue(n), err == nil
	case connectors.Decimal:
		d, err := connectors.DecimalValue(numeric(v))
		return d, err == nil
	case connectors.Float:
		return toFloat(v)
	case connectors.Bool:
		return toBool(v)
	case connectors.Date, connectors.DateTime:
		return toTime(v, to)
	case connectors.GUID:
		return connectors.GUIDValue(strings.TrimSpace(v.Text())), v.Type() == connectors.Text && len(strings.TrimSpace(v.Text())) == 36
	case connectors.Bytes:
		return connectors.BytesValue([]byte(v.Text())), v.Type() == connectors.Text
	default:
		return v, false
	}
}

// numeric spells a number, or the text that may hold one, in decimal digits.
func numeric(v connectors.Value) string {
	switch v.Type() {
	case connectors.Float:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case connectors.Bool:
		return strconv.FormatInt(v.Int(), 10)
	case connectors.Int, connectors.Decimal, connectors.Text:
		return v.String()
	default:
		return ""
	}
}

func toFloat(v connectors.Value) (connectors.Value, bool) {
	f, err := strconv.ParseFloat(numeric(v), 64)
	if err != nil {
		return v, false
	}
	out := connectors.FloatValue(f)
	back, ok := recast(out, v.Type())
	return out, ok && (back == v || v.Type() == connectors.Text)
}

func toBool(v connectors.Value) (connectors.Value, bool) {
	switch strings.ToLower(strings.TrimSpace(v.String())) {
	case "true", "yes", "1":
		return connectors.BoolValue(true), true
	case "false", "no", "0":
		return connectors.BoolValue(false), true
	default:
		return v, false
	}
}

func toTime(v connectors.Value, to connectors.Type) (connectors.Value, bool) {
	var t time.Time
	switch v.Type() {
	case connectors.Date, connectors.DateTime:
		t = v.Time()
	case connectors.Text:
		var err error
		text := strings.TrimSpace(v.Text())
		if t, err = time.Parse("2006-01-02", text); err != nil {
			if t, err = time.Parse(time.RFC3339Nano, text); err != nil {
				return v, false
			}
		}
	default:
		return v, false
	}
	t = t.UTC()
	if to == connectors.Date {
		return connectors.DateValue(t), t.Equal(t.Truncate(24 * time.Hour))
	}
	return connectors.DateTimeValue(t), true
}
