package practice

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/models"
)

// row is a record as text; columns that are null are missing.
type row map[string]string

// template is a pair of apps that tests copy, because making them takes longer.
var template Apps

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "practice")
	if err == nil {
		template, err = Create(context.Background(), dir)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// openApps opens a fresh copy of the two apps.
func openApps(t *testing.T) (left, right *sql.DB) {
	t.Helper()
	dir := t.TempDir()
	var opened [2]*sql.DB
	for i, path := range []string{template.Left, template.Right} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		duplicate := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(duplicate, content, 0o600); err != nil {
			t.Fatal(err)
		}
		opened[i] = openApp(t, duplicate)
	}
	return opened[0], opened[1]
}

func openApp(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// texts reads one column.
func texts(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// read reads whole records, in the order of insertion.
func read(t *testing.T, db *sql.DB, table, where string) []row {
	t.Helper()
	columns := texts(t, db, `SELECT name FROM pragma_table_info(?)`, table)
	var casts []string
	for _, c := range columns {
		casts = append(casts, "CAST("+c+" AS TEXT)")
	}
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY rowid", strings.Join(casts, ","), table, where))
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	defer func() { _ = rows.Close() }()
	var all []row
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		places := make([]any, len(columns))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		r := row{}
		for i, c := range cells {
			if c.Valid {
				r[columns[i]] = c.String
			}
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// definition decodes a map as the rest of Dualwrite does.
func definition(t *testing.T, f MapFile) models.Definition {
	t.Helper()
	var d models.Definition
	decoder := json.NewDecoder(strings.NewReader(string(f.Definition)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return d
}

// inFilter is what a map's filter says, once more in SQL.
func inFilter(mapName string, side models.Side) string {
	filters := map[string][2]string{
		currencies:     {"CURRENCYCODE <> '999'", "1"},
		accounts:       {"PARTYTYPE = 'Organization'", "customertypecode = 3"},
		contacts:       {"PARTYTYPE = 'Person'", "msdyn_sellable = 1 AND msdyn_contactpersonid <> ''"},
		contactPersons: {"ASSOCIATEDCONTACTTYPE = 1", "msdyn_sellable = 0 AND msdyn_contactpersonid <> ''"},
	}
	if f, ok := filters[mapName]; ok {
		return f[side.Index()]
	}
	return "1"
}
