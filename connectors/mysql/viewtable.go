package mysql

import (
	"context"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// A view is offered when it shows rows of one table with the table's key among
// its columns. It can be written where the server says so. No trigger sees its
// changes, so its feed compares: beside the log there is an image of what the
// view held, and whoever has read the log to its end first notes in it what is
// different by then. What is changed and changed back in between goes unnoticed.

// compareEvery is how often who waits for changes of a view compares.
const compareEvery = 10 * time.Second

// readViews goes through the views once the tables are known. The server tells
// their text to who has the right SHOW VIEW.
func (c *catalog) readViews(ctx context.Context, l *link) error {
	const text = `SELECT table_name, view_definition, is_updatable, table_schema FROM information_schema.views WHERE table_schema = DATABASE()`
	err := l.query(ctx, text, nil, func(raw []any) error {
		t := c.views[str(raw[0])]
		d, ok := sqlcore.ParseView(str(raw[1]), true)
		base := c.Tables[d.Table]
		if t == nil || !ok || base == nil || base.View || d.Schema != "" && d.Schema != str(raw[3]) || !t.Shows(base, d) {
			return nil
		}
		for i := range t.Columns {
			t.Columns[i].Assigned = t.Columns[i].Assigned || str(raw[2]) != "YES"
		}
		delete(c.unfit, t.Name)
		c.Add(t)
		c.rels[t.Name] = &rel{}
		return nil
	})
	slices.Sort(c.Names)
	return err
}

func imageName(view string) string { return label("dualwrite_image_", view) }

// imageTable is the statement that makes the image of a view.
func imageTable(t *sqlcore.Table) string {
	size, prefix := idColumn(t)
	return "CREATE TABLE IF NOT EXISTS " + quote(imageName(t.Name)) + " (id VARBINARY(" + size + ") NOT NULL, version VARCHAR(64) NOT NULL, INDEX by_id (id" + prefix + "))" +
		" ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
}

// isView reports whether an entity's feed compares.
func (c *catalog) isView(entity string) bool {
	t := c.Tables[entity]
	return t != nil && t.View
}

// appRights are the rights that a feed and writing need on the entity itself.
func (c *catalog) appRights(entity string) []string {
	t := c.Tables[entity]
	switch {
	case t == nil || !t.View:
		return strings.Fields("SELECT INSERT UPDATE DELETE TRIGGER")
	case slices.ContainsFunc(t.Columns, func(col sqlcore.Column) bool { return !col.Assigned }):
		return strings.Fields("SELECT INSERT UPDATE DELETE")
	}
	return []string{"SELECT"}
}

// readOnly refuses to write to a view through which the server lets nobody.
func (p *plan) readOnly() *connectors.Error {
	if !p.Table.View || slices.Contains(p.cat.appRights(p.Table.Name), "DELETE") {
		return nil
	}
	return &connectors.Error{Kind: connectors.Invalid, Message: p.Table.Name + " is a view that the server lets nobody write to"}
}
