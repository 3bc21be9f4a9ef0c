package practicetest

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// app is one of the two files and what SQLite says of its tables.
type app struct {
	db      *sql.DB
	columns map[string][]string // of a table
	types   map[string]string   // "table.column" to the declared type
	parents map[string]string   // "table.column" to the table that it looks up
	primary map[string]string   // primary key of a table
}

// record is one record of a map's entity, inside the filter or not.
type record struct {
	company string
	key     []string
	values  []value // in the order of the fields that are compared
	passes  bool    // the filter of its own side
}

// openApp opens a file for reading only.
func openApp(path string) (*app, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(full), RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	a := &app{db: db, columns: map[string][]string{}, types: map[string]string{}, parents: map[string]string{}, primary: map[string]string{}}
	if err := a.describe(); err != nil {
		return nil, errors.Join(fmt.Errorf("read the tables of %s: %w", filepath.Base(path), err), db.Close())
	}
	return a, nil
}

func (a *app) describe() error {
	rows, err := a.db.Query(`SELECT t.name, c.name, c.type, c.pk, coalesce(f."table", '') FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		LEFT JOIN pragma_foreign_key_list(t.name) f ON f."from" = c.name WHERE t.type = 'table'`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var table, column, declared, parent string
		var primary int
		if err := rows.Scan(&table, &column, &declared, &primary, &parent); err != nil {
			return err
		}
		a.columns[table] = append(a.columns[table], column)
		a.types[table+"."+column] = declared
		if primary > 0 {
			a.primary[table] = column
		}
		if parent != "" {
			a.parents[table+"."+column] = parent
		}
	}
	return rows.Err()
}

// expression is a path as an SQL text expression; alias is the record it starts from.
func (a *app) expression(table, alias, path string) (string, error) {
	column, rest, lookup := strings.Cut(path, ".")
	declared, ok := a.types[table+"."+column]
	parent := a.parents[table+"."+column]
	switch {
	case path == "":
		return "''", nil
	case !ok || lookup && parent == "":
		return "", fmt.Errorf("%s has no field %s", table, path)
	case lookup:
		inner, err := a.expression(parent, alias+"p", rest)
		return fmt.Sprintf("(SELECT %s FROM %s %sp WHERE %sp.%s = %s.%s)", inner, parent, alias, alias, a.primary[parent], alias, column), err
	case declared == "BOOLEAN":
		return fmt.Sprintf("CASE %s.%s WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", alias, column), nil
	}
	return fmt.Sprintf("CAST(%s.%s AS TEXT)", alias, column), nil
}

// read reads all records of a map's entity by company and key without letter
// case. Records without a key are left out.
func (a *app) read(d *definition, side int) (map[string][]*record, error) {
	end, keys := d.endpoint(side), d.keyPaths(side)
	passes, err := condition(end.Filter, a.columns[end.Entity])
	if err != nil {
		return nil, err
	}
	selected := []string{passes}
	for _, path := range slices.Concat([]string{end.Company}, keys, d.comparedPaths(side)) {
		e, err := a.expression(end.Entity, "t", path)
		if err != nil {
			return nil, err
		}
		selected = append(selected, e)
	}
	hasKey := strings.Join(selected[2:2+len(keys)], " IS NOT NULL AND ") + " IS NOT NULL"
	rows, err := a.db.Query("SELECT " + strings.Join(selected, ", ") + " FROM " + end.Entity + " t WHERE " + hasKey + " ORDER BY t.rowid")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string][]*record{}
	for rows.Next() {
		r, err := scan(rows, len(keys), len(d.compared))
		if err != nil {
			return nil, err
		}
		key := fold(r.company + "\x00" + strings.Join(r.key, "\x00"))
		all[key] = append(all[key], r)
	}
	return all, rows.Err()
}

// fold drops letter case the way SQLite's NOCASE does: of A to Z alone.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// scan reads one record.
func scan(rows *sql.Rows, keys, values int) (*record, error) {
	r := &record{}
	cells := make([]sql.NullString, 1+keys+values)
	places := []any{&r.passes}
	for i := range cells {
		places = append(places, &cells[i])
	}
	if err := rows.Scan(places...); err != nil {
		return nil, err
	}
	r.company = cells[0].String
	for _, c := range cells[1 : 1+keys] {
		r.key = append(r.key, c.String)
	}
	for _, c := range cells[1+keys:] {
		r.values = append(r.values, value{text: c.String, set: c.Valid})
	}
	return r, nil
}
