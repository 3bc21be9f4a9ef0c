package memory

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"dualwrite/connectors"
)

// convert gives v in the field's type, or says why it cannot without loss. A
// lookup holds its parent's native id as text, whatever type it declares.
func convert(v connectors.Value, f *connectors.Field) (connectors.Value, *connectors.Error) {
	want := f.Type
	if f.Lookup != "" {
		want = connectors.Text
	}
	if !v.IsSet() || v.Type() == want {
		return v, nil
	}
	if out, ok := exactly(v, want); ok {
		return out, nil
	}
	return v, &connectors.Error{Kind: connectors.Invalid, Field: f.Name, Value: v.String(),
		Message: fmt.Sprintf("%s is a %s and cannot hold the %s %q", f.Name, want, v.Type(), v)}
}

func exactly(v connectors.Value, want connectors.Type) (out connectors.Value, ok bool) {
	from := v.Type()
	switch {
	case from == connectors.Text:
		return parse(v.Text(), want)
	case want == connectors.Text:
		return connectors.TextValue(v.String()), from != connectors.Bytes
	case want == connectors.Date && from == connectors.DateTime:
		t := v.Time()
		return connectors.DateValue(t), t.Equal(t.Truncate(24 * time.Hour))
	case want == connectors.DateTime && from == connectors.Date:
		return connectors.DateTimeValue(v.Time()), true
	case want == connectors.Bool && from == connectors.Int:
		return connectors.BoolValue(v.Int() == 1), v.Int() == 0 || v.Int() == 1
	case want == connectors.Int && from == connectors.Bool:
		return connectors.IntValue(v.Int()), true
	case isNumber(want) && isNumber(from):
		return exactNumber(v, want)
	}
	return v, false
}

// parse reads a text as String writes a value of the type, and numbers in any
// spelling.
func parse(s string, want connectors.Type) (out connectors.Value, ok bool) {
	switch want {
	case connectors.GUID:
		return connectors.GUIDValue(s), len(s) == 36
	case connectors.Bool:
		return connectors.BoolValue(s == "true"), s == "true" || s == "false"
	case connectors.Date:
		t, err := time.Parse(time.DateOnly, s)
		return connectors.DateValue(t), err == nil
	case connectors.DateTime:
		t, err := time.Parse(time.RFC3339Nano, s)
		return connectors.DateTimeValue(t), err == nil
	case connectors.Int, connectors.Decimal, connectors.Float:
		decimal, err := connectors.DecimalValue(s)
		if err != nil {
			return out, false
		}
		return exactNumber(decimal, want)
	}
	return out, false
}

func isNumber(t connectors.Type) bool {
	return t == connectors.Int || t == connectors.Decimal || t == connectors.Float
}

func exactNumber(v connectors.Value, want connectors.Type) (out connectors.Value, ok bool) {
	if v.Type() == connectors.Float && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)) {
		return v, false
	}
	decimal, err := connectors.DecimalValue(v.String())
	if err != nil {
		return v, false
	}
	switch want {
	case connectors.Int:
		n, err := strconv.ParseInt(decimal.Text(), 10, 64)
		return connectors.IntValue(n), err == nil
	case connectors.Float:
		f, err := strconv.ParseFloat(decimal.Text(), 64)
		if err != nil {
			return v, false
		}
		out = connectors.FloatValue(f)
		back, err := connectors.DecimalValue(out.String())
		return out, err == nil && back == decimal
	}
	return decimal, true
}
