package sqlcore

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"dualwrite/connectors"
)

// valueShown bounds the value that an error repeats, in characters.
const valueShown = 200

// Shown is a value as an error repeats it.
func Shown(v connectors.Value) string {
	s := v.String()
	if utf8.RuneCountInString(s) <= valueShown {
		return s
	}
	return string([]rune(s)[:valueShown]) + "…"
}

// Unfit refuses a value that is not of a type.
func Unfit(v connectors.Value, t connectors.Type) *connectors.Error {
	return &connectors.Error{Kind: connectors.Invalid, Value: Shown(v), Message: fmt.Sprintf("%q (%s) is not a %s", Shown(v), v.Type(), t)}
}

// TooLarge refuses a value that breaks a limit.
func TooLarge(v connectors.Value, limit string) *connectors.Error {
	return &connectors.Error{Kind: connectors.TooLarge, Value: Shown(v), Limit: limit, Message: fmt.Sprintf("%q does not fit: %s", Shown(v), limit)}
}

// ParseBool reads the words and numbers that stand for yes and no.
func ParseBool(s string) (connectors.Value, bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		return connectors.BoolValue(true), true
	case "false", "no", "0":
		return connectors.BoolValue(false), true
	}
	return connectors.Value{}, false
}

// timeLayouts are the texts that count as a time and that name a day. One
// without a zone is in UTC.
var timeLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02"}

// ParseTime reads an ISO 8601 text, with a blank or a "T" before the time of day.
func ParseTime(s string) (time.Time, bool) {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	for _, layout := range timeLayouts {
		if (len(layout) == len(time.DateOnly)) != (len(s) == len(time.DateOnly)) {
			continue // a try in vain costs more than a success
		}
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// IsGUID reports whether s is 36 characters of hyphenated hexadecimal digits.
func IsGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
		} else if !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
