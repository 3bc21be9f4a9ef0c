package postgres

import (
	"math"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// How a column's content comes over the wire, in binary form.
const (
	asText  = iota // as its text
	viaText        // cast to text first
	asInt2
	asInt4
	asInt8
	asNumeric
	asFloat4
	asFloat8
	asBool
	asDate
	asTimestamp // without a time zone, taken as UTC
	asInstant   // with time zone
	asUUID
	asBytes
)

// attribute is what the server's catalog says of a column's type, with the base
// of a domain in the domain's place.
type attribute struct {
	base     string // name of the type in pg_catalog, or elsewhere the bare name
	catalog  bool   // the type is one of the server's own
	enum     bool
	modifier int // length, or precision and scale; -1 for none
}

// declare fills a column from its type. What has no canonical type of its own
// is a text: the text that the server itself makes of it and takes for it.
func declare(c *sqlcore.Column, a attribute) {
	c.Type, c.Storage, c.Opaque = connectors.Text, viaText, true
	if a.enum {
		c.Storage, c.Opaque = asText, false
		return
	}
	if a.base == "citext" {
		c.Storage, c.Opaque, c.Fold.Case = asText, false, true
		return
	}
	if !a.catalog {
		return
	}
	switch a.base {
	case "text", "name":
		c.Storage, c.Opaque = asText, false
	case "varchar":
		c.Storage, c.Opaque, c.Length = asText, false, max(a.modifier-4, 0)
	case "bpchar":
		c.Opaque, c.Length, c.Fold.Space = false, max(a.modifier-4, 0), true
	case "json":
		c.Storage = asText
	case "int2":
		c.Type, c.Storage, c.Low, c.High = connectors.Int, asInt2, math.MinInt16, math.MaxInt16
	case "int4":
		c.Type, c.Storage, c.Low, c.High = connectors.Int, asInt4, math.MinInt32, math.MaxInt32
	case "int8":
		c.Type, c.Storage = connectors.Int, asInt8
	case "numeric":
		declareNumeric(c, a.modifier)
	case "float4":
		c.Type, c.Storage = connectors.Float, asFloat4
	case "float8":
		c.Type, c.Storage = connectors.Float, asFloat8
	case "bool":
		c.Type, c.Storage = connectors.Bool, asBool
	case "uuid":
		c.Type, c.Storage = connectors.GUID, asUUID
	case "bytea":
		c.Type, c.Storage = connectors.Bytes, asBytes
	case "date", "timestamp", "timestamptz":
		declareTime(c, a)
	}
	c.Opaque = c.Opaque && c.Type == connectors.Text
}

// declareNumeric reads precision and scale. A negative scale rounds before the
// point, which then has that many digits more.
func declareNumeric(c *sqlcore.Column, modifier int) {
	c.Type, c.Storage, c.Scale = connectors.Decimal, asNumeric, -1
	if modifier < 0 {
		return
	}
	scale := (modifier - 4) & 0x7ff
	if scale >= 1024 {
		scale -= 2048
	}
	c.Digits, c.Scale = (modifier-4)>>16&0xffff-min(scale, 0), max(scale, 0)
}

func declareTime(c *sqlcore.Column, a attribute) {
	c.From = time.Date(-4712, 1, 1, 0, 0, 0, 0, time.UTC)
	if a.base == "date" {
		c.Type, c.Storage, c.To = connectors.Date, asDate, time.Date(5874897, 12, 31, 0, 0, 0, 0, time.UTC)
		return
	}
	c.Type, c.Storage, c.To = connectors.DateTime, asTimestamp, time.Date(294246, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	if a.base == "timestamptz" {
		c.Storage = asInstant
	}
	if c.Scale = 6; a.modifier >= 0 {
		c.Scale = a.modifier
	}
}
