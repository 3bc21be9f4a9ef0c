package postgres

import (
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
)

// dialect spells SQL for PostgreSQL.
type dialect struct{}

// numbered replaces the marks of a statement by $1, $2 and so on.
func numbered(sql string) string {
	return sqlcore.Number(sql, func(n int) string { return "$" + strconv.Itoa(n) })
}

func quote(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, "\x00", ""), `"`, `""`) + `"`
}

// literal does not depend on standard_conforming_strings.
func literal(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\x00", ""), "'", "''")
	if strings.Contains(text, `\`) {
		return "E'" + strings.ReplaceAll(text, `\`, `\\`) + "'"
	}
	return "'" + text + "'"
}

func (dialect) Quote(name string) string   { return quote(name) }
func (dialect) Literal(text string) string { return literal(text) }

func (dialect) Concat(parts []string) string { return strings.Join(parts, " || ") }

func (dialect) From(t *sqlcore.Table) string { return quote(t.Schema) + "." + quote(t.Base) }

// IDPart avoids the casts to text that depend on DateStyle, TimeZone and
// bytea_output: a trigger runs with the settings of the app's own users.
func (dialect) IDPart(c *sqlcore.Column, expr string) string {
	switch c.Storage {
	case asDate, asTimestamp:
		return "(to_json(" + expr + ") #>> '{}')"
	case asInstant:
		return "(to_json(" + expr + " AT TIME ZONE 'UTC') #>> '{}')"
	case asBytes:
		return "encode(" + expr + ", 'hex')"
	}
	if expr += "::text"; c.Collation != "" {
		return "(" + expr + ` COLLATE "C")` // replace and equality go by the bytes of an id
	}
	return expr
}

// Head is the transaction that wrote the row, as text; of a view, which has
// none, a hash over all columns.
func (dialect) Head(t *sqlcore.Table, alias string) []string {
	return []string{version(t, alias)}
}

func version(t *sqlcore.Table, alias string) string {
	if t.View {
		return "md5(ROW(" + alias + ".*)::text)"
	}
	return alias + ".xmin::text"
}

func (dialect) Read(c *sqlcore.Column, expr string) string {
	if c.Storage == viaText {
		return expr + "::text"
	}
	return expr
}

// Operand casts a text to the column's type without its modifier, which would
// silently cut it.
func (dialect) Operand(c *sqlcore.Column, value string) string {
	switch c.Storage {
	case asInstant:
		return "(" + value + "::text)::timestamptz"
	case asBytes:
		return "(" + value + "::text)::bytea"
	}
	expr := "(" + value + "::text)::" + c.Typed
	if c.Collation != "" {
		expr = "(" + expr + " COLLATE " + c.Collation + ")"
	}
	return expr
}

func (dialect) Same(a, b string) string { return a + " IS NOT DISTINCT FROM " + b }

// Fold goes by the collation "C", in which lower changes the letters A to Z
// only.
func (dialect) Fold(c *sqlcore.Column, expr string, f connectors.Fold) string {
	if c.Type != connectors.Text {
		return expr
	}
	expr = "(" + expr + "::text COLLATE \"C\")"
	if f.Space {
		expr = "rtrim(" + expr + ", ' ')"
	}
	if f.Case {
		expr = "lower(" + expr + ")"
	}
	return expr
}

// Rows takes one array for each column, however many rows there are.
func (dialect) Rows(_, width int) string {
	arrays := strings.TrimSuffix(strings.Repeat(sqlcore.Mark+"::text[], ", width), ", ")
	return "SELECT * FROM unnest(" + arrays + ")"
}

func (d dialect) Compare(c *sqlcore.Column, expr string, n filter.Compare) sqlcore.Fragment {
	return sqlcore.StrictCompare(d, c, expr, n)
}

func (d dialect) Match(c *sqlcore.Column, expr string, n filter.Match) sqlcore.Fragment {
	return sqlcore.StrictMatch(d, c, expr, n)
}

// Number takes a floating point number by its shortest digits.
func (dialect) Number(c *sqlcore.Column, expr string) string {
	if c.Type == connectors.Float {
		expr += "::text"
	}
	return "nullif(nullif(nullif(" + expr + "::numeric, 'NaN'), 'Infinity'), '-Infinity')"
}

func (dialect) Day(c *sqlcore.Column, expr string) string {
	if c.Storage == asInstant {
		expr = "(" + expr + " AT TIME ZONE 'UTC')"
	}
	return expr + "::date"
}

func (dialect) Instant(c *sqlcore.Column, expr string) string {
	if c.Storage == asInstant {
		return "(" + expr + " AT TIME ZONE 'UTC')"
	}
	return expr + "::timestamp"
}

func (dialect) Text(_ *sqlcore.Column, expr string) string { return expr + "::text" }

func (dialect) Cast(t connectors.Type, value string) string {
	switch t {
	case connectors.Date:
		return "(" + value + "::text)::date"
	case connectors.DateTime:
		return "(" + value + "::text)::timestamp"
	}
	return "(" + value + "::text)::numeric"
}
