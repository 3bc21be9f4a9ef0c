package mysql

import (
	"math"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// How a column keeps its values, for sqlcore.Column.Storage.
const (
	asText      = iota // characters, in a character set and a collation
	asWords            // what reads and compares as text but is none: TIME, YEAR, INET6
	asNumber           // INT and its kin, DECIMAL
	asUnsigned         // BIGINT UNSIGNED
	asBits             // BIT
	asFloat            // DOUBLE
	asSingle           // FLOAT
	asDate             // DATE
	asDateTime         // DATETIME, taken to be in UTC
	asTimestamp        // TIMESTAMP
	asBytes            // BINARY, VARBINARY and BLOB
	asGUID             // MariaDB's UUID
	asShape            // GEOMETRY and its kin: read only
)

// columnType is a column as information_schema tells it.
type columnType struct {
	name      string // DATA_TYPE: "varchar"
	full      string // COLUMN_TYPE: "tinyint(1) unsigned"
	length    int64  // CHARACTER_MAXIMUM_LENGTH
	octets    int64  // CHARACTER_OCTET_LENGTH
	precision int64  // NUMERIC_PRECISION
	scale     int64  // NUMERIC_SCALE
	fraction  int64  // DATETIME_PRECISION
	charset   string
	collation string
}

// apply gives a column its type and limits.
func (ct columnType) apply(c *sqlcore.Column) {
	unsigned := strings.Contains(ct.full, "unsigned")
	c.Type, c.Storage = connectors.Text, asWords
	switch ct.name {
	case "tinyint", "smallint", "mediumint", "int", "bigint":
		ct.whole(c, unsigned)
	case "decimal":
		c.Type, c.Storage = connectors.Decimal, asNumber
		c.Digits, c.Scale = int(ct.precision), int(ct.scale)
		c.Typed = "DECIMAL(" + strconv.Itoa(c.Digits) + "," + strconv.Itoa(c.Scale) + ")"
	case "float":
		c.Type, c.Storage, c.Typed = connectors.Float, asSingle, "DOUBLE"
	case "double":
		c.Type, c.Storage, c.Typed = connectors.Float, asFloat, "DOUBLE"
	case "bit":
		ct.bits(c)
	case "date":
		c.Type, c.Storage, c.Typed = connectors.Date, asDate, "DATE"
	case "datetime":
		c.Type, c.Storage, c.Typed, c.Scale = connectors.DateTime, asDateTime, "DATETIME(6)", int(ct.fraction)
	case "timestamp":
		c.Type, c.Storage, c.Typed, c.Scale = connectors.DateTime, asTimestamp, "DATETIME(6)", int(ct.fraction)
		c.From = time.Unix(1, 0).UTC()
		c.To = time.Date(2038, 1, 19, 3, 14, 7, 999_999_000, time.UTC)
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		c.Type, c.Storage, c.Typed, c.Bytes = connectors.Bytes, asBytes, "BINARY", limit(ct.length)
	case "uuid":
		c.Type, c.Storage, c.Typed = connectors.GUID, asGUID, "UUID"
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		c.Storage, c.Assigned, c.Opaque = asShape, true, true
	default:
		ct.text(c)
	}
}

func (ct columnType) whole(c *sqlcore.Column, unsigned bool) {
	c.Type, c.Storage, c.Typed = connectors.Int, asNumber, "SIGNED"
	width := map[string]int{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}[ct.name]
	switch {
	case ct.full == "tinyint(1)":
		c.Type = connectors.Bool
	case unsigned && width == 64:
		c.Type, c.Storage, c.Typed, c.Digits = connectors.Decimal, asUnsigned, "UNSIGNED", 20
	case unsigned:
		c.High = 1<<width - 1
	case width < 64:
		c.Low, c.High = -1<<(width-1), 1<<(width-1)-1
	default:
		c.Low, c.High = math.MinInt64, math.MaxInt64
	}
}

func (ct columnType) bits(c *sqlcore.Column) {
	c.Type, c.Storage, c.Typed = connectors.Int, asBits, "UNSIGNED"
	switch {
	case ct.precision == 1:
		c.Type = connectors.Bool
	case ct.precision >= 63:
		c.Type, c.Digits = connectors.Decimal, 20
	default:
		c.High = 1<<ct.precision - 1
	}
}

// text is a column of characters, or one that the server spells as text.
func (ct columnType) text(c *sqlcore.Column) {
	if ct.collation == "" && ct.name != "json" {
		c.Opaque = true
		return
	}
	c.Storage, c.Typed, c.Collation = asText, ct.charset, ct.collation
	switch ct.name {
	case "char", "varchar":
		c.Length = limit(ct.length)
		c.Fold.Space = ct.name == "char" // a CHAR reads without its trailing spaces
	case "tinytext", "text", "mediumtext", "longtext":
		if strings.HasPrefix(ct.charset, "utf8") {
			c.Bytes = limit(ct.octets)
		}
	case "enum":
		c.Members, c.Length = members(ct.full), limit(ct.length)
	case "set":
		c.Length = limit(ct.length)
	case "json":
		c.Opaque, c.Storage, c.Typed = true, asWords, ""
	}
}

// limit is a length as one that this machine's numbers hold; 0 is none.
func limit(n int64) int {
	if n >= math.MaxUint32 || n < 0 {
		return 0
	}
	return int(n)
}

// members reads the members of "enum('a','it”s')".
func members(full string) (list []string) {
	_, text, _ := strings.Cut(full, "(")
	var member strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\'' {
			continue
		}
		for i++; i < len(text); i++ {
			if text[i] == '\'' {
				if i+1 >= len(text) || text[i+1] != '\'' {
					break
				}
				i++
			}
			member.WriteByte(text[i])
		}
		list = append(list, member.String())
		member.Reset()
	}
	return list
}
