package mysql

import (
	"strconv"
	"strings"

	"dualwrite/connectors/sqlcore"
)

// locking locks the records of n native ids, which are bound after their number.
func (p *plan) locking(n int) string {
	return "WITH " + p.rows(n, len(p.Table.Key)) + " SELECT STRAIGHT_JOIN k.n FROM " + boundRows + " AS k JOIN " + p.target() + " WHERE " + p.byID() + " FOR UPDATE"
}

// deleting removes the records of n native ids.
func (p *plan) deleting(n int) string {
	return "DELETE t FROM " + p.derived(n, len(p.Table.Key)) + " STRAIGHT_JOIN " + p.target() + " ON " + p.byID()
}

// updating sets columns of n records, whose values are bound after the native id.
func (p *plan) updating(n int, columns []int) string {
	width := len(p.Table.Key)
	var sets []string
	for i, pos := range columns {
		sets = append(sets, "t."+quote(p.Table.Columns[pos].Name)+" = k.v"+strconv.Itoa(width+i))
	}
	return "UPDATE " + p.derived(n, width+len(columns)) + " STRAIGHT_JOIN " + p.target() + " ON " + p.byID() + " SET " + strings.Join(sets, ", ")
}

// updatingOne sets columns of one record, whose native id is bound after the
// values. These may be as long as the server takes at all, and of any bytes.
func (p *plan) updatingOne(columns []int) string {
	sets := make([]string, len(columns))
	for i, pos := range columns {
		sets[i] = "t." + quote(p.Table.Columns[pos].Name) + " = " + sqlcore.Mark
	}
	return "UPDATE " + p.target() + " SET " + strings.Join(sets, ", ") + " WHERE " + p.Table.IDEquals(p.D, "t.", sqlcore.Mark)
}

// inserting makes n records; where the server can, it answers their native ids.
func (p *plan) inserting(n int, columns []int) string {
	text := "INSERT INTO " + p.D.From(p.Table) + " (" + columnNames(p.Table, columns) + ") VALUES " + sqlcore.Tuples(n, len(columns))
	if p.cat.d.returning {
		text += " RETURNING " + p.Table.IDSQL(p.D, "")
	}
	return text
}

// columnNames lists columns for a statement.
func columnNames(t *sqlcore.Table, columns []int) string {
	names := make([]string, len(columns))
	for i, pos := range columns {
		names[i] = quote(t.Columns[pos].Name)
	}
	return strings.Join(names, ", ")
}
