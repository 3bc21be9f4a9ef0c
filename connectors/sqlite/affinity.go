package sqlite

import (
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// affinity is how a column converts what is stored in it
// (sqlite.org/datatype3.html, 3.1). It is the Storage of a column.
type affinity = int

const (
	blobAffinity affinity = iota
	textAffinity
	numericAffinity
	integerAffinity
	realAffinity
)

// affinityOf follows SQLite's five rules, in their order.
func affinityOf(declared string) affinity {
	d := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(d, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return integerAffinity
	case has("CHAR", "CLOB", "TEXT"):
		return textAffinity
	case d == "" || has("BLOB"):
		return blobAffinity
	case has("REAL", "FLOA", "DOUB"):
		return realAffinity
	}
	return numericAffinity
}

// declaredTypes maps the beginning of a declared type to its canonical type;
// the first that fits counts. What fits none is text.
var declaredTypes = []struct {
	prefix string
	typ    connectors.Type
}{
	{"DEC", connectors.Decimal}, {"NUM", connectors.Decimal}, {"MONEY", connectors.Decimal}, {"CURRENCY", connectors.Decimal},
	{"REAL", connectors.Float}, {"DOUBLE", connectors.Float}, {"FLOAT", connectors.Float},
	{"BOOL", connectors.Bool}, {"BIT", connectors.Bool},
	{"DATETIME", connectors.DateTime}, {"TIMESTAMP", connectors.DateTime}, {"DATE", connectors.Date},
	{"GUID", connectors.GUID}, {"UUID", connectors.GUID}, {"UNIQUEIDENTIFIER", connectors.GUID},
	{"BLOB", connectors.Bytes}, {"BINARY", connectors.Bytes}, {"VARBINARY", connectors.Bytes},
}

// numericDigits is how many significant digits survive in a column of numeric
// affinity, which turns every fraction into a binary floating point number.
const numericDigits = 15

// declare reads a declared type: "DECIMAL(18, 4)" is a Decimal of 18 digits, 4
// of them after the point.
func declare(c *sqlcore.Column, declared string) {
	c.Storage = affinityOf(declared)
	c.Type = typeOf(declared, c.Storage)
	first, second := parameters(declared)
	switch c.Type {
	case connectors.Text:
		c.Length = first
	case connectors.DateTime:
		c.Scale = 6
	case connectors.Decimal:
		c.Digits, c.Scale = first, second
		if first == 0 {
			c.Scale = -1
			if c.Storage == numericAffinity {
				c.Digits = numericDigits
			}
		}
	}
}

func typeOf(declared string, a affinity) connectors.Type {
	d := strings.ToUpper(strings.TrimSpace(declared))
	for _, t := range declaredTypes {
		if strings.HasPrefix(d, t.prefix) {
			return t.typ
		}
	}
	if a == integerAffinity {
		return connectors.Int
	}
	return connectors.Text
}

func parameters(declared string) (first, second int) {
	_, list, ok := strings.Cut(declared, "(")
	if !ok {
		return 0, 0
	}
	list, _, _ = strings.Cut(list, ")")
	a, b, _ := strings.Cut(list, ",")
	first, _ = strconv.Atoi(strings.TrimSpace(a)) // "VARCHAR(MAX)" has no limit
	second, _ = strconv.Atoi(strings.TrimSpace(b))
	return first, second
}
