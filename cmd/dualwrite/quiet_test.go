package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// openStore opens the store's file for reading, beside the program.
func openStore(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "dualwrite.db"))+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// quiet waits until nothing is left to do.
func (s *site) quiet() {
	s.t.Helper()
	left := ""
	defer func() {
		if s.t.Failed() {
			s.t.Logf("left to do: %s", left)
		}
	}()
	s.await("nothing is left to do", func() bool {
		left = s.unfinished()
		return left == ""
	})
}

const dueErrors = "errors that are due"

// work is what a map that works still has to do, as queries that count it.
func work() []struct{ what, query string } {
	const maps = "SELECT id FROM entity_maps WHERE status IN ('initializing', 'running', 'resuming') AND hold = ''"
	soon := "strftime('%Y-%m-%d %H:%M:%f', 'now', '+3 seconds')"
	return []struct{ what, query string }{
		{"initial syncs", "SELECT count(*) FROM executions WHERE state IN ('waiting', 'reading', 'writing') AND map_id IN (" + maps + ")"},
		{"queued changes", "SELECT count(*) FROM changes WHERE fate = 'queued' AND map_id IN (" + maps + ")"},
		{"open intents", "SELECT count(*) FROM links WHERE flags & 24 <> 0 AND map_id IN (" + maps + ")"},
		{"batches without an outcome", "SELECT count(*) FROM intents WHERE map_id IN (" + maps + ")"},
		{dueErrors, "SELECT count(*) FROM record_errors WHERE state = 'open' AND retry_at <= " + soon + " AND map_id IN (" + maps + ")"},
		{"owed lookups that are due", "SELECT count(*) FROM owed WHERE due_at <= " + soon + " AND map_id IN (" + maps + ")"},
		{"maps that resume", "SELECT count(*) FROM entity_maps WHERE status = 'resuming' AND hold = ''"},
	}
}

// unfinished says what is left to do, "" for nothing: every change in the apps
// is taken over, and none came while we looked at what is to be done with them.
func (s *site) unfinished() string {
	before, behind := s.logs()
	if behind != "" {
		return "changes of " + behind
	}
	for _, w := range work() {
		n := 0
		s.check(s.reader.QueryRow(w.query).Scan(&n))
		if n > 0 {
			return fmt.Sprintf("%d %s", n, w.what)
		}
	}
	if after, _ := s.logs(); after != before {
		return "changes that just came"
	}
	return ""
}

// logs gives the ends of all logs in the apps, and the first entity whose log
// goes beyond what was taken over.
func (s *site) logs() (ends, behind string) {
	rows, err := s.reader.Query(`SELECT f.entity, f."cursor", e.left_connection_id = f.connection_id FROM feeds f, environments e ORDER BY f.id`)
	s.check(err)
	defer func() { _ = rows.Close() }()
	var all strings.Builder
	for rows.Next() {
		var entity, cursor string
		var left bool
		s.check(rows.Scan(&entity, &cursor, &left))
		app := s.right
		if left {
			app = s.left
		}
		end := app.logEnd(entity)
		fmt.Fprintln(&all, entity, end)
		if end != cursor {
			behind = entity
		}
	}
	s.check(rows.Err())
	return all.String(), behind
}
