package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"dualwrite/connectors/sqlcore"

	lib "modernc.org/sqlite/lib"
)

// A view is offered when it shows rows of one table with the table's key among
// its columns. SQLite itself lets nobody write to one. No trigger sees its
// changes, so its feed compares: beside the log there is an image of what the
// view held, and whoever has read the log to its end first notes in it what is
// different by then. What is changed and changed back in between goes unnoticed.

// compareEvery is how often who waits for changes of a view compares.
const compareEvery = 10 * time.Second

// readViews goes through the views once the tables are known. One whose table is
// gone cannot even be described, and is left out.
func (c *catalog) readViews(ctx context.Context, q querier) error {
	const query = `SELECT m.name, m.sql FROM sqlite_master m WHERE m.type = 'view' AND NOT ` + ours + ` ORDER BY m.name`
	views := map[string]string{}
	err := each(ctx, q, query, func(r *sql.Rows) error {
		var name, text string
		err := r.Scan(&name, &text)
		views[name] = text
		return err
	})
	for name, text := range views {
		d, ok := sqlcore.ParseView(text, false)
		base := c.foldTable(d.Table)
		if !ok || base == nil || base.View {
			continue
		}
		t := &sqlcore.Table{Name: name, Base: name}
		if err := readViewColumns(ctx, q, t); err != nil {
			if code(err) == lib.SQLITE_ERROR {
				continue
			}
			return err
		}
		if t.Shows(base, d) {
			for i := range t.Columns {
				t.Columns[i].Assigned = true
			}
			c.Add(t)
		}
	}
	slices.Sort(c.Names)
	return err
}

func readViewColumns(ctx context.Context, q querier, t *sqlcore.Table) error {
	return each(ctx, q, "SELECT name, type FROM pragma_table_xinfo(?) ORDER BY cid", func(r *sql.Rows) error {
		col := sqlcore.Column{Pos: len(t.Columns)}
		var declared string
		err := r.Scan(&col.Name, &declared)
		declare(&col, declared)
		t.Columns = append(t.Columns, col)
		return err
	}, t.Name)
}

func imageName(view string) string { return "dualwrite_image_" + view }

// imageTable is the SQL that installs the image of a view, empty.
func imageTable(view string) []string {
	return []string{"DROP TABLE IF EXISTS " + quote(imageName(view)),
		"CREATE TABLE " + quote(imageName(view)) + " (id TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID"}
}

// isView reports whether the entity's feed compares.
func (c *catalog) isView(entity string) bool {
	t := c.Tables[entity]
	return t != nil && t.View
}
