package practice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// Browser reads and edits the records of the two practice apps the way another
// program would: on its own connections, through the apps' own rules.
type Browser struct {
	apps [2]*browsedApp // left, right
}

// browsedApp is one app with its tables, which do not change.
type browsedApp struct {
	db     *sql.DB
	tables []*Table
}

// Table is one entity of a practice app.
type Table struct {
	Name    string
	Columns []Column
	primary string
	key     string // column that people know a record by
	company string // column of the legal entity, "" for none
}

// Column is one field of an entity.
type Column struct {
	Name     string
	Served   string // its name where the app is served
	Type     string // as declared: "VARCHAR(20)", "INTEGER"
	Required bool
	Primary  bool   // native id, given by the app
	Parent   string // entity that a lookup refers to; its value is shown as that record's key
}

// ErrNoRecord says that there is no such entity or record.
var ErrNoRecord = errors.New("there is no such record")

// OpenBrowser opens both apps, which must exist. Close it when done.
func OpenBrowser(ctx context.Context, apps Apps) (*Browser, error) {
	b := &Browser{}
	for i, path := range []string{apps.Left, apps.Right} {
		address := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "mode=rw&_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"}
		db, err := sql.Open("sqlite", address.String())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open a practice app: %w", err), b.Close())
		}
		db.SetMaxOpenConns(2)
		b.apps[i] = &browsedApp{db: db}
		if err := b.apps[i].prepare(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open a practice app: %w", err), b.Close())
		}
	}
	return b, nil
}

// Close frees the connections.
func (b *Browser) Close() error {
	var all error
	for _, a := range b.apps {
		if a != nil {
			all = errors.Join(all, a.db.Close())
		}
	}
	return all
}

// prepare reads the tables. What a connector keeps in the app is not among
// them: it has no time of creation.
func (a *browsedApp) prepare(ctx context.Context) error {
	tx, err := a.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	query := `SELECT t.name, c.name, c.type, c."notnull" AND c.dflt_value IS NULL, c.pk > 0, coalesce(f."table", ''), EXISTS (SELECT 1 FROM pragma_index_list(t.name) i
			JOIN pragma_index_info(i.name) x WHERE i."unique" = 1 AND i.origin = 'u' AND x.name = c.name)
		FROM sqlite_schema t JOIN pragma_table_info(t.name) c LEFT JOIN pragma_foreign_key_list(t.name) f ON f."from" = c.name
		WHERE t.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) d WHERE lower(d.name) IN ('createdon', 'createddatetime')) ORDER BY t.name, c.cid`
	return each(ctx, tx, query, func(scan func(...any) error) error {
		var table string
		var unique bool
		var c Column
		if err := scan(&table, &c.Name, &c.Type, &c.Required, &c.Primary, &c.Parent, &unique); err != nil {
			return err
		}
		if n := len(a.tables); n == 0 || a.tables[n-1].Name != table {
			a.tables = append(a.tables, &Table{Name: table})
		}
		c.Served = servedName(c)
		a.tables[len(a.tables)-1].add(c, unique)
		return nil
	})
}

// add notes a column and what it is to its table.
func (t *Table) add(c Column, unique bool) {
	switch {
	case c.Primary:
		t.primary = c.Name
		if t.key == "" {
			t.key = c.Name
		}
	case c.Name == "DATAAREAID" || c.Parent == "cdm_companies":
		t.company = c.Name
	case unique && t.key == t.primary && c.Parent == "":
		t.key = c.Name
	}
	t.Columns = append(t.Columns, c)
}

// Key names the field that people know a record by.
func (t *Table) Key() string { return t.key }

// Company names the field of the legal entity, "" for a global entity.
func (t *Table) Company() string { return t.company }

// Tables lists the entities of an app, 0 for the left one, with the number of
// records of each.
func (b *Browser) Tables(ctx context.Context, side int) ([]*Table, []int64, error) {
	a := b.apps[side]
	counts := make([]int64, len(a.tables))
	for i, t := range a.tables {
		if err := a.db.QueryRowContext(ctx, "SELECT count(*) FROM "+quoted(t.Name)).Scan(&counts[i]); err != nil {
			return nil, nil, fmt.Errorf("count the records of %s: %w", t.Name, err)
		}
	}
	return a.tables, counts, nil
}

// Table finds an entity. Fails with ErrNoRecord.
func (b *Browser) Table(side int, name string) (*Table, error) {
	for _, t := range b.apps[side].tables {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, ErrNoRecord)
}

// Entry is one record: its native id and its fields in the order of the
// table's columns, nil for no value.
type Entry struct {
	ID     string
	Values []*string
}

// Page lists records by key, after the record with an id ("" for the first).
// search is looked for in every text.
func (b *Browser) Page(ctx context.Context, side int, t *Table, search, after string, size int) ([]Entry, error) {
	order := "coalesce(t." + quoted(t.key) + ", ''), t." + quoted(t.primary)
	where, args := []string{"1"}, []any{}
	if after != "" {
		where = append(where, "("+order+") > (SELECT "+order+" FROM "+quoted(t.Name)+" t WHERE t."+quoted(t.primary)+" = ?)")
		args = append(args, after)
	}
	if search != "" {
		var any []string
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(search) + "%"
		for _, c := range t.Columns {
			if c.Parent == "" && !c.Primary {
				any = append(any, "t."+quoted(c.Name)+` LIKE ? ESCAPE '\'`)
				args = append(args, like)
			}
		}
		where = append(where, "("+strings.Join(any, " OR ")+")")
	}
	return b.entries(ctx, side, t, strings.Join(where, " AND ")+" ORDER BY "+order+" LIMIT ?", append(args, size)...)
}

// Record reads one record. Fails with ErrNoRecord.
func (b *Browser) Record(ctx context.Context, side int, t *Table, id string) (Entry, error) {
	list, err := b.entries(ctx, side, t, "t."+quoted(t.primary)+" = ?", id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s %s: %w", t.Name, id, ErrNoRecord)
	}
	if err != nil {
		return Entry{}, err
	}
	return list[0], nil
}

// entries reads records with each lookup as the key of its parent.
func (b *Browser) entries(ctx context.Context, side int, t *Table, condition string, args ...any) ([]Entry, error) {
	a := b.apps[side]
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = "CAST(t." + quoted(c.Name) + " AS TEXT)"
		if p, err := b.Table(side, c.Parent); err == nil {
			columns[i] = "(SELECT CAST(p." + quoted(p.key) + " AS TEXT) FROM " + quoted(p.Name) + " p WHERE p." + quoted(p.primary) + " = t." + quoted(c.Name) + ")"
		}
	}
	rows, err := a.db.QueryContext(ctx, "SELECT CAST(t."+quoted(t.primary)+" AS TEXT), "+strings.Join(columns, ", ")+" FROM "+quoted(t.Name)+" t WHERE "+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer func() { _ = rows.Close() }()
	var out []Entry
	for rows.Next() {
		e := Entry{Values: make([]*string, len(t.Columns))}
		into := []any{&e.ID}
		for i := range e.Values {
			into = append(into, &e.Values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read %s: %w", t.Name, err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
