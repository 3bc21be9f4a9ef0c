package filter

import (
	"strings"
	"time"
)

// partOfNumber tells whether c, which follows before, still belongs to a
// number, a date or a date-time.
func partOfNumber(c, before byte, ranges bool) bool {
	switch {
	case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '.', c == ':', c == '_', c >= 0x80:
		return true
	case c == '-' || c == '+':
		return before >= '0' && before <= '9' || before == 'e' || before == 'E'
	}
	return c == '\\' && ranges
}

// numberOrTime recognises the literals that are written without quotes.
func numberOrTime(s string) (Literal, bool) {
	if isNumber(s) {
		return Literal{NumberLiteral, strings.TrimPrefix(s, "+")}, true
	}
	for _, layout := range [...]string{time.DateOnly, `2\1\2006`} {
		if t, err := time.Parse(layout, s); err == nil {
			return Literal{DateLiteral, t.Format(time.DateOnly)}, true
		}
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, strings.ToUpper(s)); err == nil && inYears(t.UTC()) {
			return Literal{DateTimeLiteral, t.UTC().Format(time.RFC3339Nano)}, true
		}
	}
	return Literal{}, false
}

// inYears refuses an instant that its offset moves out of the four-digit years.
func inYears(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }

// isNumber accepts digits with a sign, a fraction and an exponent.
func isNumber(s string) bool {
	s = strings.TrimLeft(s[:1], "+-") + s[1:]
	mantissa, exponent, hasExponent := s, "", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, hasExponent = s[:i], s[i+1:], true
	}
	whole, fraction, hasPoint := strings.Cut(mantissa, ".")
	if !isDigits(whole) || hasPoint && !isDigits(fraction) {
		return false
	}
	if !hasExponent {
		return true
	}
	if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
		exponent = exponent[1:]
	}
	return isDigits(exponent) && len(exponent) <= 3
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isGUID tells whether s starts with a unique identifier, 8-4-4-4-12 digits of
// base 16, and nothing that would make it a longer word.
func isGUID(s string) bool {
	const shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) < len(shape) {
		return false
	}
	for i := range len(shape) {
		if dash := shape[i] == '-'; dash != (s[i] == '-') || !dash && !isHex(s[i]) {
			return false
		}
	}
	return len(s) == len(shape) || s[len(shape)] != '-' && !partOfNumber(s[len(shape)], ' ', false)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
