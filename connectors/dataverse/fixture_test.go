package dataverse_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/dataverse"
	"dualwrite/connectors/practice/cds"
	"dualwrite/connectors/practice/service"

	_ "modernc.org/sqlite"
)

const (
	clientID = "0d9f3c1a-7f52-4f0e-9a35-3b1f6f0f9d11"
	secret   = "planted~S3cret.of/the+client"
)

// environment is a practice server over the suite's standard tables.
type environment struct {
	server *cds.Server
	db     *sql.DB
	url    string
}

func newEnvironment(t testing.TB) *environment {
	t.Helper()
	return newEnvironmentOf(t, func(*service.Model) {})
}

// newEnvironmentOf is newEnvironment after shape has changed the model.
func newEnvironmentOf(t testing.TB, shape func(*service.Model)) *environment {
	t.Helper()
	var names, statements []string
	for _, table := range connectortest.Tables() {
		names, statements = append(names, table.Name), append(statements, ddl(table))
	}
	return serve(t, statements, shape, names...)
}

// serve makes an app of tables and serves it, after shape has told of the model
// what tables cannot say.
func serve(t testing.TB, statements []string, shape func(*service.Model), names ...string) *environment {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	model, err := service.Introspect(ctx, path, names...)
	if err != nil {
		t.Fatal(err)
	}
	shape(model)
	s, err := cds.Open(ctx, path, model, cds.Options{ClientID: clientID, ClientSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		s.Close()
	})
	return &environment{s, db, h.URL}
}

func ddl(t connectortest.Table) string {
	types := map[connectors.Type]string{connectors.Text: "TEXT", connectors.Int: "BIGINT", connectors.Decimal: "DECTEXT", connectors.Bool: "BOOLEAN",
		connectors.Date: "DATE", connectors.DateTime: "DATETIME", connectors.GUID: "GUID"}
	lines := []string{t.Name + "id GUID PRIMARY KEY"}
	for _, c := range t.Columns {
		kind := types[c.Type]
		switch {
		case c.Parent != "":
			kind = fmt.Sprintf("GUID REFERENCES %[1]s (%[1]sid)", c.Parent)
		case c.Length > 0:
			kind = fmt.Sprintf("VARCHAR(%d) COLLATE NOCASE", c.Length)
		case c.Type == connectors.Text:
			kind = "TEXT COLLATE NOCASE"
		case c.Digits > 0:
			kind += fmt.Sprintf("(%d,%d)", c.Digits, c.Scale)
		}
		if c.Required {
			kind += " NOT NULL"
		}
		lines = append(lines, c.Name+" "+kind)
	}
	for _, u := range t.Unique {
		lines = append(lines, "UNIQUE ("+strings.Join(u, ", ")+")")
	}
	return "CREATE TABLE " + t.Name + " (" + strings.Join(lines, ", ") + ")"
}

func (e *environment) settings() map[string]string {
	return map[string]string{"url": e.url, "token_url": e.url + "/tenant/oauth2/v2.0/token", "client_id": clientID, "client_secret": secret, "interval": "1"}
}

func (e *environment) connect(t testing.TB) connectors.Connector {
	t.Helper()
	return open(t, e.settings())
}

// inTwos sends two operations in one batch, so that more creates go together
// where the environment offers that.
func (e *environment) inTwos(t testing.TB) connectors.Connector {
	t.Helper()
	settings := e.settings()
	settings["batch"] = "2"
	return open(t, settings)
}

// slow looks for changes only when it is woken.
func (e *environment) slow(t testing.TB) connectors.Connector {
	t.Helper()
	settings := e.settings()
	settings["interval"] = "3600"
	return open(t, settings)
}

func open(t testing.TB, settings map[string]string) connectors.Connector {
	t.Helper()
	c, err := dataverse.Open(context.Background(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Insert, Update and Delete work on the file, past the server.
func (e *environment) Insert(t testing.TB, table string, values map[string]connectors.Value) string {
	t.Helper()
	id := service.NewGUID()
	columns, marks, args := []string{table + "id"}, []string{"?"}, []any{id}
	for name, v := range values {
		columns, marks, args = append(columns, name), append(marks, "?"), append(args, raw(v))
	}
	e.exec(t, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ","), strings.Join(marks, ",")), args...)
	return id
}

func (e *environment) Update(t testing.TB, table, id string, values map[string]connectors.Value) {
	t.Helper()
	var set []string
	var args []any
	for name, v := range values {
		set, args = append(set, name+" = ?"), append(args, raw(v))
	}
	e.exec(t, fmt.Sprintf("UPDATE %s SET %s WHERE %sid = ?", table, strings.Join(set, ","), table), append(args, id)...)
}

func (e *environment) Delete(t testing.TB, table, id string) {
	t.Helper()
	e.exec(t, fmt.Sprintf("DELETE FROM %s WHERE %sid = ?", table, table), id)
}

func (e *environment) Leftovers(testing.TB) []string { return nil }

func (e *environment) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := e.db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func raw(v connectors.Value) any {
	switch {
	case !v.IsSet():
		return nil
	case v.Type() == connectors.Int, v.Type() == connectors.Bool:
		return v.Int()
	case v.Type() == connectors.Decimal:
		whole, fraction, _ := strings.Cut(v.String(), ".")
		return whole + "." + (fraction + "0000")[:4]
	}
	return v.String()
}

// text reads one value from the app's file.
func (e *environment) text(t testing.TB, query string) (out string) {
	t.Helper()
	if err := e.db.QueryRow(query).Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}
