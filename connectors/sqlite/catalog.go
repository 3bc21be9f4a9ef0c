package sqlite

import (
	"context"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// catalog is the schema of the database at one schema version. It never
// changes once it is read.
type catalog struct {
	sqlcore.Catalog
	version   int64
	makesID   map[*sqlcore.Table]bool    // whose native id we make up, since the app gives none
	installed map[string]string          // our tables and triggers, and their SQL
	triggered map[string]bool            // tables, in lower case, with triggers that are not ours
	folds     map[string]connectors.Fold // how the texts of a unique index compare
}

// alias reports whether the primary key is another name of the rowid.
func alias(t *sqlcore.Table) bool { return t.SingleKey() != nil && t.SingleKey().Assigned }

// foldTable finds a table as SQLite does, letter case aside.
func (c *catalog) foldTable(name string) *sqlcore.Table {
	for _, n := range c.Names {
		if strings.EqualFold(n, name) {
			return c.Tables[n]
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
