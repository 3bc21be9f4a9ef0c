package postgres

import (
	"errors"
	"math"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
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

// errTypeChanged says that a column is no longer of the type that the catalog
// was read with, so that its content would be misread.
var errTypeChanged = errors.New("a column has another type by now")

// firstUserOID is where the types begin that the server does not come with.
const firstUserOID = 16384

// storageOf is how the content of a type comes over the wire, -1 for a way that
// is not known here.
func storageOf(oid uint32) int {
	switch oid {
	case pgtype.Int2OID:
		return asInt2
	case pgtype.Int4OID:
		return asInt4
	case pgtype.Int8OID:
		return asInt8
	case pgtype.NumericOID:
		return asNumeric
	case pgtype.Float4OID:
		return asFloat4
	case pgtype.Float8OID:
		return asFloat8
	case pgtype.BoolOID:
		return asBool
	case pgtype.DateOID:
		return asDate
	case pgtype.TimestampOID:
		return asTimestamp
	case pgtype.TimestamptzOID:
		return asInstant
	case pgtype.UUIDOID:
		return asUUID
	case pgtype.ByteaOID:
		return asBytes
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.JSONOID:
		return asText
	}
	if oid >= firstUserOID {
		return asText
	}
	return -1
}

// check holds the types of an answer's columns, from a position on, against the
// catalog.
func (p *plan) check(answer []pgconn.FieldDescription, from int) error {
	answer = answer[min(from, len(answer)):]
	for i, f := range p.Fields {
		want := f.End().Storage
		if want == viaText {
			want = asText
		}
		if p.At[i] >= len(answer) || storageOf(answer[p.At[i]].DataTypeOID) != want {
			return errTypeChanged
		}
	}
	return nil
}
