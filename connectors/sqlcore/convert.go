package sqlcore

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dualwrite/connectors"
)

// Fit makes a value one of the column's type that the column holds exactly:
// null, or that type within the column's limits. Otherwise the error, TooLarge
// or Invalid, names the value and what it breaks; its Field and Entity are the
// caller's to fill in. A time is cut to the digits that the column keeps.
func (c *Column) Fit(v connectors.Value) (connectors.Value, *connectors.Error) {
	out, refusal := c.Convert(v)
	if refusal != nil || !out.IsSet() {
		return out, refusal
	}
	switch c.Type {
	case connectors.Text, connectors.Bytes:
		return out, c.fitText(v, out.Text())
	}
	return out, nil
}

func (c *Column) fitText(v connectors.Value, s string) *connectors.Error {
	if c.Length > 0 && utf8.RuneCountInString(s) > c.Length {
		return TooLarge(v, fmt.Sprintf("at most %d characters", c.Length))
	}
	if c.Bytes > 0 && len(s) > c.Bytes {
		return TooLarge(v, fmt.Sprintf("at most %d bytes", c.Bytes))
	}
	return nil
}

// Convert makes a value one of the column's type, of any length: what the
// content of the column can be compared with. An empty text is null unless the
// column is a text.
func (c *Column) Convert(v connectors.Value) (connectors.Value, *connectors.Error) {
	if v.State() != connectors.Set || v.IsEmpty() && c.Type != connectors.Text {
		return connectors.NullValue(), nil
	}
	switch c.Type {
	case connectors.Text:
		if v.Type() != connectors.Bytes && utf8.ValidString(v.String()) {
			return c.toText(v)
		}
	case connectors.Int:
		return c.toInt(v)
	case connectors.Decimal:
		return c.toDecimal(v)
	case connectors.Float:
		return toFloat(v)
	case connectors.Bool:
		if v.Type() == connectors.Bool {
			return v, nil
		}
		if b, ok := ParseBool(v.String()); ok && v.Type() != connectors.Bytes {
			return b, nil
		}
	case connectors.Date, connectors.DateTime:
		return c.toTime(v)
	case connectors.GUID:
		if v.Type() == connectors.GUID || v.Type() == connectors.Text {
			if IsGUID(v.Text()) {
				return connectors.GUIDValue(v.Text()), nil
			}
		}
	case connectors.Bytes:
		if v.Type() == connectors.Bytes {
			return v, nil
		}
	}
	return connectors.Value{}, Unfit(v, c.Type)
}

func (c *Column) toText(v connectors.Value) (connectors.Value, *connectors.Error) {
	s := v.String()
	if c.Members == nil || slices.Contains(c.Members, s) {
		return connectors.TextValue(s), nil
	}
	if s == "" {
		return connectors.NullValue(), nil
	}
	members := strings.Join(c.Members, ", ")
	return connectors.Value{}, &connectors.Error{Kind: connectors.Invalid, Value: Shown(v), Limit: "one of " + members,
		Message: fmt.Sprintf("%q is none of %s", Shown(v), members)}
}

func (c *Column) toInt(v connectors.Value) (connectors.Value, *connectors.Error) {
	low, high := c.Low, c.High
	if low == 0 && high == 0 {
		low, high = math.MinInt64, math.MaxInt64
	}
	out := v
	switch v.Type() {
	case connectors.Int:
	case connectors.Bool:
		out = connectors.IntValue(v.Int())
	case connectors.Text, connectors.Decimal, connectors.Float:
		d, err := connectors.DecimalValue(v.String())
		if err != nil || strings.Contains(d.Text(), ".") {
			return connectors.Value{}, Unfit(v, c.Type)
		}
		n, err := strconv.ParseInt(d.Text(), 10, 64)
		if err != nil {
			return connectors.Value{}, TooLarge(v, fmt.Sprintf("between %d and %d", low, high))
		}
		out = connectors.IntValue(n)
	default:
		return connectors.Value{}, Unfit(v, c.Type)
	}
	if out.Int() < low || out.Int() > high {
		return connectors.Value{}, TooLarge(v, fmt.Sprintf("between %d and %d", low, high))
	}
	return out, nil
}

func (c *Column) toDecimal(v connectors.Value) (connectors.Value, *connectors.Error) {
	switch v.Type() {
	case connectors.Decimal, connectors.Int, connectors.Float, connectors.Text:
	default:
		return connectors.Value{}, Unfit(v, c.Type)
	}
	d, err := connectors.DecimalValue(v.String())
	if err != nil {
		return connectors.Value{}, Unfit(v, c.Type)
	}
	whole, scale := measure(d.Text())
	if c.Scale >= 0 && scale > c.Scale {
		return connectors.Value{}, TooLarge(v, fmt.Sprintf("at most %d digits after the point", c.Scale))
	}
	if c.Scale >= 0 && c.Digits > 0 && whole > max(c.Digits-c.Scale, 0) {
		return connectors.Value{}, TooLarge(v, fmt.Sprintf("at most %d digits before the point", max(c.Digits-c.Scale, 0)))
	}
	return d, nil
}

// measure counts the digits of a canonical decimal before and after its point.
func measure(decimal string) (whole, scale int) {
	before, after, _ := strings.Cut(strings.TrimPrefix(decimal, "-"), ".")
	return len(strings.TrimLeft(before, "0")), len(after)
}

// toFloat refuses digits that would come back as others.
func toFloat(v connectors.Value) (connectors.Value, *connectors.Error) {
	switch v.Type() {
	case connectors.Float:
		return v, nil
	case connectors.Int, connectors.Decimal, connectors.Text:
		d, err := connectors.DecimalValue(v.String())
		if err != nil {
			break
		}
		f, err := strconv.ParseFloat(d.Text(), 64)
		back, _ := connectors.DecimalValue(strconv.FormatFloat(f, 'e', -1, 64))
		if err != nil || back != d {
			return connectors.Value{}, TooLarge(v, "as many digits as a floating point number holds")
		}
		return connectors.FloatValue(f), nil
	}
	return connectors.Value{}, Unfit(v, connectors.Float)
}

func (c *Column) toTime(v connectors.Value) (connectors.Value, *connectors.Error) {
	t := v.Time()
	if from, to := c.span(); v.Type() == c.Type && !t.Before(from) && !t.After(to) {
		if c.Type == connectors.Date {
			return v, nil
		}
		return connectors.InstantValue(v.Int() - mod(v.Int(), microsOf(c.Scale))), nil
	}
	switch v.Type() {
	case connectors.Date, connectors.DateTime:
	case connectors.Text:
		var ok bool
		if t, ok = ParseTime(v.Text()); !ok || !t.Equal(t.Truncate(time.Microsecond)) {
			return connectors.Value{}, Unfit(v, c.Type)
		}
	default:
		return connectors.Value{}, Unfit(v, c.Type)
	}
	if from, to := c.span(); t.Before(from) || t.After(to) {
		return connectors.Value{}, TooLarge(v, "between "+from.Format(time.DateTime)+" and "+to.Format(time.DateTime))
	}
	if c.Type == connectors.DateTime {
		return connectors.InstantValue(t.UnixMicro() - mod(t.UnixMicro(), microsOf(c.Scale))), nil
	}
	if h, m, s := t.Clock(); h+m+s+t.Nanosecond() != 0 {
		return connectors.Value{}, TooLarge(v, "a date without a time of day")
	}
	return connectors.DateValue(t), nil
}

// microsOf is how many microseconds the last of a second's digits counts.
func microsOf(digits int) int64 {
	unit := int64(1)
	for ; digits < 6; digits++ {
		unit *= 10
	}
	return unit
}

// span is the first and the last instant that the column holds.
func (c *Column) span() (from, to time.Time) {
	from, to = c.From, c.To
	if from.IsZero() {
		from = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if to.IsZero() {
		to = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	}
	return from, to
}

// mod is the remainder that is never negative.
func mod(n, by int64) int64 { return ((n % by) + by) % by }
