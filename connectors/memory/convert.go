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
	case want == connectors.Text && from == connectors.GUID:
		return connectors.TextValue(v.Text()), true
	case want == connectors.GUID && from == connectors.Text:
		return connectors.GUIDValue(v.Text()), len(v.Text()) == 36
	case want == connectors.Date && from == connectors.DateTime:
		t := v.Time()
		return connectors.DateValue(t), t.Equal(t.Truncate(24 * time.Hour))
	case want == connectors.DateTime && from == connectors.Date:
		return connectors.DateTimeValue(v.Time()), true
	case isNumber(want) && isNumber(from):
		return exactNumber(v, want)
	}
	return v, false
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
