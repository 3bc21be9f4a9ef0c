package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// copyHeader begins COPY's binary format: a signature, no flags, no extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// appendBinary appends a value that fits a column, its length before it, as the
// column's type receives it.
func appendBinary(b []byte, c *sqlcore.Column, v connectors.Value) []byte {
	if !v.IsSet() {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	switch c.Storage {
	case asInt2:
		return binary.BigEndian.AppendUint16(append(b, 0, 0, 0, 2), uint16(v.Int()))
	case asInt4:
		return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(v.Int()))
	case asInt8:
		return appendEight(b, uint64(v.Int()))
	case asFloat8:
		return appendEight(b, math.Float64bits(v.Float()))
	case asTimestamp, asInstant:
		return appendEight(b, uint64(v.Int()-epochMicros))
	case asDate:
		return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(v.Int()-epochDays))
	case asBool:
		return append(b, 0, 0, 0, 1, byte(v.Int()))
	case asNumeric:
		at := len(b)
		b = appendNumeric(append(b, 0, 0, 0, 0), v.Text())
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
		return b
	case asUUID:
		return appendUUID(append(b, 0, 0, 0, 16), v.Text())
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(v.Text())))
	return append(b, v.Text()...)
}

func appendEight(b []byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), n)
}

// appendUUID takes the hyphenated digits of an identifier.
func appendUUID(b []byte, text string) []byte {
	digits := strings.ReplaceAll(text, "-", "")
	b, _ = hex.AppendDecode(b, []byte(digits)) // one that is none does not fit its column
	return b
}

// appendNumeric takes canonical digits. They go in groups of four, the first
// weight groups before the point.
func appendNumeric(b []byte, digits string) []byte {
	sign := uint16(0)
	if digits[0] == '-' {
		sign, digits = 0x4000, digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	before, after := (len(whole)+3)/4, (len(fraction)+3)/4
	b = binary.BigEndian.AppendUint16(b, uint16(before+after))
	b = binary.BigEndian.AppendUint16(b, uint16(before-1))
	b = binary.BigEndian.AppendUint16(b, sign)
	b = binary.BigEndian.AppendUint16(b, uint16(len(fraction)))
	for at := len(whole) - 4*before; at < len(whole); at += 4 {
		b = binary.BigEndian.AppendUint16(b, group(whole, at))
	}
	for at := 0; at < len(fraction); at += 4 {
		b = binary.BigEndian.AppendUint16(b, group(fraction, at))
	}
	return b
}

// group is four digits from a position on; what lies outside counts as 0.
func group(digits string, from int) (n uint16) {
	for at := from; at < from+4; at++ {
		n *= 10
		if at >= 0 && at < len(digits) {
			n += uint16(digits[at] - '0')
		}
	}
	return n
}
