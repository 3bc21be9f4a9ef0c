package sqlite

import (
	"math"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
)

// load makes the canonical value of what a column holds. SQLite lets a column
// hold anything whatever its declared type; what does not fit that type is
// passed on as the type that it is, so nothing is lost and the field that
// cannot be mapped shows.
func (c *column) load(raw any) connectors.Value {
	if raw == nil {
		return connectors.NullValue()
	}
	if v, ok := c.fitting(raw); ok {
		return v
	}
	switch x := raw.(type) {
	case int64:
		return connectors.IntValue(x)
	case float64:
		return connectors.FloatValue(x)
	case []byte:
		return connectors.BytesValue(x)
	default:
		return connectors.TextValue(raw.(string))
	}
}

func (c *column) fitting(raw any) (connectors.Value, bool) {
	switch c.typ {
	case connectors.Text:
		return loadText(raw)
	case connectors.Decimal:
		return loadDecimal(raw)
	case connectors.Float:
		f, ok := raw.(float64)
		if n, whole := raw.(int64); whole {
			f, ok = float64(n), int64(float64(n)) == n
		}
		return connectors.FloatValue(f), ok
	case connectors.Bool:
		return loadBool(raw)
	}
	s, ok := raw.(string)
	if !ok { // numbers are Int and bytes are Bytes already
		return connectors.Value{}, false
	}
	switch c.typ {
	case connectors.Date:
		t, ok := parseTime(s)
		return connectors.DateValue(t), ok && t.Equal(t.Truncate(24*time.Hour))
	case connectors.DateTime:
		t, ok := parseTime(s)
		return connectors.DateTimeValue(t), ok
	case connectors.GUID:
		return connectors.GUIDValue(s), isGUID(s)
	}
	return connectors.Value{}, false
}

func loadText(raw any) (connectors.Value, bool) {
	switch x := raw.(type) {
	case string:
		return connectors.TextValue(x), true
	case int64:
		return connectors.TextValue(strconv.FormatInt(x, 10)), true
	}
	return connectors.Value{}, false
}

// loadDecimal takes the shortest digits that read back as a stored floating
// point number: they are the ones that were written, up to numericDigits.
func loadDecimal(raw any) (connectors.Value, bool) {
	var digits string
	switch x := raw.(type) {
	case int64:
		digits = strconv.FormatInt(x, 10)
	case float64:
		if math.IsInf(x, 0) {
			return connectors.Value{}, false
		}
		digits = strconv.FormatFloat(x, 'f', -1, 64)
	case string:
		digits = x
	default:
		return connectors.Value{}, false
	}
	v, err := connectors.DecimalValue(digits)
	return v, err == nil
}

func loadBool(raw any) (connectors.Value, bool) {
	switch x := raw.(type) {
	case int64:
		return connectors.BoolValue(x != 0), true
	case string:
		return parseBool(x)
	}
	return connectors.Value{}, false
}

func parseBool(s string) (connectors.Value, bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		return connectors.BoolValue(true), true
	case "false", "no", "0":
		return connectors.BoolValue(false), true
	}
	return connectors.Value{}, false
}

// timeLayouts are the texts that SQLite's own date functions take for a time
// value and that name a day. A time without a zone is in UTC.
var timeLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02"}

func parseTime(s string) (time.Time, bool) {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// isGUID reports whether s is 36 characters of hyphenated hexadecimal digits.
func isGUID(s string) bool {
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
