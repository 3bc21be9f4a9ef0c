package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	lib "modernc.org/sqlite/lib"
)

func readCatalog(ctx context.Context, q querier, version int64) (*catalog, error) {
	c := &catalog{version: version, makesID: map[*sqlcore.Table]bool{}, installed: map[string]string{}, triggered: map[string]bool{}, folds: map[string]connectors.Fold{}}
	for _, step := range []func(context.Context, querier) error{c.readColumns, c.readUniques, c.readReferences, c.readCollations, c.readViews, c.readInstalled, c.readTriggers} {
		if err := step(ctx, q); err != nil {
			return nil, err
		}
	}
	c.finish()
	return c, nil
}

// finish fills in what follows from the rest.
func (c *catalog) finish() {
	for _, t := range c.Tables {
		if key := t.SingleKey(); key != nil && (key.Type == connectors.GUID || key.Assigned) {
			c.makesID[t] = !key.HasDefault && !key.Assigned
			key.HasDefault = true
		}
		t.Blind = blind(t)
	}
}

// ours are the names that SQLite and Dualwrite keep for themselves: what capture
// installs, and the books of the practice servers.
const ours = `(m.name LIKE 'sqlite\_%' ESCAPE '\' OR m.name LIKE 'dualwrite\_%' ESCAPE '\' OR m.name LIKE 'practice\_%' ESCAPE '\')`

func (c *catalog) readColumns(ctx context.Context, q querier) error {
	const query = `SELECT m.name, m.wr, x.name, x.type, x."notnull",
			x.dflt_value IS NOT NULL AND upper(x.dflt_value) <> 'NULL', x.pk, x.hidden IN (2, 3)
		FROM pragma_table_list m JOIN pragma_table_xinfo(m.name) x
		WHERE m.schema = 'main' AND m.type = 'table' AND NOT ` + ours + ` ORDER BY m.name, x.cid`
	err := each(ctx, q, query, func(r *sql.Rows) error {
		var name, declared string
		var withoutRowid bool
		var col sqlcore.Column
		var pk int
		if err := r.Scan(&name, &withoutRowid, &col.Name, &declared, &col.Required, &col.HasDefault, &pk, &col.Assigned); err != nil {
			return err
		}
		t := c.Tables[name]
		if t == nil {
			t = &sqlcore.Table{Name: name, Base: name}
			c.Add(t)
			if !withoutRowid {
				t.RowID = "rowid"
			}
		}
		col.Pos = len(t.Columns)
		declare(&col, declared)
		t.Columns = append(t.Columns, col)
		addKey(t, pk, col.Pos, declared)
		return nil
	})
	for _, t := range c.Tables {
		nameRowid(t)
	}
	c.Names = slices.DeleteFunc(c.Names, func(name string) bool {
		t := c.Tables[name]
		nameless := len(t.Key) == 0 && t.RowID == ""
		if nameless {
			delete(c.Tables, name)
		}
		return nameless
	})
	return err
}

// addKey puts a column at its place, from 1, in the primary key; 0 is none. A
// key of one INTEGER is, until an index proves otherwise, an alias of the rowid,
// which SQLite assigns.
func addKey(t *sqlcore.Table, place, pos int, declared string) {
	if place == 0 {
		return
	}
	for len(t.Key) < place {
		t.Key = append(t.Key, 0)
	}
	t.Key[place-1] = pos
	if t.RowID != "" && strings.EqualFold(declared, "INTEGER") {
		t.Columns[pos].Assigned = true
	}
}

// nameRowid picks the one of SQLite's three names for the rowid that no column
// has taken. A table without a primary key where all are taken has no native id
// that could be asked for.
func nameRowid(t *sqlcore.Table) {
	if len(t.Key) > 1 {
		for _, pos := range t.Key {
			t.Columns[pos].Assigned = false
		}
	}
	if t.RowID == "" {
		return
	}
	t.RowID = ""
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if _, taken := t.FoldColumn(name); !taken {
			t.RowID = name
			return
		}
	}
}

func (c *catalog) readUniques(ctx context.Context, q querier) error {
	const query = `SELECT m.name, i.name, i.origin, i.partial, coalesce(x.name, ''), coalesce(x.coll, '')
		FROM pragma_table_list m JOIN pragma_index_list(m.name) i JOIN pragma_index_xinfo(i.name) x
		WHERE m.schema = 'main' AND m.type = 'table' AND i."unique" AND x.key AND NOT ` + ours + ` ORDER BY m.name, i.seq DESC, x.seqno`
	broken := map[string]bool{}
	err := each(ctx, q, query, func(r *sql.Rows) error {
		var tname, index, origin, cname, collation string
		var partial bool
		if err := r.Scan(&tname, &index, &origin, &partial, &cname, &collation); err != nil {
			return err
		}
		t := c.Tables[tname]
		if t == nil {
			return nil
		}
		if key := t.SingleKey(); origin == "pk" && key != nil {
			key.Assigned = false // an alias of the rowid needs no index
		}
		col, ok := t.Column(cname)
		if partial || !ok { // over some rows only, or over an expression
			broken[index] = true
			return nil
		}
		if col.Type == connectors.Text {
			c.foldIndex(index, collation)
		}
		if n := len(t.Uniques); n > 0 && t.Uniques[n-1].Name == index {
			t.Uniques[n-1].Columns = append(t.Uniques[n-1].Columns, col.Pos)
		} else {
			t.Uniques = append(t.Uniques, sqlcore.Unique{Name: index, Columns: []int{col.Pos}})
		}
		return nil
	})
	// What holds of some rows only identifies none, and the native id itself is
	// none of the record's own keys.
	for _, t := range c.Tables {
		t.Uniques = slices.DeleteFunc(t.Uniques, func(u sqlcore.Unique) bool { return broken[u.Name] || t.Surrogate(u.Columns) })
	}
	return err
}

// foldIndex notes that a text of a unique index compares by a collation. What one
// of its texts does not fold the index does not.
func (c *catalog) foldIndex(index, collation string) {
	fold, there := c.folds[index]
	c.folds[index] = connectors.Fold{
		Case:  (fold.Case || !there) && strings.EqualFold(collation, "NOCASE"),
		Space: (fold.Space || !there) && strings.EqualFold(collation, "RTRIM"),
	}
}

func (c *catalog) readReferences(ctx context.Context, q querier) error {
	const query = `SELECT m.name, f."from", f."table", coalesce(f."to", '')
		FROM pragma_table_list m JOIN pragma_foreign_key_list(m.name) f
		WHERE m.schema = 'main' AND m.type = 'table' AND NOT ` + ours + `
		GROUP BY m.name, f.id HAVING count(*) = 1`
	return each(ctx, q, query, func(r *sql.Rows) error {
		var tname, from, to, toColumn string
		if err := r.Scan(&tname, &from, &to, &toColumn); err != nil {
			return err
		}
		t, parent := c.Tables[tname], c.foldTable(to)
		if t == nil || parent == nil {
			return nil
		}
		col, ok := t.FoldColumn(from)
		if !ok {
			return nil
		}
		key := parent.SingleKey()
		end := key
		if toColumn != "" {
			end, ok = parent.FoldColumn(toColumn)
		}
		if ok && end != nil {
			col.Parent = &sqlcore.Reference{Table: parent.Name, Column: end.Name, Lookup: end == key}
		}
		return nil
	})
}

// readCollations asks every text column how it compares: no pragma tells the
// collation of a column that has no index. A table whose collations are the
// app's own functions, unknown to us, counts as comparing byte by byte.
func (c *catalog) readCollations(ctx context.Context, q querier) error {
	for _, name := range c.Names {
		t := c.Tables[name]
		var texts []*sqlcore.Column
		for i := range t.Columns {
			if t.Columns[i].Type == connectors.Text {
				texts = append(texts, &t.Columns[i])
			}
		}
		if len(texts) == 0 {
			continue
		}
		err := readCollations(ctx, q, t, texts)
		if err != nil && code(err) != lib.SQLITE_ERROR {
			return err
		}
	}
	return nil
}

func readCollations(ctx context.Context, q querier, t *sqlcore.Table, texts []*sqlcore.Column) error {
	var columns, samples, tests []string
	var into []any
	for i, col := range texts {
		columns = append(columns, fmt.Sprintf("%s AS c%d", quote(col.Name), i))
		samples = append(samples, "'a'")
		tests = append(tests, fmt.Sprintf("c%d = 'A', c%d = 'a '", i, i))
		into = append(into, &col.Fold.Case, &col.Fold.Space)
	}
	query := "SELECT " + strings.Join(tests, ", ") + " FROM (SELECT " + strings.Join(columns, ", ") + " FROM " + from(t.Name) +
		" WHERE 0 UNION ALL SELECT " + strings.Join(samples, ", ") + ")"
	return q.QueryRowContext(ctx, query).Scan(into...)
}

func (c *catalog) readInstalled(ctx context.Context, q querier) error {
	const query = `SELECT name, sql FROM sqlite_master WHERE name LIKE 'dualwrite\_%' ESCAPE '\'`
	return each(ctx, q, query, func(r *sql.Rows) error {
		var name, text string
		err := r.Scan(&name, &text)
		c.installed[name] = text
		return err
	})
}

// readTriggers learns which tables have triggers of the app: all but the three of
// ours that a table may have.
func (c *catalog) readTriggers(ctx context.Context, q querier) error {
	const query = `SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'`
	return each(ctx, q, query, func(r *sql.Rows) error {
		var table, name string
		err := r.Scan(&table, &name)
		if !slices.ContainsFunc(triggerNames(table), func(ours string) bool { return strings.EqualFold(ours, name) }) {
			c.triggered[strings.ToLower(table)] = true
		}
		return err
	})
}

// each runs f on every row of a query.
func each(ctx context.Context, q querier, query string, f func(*sql.Rows) error, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
