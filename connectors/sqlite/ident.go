package sqlite

import "strings"

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

// numbered is how a statement spells n bound parameters: "?, ?".
func numbered(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}
