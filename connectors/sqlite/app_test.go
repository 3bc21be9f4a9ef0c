package sqlite_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/sqlite"
)

// app is a user's session in the app's database file, apart from the connector's.
type app struct {
	path string
	db   *sql.DB
}

func newApp(t testing.TB, script ...string) *app {
	t.Helper()
	a := appAt(t, filepath.Join(t.TempDir(), "the app's 100% data?.db"))
	a.exec(t, "PRAGMA user_version = 1") // makes the file
	for _, s := range script {
		a.exec(t, s)
	}
	return a
}

func appAt(t testing.TB, path string) *app {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=5000&_foreign_keys=ON&_synchronous=OFF&_pragma=recursive_triggers(0)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return &app{path: path, db: db}
}

func (a *app) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := a.db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// text gives the only value of a query as text.
func (a *app) text(t testing.TB, query string, args ...any) string {
	t.Helper()
	var s sql.NullString
	if err := a.db.QueryRow(query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

func (a *app) connect(t testing.TB) connectors.Connector {
	t.Helper()
	c, err := sqlite.Open(t.Context(), map[string]string{"path": a.path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// standard is the script of the suite's tables. Children have a surrogate of
// each kind that an app may choose.
func standard(id, collation string) []string {
	return []string{
		fmt.Sprintf(`CREATE TABLE parents (id %[1]s, dataareaid VARCHAR(4) NOT NULL %[2]s, code NVARCHAR(20) NOT NULL %[2]s, name TEXT(60),
			UNIQUE (dataareaid, code))`, id, collation),
		fmt.Sprintf(`CREATE TABLE children (id %[1]s, dataareaid VARCHAR(4) NOT NULL %[2]s, number VARCHAR(20) NOT NULL %[2]s,
			title VARCHAR(20) NOT NULL, note TEXT, badge VARCHAR(20) UNIQUE, quantity BIGINT, amount DECIMAL(18,4), active BOOLEAN,
			born DATE, seen DATETIME, token UNIQUEIDENTIFIER, parent REFERENCES parents, UNIQUE (dataareaid, number))`, id, collation),
		`CREATE TABLE rates (currency VARCHAR(3) NOT NULL, day DATE NOT NULL, rate DECIMAL(18,4), PRIMARY KEY (currency, day)) WITHOUT ROWID`,
	}
}

func TestSQLiteKeepsThePromisesOfAConnector(t *testing.T) {
	for name, script := range map[string][]string{
		"integer ids":       standard("INTEGER PRIMARY KEY", ""),
		"guid ids, no case": standard("GUID PRIMARY KEY", "COLLATE NOCASE"),
		"autoincrement":     standard("INTEGER PRIMARY KEY AUTOINCREMENT", "COLLATE RTRIM"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				a := newApp(t, script...)
				return connectortest.Fixture{Connector: a.connect(t), App: a, Another: a.connect}
			})
		})
	}
}

// Insert adds a record as the app itself would.
func (a *app) Insert(t testing.TB, table string, values map[string]connectors.Value) string {
	t.Helper()
	var columns []string
	var args []any
	for name, v := range values {
		columns, args = append(columns, name), append(args, held(v))
	}
	id := "id"
	switch {
	case table == connectortest.Rates:
		id = "currency || '|' || day"
	case a.text(t, "SELECT type FROM pragma_table_info(?) WHERE name = 'id'", table) == "GUID":
		columns, args = append(columns, "id"), append(args, a.text(t, "SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4a00-8a00-' || hex(randomblob(6)))"))
	}
	return a.text(t, fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s) RETURNING %s", table, strings.Join(columns, ", "), strings.Repeat(", ?", len(args)-1), id), args...)
}

// Update edits a record as the app itself would.
func (a *app) Update(t testing.TB, table, id string, values map[string]connectors.Value) {
	t.Helper()
	for name, v := range values {
		a.exec(t, fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", table, name, a.id(table)), held(v), id)
	}
}

// Delete removes a record as the app itself would.
func (a *app) Delete(t testing.TB, table, id string) {
	t.Helper()
	a.exec(t, fmt.Sprintf("DELETE FROM %s WHERE %s = ?", table, a.id(table)), id)
}

func (a *app) id(table string) string {
	if table == connectortest.Rates {
		return "currency || '|' || day"
	}
	return "id"
}

// Leftovers lists what the app did not make itself.
func (a *app) Leftovers(t testing.TB) (left []string) {
	t.Helper()
	rows, err := a.db.Query("SELECT name FROM sqlite_master WHERE name LIKE '%dualwrite%' OR tbl_name LIKE '%dualwrite%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		left = append(left, name)
	}
	return left
}

// held is a value as the app's own code would hold it.
func held(v connectors.Value) any {
	switch {
	case !v.IsSet():
		return nil
	case v.Type() == connectors.Int, v.Type() == connectors.Bool:
		return v.Int()
	}
	return v.String()
}

func text(s string) connectors.Value { return connectors.TextValue(s) }
