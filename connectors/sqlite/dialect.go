package sqlite

import (
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// dialect spells SQL for SQLite.
type dialect struct{}

// bound replaces the marks of a statement by SQLite's own.
func bound(sql string) string { return strings.ReplaceAll(sql, sqlcore.Mark, "?") }

func (dialect) Quote(name string) string     { return quote(name) }
func (dialect) Literal(text string) string   { return literal(text) }
func (dialect) Concat(parts []string) string { return strings.Join(parts, " || ") }

func (dialect) From(t *sqlcore.Table) string { return from(t.Base) }

// Head is all columns of the table: the version token covers them. The plus
// keeps the driver from making a time of a DATE column's text.
func (dialect) Head(t *sqlcore.Table, alias string) []string {
	head := make([]string, len(t.Columns))
	for i := range t.Columns {
		head[i] = "+" + alias + "." + quote(t.Columns[i].Name)
	}
	return head
}

func (dialect) Read(_ *sqlcore.Column, expr string) string     { return "+" + expr }
func (dialect) Operand(_ *sqlcore.Column, value string) string { return value }
func (dialect) Same(a, b string) string                        { return a + " IS " + b }

func (dialect) Fold(c *sqlcore.Column, expr string, f connectors.Fold) string {
	expr, collation := fold(c, expr, f)
	return expr + collation
}

// fold is a text column's content and the collation in which it compares as
// asked. Both know no letters beyond A to Z.
func fold(c *sqlcore.Column, expr string, f connectors.Fold) (folded, collation string) {
	if c.Type != connectors.Text {
		return expr, ""
	}
	if f.Space {
		expr = "rtrim(" + expr + ", ' ')"
	}
	if f.Case {
		return expr, " COLLATE NOCASE"
	}
	return expr, " COLLATE BINARY"
}

func (dialect) Rows(n, width int) string { return "VALUES " + sqlcore.Tuples(n, width) }

// quote makes a name an SQL identifier, whatever it contains. A NUL, which no
// SQLite name can hold, would end the statement and is dropped.
func quote(name string) string {
	name = strings.ReplaceAll(name, "\x00", "")
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// from names a table where a statement could take its name for one of ours.
func from(table string) string { return "main." + quote(table) }

// literal makes a text an SQL string. It is for trigger bodies, which take no
// bound parameters.
func literal(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
