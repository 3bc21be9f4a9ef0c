package connectors

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Type is the canonical type of a field. Every connector translates its app's
// own types to these and back without silent loss.
type Type uint8

// The canonical types. The comment on each says how a Value of it is held.
const (
	Text     Type = iota + 1 // any text, as UTF-8
	Int                      // a signed whole number of 64 bits
	Decimal                  // an exact decimal, as canonical digits: "-12.5", never an exponent
	Float                    // a binary floating point number of 64 bits
	Bool                     // true or false
	Date                     // a day without a time, as days since 1970-01-01
	DateTime                 // an instant, as microseconds since 1970-01-01T00:00:00Z
	GUID                     // a 128-bit identifier, as lower-case hyphenated text
	Bytes                    // opaque bytes
)

var typeNames = [...]string{Text: "text", Int: "whole number", Decimal: "decimal", Float: "floating point", Bool: "yes/no",
	Date: "date", DateTime: "date and time", GUID: "unique identifier", Bytes: "bytes"}

func (t Type) String() string {
	if int(t) < len(typeNames) && typeNames[t] != "" {
		return typeNames[t]
	}
	return "unknown type"
}

// State tells apart a field that the record does not carry, one that is
// explicitly empty, and one that holds a value.
type State uint8

// The three states of a Value. The zero Value is Absent.
const (
	Absent State = iota // the app said nothing about the field
	Null                // the field is explicitly without a value
	Set                 // the field holds a value, an empty text included
)

// Value is one canonical value. It holds no pointer besides its text, so a row
// of them costs one allocation. Values compare with ==.
type Value struct {
	state State
	typ   Type
	num   int64
	text  string
}

// NullValue is the explicit absence of a value.
func NullValue() Value { return Value{state: Null} }

// TextValue holds s as Text.
func TextValue(s string) Value { return Value{state: Set, typ: Text, text: s} }

// IntValue holds n as Int.
func IntValue(n int64) Value { return Value{state: Set, typ: Int, num: n} }

// BoolValue holds b as Bool.
func BoolValue(b bool) Value {
	v := Value{state: Set, typ: Bool}
	if b {
		v.num = 1
	}
	return v
}

// FloatValue holds f as Float. Negative zero becomes zero, so that equal
// numbers are equal Values.
func FloatValue(f float64) Value {
	if f == 0 {
		f = 0
	}
	return Value{state: Set, typ: Float, num: int64(math.Float64bits(f))}
}

// DateValue holds the day of t, in t's own zone.
func DateValue(t time.Time) Value {
	y, m, d := t.Date()
	return Value{state: Set, typ: Date, num: time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400}
}

// DateTimeValue holds the instant t, cut to microseconds.
func DateTimeValue(t time.Time) Value { return Value{state: Set, typ: DateTime, num: t.UnixMicro()} }

// DayValue holds a day, as days since 1970-01-01.
func DayValue(days int64) Value { return Value{state: Set, typ: Date, num: days} }

// InstantValue holds an instant, as microseconds since 1970-01-01T00:00:00Z.
func InstantValue(micros int64) Value { return Value{state: Set, typ: DateTime, num: micros} }

// GUIDValue holds s as GUID; letter case is folded.
func GUIDValue(s string) Value { return Value{state: Set, typ: GUID, text: strings.ToLower(s)} }

// BytesValue holds b as Bytes.
func BytesValue(b []byte) Value { return Value{state: Set, typ: Bytes, text: string(b)} }

// DecimalValue parses s, with or without a fraction or exponent, as an exact
// decimal and holds its canonical digits.
func DecimalValue(s string) (Value, error) {
	c, err := canonicalDecimal(s)
	if err != nil {
		return Value{}, err
	}
	return Value{state: Set, typ: Decimal, text: c}, nil
}

// State says whether the value is absent, null or set.
func (v Value) State() State { return v.state }

// Type is the canonical type; it means nothing unless the value is Set.
func (v Value) Type() Type { return v.typ }

// IsSet reports whether the value holds something, an empty text included.
func (v Value) IsSet() bool { return v.state == Set }

// IsEmpty reports whether the value is absent, null or an empty text.
func (v Value) IsEmpty() bool { return v.state != Set || (v.typ == Text && v.text == "") }

// Text is the content of a Text, GUID, Decimal or Bytes value.
func (v Value) Text() string { return v.text }

// Int is the content of an Int value, 0 or 1 of a Bool, the days of a Date and the
// microseconds of a DateTime.
func (v Value) Int() int64 { return v.num }

// Bool is the content of a Bool value.
func (v Value) Bool() bool { return v.num != 0 }

// Float is the content of a Float value.
func (v Value) Float() float64 { return math.Float64frombits(uint64(v.num)) }

// Time is the instant of a DateTime or the midnight, in UTC, of a Date.
func (v Value) Time() time.Time {
	if v.typ == Date {
		return time.Unix(v.num*86400, 0).UTC()
	}
	return time.UnixMicro(v.num).UTC()
}

// String is the value as a person reads it: "" for absent and null. Two values
// of one type have the same string only if they are equal.
func (v Value) String() string {
	if v.state != Set {
		return ""
	}
	switch v.typ {
	case Int:
		return strconv.FormatInt(v.num, 10)
	case Bool:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case Float:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case Date:
		return v.Time().Format("2006-01-02")
	case DateTime:
		return v.Time().Format("2006-01-02T15:04:05.999999Z")
	case Bytes:
		return fmt.Sprintf("%x", v.text)
	default:
		return v.text
	}
}

// AppendBinary appends an encoding of v to b that differs for every different
// value: state and type in one byte, then the content. ParseBinary reads it.
func (v Value) AppendBinary(b []byte) []byte {
	b = append(b, byte(v.state)<<4|byte(v.typ))
	if v.state != Set {
		return b
	}
	switch v.typ {
	case Int, Float, Bool, Date, DateTime:
		return appendUvarint(b, zigzag(v.num))
	default:
		b = appendUvarint(b, uint64(len(v.text)))
		return append(b, v.text...)
	}
}

// ParseBinary reads one value that AppendBinary wrote and returns what follows it.
func ParseBinary(b []byte) (Value, []byte, error) {
	if len(b) == 0 {
		return Value{}, nil, errShort
	}
	v := Value{state: State(b[0] >> 4), typ: Type(b[0] & 15)}
	b = b[1:]
	if v.state != Set {
		return v, b, nil
	}
	n, b, err := parseUvarint(b)
	if err != nil {
		return Value{}, nil, err
	}
	switch v.typ {
	case Int, Float, Bool, Date, DateTime:
		v.num = unzigzag(n)
		return v, b, nil
	default:
		if uint64(len(b)) < n {
			return Value{}, nil, errShort
		}
		v.text = string(b[:n])
		return v, b[n:], nil
	}
}

func zigzag(n int64) uint64   { return uint64(n)<<1 ^ uint64(n>>63) }
func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

// canonicalDecimal drops signs of zero, leading and trailing zeros and exponents.
func canonicalDecimal(s string) (string, error) {
	if isCanonical(s) {
		return s, nil
	}
	in := s
	s = strings.TrimSpace(s)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 400 || e < -400 {
			return "", fmt.Errorf("%q is not a decimal number within 400 digits", in)
		}
		mantissa, exponent = s[:i], e
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	if whole == "" && frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return "", fmt.Errorf("%q is not a decimal number", in)
	}
	for ; exponent > 0; exponent-- {
		if frac == "" {
			whole += "0"
			continue
		}
		whole, frac = whole+frac[:1], frac[1:]
	}
	for ; exponent < 0; exponent++ {
		if whole == "" {
			frac = "0" + frac
			continue
		}
		whole, frac = whole[:len(whole)-1], whole[len(whole)-1:]+frac
	}
	whole, frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	if whole == "" {
		whole = "0"
	}
	out := whole
	if frac != "" {
		out += "." + frac
	}
	if neg && out != "0" {
		out = "-" + out
	}
	return out, nil
}

// isCanonical reports whether a number has the digits already that it is held
// with.
func isCanonical(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	point := len(digits)
	for i := range len(digits) {
		switch c := digits[i]; {
		case c == '.' && point == len(digits):
			point = i
		case c < '0' || c > '9':
			return false
		}
	}
	whole := digits[:point]
	if whole == "" || whole[0] == '0' && point > 1 {
		return false
	}
	if point < len(digits) {
		last := digits[len(digits)-1]
		return last != '0' && last != '.'
	}
	return s != "-0"
}
