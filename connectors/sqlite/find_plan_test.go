package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
)

// explained gives SQLite's plans for finding a key and for scanning.
func explained(t *testing.T, sel connectors.Selection, script ...string) (find, scan string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), map[string]string{"path": path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	app := c.(*connector)
	err = app.write(t.Context(), "make", "", func(_ context.Context, s *session, _ *catalog) error { return s.script(script) })
	if err != nil {
		t.Fatal(err)
	}
	feed := &feed{app, sel.Entity}
	if _, err := feed.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = app.read(t.Context(), "explain", sel.Entity, func(ctx context.Context, q querier, cat *catalog) error {
		p, err := cat.compile(sel)
		if err != nil {
			return err
		}
		if !p.Indexed() {
			t.Fatal("the key is not looked up in an index")
		}
		width := len(sel.Key)
		find = planOf(t, ctx, q, p.lookup(3, width, p.indexCondition()), make([]any, 3*width))
		scan = planOf(t, ctx, q, p.Select("t.id > ? ORDER BY t.id LIMIT ?"), []any{"x", 10})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return find, scan
}

func planOf(t *testing.T, ctx context.Context, q querier, query string, args []any) string {
	t.Helper()
	var lines []string
	err := each(ctx, q, "EXPLAIN QUERY PLAN "+query, func(r *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		lines = append(lines, detail)
		return err
	}, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestFindingAndScanningGoThroughIndexes(t *testing.T) {
	script := []string{
		`CREATE TABLE company (id GUID PRIMARY KEY, code TEXT UNIQUE)`,
		`CREATE TABLE x (id GUID PRIMARY KEY, company GUID REFERENCES company, number TEXT COLLATE NOCASE, n INT, UNIQUE (company, number))`,
	}
	for name, sel := range map[string]connectors.Selection{
		"a company by path": {Fields: []string{"company.code", "number", "n"}, Key: []int{0, 1}},
		"a stricter fold":   {Fields: []string{"company", "number"}, Key: []int{0, 1}},
		"the same fold":     {Fields: []string{"company", "number"}, Key: []int{0, 1}, Fold: connectors.Fold{Case: true}},
	} {
		sel.Entity, sel.Company = "x", 0
		find, scan := explained(t, sel, script...)
		if !strings.Contains(find, "SEARCH t USING INDEX sqlite_autoindex_x_2 (company=? AND number=?)") {
			t.Errorf("%s: found by\n%s", name, find)
		}
		if strings.Contains(scan, "TEMP B-TREE") || !strings.Contains(scan, "SEARCH t USING INDEX sqlite_autoindex_x_1 (id>?)") {
			t.Errorf("%s: scanned by\n%s", name, scan)
		}
		if !strings.Contains(scan, "SEARCH l USING COVERING INDEX dualwrite_index_x (id=?)") {
			t.Errorf("%s: versions read by\n%s", name, scan)
		}
	}
}
