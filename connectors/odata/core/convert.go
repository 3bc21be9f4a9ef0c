package core

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// read makes a JSON value a canonical one of the field's type.
func (f *Field) read(x any) (connectors.Value, error) {
	v, err := wire.Decode(f.Type, x)
	if err != nil {
		return v, fmt.Errorf("%s: %w", f.Name, err)
	}
	if f.none(v) {
		return connectors.NullValue(), nil
	}
	return v, nil
}

// none reports whether a value stands for no value.
func (f *Field) none(v connectors.Value) bool {
	switch f.Empty {
	case AsText, AsNullText:
		return v.Text() == ""
	case AsFirstDay, AsMidday:
		return isFirstDay(v)
	case AsZeroGUID:
		return v.Text() == zeroGUID
	}
	return false
}

// isFirstDay tells the day that stands for no day.
func isFirstDay(v connectors.Value) bool {
	return v.IsSet() && v.Time().Format(time.DateOnly) == "1900-01-01"
}

// json is a fitted value as the service takes it.
func (f *Field) json(v connectors.Value) any {
	if !v.IsSet() {
		switch f.Empty {
		case AsText:
			return ""
		case AsZero:
			return 0
		case AsFirstDay:
			return f.firstDay()
		case AsMidday:
			return "1900-01-01T12:00:00Z"
		case AsFalse:
			return false
		case AsZeroGUID:
			return zeroGUID
		}
		return nil
	}
	if f.Empty == AsMidday && v.Type() == connectors.Date {
		return v.String() + "T12:00:00Z"
	}
	return wire.Encode(v)
}

// Fit makes a value one that the field holds exactly. Otherwise the error,
// TooLarge or Invalid, names the value and the limit; its Field is the caller's
// to fill in. A time is cut to the digits that the field keeps.
func (f *Field) Fit(v connectors.Value) (connectors.Value, *connectors.Error) {
	out, refusal := f.Convert(v)
	if refusal != nil || !out.IsSet() {
		return out, refusal
	}
	if f.Type == connectors.Text && f.Length > 0 && utf8.RuneCountInString(out.Text()) > f.Length {
		return out, tooLarge(v, fmt.Sprintf("at most %d characters", f.Length))
	}
	if (f.Empty == AsFirstDay || f.Empty == AsMidday) && isFirstDay(out) {
		return out, tooLarge(v, "any day but 1900-01-01, which stands for no day")
	}
	return out, nil
}

// Convert makes a value one of the field's type, of any length: what its content
// can be compared with. An empty text is null unless the field is a text that
// tells the two apart.
func (f *Field) Convert(v connectors.Value) (connectors.Value, *connectors.Error) {
	if !v.IsSet() || v.IsEmpty() && (f.Type != connectors.Text || f.Empty == AsText || f.Empty == AsNullText) {
		return connectors.NullValue(), nil
	}
	switch f.Type {
	case connectors.Text:
		if v.Type() != connectors.Bytes && utf8.ValidString(v.String()) {
			return f.member(v)
		}
	case connectors.Int:
		return f.toInt(v)
	case connectors.Decimal:
		return f.toDecimal(v)
	case connectors.Float:
		return toFloat(v)
	case connectors.Bool:
		if b, ok := parseBool(v.String()); ok && v.Type() != connectors.Bytes {
			return connectors.BoolValue(b), nil
		}
	case connectors.Date, connectors.DateTime:
		return f.toTime(v)
	case connectors.GUID:
		if isGUID(v.Text()) {
			return connectors.GUIDValue(v.Text()), nil
		}
	case connectors.Bytes:
		if v.Type() == connectors.Bytes {
			return v, nil
		}
	}
	return connectors.Value{}, unfit(v, f.Type)
}

func (f *Field) member(v connectors.Value) (connectors.Value, *connectors.Error) {
	s := v.String()
	if f.Members == nil {
		return connectors.TextValue(s), nil
	}
	if s == "" {
		return connectors.NullValue(), nil
	}
	i := slices.IndexFunc(f.Members, func(m string) bool { return strings.EqualFold(m, s) })
	if i >= 0 {
		return connectors.TextValue(f.Members[i]), nil
	}
	members := strings.Join(f.Members, ", ")
	return connectors.Value{}, &connectors.Error{Kind: connectors.Invalid, Value: shown(v), Limit: "one of " + members, Message: fmt.Sprintf("%q is none of %s", shown(v), members)}
}

func (f *Field) toInt(v connectors.Value) (connectors.Value, *connectors.Error) {
	low, high := f.Low, f.High
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
			return connectors.Value{}, unfit(v, f.Type)
		}
		n, err := strconv.ParseInt(d.Text(), 10, 64)
		if err != nil {
			return connectors.Value{}, tooLarge(v, fmt.Sprintf("between %d and %d", low, high))
		}
		out = connectors.IntValue(n)
	default:
		return connectors.Value{}, unfit(v, f.Type)
	}
	if out.Int() < low || out.Int() > high {
		return connectors.Value{}, tooLarge(v, fmt.Sprintf("between %d and %d", low, high))
	}
	return out, nil
}

func (f *Field) toDecimal(v connectors.Value) (connectors.Value, *connectors.Error) {
	switch v.Type() {
	case connectors.Decimal, connectors.Int, connectors.Float, connectors.Text:
	default:
		return connectors.Value{}, unfit(v, f.Type)
	}
	d, err := connectors.DecimalValue(v.String())
	if err != nil {
		return connectors.Value{}, unfit(v, f.Type)
	}
	before, after, _ := strings.Cut(strings.TrimPrefix(d.Text(), "-"), ".")
	whole := len(strings.TrimLeft(before, "0"))
	if f.Scale > 0 || f.Digits > 0 {
		if len(after) > f.Scale {
			return connectors.Value{}, tooLarge(v, fmt.Sprintf("at most %d digits after the point", f.Scale))
		}
	}
	if f.Digits > 0 && whole > f.Digits-f.Scale {
		return connectors.Value{}, tooLarge(v, fmt.Sprintf("at most %d digits before the point", f.Digits-f.Scale))
	}
	return d, nil
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
		n, err := strconv.ParseFloat(d.Text(), 64)
		back, _ := connectors.DecimalValue(strconv.FormatFloat(n, 'e', -1, 64))
		if err != nil || back != d {
			return connectors.Value{}, tooLarge(v, "as many digits as a floating point number holds")
		}
		return connectors.FloatValue(n), nil
	}
	return connectors.Value{}, unfit(v, connectors.Float)
}

func (f *Field) toTime(v connectors.Value) (connectors.Value, *connectors.Error) {
	t := v.Time()
	switch v.Type() {
	case connectors.Date, connectors.DateTime:
	case connectors.Text:
		var ok bool
		if t, ok = parseTime(v.Text()); !ok {
			return connectors.Value{}, unfit(v, f.Type)
		}
	default:
		return connectors.Value{}, unfit(v, f.Type)
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return connectors.Value{}, tooLarge(v, "a day of the years 1 to 9999")
	}
	if t.Before(f.From) {
		return connectors.Value{}, tooLarge(v, "no day before "+f.From.Format(time.DateOnly))
	}
	if f.Type == connectors.DateTime {
		unit := int64(math.Pow10(6 - min(6, f.Scale)))
		at := t.UnixMicro()
		return connectors.DateTimeValue(time.UnixMicro(at - ((at%unit)+unit)%unit)), nil
	}
	if t = t.UTC(); t.Hour()|t.Minute()|t.Second()|t.Nanosecond() != 0 {
		return connectors.Value{}, tooLarge(v, "a date without a time of day")
	}
	return connectors.DateValue(t), nil
}

func parseTime(s string) (time.Time, bool) {
	for _, layout := range [...]string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func parseBool(s string) (b, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// shownMost is how much of a value an error repeats, in bytes.
const shownMost = 400

func shown(v connectors.Value) string {
	if s := v.String(); len(s) > shownMost {
		return strings.ToValidUTF8(s[:shownMost], "") + "…"
	} else {
		return s
	}
}

func tooLarge(v connectors.Value, limit string) *connectors.Error {
	return &connectors.Error{Kind: connectors.TooLarge, Value: shown(v), Limit: limit, Message: fmt.Sprintf("%q does not fit: the field holds %s", shown(v), limit)}
}

func unfit(v connectors.Value, t connectors.Type) *connectors.Error {
	return &connectors.Error{Kind: connectors.Invalid, Value: shown(v), Limit: "a " + t.String(), Message: fmt.Sprintf("%q is not a %v", shown(v), t)}
}
