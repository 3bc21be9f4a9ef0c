package sqlite

import (
	"math"
	"strconv"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// load makes the canonical value of what a column holds. SQLite lets a column
// hold anything whatever its declared type; what does not fit that type is
// passed on as the type that it is, so nothing is lost and the field that
// cannot be mapped shows.
func load(c *sqlcore.Column, raw any) connectors.Value {
	if raw == nil {
		return connectors.NullValue()
	}
	if v, ok := fitting(c, raw); ok {
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

func fitting(c *sqlcore.Column, raw any) (connectors.Value, bool) {
	switch c.Type {
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
	switch c.Type {
	case connectors.Date:
		t, ok := sqlcore.ParseTime(s)
		return connectors.DateValue(t), ok && t.Equal(t.Truncate(24*time.Hour))
	case connectors.DateTime:
		t, ok := sqlcore.ParseTime(s)
		return connectors.DateTimeValue(t), ok
	case connectors.GUID:
		return connectors.GUIDValue(s), sqlcore.IsGUID(s)
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
		return sqlcore.ParseBool(x)
	}
	return connectors.Value{}, false
}
