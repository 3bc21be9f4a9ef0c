// Package servicetest starts the practice apps' servers over small apps for
// tests: parents, children with a field of every common type and a lookup to a
// parent, and rates without a company.
package servicetest

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors/practice/service"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// App is somebody who works in an app's file past its server.
type App struct {
	db    *sql.DB
	model *service.Model
	next  int64 // record id of an app that counts them
}

func createApp(t testing.TB, schema string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db := openApp(t, path)
	for _, statement := range []string{"PRAGMA journal_mode = WAL", schema} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func openApp(t testing.TB, path string) *sql.DB {
	t.Helper()
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(0)"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Insert adds a record and returns its native id. Values are spelled as in a
// key of an address, nil for none; fields are named as on the wire, a lookup by
// its logical name. A table is named by its entity set.
func (a *App) Insert(t testing.TB, set string, values map[string]*string) string {
	t.Helper()
	e := a.model.Entity(set)
	id := service.NewGUID()
	names, args := []string{e.ID}, []any{any(id)}
	if e.Primary() == nil {
		a.next++
		args[0] = 5637144576 + a.next
	}
	for name, text := range values {
		names, args = append(names, e.Field(name).Column), append(args, a.convert(t, e.Field(name), text))
	}
	var stored string
	err := a.db.QueryRow("INSERT INTO "+e.Table+" ("+strings.Join(names, ", ")+") VALUES (?"+strings.Repeat(", ?", len(names)-1)+") RETURNING CAST("+e.ID+" AS TEXT)", args...).Scan(&stored)
	if err != nil {
		t.Fatalf("insert into %s: %v", set, err)
	}
	return stored
}

// Update changes fields of the record with a native id.
func (a *App) Update(t testing.TB, set, id string, values map[string]*string) {
	t.Helper()
	e := a.model.Entity(set)
	for name, text := range values {
		f := e.Field(name)
		if _, err := a.db.Exec("UPDATE "+e.Table+" SET "+f.Column+" = ? WHERE "+e.ID+" = ?", a.convert(t, f, text), id); err != nil {
			t.Fatalf("update %s: %v", set, err)
		}
	}
}

// Delete removes the record with a native id.
func (a *App) Delete(t testing.TB, set, id string) {
	t.Helper()
	e := a.model.Entity(set)
	if _, err := a.db.Exec("DELETE FROM "+e.Table+" WHERE "+e.ID+" = ?", id); err != nil {
		t.Fatalf("delete from %s: %v", set, err)
	}
}

// Find gives the native id of the record whose fields have these values, "" if
// there is none.
func (a *App) Find(t testing.TB, set string, values map[string]*string) string {
	t.Helper()
	e := a.model.Entity(set)
	conditions, args := []string{"1"}, []any(nil)
	for name, text := range values {
		f := e.Field(name)
		conditions, args = append(conditions, f.Column+" IS ?"), append(args, a.convert(t, f, text))
	}
	var id string
	_ = a.db.QueryRow("SELECT CAST("+e.ID+" AS TEXT) FROM "+e.Table+" WHERE "+strings.Join(conditions, " AND ")+" LIMIT 1", args...).Scan(&id) // none leaves it empty
	return id
}

func (a *App) convert(t testing.TB, f *service.Field, text *string) any {
	t.Helper()
	if text == nil {
		return nil
	}
	value, err := f.Convert(*text)
	if err != nil {
		t.Fatalf("%s = %q: %v", f.Name, *text, err)
	}
	return value
}
