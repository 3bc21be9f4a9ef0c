package sqlite

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dualwrite/connectors"
)

// valueShown bounds the value that an error repeats.
const valueShown = 200

// store makes what SQLite is given for a value: exactly that value, or an error
// that names the value and what it breaks, TooLarge or Invalid. Field and Entity
// of the error are the caller's to fill in.
func (c *column) store(v connectors.Value) (any, *connectors.Error) {
	arg, refusal := c.operand(v)
	if s, ok := arg.(string); ok && c.typ == connectors.Text && c.length > 0 && utf8.RuneCountInString(s) > c.length {
		return nil, tooLarge(v, fmt.Sprintf("at most %d characters", c.length))
	}
	return arg, refusal
}

// operand is what the content of the column is compared with: as store, but of
// any length.
func (c *column) operand(v connectors.Value) (any, *connectors.Error) {
	if v.State() != connectors.Set || v.IsEmpty() && c.typ != connectors.Text {
		return nil, nil
	}
	switch c.typ {
	case connectors.Text:
		if v.Type() != connectors.Bytes {
			return v.String(), nil
		}
	case connectors.Int:
		return storeInt(v)
	case connectors.Decimal:
		return c.storeDecimal(v)
	case connectors.Float:
		return storeFloat(v)
	case connectors.Bool:
		return storeBool(v)
	case connectors.Date, connectors.DateTime:
		return c.storeTime(v)
	case connectors.GUID:
		if s := strings.ToLower(v.Text()); isGUID(s) && (v.Type() == connectors.GUID || v.Type() == connectors.Text) {
			return s, nil
		}
	case connectors.Bytes:
		if v.Type() == connectors.Bytes {
			return []byte(v.Text()), nil
		}
	}
	return nil, unfit(v, c.typ)
}

func storeInt(v connectors.Value) (any, *connectors.Error) {
	switch v.Type() {
	case connectors.Int, connectors.Bool:
		return v.Int(), nil
	case connectors.Text, connectors.Decimal, connectors.Float:
		d, err := connectors.DecimalValue(v.String())
		if err != nil || strings.Contains(d.Text(), ".") {
			break
		}
		n, err := strconv.ParseInt(d.Text(), 10, 64)
		if err != nil {
			return nil, tooLarge(v, fmt.Sprintf("between %d and %d", math.MinInt64, math.MaxInt64))
		}
		return n, nil
	}
	return nil, unfit(v, connectors.Int)
}

// storeDecimal gives an integer or a floating point number to a column of
// numeric affinity, which would make one of a text all the same; any other
// column keeps the digits as text.
func (c *column) storeDecimal(v connectors.Value) (any, *connectors.Error) {
	switch v.Type() {
	case connectors.Decimal, connectors.Int, connectors.Float, connectors.Text:
	default:
		return nil, unfit(v, c.typ)
	}
	d, err := connectors.DecimalValue(v.String())
	if err != nil {
		return nil, unfit(v, c.typ)
	}
	whole, scale, significant := measure(d.Text())
	if c.scale >= 0 && scale > c.scale {
		return nil, tooLarge(v, fmt.Sprintf("at most %d digits after the point", c.scale))
	}
	if c.scale >= 0 && c.digits > 0 && whole > c.digits-c.scale {
		return nil, tooLarge(v, fmt.Sprintf("at most %d digits before the point", c.digits-c.scale))
	}
	if c.affinity == textAffinity || c.affinity == blobAffinity {
		return d.Text(), nil
	}
	if n, err := strconv.ParseInt(d.Text(), 10, 64); err == nil {
		return n, nil
	}
	if significant > numericDigits {
		return nil, tooLarge(v, fmt.Sprintf("at most %d significant digits", numericDigits))
	}
	f, err := strconv.ParseFloat(d.Text(), 64)
	if err != nil {
		return nil, tooLarge(v, "within the range of a floating point number")
	}
	return f, nil
}

// measure counts the digits of a canonical decimal before its point, after it,
// and without the zeros at both ends.
func measure(decimal string) (whole, scale, significant int) {
	before, after, _ := strings.Cut(strings.TrimPrefix(decimal, "-"), ".")
	before = strings.TrimLeft(before, "0")
	return len(before), len(after), len(strings.Trim(before+after, "0"))
}

// storeFloat refuses digits that would come back as others.
func storeFloat(v connectors.Value) (any, *connectors.Error) {
	switch v.Type() {
	case connectors.Float:
		if math.IsNaN(v.Float()) { // SQLite would keep a null
			break
		}
		return v.Float(), nil
	case connectors.Int, connectors.Decimal, connectors.Text:
		d, err := connectors.DecimalValue(v.String())
		if err != nil {
			break
		}
		f, err := strconv.ParseFloat(d.Text(), 64)
		back, _ := loadDecimal(f)
		if err != nil || back != d {
			return nil, tooLarge(v, "as many digits as a floating point number holds")
		}
		return f, nil
	}
	return nil, unfit(v, connectors.Float)
}

func storeBool(v connectors.Value) (any, *connectors.Error) {
	if v.Type() == connectors.Bytes {
		return nil, unfit(v, connectors.Bool)
	}
	b, ok := parseBool(v.String())
	if !ok {
		return nil, unfit(v, connectors.Bool)
	}
	return b.Int(), nil
}

// storeTime writes ISO text, in UTC, of the years that SQLite's date functions
// know.
func (c *column) storeTime(v connectors.Value) (any, *connectors.Error) {
	t := v.Time()
	switch v.Type() {
	case connectors.Date, connectors.DateTime:
	case connectors.Text:
		var ok bool
		if t, ok = parseTime(v.Text()); !ok || !t.Equal(t.Truncate(time.Microsecond)) {
			return nil, unfit(v, c.typ)
		}
	default:
		return nil, unfit(v, c.typ)
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, tooLarge(v, "between the years 1 and 9999")
	}
	if c.typ == connectors.DateTime {
		return connectors.DateTimeValue(t).String(), nil
	}
	if !t.Equal(t.Truncate(24 * time.Hour)) {
		return nil, tooLarge(v, "a date without a time of day")
	}
	return connectors.DateValue(t).String(), nil
}

func unfit(v connectors.Value, t connectors.Type) *connectors.Error {
	return &connectors.Error{Kind: connectors.Invalid, Value: shown(v), Message: fmt.Sprintf("%q (%s) is not a %s", shown(v), v.Type(), t)}
}

func tooLarge(v connectors.Value, limit string) *connectors.Error {
	return &connectors.Error{Kind: connectors.TooLarge, Value: shown(v), Limit: limit, Message: fmt.Sprintf("%q does not fit: %s", shown(v), limit)}
}

func shown(v connectors.Value) string {
	s := v.String()
	if utf8.RuneCountInString(s) <= valueShown {
		return s
	}
	return string([]rune(s)[:valueShown]) + "…"
}
