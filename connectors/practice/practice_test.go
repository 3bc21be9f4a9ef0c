package practice

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestEveryInstallationHoldsTheSameData(t *testing.T) {
	left1, right1 := openApps(t)
	again, err := Create(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	left2, right2 := openApp(t, again.Left), openApp(t, again.Right)
	tables := `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`
	for _, table := range texts(t, left1, tables) {
		if !reflect.DeepEqual(read(t, left1, table, "1"), read(t, left2, table, "1")) {
			t.Errorf("%s differs", table)
		}
	}
	for _, table := range texts(t, right1, tables) {
		if !reflect.DeepEqual(read(t, right1, table, "1"), read(t, right2, table, "1")) {
			t.Errorf("%s differs", table)
		}
	}
}

func TestCreateLeavesAppsThatAreThereAlone(t *testing.T) {
	dir := t.TempDir()
	apps, err := Create(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	left := openApp(t, apps.Left)
	if _, err := left.ExecContext(t.Context(), `UPDATE CustCustomerGroups SET DESCRIPTION = 'edited' WHERE CUSTOMERGROUPID = '10'`); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(apps.Right); err != nil {
		t.Fatal(err)
	}
	again, err := Create(t.Context(), dir)
	if err != nil || !reflect.DeepEqual(apps, again) {
		t.Fatalf("second call: %v, %v", again, err)
	}
	if got := texts(t, left, `SELECT DISTINCT DESCRIPTION FROM CustCustomerGroups WHERE CUSTOMERGROUPID = '10'`); !reflect.DeepEqual(got, []string{"edited"}) {
		t.Errorf("the edit became %q", got)
	}
	if got := texts(t, openApp(t, apps.Right), `SELECT count(*) FROM accounts`); got[0] != "1200" {
		t.Errorf("the missing app came back with %s accounts", got[0])
	}
}

func TestAKilledStartLeavesNoHalfApp(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Create(ctx, dir); err == nil {
		t.Fatal("a cancelled start reported success")
	}
	if names := entries(t, dir); len(names) > 0 {
		t.Fatalf("a cancelled start left %v", names)
	}
	if err := os.WriteFile(filepath.Join(dir, "finance-and-operations.db.part"), []byte("half an app"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), dir); err != nil {
		t.Fatalf("start after a killed one: %v", err)
	}
	if names := entries(t, dir); len(names) != 2 {
		t.Errorf("the folder holds %v, not the two apps alone", names)
	}
}

func TestAppsBelongToTheirOwnerAndTakeWritersBesideReaders(t *testing.T) {
	apps, err := Create(t.Context(), filepath.Join(t.TempDir(), "new", "odd #1 ?% folder é"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{apps.Left, apps.Right} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if got := texts(t, openApp(t, path), `PRAGMA journal_mode`); got[0] != "wal" {
			t.Errorf("%s has journal mode %s", path, got[0])
		}
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Name())
	}
	return names
}
