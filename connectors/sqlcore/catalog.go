// Package sqlcore is what connectors to SQL databases share: the catalog of an
// app's tables, paths through lookups, native ids, the statements that read a
// selection, filters, and the conversion of values to the limits of columns. It
// makes texts and decides; it knows no driver and runs nothing. What one
// database spells differently from another stands behind Dialect.
package sqlcore

import (
	"strings"
	"time"

	"dualwrite/connectors"
)

// Catalog is the schema of a database as it was when it was read. It never
// changes afterwards.
type Catalog struct {
	Tables map[string]*Table
	Names  []string // of Tables, in order
}

// Table is one table or view of the app.
type Table struct {
	Name    string // as a Selection names it
	Schema  string // where the database keeps it; "" where it has one place only
	Base    string // its name there
	Columns []Column
	Key     []int // positions in Columns of the native id
	// RowID is the hidden column that is the native id of a table without Key.
	RowID   string
	Uniques []Unique
	Blind   []string // changes that capture cannot see, in words
	View    bool     // it stores nothing itself, and no trigger sees its changes
}

// Column is one column of a table and the limits of what it holds.
type Column struct {
	Name  string
	Pos   int // in Table.Columns
	Type  connectors.Type
	Typed string // the database's own type, as casts spell it
	// Storage is how the column keeps its values, in numbers of the dialect.
	Storage    int
	Length     int             // Text: most characters, 0 for no limit
	Bytes      int             // Text and Bytes: most bytes, 0 for no limit
	Digits     int             // Decimal: most significant digits, 0 for no limit
	Scale      int             // Decimal: most digits after the point, -1 for no limit; DateTime: digits of a second
	Low, High  int64           // Int: the limits, both 0 for those of 64 bits
	From, To   time.Time       // Date and DateTime: the limits, zero for the years 1 to 9999
	Opaque     bool            // Text: compared by its text, never by the column's own equality
	Members    []string        // an enumeration's members; nil for any text
	Fold       connectors.Fold // how the column itself compares
	Collation  string          // Text: collation to name in comparisons, as SQL; "" for none
	Required   bool
	HasDefault bool
	Assigned   bool // by the app; it cannot be written
	Parent     *Reference
}

// Reference is a foreign key of one column. It is a lookup when it leads to the
// parent's native id.
type Reference struct {
	Table  string
	Column string
	Lookup bool
}

// Unique is a unique index or constraint other than a surrogate native id.
type Unique struct {
	Name    string
	Columns []int
}

// Table finds a table by name, or fails with NoEntity.
func (c *Catalog) Table(name string) (*Table, error) {
	if t, ok := c.Tables[name]; ok {
		return t, nil
	}
	return nil, &connectors.Error{Kind: connectors.NoEntity, Entity: name, Message: "there is no table " + name}
}

// Add puts a table behind those that are there.
func (c *Catalog) Add(t *Table) {
	if c.Tables == nil {
		c.Tables = map[string]*Table{}
	}
	c.Tables[t.Name] = t
	c.Names = append(c.Names, t.Name)
}

// Column finds a column by name.
func (t *Table) Column(name string) (*Column, bool) {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i], true
		}
	}
	return nil, false
}

// FoldColumn finds a column by name, letter case aside.
func (t *Table) FoldColumn(name string) (*Column, bool) {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i], true
		}
	}
	return nil, false
}

// SingleKey is the one column of the native id, nil when there is none or it
// has several.
func (t *Table) SingleKey() *Column {
	if len(t.Key) != 1 {
		return nil
	}
	return &t.Columns[t.Key[0]]
}

// Surrogate reports whether columns are just the native id, and that one that
// says nothing of the record itself.
func (t *Table) Surrogate(columns []int) bool {
	key := t.SingleKey()
	return key != nil && len(columns) == 1 && columns[0] == key.Pos && (key.Type == connectors.Int || key.Type == connectors.GUID)
}
