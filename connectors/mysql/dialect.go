package mysql

import (
	"encoding/hex"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
)

// dialect spells SQL for MySQL 8 and MariaDB. It never changes.
type dialect struct {
	mariaDB bool
	// returning says that an insert answers what it made.
	returning bool
	// captured says which tables have a log, whose sequence is then part of
	// their records' versions.
	captured map[string]bool
}

// quote works whatever the SQL mode says about quotes.
func quote(name string) string {
	return "`" + strings.ReplaceAll(strings.ReplaceAll(name, "\x00", ""), "`", "``") + "`"
}

// literal spells a text in digits where the SQL mode could change what it means.
func literal(text string) string {
	if !strings.ContainsAny(text, "\\'\x00") {
		return "'" + text + "'"
	}
	return "_utf8mb4 x'" + hex.EncodeToString([]byte(text)) + "'"
}

func (dialect) Quote(name string) string   { return quote(name) }
func (dialect) Literal(text string) string { return literal(text) }

func (dialect) Concat(parts []string) string { return "CONCAT(" + strings.Join(parts, ", ") + ")" }

func (dialect) From(t *sqlcore.Table) string { return quote(t.Base) }

// IDPart is the same in every session, so that a trigger, which runs in those of
// the app's users, spells it as we do.
func (dialect) IDPart(c *sqlcore.Column, expr string) string {
	switch c.Storage {
	case asText:
		return "CONVERT(" + expr + " USING utf8mb4)"
	case asBytes:
		return "LOWER(HEX(" + expr + "))"
	case asTimestamp:
		return "CAST(UNIX_TIMESTAMP(" + expr + ") AS CHAR)"
	case asBits:
		return "CAST(" + expr + " + 0 AS CHAR)"
	case asSingle:
		return "CAST(CAST(" + expr + " AS DOUBLE) AS CHAR)"
	}
	return "CAST(" + expr + " AS CHAR)"
}

// Head is what a version is made of: the sequence of the record's newest log
// row, and all its columns. Whether any record has a row is asked once a statement,
// which spares looking for that of each.
func (d dialect) Head(t *sqlcore.Table, alias string) []string {
	head := []string{"0"}
	if d.captured[t.Name] && !t.View {
		log := quote(logName(t.Name))
		newest := "(SELECT max(l.seq) FROM " + log + " AS l WHERE l.id = CAST(" + t.IDSQL(d, alias+".") + " AS BINARY))"
		head[0] = "CASE WHEN EXISTS (SELECT 1 FROM " + log + " AS l WHERE l.id IS NOT NULL) THEN " + newest + " END"
	}
	for i := range t.Columns {
		head = append(head, d.Read(&t.Columns[i], alias+"."+quote(t.Columns[i].Name)))
	}
	return head
}

// Read spells floating point numbers with all their digits: a FLOAT would come
// with six.
func (dialect) Read(c *sqlcore.Column, expr string) string {
	switch c.Storage {
	case asSingle:
		return "CAST(" + expr + " AS DOUBLE)"
	case asBits:
		return expr + " + 0"
	case asShape:
		return "ST_AsText(" + expr + ")"
	}
	return expr
}

// Operand gives a value the column's type, so that its index can be used, and
// its collation. A text that the column's character set does not have equals
// nothing; a conversion would make it a question mark.
func (dialect) Operand(c *sqlcore.Column, value string) string {
	if c == nil || c.Typed == "" {
		return value
	}
	if c.Storage != asText {
		return "CAST(" + value + " AS " + c.Typed + ")"
	}
	own := "CONVERT(" + value + " USING " + c.Typed + ") COLLATE " + c.Collation
	if strings.HasPrefix(c.Typed, "utf8mb4") || value == sqlcore.Mark {
		return own
	}
	return "CASE WHEN CAST(CONVERT(CONVERT(" + value + " USING " + c.Typed + ") USING utf8mb4) AS BINARY) = CAST(" + value + " AS BINARY) THEN " + own + " END"
}

func (dialect) Same(a, b string) string { return a + " <=> " + b }

// plainCase is a character set of single bytes in which LOWER changes the
// letters A to Z only and keeps every other byte.
const plainCase = "tis620"

// Fold works on the bytes of the text in UTF-8: the collations fold more than
// apps are taken to.
func (dialect) Fold(c *sqlcore.Column, expr string, f connectors.Fold) string {
	if c.Type != connectors.Text {
		return expr
	}
	expr = "CAST(CONVERT(" + expr + " USING utf8mb4) AS BINARY)"
	if f.Space {
		expr = "TRIM(TRAILING ' ' FROM " + expr + ")"
	}
	if f.Case {
		expr = "CAST(LOWER(CONVERT(" + expr + " USING " + plainCase + ")) AS BINARY)"
	}
	return expr
}

// Rows is one row as a SELECT, which may hold what is too long for one of
// several.
func (d dialect) Rows(n, width int) string {
	if n == 1 {
		return "SELECT " + sqlcore.Marks(width)
	}
	one := "(" + sqlcore.Marks(width) + ")"
	if !d.mariaDB {
		one = "ROW" + one
	}
	return "VALUES " + strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
}

// After compares column by column: servers use no index for tuples.
func (dialect) After(columns, values []string, args []any) sqlcore.Fragment {
	last := len(columns) - 1
	f := sqlcore.Fragment{SQL: columns[last] + " > " + values[last], Args: []any{args[last]}}
	for i := last - 1; i >= 0; i-- {
		f.SQL = columns[i] + " >= " + values[i] + " AND (" + columns[i] + " > " + values[i] + " OR (" + f.SQL + "))"
		f.Args = append([]any{args[i], args[i]}, f.Args...)
	}
	return f
}

func (d dialect) Compare(c *sqlcore.Column, expr string, n filter.Compare) sqlcore.Fragment {
	return sqlcore.StrictCompare(d, c, expr, n)
}

func (d dialect) Match(c *sqlcore.Column, expr string, n filter.Match) sqlcore.Fragment {
	return sqlcore.StrictMatch(d, c, expr, n)
}

// Number takes a floating point number by its shortest digits.
func (dialect) Number(c *sqlcore.Column, expr string) string {
	switch c.Storage {
	case asFloat:
		return "CAST(CAST(" + expr + " AS CHAR) AS DECIMAL(65,30))"
	case asSingle:
		return "CAST(CAST(CAST(" + expr + " AS DOUBLE) AS CHAR) AS DECIMAL(65,30))"
	case asBits:
		return "(" + expr + " + 0)"
	}
	return expr
}

// Day takes the day 0000-00-00, which reads as no date, for null.
func (dialect) Day(_ *sqlcore.Column, expr string) string {
	return "NULLIF(CAST(" + expr + " AS DATE), CAST('0000-00-00' AS DATE))"
}

// Instant takes the day 0000-00-00 for null too.
func (dialect) Instant(_ *sqlcore.Column, expr string) string {
	return "NULLIF(CAST(" + expr + " AS DATETIME(6)), CAST('0000-00-00' AS DATETIME(6)))"
}

func (dialect) Text(_ *sqlcore.Column, expr string) string {
	return "LOWER(CAST(" + expr + " AS CHAR))"
}

func (dialect) Cast(t connectors.Type, value string) string {
	switch t {
	case connectors.Date:
		return "CAST(" + value + " AS DATE)"
	case connectors.DateTime:
		return "CAST(" + value + " AS DATETIME(6))"
	}
	return "CAST(" + value + " AS DECIMAL(65,30))"
}
