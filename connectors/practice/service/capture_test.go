package service_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"dualwrite/connectors/practice/service"
)

// openNotes makes a file with a table of notes and somebody who edits it.
func openNotes(t *testing.T) (path string, editor *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "notes.db")
	editor, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = editor.Close() })
	edit(t, editor, "PRAGMA journal_mode = WAL")
	edit(t, editor, "CREATE TABLE notes (noteid INTEGER PRIMARY KEY, word VARCHAR(20) NOT NULL, UNIQUE (word))")
	edit(t, editor, "INSERT INTO notes VALUES (1, 'one'), (2, 'two')")
	return path, editor
}

func edit(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func openStore(t *testing.T, path string) *service.Store {
	t.Helper()
	m, err := service.Introspect(t.Context(), path, "notes")
	if err != nil {
		t.Fatal(err)
	}
	s, err := service.Open(t.Context(), path, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// state is the versions of all records, those deleted since a version, and the
// reading of the clock.
func state(t *testing.T, s *service.Store, since int64) (versions map[string]int64, deleted []string, clock int64) {
	t.Helper()
	versions = map[string]int64{}
	err := s.Read(t.Context(), func(tx *service.Tx) error {
		e := s.Model.Entity("notes")
		found, err := tx.Select(t.Context(), &service.Select{Entity: e, Limit: 100})
		if err != nil {
			return err
		}
		for _, r := range found {
			versions[r.ID] = r.Version
		}
		if clock, err = tx.Version(t.Context(), 0); err != nil {
			return err
		}
		gone, err := tx.Deleted(t.Context(), e, since, clock, 100)
		for _, d := range gone {
			deleted = append(deleted, d.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return versions, deleted, clock
}

func TestEveryWriteToTheFileMovesTheVersionOfItsRecordAlone(t *testing.T) {
	path, editor := openNotes(t)
	s := openStore(t, path)
	before, _, clock := state(t, s, 0)
	if len(before) != 2 || before["1"] == before["2"] || before["1"] > clock {
		t.Fatalf("versions %v, clock %d", before, clock)
	}
	for _, statement := range []string{"UPDATE notes SET word = word WHERE noteid = 1", "INSERT OR REPLACE INTO notes VALUES (1, 'again')",
		"INSERT INTO notes VALUES (1, 'more') ON CONFLICT DO UPDATE SET word = excluded.word", "DELETE FROM notes WHERE noteid = 1; INSERT INTO notes VALUES (1, 'new')"} {
		edit(t, editor, statement)
		after, _, _ := state(t, s, 0)
		if after["1"] <= before["1"] || after["2"] != before["2"] {
			t.Errorf("%s: versions %v, before %v", statement, after, before)
		}
		before = after
	}
	edit(t, editor, "UPDATE notes SET noteid = 7 WHERE noteid = 2")
	edit(t, editor, "DELETE FROM notes WHERE noteid = 1")
	after, deleted, _ := state(t, s, clock)
	if len(after) != 1 || after["7"] <= before["1"] || len(deleted) != 2 || deleted[0] != "2" || deleted[1] != "1" {
		t.Errorf("versions %v, deleted %v", after, deleted)
	}
}

func TestWritesAreNoticedWhileNoServerRuns(t *testing.T) {
	path, editor := openNotes(t)
	s := openStore(t, path)
	before, _, clock := state(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, editor, "UPDATE notes SET word = 'uno' WHERE noteid = 1")
	edit(t, editor, "DELETE FROM notes WHERE noteid = 2")
	again := openStore(t, path)
	after, deleted, _ := state(t, again, clock)
	if after["1"] <= before["1"] || len(deleted) != 1 || deleted[0] != "2" {
		t.Errorf("versions %v, before %v, deleted %v", after, before, deleted)
	}
}

func TestWhatFailsIsUndoneWithItsVersions(t *testing.T) {
	path, _ := openNotes(t)
	s := openStore(t, path)
	before, _, clock := state(t, s, 0)
	e := s.Model.Entity("notes")
	err := s.Write(t.Context(), "me", func(tx *service.Tx) error {
		if _, err := tx.Insert(t.Context(), e, service.Values{e.Field("word"): "three"}); err != nil {
			return err
		}
		_, err := tx.Insert(t.Context(), e, service.Values{e.Field("word"): "ONE "})
		return err
	})
	if r, ok := err.(*service.Refusal); !ok || r.Kind != service.Duplicate || r.Key.Fields[0] != "word" {
		t.Errorf("refused with %v", err)
	}
	if after, _, now := state(t, s, 0); len(after) != len(before) || now != clock {
		t.Errorf("versions %v at %d, before %v at %d", after, now, before, clock)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, "me", func(*service.Tx) error { return nil }); err == nil {
		t.Error("written with a cancelled context")
	}
}
