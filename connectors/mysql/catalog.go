package mysql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// catalog is the database's schema as it was read, and how to spell SQL for it.
// It never changes.
type catalog struct {
	*sqlcore.Catalog
	d    dialect
	read time.Time
	rels map[string]*rel
	// views are the columns of all views, fit or not.
	views map[string]*sqlcore.Table
	// unfit says why a table that there is cannot be an entity.
	unfit map[string]string
}

// rel is what is known of a table besides its columns.
type rel struct {
	// increments is the AUTO_INCREMENT column, nil if there is none.
	increments *sqlcore.Column
	key        string      // name of the index that the native id is in
	references []reference // foreign keys
	indexes    map[string]*index
	keeps      []keeping // by the position of the column
	form       form
	loadless   atomic.Bool   // the server takes no LOAD DATA from us
	seen       atomic.Uint64 // what unchanged saw of the table when it looked at all of it
	apart      atomic.Bool   // the table is not what we have read, or a trigger of the app has a say
}

// reference is a foreign key.
type reference struct {
	name    string
	columns []int
	parent  string
	ends    []string
	acts    bool // changes or removes records by itself when the parent changes
}

// index is a unique index.
type index struct {
	name    string
	columns []int
	broken  bool // over a part of a column, an expression, or one that may be null
	partial bool // not over whole columns
}

// readCatalog reads the schema of the connection's database. Tables that no
// transaction protects, or whose records nothing identifies, are left out.
func readCatalog(ctx context.Context, l *link, d dialect) (*catalog, error) {
	c := &catalog{Catalog: &sqlcore.Catalog{}, d: d, read: time.Now(), rels: map[string]*rel{}, views: map[string]*sqlcore.Table{}, unfit: map[string]string{}}
	for _, step := range []func(context.Context, *link) error{c.readTables, c.readColumns, c.readIndexes} {
		if err := step(ctx, l); err != nil {
			return nil, err
		}
	}
	c.dropUnidentified()
	for _, step := range []func(context.Context, *link) error{c.readReferences, c.readCollations, c.readViews, c.readCaptures} {
		if err := step(ctx, l); err != nil {
			return nil, err
		}
	}
	for _, name := range c.Names {
		c.Tables[name].Blind = c.blind(c.Tables[name])
	}
	return c, nil
}

func (c *catalog) readTables(ctx context.Context, l *link) error {
	const text = `SELECT table_name, coalesce(engine, ''), table_type FROM information_schema.tables WHERE table_schema = DATABASE()
		AND table_name NOT LIKE 'dualwrite\\_%' ORDER BY BINARY table_name`
	return l.query(ctx, text, nil, func(raw []any) error {
		name, engine, kind := str(raw[0]), str(raw[1]), str(raw[2])
		switch {
		case kind == "VIEW":
			c.views[name] = &sqlcore.Table{Name: name, Base: name}
			c.unfit[name] = name + " is a view that does not show, as far as we are told, the rows of one table with their key"
			return nil
		case kind != "BASE TABLE" && kind != "SYSTEM VERSIONED":
			c.unfit[name] = name + " is no table but a " + strings.ToLower(kind)
			return nil
		case engine != "InnoDB":
			c.unfit[name] = name + " is kept by the engine " + engine + ", which has no transactions; InnoDB is needed"
			return nil
		}
		c.Add(&sqlcore.Table{Name: name, Base: name})
		c.rels[name] = &rel{indexes: map[string]*index{}}
		return nil
	})
}

// table finds a table, or says why it cannot be an entity.
func (c *catalog) table(name string) (*sqlcore.Table, error) {
	t, err := c.Table(name)
	if why := c.unfit[name]; why != "" {
		err = &connectors.Error{Kind: connectors.NoEntity, Entity: name, Message: why}
	}
	return t, err
}

// columnsText and indexesText read the form of all tables, or of one.
const (
	columnsText = `SELECT table_name, column_name, data_type, column_type, character_maximum_length, character_octet_length, numeric_precision,
		numeric_scale, datetime_precision, character_set_name, collation_name, is_nullable, column_default, extra
		FROM information_schema.columns WHERE table_schema = DATABASE() %s ORDER BY table_name, ordinal_position`
	indexesText = `SELECT table_name, index_name, column_name, sub_part FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND non_unique = 0 %s ORDER BY table_name, index_name = 'PRIMARY' DESC, index_name, seq_in_index`
)

func (c *catalog) readColumns(ctx context.Context, l *link) error {
	return l.query(ctx, fmt.Sprintf(columnsText, ""), nil, func(raw []any) error {
		t := c.Tables[str(raw[0])]
		if t == nil {
			t = c.views[str(raw[0])]
		}
		if t == nil {
			return nil
		}
		ct := columnType{name: strings.ToLower(str(raw[2])), full: str(raw[3]), length: num(raw[4]), octets: num(raw[5]), precision: num(raw[6]),
			scale: num(raw[7]), fraction: num(raw[8]), charset: str(raw[9]), collation: str(raw[10])}
		extra := strings.ToLower(str(raw[13]))
		col := sqlcore.Column{Name: str(raw[1]), Pos: len(t.Columns), Required: str(raw[11]) == "NO"}
		ct.apply(&col)
		col.HasDefault = raw[12] != nil && !strings.EqualFold(str(raw[12]), "NULL") || strings.Contains(extra, "auto_increment") || strings.Contains(extra, "default_generated")
		col.Assigned = col.Assigned || strings.Contains(extra, "virtual") || strings.Contains(extra, "stored") || strings.Contains(extra, "persistent")
		t.Columns = append(t.Columns, col)
		rel := c.rels[t.Name]
		if rel == nil {
			return nil
		}
		rel.keeps = append(rel.keeps, ct.keeps())
		mix(&rel.form.columns, raw)
		if strings.Contains(extra, "auto_increment") {
			rel.increments = &sqlcore.Column{Pos: col.Pos}
		}
		return nil
	})
}

func (c *catalog) readIndexes(ctx context.Context, l *link) error {
	order := map[*rel][]*index{}
	err := l.query(ctx, fmt.Sprintf(indexesText, ""), nil, func(raw []any) error {
		t := c.Tables[str(raw[0])]
		if t == nil {
			return nil
		}
		rel, name := c.rels[t.Name], str(raw[1])
		mix(&rel.form.indexes, raw)
		x := rel.indexes[name]
		if x == nil {
			x = &index{name: name}
			rel.indexes[name] = x
			order[rel] = append(order[rel], x)
		}
		col, ok := t.Column(str(raw[2]))
		if !ok || raw[3] != nil {
			x.partial = true
			return nil
		}
		x.columns = append(x.columns, col.Pos)
		x.broken = x.broken || !col.Required
		return nil
	})
	for _, name := range c.Names {
		c.chooseKeys(c.Tables[name], order[c.rels[name]])
	}
	return err
}

// chooseKeys takes the primary key, or else the first unique index over columns
// that are never null, for the native id.
func (c *catalog) chooseKeys(t *sqlcore.Table, indexes []*index) {
	for _, x := range indexes {
		if !x.broken && !x.partial {
			t.Key, c.rels[t.Name].key = x.columns, x.name
			break
		}
	}
	for _, x := range indexes {
		if !x.partial && !t.Surrogate(x.columns) {
			t.Uniques = append(t.Uniques, sqlcore.Unique{Name: x.name, Columns: x.columns})
		}
	}
}

func (c *catalog) dropUnidentified() {
	c.Names = slices.DeleteFunc(c.Names, func(name string) bool {
		if len(c.Tables[name].Key) > 0 {
			return false
		}
		delete(c.Tables, name)
		delete(c.rels, name)
		c.unfit[name] = name + " has no primary key, and no unique index over columns that are never null"
		return true
	})
	for name, rel := range c.rels {
		if rel.increments != nil {
			rel.increments = &c.Tables[name].Columns[rel.increments.Pos]
		}
	}
}

func (c *catalog) readReferences(ctx context.Context, l *link) error {
	acting, err := readRules(ctx, l)
	if err != nil {
		return err
	}
	const text = `SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage
		WHERE constraint_schema = DATABASE() AND table_schema = DATABASE() AND referenced_table_schema = DATABASE()
		ORDER BY table_name, constraint_name, ordinal_position`
	err = l.query(ctx, text, nil, func(raw []any) error {
		t, parent := c.Tables[str(raw[0])], c.Tables[str(raw[3])]
		if t == nil || parent == nil {
			return nil
		}
		rel := c.rels[t.Name]
		col, ok := t.FoldColumn(str(raw[2]))
		end, known := parent.FoldColumn(str(raw[4]))
		if !ok || !known {
			return nil
		}
		n := len(rel.references)
		if n == 0 || rel.references[n-1].name != str(raw[1]) {
			rel.references = append(rel.references, reference{name: str(raw[1]), parent: parent.Name, acts: acting[t.Name+"."+str(raw[1])]})
			n++
		}
		r := &rel.references[n-1]
		r.columns, r.ends = append(r.columns, col.Pos), append(r.ends, end.Name)
		return nil
	})
	for name, rel := range c.rels {
		for _, r := range rel.references {
			if col := &c.Tables[name].Columns[r.columns[0]]; len(r.columns) == 1 && col.Parent == nil {
				key := c.Tables[r.parent].SingleKey()
				col.Parent = &sqlcore.Reference{Table: r.parent, Column: r.ends[0], Lookup: key != nil && key.Name == r.ends[0]}
			}
		}
	}
	return err
}

// readRules tells which foreign keys, by table and name, change records by
// themselves. It is not joined with the columns: the server goes through every
// pair of the two views.
func readRules(ctx context.Context, l *link) (map[string]bool, error) {
	acting := map[string]bool{}
	const text = `SELECT table_name, constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()
		AND (update_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))`
	return acting, l.query(ctx, text, nil, func(raw []any) error {
		acting[str(raw[0])+"."+str(raw[1])] = true
		return nil
	})
}

// readCollations asks the server how each collation compares, which its name
// does not always tell.
func (c *catalog) readCollations(ctx context.Context, l *link) error {
	folds := map[string]connectors.Fold{}
	charsets := map[string]string{}
	c.texts(func(col *sqlcore.Column) { charsets[col.Collation] = col.Typed })
	for collation, charset := range charsets {
		if collation == "" {
			continue
		}
		same := func(a, b string) string {
			return "CONVERT('" + a + "' USING " + charset + ") COLLATE " + collation + " = CONVERT('" + b + "' USING " + charset + ") COLLATE " + collation
		}
		row, err := l.row(ctx, "SELECT "+same("a", "A")+", "+same("a", "a "))
		if err != nil {
			return err
		}
		folds[collation] = connectors.Fold{Case: num(row[0]) == 1, Space: num(row[1]) == 1}
	}
	c.texts(func(col *sqlcore.Column) {
		fold := folds[col.Collation]
		col.Fold.Case, col.Fold.Space = col.Fold.Case || fold.Case, col.Fold.Space || fold.Space
	})
	return nil
}

func (c *catalog) texts(f func(*sqlcore.Column)) {
	for _, name := range c.Names {
		t := c.Tables[name]
		for i := range t.Columns {
			if t.Columns[i].Storage == asText {
				f(&t.Columns[i])
			}
		}
	}
}

// blind tells what triggers cannot see.
func (c *catalog) blind(t *sqlcore.Table) []string {
	if t.View {
		return []string{"changes of a view are found by comparing it at an interval of " + compareEvery.String() + "; what is changed and changed back in between is not"}
	}
	blind := []string{"TRUNCATE and what is done to partitions, which fire no triggers"}
	for _, r := range c.rels[t.Name].references {
		if r.acts {
			blind = append(blind, "rows that the foreign key "+r.name+" changes or removes together with those of "+r.parent+", which fires no triggers in InnoDB")
		}
	}
	return blind
}

// str is a text that the server sent, "" for null.
func str(raw any) string {
	b, _ := raw.([]byte)
	return string(b)
}

// num is a number that the server sent, 0 for null.
func num(raw any) int64 {
	switch n := raw.(type) {
	case int64:
		return n
	case uint64:
		return int64(n)
	case []byte: // of a column that MySQL types by a value it has not seen yet
		whole, _ := strconv.ParseInt(string(n), 10, 64)
		return whole
	}
	return 0
}
