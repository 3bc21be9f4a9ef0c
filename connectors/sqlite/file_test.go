package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/sqlite"
)

func TestAFileThatIsNotThereOrNoDatabaseIsToldSo(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain.txt")
	if err := os.WriteFile(plain, []byte(strings.Repeat("this is no database\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]connectors.Kind{filepath.Join(dir, "none.db"): connectors.Unreachable, dir: connectors.Unreachable, plain: connectors.Unreachable, "": connectors.Invalid} {
		_, err := sqlite.Open(t.Context(), map[string]string{"path": path})
		if e := probe.Failed(t, err, want); e.Error() == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("opening left %v behind", left)
	}
}

func TestAFileThatVanishesIsUnreachableUntilOneTakesItsPlace(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`, `INSERT INTO x VALUES (1, 'old')`)
	b := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT, w TEXT)`, `INSERT INTO x VALUES (1, 'new', '')`)
	c := a.connect(t)
	o := probe.Open(t, c, "x", "v")
	feed := probe.Start(t, c, "x")
	waiting := make(chan error, 1)
	go func() { waiting <- feed.Wait(t.Context(), feed.At) }()

	a.vanish(t)
	_, err := o.Write(t.Context(), []connectors.Write{o.Creates(text("lost"))})
	probe.Failed(t, err, connectors.Unreachable)
	_, _, err = o.Scan(t.Context(), "", 1)
	probe.Failed(t, err, connectors.Unreachable)
	_, err = c.Health(t.Context())
	probe.Failed(t, err, connectors.Unreachable)
	probe.Failed(t, <-waiting, connectors.Unreachable)

	b.db.Close()
	if err := os.Rename(b.path, a.path); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "rows", o.Rows(), "1: new")
	_, _, _, err = feed.Changes(t.Context(), feed.At, 1)
	probe.Failed(t, err, connectors.CursorExpired)
	o.Stored(o.Creates(text("found")))
}

// vanish removes the database file and its log files.
func (a *app) vanish(t testing.TB) {
	t.Helper()
	a.db.Close()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(a.path + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func TestAnOldBackupPutBackExpiresTheCursor(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`)
	c := a.connect(t)
	feed := probe.Start(t, c, "x")
	backup := filepath.Join(t.TempDir(), "backup.db")
	a.exec(t, "VACUUM INTO ?", backup)
	a.exec(t, "INSERT INTO x VALUES (1, 'lost')")
	feed.Told()
	a.vanish(t)
	if err := os.Rename(backup, a.path); err != nil {
		t.Fatal(err)
	}
	_, _, _, err := feed.Changes(t.Context(), feed.At, 10)
	probe.Failed(t, err, connectors.CursorExpired)
}

func TestAFileThatMayOnlyBeReadIsDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("nothing is denied to root")
	}
	a := newApp(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)`)
	a.db.Close()
	if err := os.Chmod(a.path, 0o400); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.Open(t.Context(), map[string]string{"path": a.path})
	probe.Failed(t, err, connectors.Denied)
}
