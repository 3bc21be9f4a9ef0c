package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"

	lib "modernc.org/sqlite/lib"
)

func readCatalog(ctx context.Context, q querier, version int64) (*catalog, error) {
	c := &catalog{version: version, tables: map[string]*table{}, installed: map[string]string{}}
	for _, step := range []func(context.Context, querier) error{c.readColumns, c.readUniques, c.readReferences, c.readCollations, c.readInstalled} {
		if err := step(ctx, q); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ours are the names that SQLite and Dualwrite keep for themselves.
const ours = `(m.name LIKE 'sqlite\_%' ESCAPE '\' OR m.name LIKE 'dualwrite\_%' ESCAPE '\')`

func (c *catalog) readColumns(ctx context.Context, q querier) error {
	const query = `SELECT m.name, m.wr, x.name, x.type, x."notnull",
			x.dflt_value IS NOT NULL AND upper(x.dflt_value) <> 'NULL', x.pk, x.hidden IN (2, 3)
		FROM pragma_table_list m JOIN pragma_table_xinfo(m.name) x
		WHERE m.schema = 'main' AND m.type = 'table' AND NOT ` + ours + ` ORDER BY m.name, x.cid`
	err := each(ctx, q, query, func(r *sql.Rows) error {
		var name, declared string
		var withoutRowid bool
		var col column
		var pk int
		if err := r.Scan(&name, &withoutRowid, &col.name, &declared, &col.required, &col.hasDefault, &pk, &col.generated); err != nil {
			return err
		}
		t := c.tables[name]
		if t == nil {
			t = &table{name: name}
			c.tables[name], c.names = t, append(c.names, name)
			if !withoutRowid {
				t.rowid = "rowid"
			}
		}
		col.pos = len(t.columns)
		col.declare(declared)
		t.addKey(pk, col.pos, declared)
		t.columns = append(t.columns, col)
		return nil
	})
	for _, t := range c.tables {
		t.nameRowid()
	}
	c.names = slices.DeleteFunc(c.names, func(name string) bool {
		t := c.tables[name]
		nameless := len(t.pk) == 0 && t.rowid == ""
		if nameless {
			delete(c.tables, name)
		}
		return nameless
	})
	return err
}

// addKey puts a column at its place, from 1, in the primary key; 0 is none.
func (t *table) addKey(place, pos int, declared string) {
	if place == 0 {
		return
	}
	for len(t.pk) < place {
		t.pk = append(t.pk, 0)
	}
	t.pk[place-1] = pos
	t.alias = place == 1 && t.rowid != "" && strings.EqualFold(declared, "INTEGER")
}

// nameRowid picks the one of SQLite's three names for the rowid that no column
// has taken. A table without a primary key where all are taken has no native id
// that could be asked for.
func (t *table) nameRowid() {
	t.alias = t.alias && len(t.pk) == 1
	if t.rowid == "" {
		return
	}
	t.rowid = ""
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if _, taken := t.foldColumn(name); !taken {
			t.rowid = name
			return
		}
	}
}

func (c *catalog) readUniques(ctx context.Context, q querier) error {
	const query = `SELECT m.name, i.name, i.origin, i.partial, coalesce(x.name, '')
		FROM pragma_table_list m JOIN pragma_index_list(m.name) i JOIN pragma_index_xinfo(i.name) x
		WHERE m.schema = 'main' AND m.type = 'table' AND i."unique" AND x.key AND NOT ` + ours + ` ORDER BY m.name, i.seq DESC, x.seqno`
	broken := map[string]bool{}
	err := each(ctx, q, query, func(r *sql.Rows) error {
		var tname, index, origin, cname string
		var partial bool
		if err := r.Scan(&tname, &index, &origin, &partial, &cname); err != nil {
			return err
		}
		t := c.tables[tname]
		if t == nil {
			return nil
		}
		if origin == "pk" {
			t.alias = false // an alias of the rowid needs no index
		}
		col, ok := t.column(cname)
		if partial || !ok { // over some rows only, or over an expression
			broken[index] = true
			return nil
		}
		if n := len(t.uniques); n > 0 && t.uniques[n-1].name == index {
			t.uniques[n-1].columns = append(t.uniques[n-1].columns, col.pos)
		} else {
			t.uniques = append(t.uniques, unique{index, []int{col.pos}})
		}
		return nil
	})
	for _, t := range c.tables {
		t.dropUniques(broken)
	}
	return err
}

// dropUniques leaves out what does not identify every record, and the native id
// itself, which is none of the record's own keys.
func (t *table) dropUniques(broken map[string]bool) {
	kept := t.uniques[:0]
	for _, u := range t.uniques {
		surrogate := len(u.columns) == 1 && len(t.pk) == 1 && u.columns[0] == t.pk[0] &&
			(t.key().typ == connectors.Int || t.key().typ == connectors.GUID)
		if !broken[u.name] && !surrogate {
			kept = append(kept, u)
		}
	}
	t.uniques = kept
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
		t, parent := c.tables[tname], c.foldTable(to)
		if t == nil || parent == nil {
			return nil
		}
		col, ok := t.foldColumn(from)
		if !ok {
			return nil
		}
		key := parent.key()
		end := key
		if toColumn != "" {
			end, ok = parent.foldColumn(toColumn)
		}
		if ok && end != nil {
			col.parent = &reference{table: parent.name, column: end.name, lookup: end == key}
		}
		return nil
	})
}

// readCollations asks every text column how it compares: no pragma tells the
// collation of a column that has no index. A table whose collations are the
// app's own functions, unknown to us, counts as comparing byte by byte.
func (c *catalog) readCollations(ctx context.Context, q querier) error {
	for _, name := range c.names {
		t := c.tables[name]
		var texts []*column
		for i := range t.columns {
			if t.columns[i].typ == connectors.Text {
				texts = append(texts, &t.columns[i])
			}
		}
		if len(texts) == 0 {
			continue
		}
		err := t.readCollations(ctx, q, texts)
		if err != nil && code(err) != lib.SQLITE_ERROR {
			return err
		}
	}
	return nil
}

func (t *table) readCollations(ctx context.Context, q querier, texts []*column) error {
	var columns, samples, tests []string
	var into []any
	for i, col := range texts {
		columns = append(columns, fmt.Sprintf("%s AS c%d", quote(col.name), i))
		samples = append(samples, "'a'")
		tests = append(tests, fmt.Sprintf("c%d = 'A', c%d = 'a '", i, i))
		into = append(into, &col.fold.Case, &col.fold.Space)
	}
	query := "SELECT " + strings.Join(tests, ", ") + " FROM (SELECT " + strings.Join(columns, ", ") + " FROM " + from(t.name) +
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
