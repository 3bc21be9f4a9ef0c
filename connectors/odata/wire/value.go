package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
)

// Canonical is the canonical type of a primitive Edm type; 0 for one that is
// not carried, such as a stream or a geography.
func Canonical(edm string) connectors.Type {
	switch edm {
	case "Edm.String", "Edm.TimeOfDay", "Edm.Duration":
		return connectors.Text
	case "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Byte", "Edm.SByte":
		return connectors.Int
	case "Edm.Decimal":
		return connectors.Decimal
	case "Edm.Double", "Edm.Single":
		return connectors.Float
	case "Edm.Boolean":
		return connectors.Bool
	case "Edm.Date":
		return connectors.Date
	case "Edm.DateTimeOffset":
		return connectors.DateTime
	case "Edm.Guid":
		return connectors.GUID
	case "Edm.Binary":
		return connectors.Bytes
	}
	return 0
}

// Decode reads one JSON value (string, json.Number, bool or nil) as a canonical
// type. Numbers may come as text, as services do that keep all their digits.
func Decode(t connectors.Type, x any) (connectors.Value, error) {
	switch x := x.(type) {
	case nil:
		return connectors.NullValue(), nil
	case bool:
		if t == connectors.Bool {
			return connectors.BoolValue(x), nil
		}
		return connectors.Value{}, fmt.Errorf("%v is not a %v", x, t)
	case json.Number:
		return decodeText(t, x.String())
	case string:
		return decodeText(t, x)
	}
	return connectors.Value{}, fmt.Errorf("a %T is not a %v", x, t)
}

func decodeText(t connectors.Type, s string) (connectors.Value, error) {
	switch t {
	case connectors.Text:
		return connectors.TextValue(s), nil
	case connectors.Int:
		return decodeInt(s)
	case connectors.Decimal:
		return connectors.DecimalValue(s)
	case connectors.Float:
		f, err := strconv.ParseFloat(strings.Replace(s, "INF", "Inf", 1), 64)
		return connectors.FloatValue(f), err
	case connectors.Bool:
		b, err := strconv.ParseBool(s)
		return connectors.BoolValue(b), err
	case connectors.Date:
		if len(s) > len(time.DateOnly) {
			s = s[:len(time.DateOnly)]
		}
		d, err := time.Parse(time.DateOnly, s)
		return connectors.DateValue(d), err
	case connectors.DateTime:
		at, err := time.Parse(time.RFC3339Nano, s)
		return connectors.DateTimeValue(at), err
	case connectors.GUID:
		if len(s) != 36 {
			return connectors.Value{}, fmt.Errorf("%q is not a unique identifier", s)
		}
		return connectors.GUIDValue(s), nil
	case connectors.Bytes:
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "="))
		return connectors.BytesValue(b), err
	}
	return connectors.Value{}, fmt.Errorf("a %v is not carried", t)
}

func decodeInt(s string) (connectors.Value, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return connectors.IntValue(n), nil
	}
	d, err := connectors.DecimalValue(s)
	if err != nil {
		return connectors.Value{}, err
	}
	n, err := strconv.ParseInt(d.Text(), 10, 64)
	return connectors.IntValue(n), err
}

// Encode is the JSON of a value that already has the type of its property.
func Encode(v connectors.Value) any {
	if !v.IsSet() {
		return nil
	}
	switch v.Type() {
	case connectors.Int, connectors.Decimal:
		return json.Number(v.String())
	case connectors.Float:
		switch f := v.Float(); {
		case math.IsInf(f, 1):
			return "INF"
		case math.IsInf(f, -1):
			return "-INF"
		case math.IsNaN(f):
			return "NaN"
		}
		return json.Number(v.String())
	case connectors.Bool:
		return v.Bool()
	case connectors.Bytes:
		return base64.URLEncoding.EncodeToString([]byte(v.Text()))
	}
	return v.String()
}

// Literal is a value as it is written in a filter or a key predicate, before it
// is escaped. An enumeration's member is the caller's to write.
func Literal(v connectors.Value) string {
	if !v.IsSet() {
		return "null"
	}
	switch v.Type() {
	case connectors.Text:
		return Quote(v.Text())
	case connectors.Bytes:
		return "binary" + Quote(base64.URLEncoding.EncodeToString([]byte(v.Text())))
	}
	return v.String()
}

// ParseLiteral reads the literal of a key as a canonical type.
func ParseLiteral(t connectors.Type, literal string) (connectors.Value, error) {
	if s, ok := Unquote(literal); ok {
		if t != connectors.Text && t != connectors.GUID {
			return connectors.Value{}, fmt.Errorf("%s is not a %v", literal, t)
		}
		return decodeText(t, s)
	}
	if at := strings.IndexByte(literal, '\''); at > 0 && t == connectors.Text {
		if s, ok := Unquote(literal[at:]); ok { // NS.Type'Member'
			return connectors.TextValue(s), nil
		}
	}
	if t == connectors.Text {
		return connectors.Value{}, fmt.Errorf("%s is not a text in quotes", literal)
	}
	return decodeText(t, literal)
}
