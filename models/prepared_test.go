package models

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

func preparedStore(t *testing.T) *sql.DB {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.writes
}

func TestAQueryRunWhileItsOwnRowsAreReadStartsAnew(t *testing.T) {
	db := preparedStore(t)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const query = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?) SELECT x FROM n"
	count := func(most int, each func()) (n int) {
		rows, err := tx.QueryContext(context.Background(), query, most)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			n++
			each()
		}
		return n
	}
	outer := count(3, func() {
		if inner := count(5, func() {}); inner != 5 {
			t.Errorf("the inner run gave %d rows, want 5", inner)
		}
	})
	if outer != 3 {
		t.Errorf("the outer run gave %d rows, want 3", outer)
	}
	if again := count(4, func() {}); again != 4 {
		t.Errorf("run again it gave %d rows, want 4", again)
	}
}

func TestKeptStatementsFollowTheSchemaAndEndWithTheirBound(t *testing.T) {
	db := preparedStore(t)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE things (a TEXT)")
	exec("INSERT INTO things VALUES (?)", "one")
	exec("ALTER TABLE things ADD COLUMN b TEXT DEFAULT 'two'")
	for i := range statementsKept + 10 {
		var b string
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT b FROM things WHERE a = ? AND %d = %d", i, i), "one").Scan(&b); err != nil || b != "two" {
			t.Fatalf("query %d gave %q, %v", i, b, err)
		}
	}
}

func BenchmarkStoreQuery(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir(), Options{Volatile: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		if _, err := s.Uses(b.Context(), 1, "item"); err != nil {
			b.Fatal(err)
		}
	}
}
