package finops_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/finops"
	"dualwrite/connectors/practice/fno"
	"dualwrite/connectors/practice/service"

	_ "modernc.org/sqlite"
)

const (
	clientID = "7c1f5e0a-2b4d-4a7e-8b61-9d6a1e2f3c40"
	secret   = "planted~S3cret.of/the+client"
)

// app is a practice server over the suite's standard tables, which have no
// lookups there.
type app struct {
	server *fno.Server
	db     *sql.DB
	url    string
}

func newApp(t testing.TB) *app {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	var names []string
	for _, table := range connectortest.Tables() {
		names = append(names, table.Name)
		if _, err := db.Exec(ddl(table)); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	model, err := service.Introspect(ctx, path, names...)
	if err != nil {
		t.Fatal(err)
	}
	model.EmptyForNull = true
	for _, e := range model.Entities {
		e.Company = ""
		for _, f := range e.Fields {
			if f.Name == "dataareaid" {
				e.Company = f.Name
			}
		}
	}
	s, err := fno.Open(ctx, path, model, fno.Options{ClientID: clientID, ClientSecret: secret, Company: "usmf"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		s.Close()
	})
	return &app{s, db, h.URL}
}

func ddl(t connectortest.Table) string {
	types := map[connectors.Type]string{connectors.Text: "TEXT", connectors.Int: "BIGINT", connectors.Decimal: "DECTEXT", connectors.Bool: "BOOLEAN",
		connectors.Date: "DATE", connectors.DateTime: "DATETIME", connectors.GUID: "GUID"}
	lines := []string{"recid INTEGER PRIMARY KEY"}
	for _, c := range t.Columns {
		if c.Parent != "" {
			continue
		}
		kind := types[c.Type]
		switch {
		case c.Length > 0:
			kind = fmt.Sprintf("VARCHAR(%d) COLLATE NOCASE", c.Length)
		case c.Type == connectors.Text:
			kind = "TEXT COLLATE NOCASE"
		case c.Digits > 0:
			kind += fmt.Sprintf("(%d,%d)", c.Digits, c.Scale)
		}
		switch {
		case c.Required:
			kind += " NOT NULL"
		case c.Type == connectors.Bool: // the app has no nulls
			kind += " NOT NULL DEFAULT 0"
		}
		lines = append(lines, c.Name+" "+kind)
	}
	lines = append(lines, "UNIQUE ("+strings.Join(t.Unique[0], ", ")+")")
	return "CREATE TABLE " + t.Name + " (" + strings.Join(lines, ", ") + ")"
}

func (a *app) settings() map[string]string {
	return map[string]string{"url": a.url, "token_url": a.url + "/tenant/oauth2/v2.0/token", "client_id": clientID, "client_secret": secret, "interval": "1"}
}

func (a *app) connect(t testing.TB) connectors.Connector {
	t.Helper()
	c, err := finops.Open(context.Background(), a.settings())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Insert, Update and Delete work on the file, past the server.
func (a *app) Insert(t testing.TB, table string, values map[string]connectors.Value) string {
	t.Helper()
	var columns, marks []string
	var args []any
	for name, v := range values {
		if v.IsSet() {
			columns, marks, args = append(columns, name), append(marks, "?"), append(args, raw(v))
		}
	}
	a.exec(t, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ","), strings.Join(marks, ",")), args...)
	return key(table, values)
}

// key spells a record's entity key.
func key(table string, values map[string]connectors.Value) string {
	quoted := func(name string) string { return "'" + strings.ReplaceAll(values[name].Text(), "'", "''") + "'" }
	switch table {
	case connectortest.Parents:
		return "dataareaid=" + quoted("dataareaid") + ",code=" + quoted("code")
	case connectortest.Children:
		return "dataareaid=" + quoted("dataareaid") + ",number=" + quoted("number")
	}
	return "currency=" + quoted("currency") + ",day=" + values["day"].String()
}

func (a *app) where(id string) (string, []any) {
	var conditions []string
	var args []any
	for part := range strings.SplitSeq(id, ",") {
		name, value, _ := strings.Cut(part, "=")
		conditions, args = append(conditions, name+" = ?"), append(args, strings.Trim(value, "'"))
	}
	return strings.Join(conditions, " AND "), args
}

func (a *app) Update(t testing.TB, table, id string, values map[string]connectors.Value) {
	t.Helper()
	var set []string
	var args []any
	for name, v := range values {
		set, args = append(set, name+" = ?"), append(args, raw(v))
	}
	where, more := a.where(id)
	a.exec(t, fmt.Sprintf("UPDATE %s SET %s WHERE %s", table, strings.Join(set, ","), where), slices.Concat(args, more)...)
}

func (a *app) Delete(t testing.TB, table, id string) {
	t.Helper()
	where, args := a.where(id)
	a.exec(t, fmt.Sprintf("DELETE FROM %s WHERE %s", table, where), args...)
}

func (a *app) Leftovers(testing.TB) []string { return nil }

func (a *app) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := a.db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func raw(v connectors.Value) any {
	switch {
	case !v.IsSet():
		return nil
	case v == zeros():
		return standIn().Text()
	case v.Type() == connectors.Int, v.Type() == connectors.Bool:
		return v.Int()
	case v.Type() == connectors.Decimal:
		whole, fraction, _ := strings.Cut(v.String(), ".")
		return whole + "." + (fraction + "0000")[:4]
	}
	return v.String()
}
