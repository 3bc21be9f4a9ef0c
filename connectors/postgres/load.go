package postgres

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// PostgreSQL counts days and microseconds from 2000-01-01.
const (
	epochDays   = 10_957
	epochMicros = 946_684_800_000_000
)

// load makes the canonical value of a column's content in binary form, unless that
// has a text. What its
// type cannot hold, such as infinity, is passed on as the text that it is, so
// nothing is lost and the field that cannot be mapped shows.
func load(c *sqlcore.Column, raw []byte) (connectors.Value, error) {
	if raw == nil {
		return connectors.NullValue(), nil
	}
	switch c.Storage {
	case asInt2:
		return connectors.IntValue(int64(int16(binary.BigEndian.Uint16(raw)))), nil
	case asInt4:
		return connectors.IntValue(int64(int32(binary.BigEndian.Uint32(raw)))), nil
	case asInt8:
		return connectors.IntValue(int64(binary.BigEndian.Uint64(raw))), nil
	case asFloat4:
		f, err := strconv.ParseFloat(strconv.FormatFloat(float64(math.Float32frombits(binary.BigEndian.Uint32(raw))), 'g', -1, 32), 64)
		return connectors.FloatValue(f), err
	case asFloat8:
		return connectors.FloatValue(math.Float64frombits(binary.BigEndian.Uint64(raw))), nil
	case asBool:
		return connectors.BoolValue(raw[0] != 0), nil
	case asDate:
		return loadDate(int32(binary.BigEndian.Uint32(raw))), nil
	case asTimestamp, asInstant:
		return loadInstant(int64(binary.BigEndian.Uint64(raw))), nil
	}
	return connectors.Value{}, fmt.Errorf("storage %d is not known", c.Storage)
}

func loadDate(days int32) connectors.Value {
	switch days {
	case math.MaxInt32:
		return connectors.TextValue("infinity")
	case math.MinInt32:
		return connectors.TextValue("-infinity")
	}
	return connectors.DayValue(int64(days) + epochDays)
}

func loadInstant(micros int64) connectors.Value {
	switch {
	case micros == math.MaxInt64:
		return connectors.TextValue("infinity")
	case micros == math.MinInt64:
		return connectors.TextValue("-infinity")
	case micros > math.MaxInt64-epochMicros: // the last years that the server knows
		return connectors.TextValue(time.Unix(micros/1_000_000+epochMicros/1_000_000, 0).UTC().Format("2006-01-02 15:04:05"))
	}
	return connectors.InstantValue(micros + epochMicros)
}

func appendHyphenated(b, raw []byte) []byte {
	for i, part := range [...][]byte{raw[0:4], raw[4:6], raw[6:8], raw[8:10], raw[10:16]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// appendDigits spells a number as it is held. It comes in groups of four digits,
// the first of them weight groups before the point. What is no number is a text.
func appendDigits(b, raw []byte) (out []byte, number bool, err error) {
	if len(raw) < 8 {
		return b, false, fmt.Errorf("a number of %d bytes", len(raw))
	}
	groups := int(binary.BigEndian.Uint16(raw))
	weight := int(int16(binary.BigEndian.Uint16(raw[2:])))
	sign := binary.BigEndian.Uint16(raw[4:])
	switch sign {
	case 0xc000:
		return append(b, "NaN"...), false, nil
	case 0xd000:
		return append(b, "Infinity"...), false, nil
	case 0xf000:
		return append(b, "-Infinity"...), false, nil
	}
	if len(raw) != 8+2*groups {
		return b, false, fmt.Errorf("a number of %d groups in %d bytes", groups, len(raw))
	}
	if sign != 0 && groups > 0 {
		b = append(b, '-')
	}
	group := func(i int) {
		n := uint16(0)
		if i >= 0 && i < groups {
			n = binary.BigEndian.Uint16(raw[8+2*i:])
		}
		b = append(b, byte('0'+n/1000%10), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	first := len(b)
	for i := 0; i <= weight; i++ {
		group(i)
	}
	b = append(b[:first], bytes.TrimLeft(b[first:], "0")...)
	if len(b) == first {
		b = append(b, '0')
	}
	if groups > weight+1 {
		b = append(b, '.')
		for i := weight + 1; i < groups; i++ {
			group(i)
		}
		b = bytes.TrimRight(bytes.TrimRight(b, "0"), ".")
	}
	return b, true, nil
}

// store spells a value that fits the column as the text that the server casts
// to the column's type; nil for null.
func store(c *sqlcore.Column, v connectors.Value) *string {
	if !v.IsSet() {
		return nil
	}
	s := v.String()
	switch v.Type() {
	case connectors.Float:
		s = strings.Replace(s, "Inf", "Infinity", 1)
	case connectors.Bytes:
		s = `\x` + s
	case connectors.Date:
		s = spellTime(v.Time(), "", "")
	case connectors.DateTime:
		zone := ""
		if c.Storage == asInstant {
			zone = "+00"
		}
		s = spellTime(v.Time(), " 15:04:05.999999", zone)
	}
	return &s
}

// spellTime writes a time of any year the way the server reads it.
func spellTime(t time.Time, timeOfDay, zone string) string {
	switch year := t.Year(); {
	case year < 1:
		return fmt.Sprintf("%04d-%s%s BC", 1-year, t.Format("01-02"+timeOfDay), zone)
	case year > 9999:
		return fmt.Sprintf("%d-%s%s", year, t.Format("01-02"+timeOfDay), zone)
	}
	return t.Format("2006-01-02"+timeOfDay) + zone
}

// fit converts a value and checks it against the limits of a column, those that
// are PostgreSQL's own included.
func fit(c *sqlcore.Column, v connectors.Value) (connectors.Value, *connectors.Error) {
	out, refusal := c.Fit(v)
	switch {
	case refusal != nil || !out.IsSet():
	case out.Type() == connectors.Text && strings.Contains(out.Text(), "\x00"):
		return out, &connectors.Error{Kind: connectors.Invalid, Value: sqlcore.Shown(v), Message: "PostgreSQL cannot store a text with the character NUL in it"}
	case c.Storage == asFloat4:
		f := out.Float()
		if back, _ := strconv.ParseFloat(strconv.FormatFloat(float64(float32(f)), 'g', -1, 32), 64); back != f && !math.IsNaN(f) {
			return out, sqlcore.TooLarge(v, "as many digits as a floating point number of 32 bits holds")
		}
	}
	return out, refusal
}
