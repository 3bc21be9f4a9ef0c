package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// app is a practice app's file as the app's own users work on it, from beside
// the program.
type app struct {
	t    testing.TB
	path string
	db   *sql.DB
}

func openApp(t testing.TB, path string) *app {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return &app{t: t, path: path, db: db}
}

// exec does what a user of the app does, to one record.
func (a *app) exec(query string, args ...any) {
	a.t.Helper()
	if n := a.execAll(query, args...); n != 1 {
		a.t.Fatalf("%s %v changed %d records", query, args, n)
	}
}

// execAll does it to any number of records and tells how many.
func (a *app) execAll(query string, args ...any) int64 {
	a.t.Helper()
	r, err := a.db.Exec(query, args...)
	if err != nil {
		a.t.Fatalf("%s %v: %v", query, args, err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

// text reads one value as text; "<null>" for null, "<none>" where there is no row.
func (a *app) text(query string, args ...any) string {
	a.t.Helper()
	var v sql.NullString
	switch err := a.db.QueryRow(query, args...).Scan(&v); {
	case err == sql.ErrNoRows:
		return "<none>"
	case err != nil:
		a.t.Fatalf("%s %v: %v", query, args, err)
	case !v.Valid:
		return "<null>"
	}
	return v.String
}

// count reads one number.
func (a *app) count(query string, args ...any) int {
	a.t.Helper()
	var n int
	if _, err := fmt.Sscan(a.text(query, args...), &n); err != nil {
		a.t.Fatalf("%s %v: %v", query, args, err)
	}
	return n
}

// copyRow makes a new record like another one, under a new key and native id.
func (a *app) copyRow(table, primary, key, like, fresh, id string) {
	a.t.Helper()
	rows, err := a.db.Query("SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		a.t.Fatal(err)
	}
	var columns, values []string
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			a.t.Fatal(err)
		}
		columns = append(columns, c)
		switch c {
		case primary:
			c = id
		case key:
			c = "'" + fresh + "'"
		}
		values = append(values, c)
	}
	if err := rows.Err(); err != nil {
		a.t.Fatal(err)
	}
	a.exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") SELECT "+strings.Join(values, ", ")+" FROM "+table+" WHERE "+key+" = ? LIMIT 1", like)
}

// logEnd is the sequence of the newest change in the log of an entity.
func (a *app) logEnd(entity string) string {
	a.t.Helper()
	return a.text("SELECT max(seq) FROM dualwrite_log_" + entity)
}

// logEndNumber is logEnd as a number; each change adds one.
func (a *app) logEndNumber(entity string) int {
	a.t.Helper()
	return a.count("SELECT max(seq) FROM dualwrite_log_" + entity)
}
