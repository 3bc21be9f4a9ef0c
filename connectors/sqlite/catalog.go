package sqlite

import (
	"context"
	"strings"

	"dualwrite/connectors"
)

// catalog is the schema of the database at one schema version. It never
// changes once it is read.
type catalog struct {
	version   int64
	tables    map[string]*table
	names     []string          // of tables, in order
	installed map[string]string // our tables and triggers, and their SQL
}

// table is one table of the app.
type table struct {
	name    string
	columns []column
	pk      []int  // positions in columns of the primary key; empty: the rowid is the native id
	rowid   string // a name that the rowid goes by
	alias   bool   // the primary key is an alias of the rowid
	uniques []unique
}

type column struct {
	name       string
	pos        int
	typ        connectors.Type
	affinity   affinity
	length     int
	digits     int
	scale      int             // Decimal: -1 for no limit
	fold       connectors.Fold // of the column's own collation
	required   bool
	hasDefault bool
	generated  bool
	parent     *reference
}

// reference is a foreign key of one column. It is a lookup when it leads to the
// parent's primary key.
type reference struct {
	table  string
	column string
	lookup bool
}

// unique is a unique index or constraint other than the native id.
type unique struct {
	name    string
	columns []int
}

// column finds a column by name.
func (t *table) column(name string) (*column, bool) {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i], true
		}
	}
	return nil, false
}

// foldColumn finds a column as SQLite does, letter case aside.
func (t *table) foldColumn(name string) (*column, bool) {
	for i := range t.columns {
		if strings.EqualFold(t.columns[i].name, name) {
			return &t.columns[i], true
		}
	}
	return nil, false
}

// key is the single column of the primary key, nil when there is none or it has
// several.
func (t *table) key() *column {
	if len(t.pk) != 1 {
		return nil
	}
	return &t.columns[t.pk[0]]
}

func (c *catalog) table(name string) (*table, error) {
	if t, ok := c.tables[name]; ok {
		return t, nil
	}
	return nil, &connectors.Error{Kind: connectors.NoEntity, Entity: name, Message: "there is no table " + name}
}

// foldTable finds a table as SQLite does, letter case aside.
func (c *catalog) foldTable(name string) *table {
	for _, n := range c.names {
		if strings.EqualFold(n, name) {
			return c.tables[n]
		}
	}
	return nil
}

// catalogIn is the catalog as of the transaction that q reads in.
func (c *connector) catalogIn(ctx context.Context, p *pool, q querier) (*catalog, error) {
	var version int64
	if err := q.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version); err != nil {
		return nil, err
	}
	c.mu.Lock()
	cat := c.cat
	fresh := c.pool == p && cat != nil && cat.version == version
	c.mu.Unlock()
	if fresh {
		return cat, nil
	}
	cat, err := readCatalog(ctx, q, version)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.pool == p {
		c.cat = cat
	}
	c.mu.Unlock()
	return cat, nil
}
