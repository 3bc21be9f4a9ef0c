// Package connectortest is the conformance suite of connectors. Every
// connector, the one in memory too, runs it against the real thing it speaks
// to; what a connector cannot promise it lists in Fixture.Lacks.
package connectortest

import (
	"testing"

	"dualwrite/connectors"
)

// Fixture is one fresh app that holds the standard tables, empty, and a
// connector to it. The suite closes the connector.
type Fixture struct {
	Connector connectors.Connector
	App       App
	Lacks     Lacks
	// Another connects to the same app a second time, as another process would;
	// nil where that cannot be. The suite closes what it returns.
	Another func(t testing.TB) connectors.Connector
	// Spelling gives the app's own name of a table ("children"), or the path of
	// a column ("children.dataareaid"), where it is not the standard one.
	Spelling map[string]string
}

// App is a user of the app who works beside the connector: every edit goes
// past it, by another session, and must not carry an origin. Tables and columns
// are named as Tables names them. A lookup column holds the native id of its
// parent as text.
type App interface {
	// Insert adds a record, its other columns empty, and returns its native id.
	Insert(t testing.TB, table string, values map[string]connectors.Value) (id string)
	// Update changes the named columns of one record.
	Update(t testing.TB, table, id string, values map[string]connectors.Value)
	// Delete removes one record.
	Delete(t testing.TB, table, id string)
	// Leftovers lists whatever of Dualwrite is installed in the app; it is empty
	// before the first Feed.Start and after the last Feed.Stop.
	Leftovers(t testing.TB) []string
}

// Lacks names what an app cannot do; the suite leaves out what depends on it.
// The zero value promises everything.
type Lacks struct {
	Lookups   bool // fields that refer to another record, read and written by path
	Versions  bool // records carry no version token
	Condition bool // writes do not honour Write.If
	Feed      bool // no change feed
	Origin    bool // the feed cannot tell our own writes
	OldID     bool // native ids never change, or the feed does not tell the former one
	Expiry    bool // the feed never forgets, so no cursor expires
	EmptyText bool // null and the empty text are one
	Unique    bool // no unique field besides the alternate key
	Extremes  bool // cannot hold the limits of the common types: 64 bits, the years 1 and 9999
}

// Table is one standard table. The native id is the app's own affair and is
// not among the columns.
type Table struct {
	Name    string
	Columns []Column
	Unique  [][]string // each a set of columns that must be unique together; the first is the alternate key
}

// Column is one column of a standard table. The fields of Type and the limits
// mean what they mean in connectors.Field.
type Column struct {
	Name     string
	Type     connectors.Type
	Length   int
	Digits   int
	Scale    int
	Required bool
	Parent   string // table that this column refers to by native id
}

// The names of the standard tables.
const (
	Parents  = "parents"
	Children = "children"
	Rates    = "rates"
)

// Tables are the standard tables, parents before their children:
//
//   - parents, a unique code in a company;
//   - children, a unique number in a company, one column of every common type,
//     a nullable lookup to parents, and a badge that is unique by itself;
//   - rates, a global table whose primary key is its alternate key (currency
//     and day), so that a key change is a change of the native id. An app that
//     cannot have such a table sets Lacks.OldID.
func Tables() []Table {
	return []Table{
		{Name: Parents, Unique: [][]string{{"dataareaid", "code"}}, Columns: []Column{
			{Name: "dataareaid", Type: connectors.Text, Length: 4, Required: true},
			{Name: "code", Type: connectors.Text, Length: 20, Required: true},
			{Name: "name", Type: connectors.Text, Length: 60},
		}},
		{Name: Children, Unique: [][]string{{"dataareaid", "number"}, {"badge"}}, Columns: []Column{
			{Name: "dataareaid", Type: connectors.Text, Length: 4, Required: true},
			{Name: "number", Type: connectors.Text, Length: 20, Required: true},
			{Name: "title", Type: connectors.Text, Length: 20, Required: true},
			{Name: "note", Type: connectors.Text},
			{Name: "badge", Type: connectors.Text, Length: 20},
			{Name: "quantity", Type: connectors.Int},
			{Name: "amount", Type: connectors.Decimal, Digits: 18, Scale: 4},
			{Name: "active", Type: connectors.Bool},
			{Name: "born", Type: connectors.Date},
			{Name: "seen", Type: connectors.DateTime},
			{Name: "token", Type: connectors.GUID},
			{Name: "parent", Parent: Parents},
		}},
		{Name: Rates, Unique: [][]string{{"currency", "day"}}, Columns: []Column{
			{Name: "currency", Type: connectors.Text, Length: 3, Required: true},
			{Name: "day", Type: connectors.Date, Required: true},
			{Name: "rate", Type: connectors.Decimal, Digits: 18, Scale: 4},
		}},
	}
}
