package sqlcore

import (
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

// Dialect is what one database spells in its own way. Its answers are pieces of
// SQL; an expression that it is given is safe to repeat. Every method is pure.
type Dialect interface {
	// Quote makes a name an identifier, whatever it contains.
	Quote(name string) string
	// Literal makes a text a string constant.
	Literal(text string) string
	// Concat joins texts; it is null when one of them is.
	Concat(parts []string) string
	// From names a table where a statement reads or writes it.
	From(t *Table) string
	// IDPart is the text of one column of the native id; c is nil for RowID. It
	// must not depend on the settings of a session.
	IDPart(c *Column, expr string) string
	// Head is what Record versions are made of, for the table's alias; it
	// follows the native id among the columns that are read.
	Head(t *Table, alias string) []string
	// Read is how the content of a column is selected.
	Read(c *Column, expr string) string
	// Operand makes a value, bound or read from Rows, comparable with a column.
	Operand(c *Column, value string) string
	// Same is equality in which null equals null.
	Same(a, b string) string
	// Fold is a text column's content such that two are equal exactly when
	// Fold.Apply takes them for one; other columns stay as they are.
	Fold(c *Column, expr string, f connectors.Fold) string
	// Rows is the query that yields n bound rows of so many values.
	Rows(n, width int) string
	// Compare is a filter's comparison of a column with a literal other than
	// null. It is true or false, never null.
	Compare(c *Column, expr string, n filter.Compare) Fragment
	// Match is a filter's text test; never null either.
	Match(c *Column, expr string, n filter.Match) Fragment
}

// Seeker is a Dialect of a database that uses no index where tuples are compared.
type Seeker interface {
	// After is the condition that columns come after values in the order of the
	// columns; each value has one mark, for the argument at its place.
	After(columns, values []string, args []any) Fragment
}

// Escaper is a Dialect that spells by itself how a part of a composite native id
// is escaped.
type Escaper interface {
	EscapePart(expr string) string
}

// Mark stands for a bound value in a Fragment. No name and no literal can
// contain it, so that a dialect can number the marks at the end.
const Mark = "\x00"

// Fragment is a piece of SQL and the values bound in it, in order of the marks.
type Fragment struct {
	SQL  string
	Args []any
}

// Add appends another fragment.
func (f *Fragment) Add(sql string, args ...any) {
	f.SQL += sql
	f.Args = append(f.Args, args...)
}

// Number replaces the marks of a finished statement by what placeholder gives
// for 1, 2 and so on.
func Number(sql string, placeholder func(n int) string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, rest, more := strings.Cut(sql, Mark)
		b.WriteString(before)
		if !more {
			return b.String()
		}
		b.WriteString(placeholder(n))
		sql = rest
	}
}

// Marks is n marks with commas between them.
func Marks(n int) string {
	return strings.TrimSuffix(strings.Repeat(Mark+", ", n), ", ")
}

// Tuples is n tuples of so many marks: "(?, ?), (?, ?)".
func Tuples(n, width int) string {
	one := "(" + Marks(width) + ")"
	return strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
}
