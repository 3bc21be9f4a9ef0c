package models

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretStore is a store with one connection that has a password.
func secretStore(t *testing.T) (s *Store, dir string, c Connection) {
	t.Helper()
	dir = t.TempDir()
	s = openAt(t, dir)
	c, _, err := s.SaveConnection(t.Context(), "ann", ConnectionDraft{Name: "ERP", Kind: "postgres",
		Settings: map[string]string{"host": "erp.example", "user": "sync"}, Secrets: map[string]string{"password": "hunter2-hunter2"}})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir, c
}

func openAt(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func passwordOf(t *testing.T, s *Store, id int64) (string, error) {
	t.Helper()
	c, err := s.ConnectionByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.OpenSettings(t.Context(), &c)
	return all["password"], err
}

func TestASecretIsKeptSealedWithAKeyOfItsOwnFile(t *testing.T) {
	s, dir, c := secretStore(t)
	if got, err := passwordOf(t, s, c.ID); got != "hunter2-hunter2" || err != nil {
		t.Fatalf("the app is opened with %q, %v", got, err)
	}
	info, err := os.Stat(filepath.Join(dir, SecretKeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file of keys is %v, %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil || bytes.Contains(text, []byte("hunter2")) {
			t.Errorf("%s holds the password, %v", name, err)
		}
	}
	if got, err := passwordOf(t, openAt(t, dir), c.ID); got != "hunter2-hunter2" || err != nil {
		t.Errorf("after a restart the app is opened with %q, %v", got, err)
	}
}

func TestASealedSecretWorksNowhereElse(t *testing.T) {
	s, _, c := secretStore(t)
	other, _, err := s.SaveConnection(t.Context(), "ann", ConnectionDraft{Name: "Mine", Kind: "postgres", Settings: map[string]string{"host": "mine.example"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, theft := range []string{
		"INSERT INTO secrets SELECT owner, 2, field, key_id, sealed, changed_at FROM secrets WHERE owner_id = 1",
		"INSERT INTO secrets SELECT owner, 1, 'user', key_id, sealed, changed_at FROM secrets WHERE owner_id = 1",
		"UPDATE secrets SET sealed = zeroblob(4)",
	} {
		if _, err := s.writes.Exec(theft); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{c.ID, other.ID} {
		if got, err := passwordOf(t, s, id); got != "" || KindOf(err) != Invalid || !strings.Contains(MessageOf(err), "type it again") {
			t.Errorf("connection %d opens with %q, %v", id, got, err)
		}
	}
}

func TestKeysCanBeChanged(t *testing.T) {
	s, dir, c := secretStore(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, SecretKeyFile)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fresh := "new " + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, secretKeySize)) + "\n"
	for _, step := range []struct {
		file string
		want string
	}{{fresh + string(old), "hunter2-hunter2"}, {fresh, "hunter2-hunter2"}, {string(old), ""}} {
		if err := os.WriteFile(path, []byte(step.file), 0o600); err != nil {
			t.Fatal(err)
		}
		s := openAt(t, dir)
		got, err := passwordOf(t, s, c.ID)
		if got != step.want || (err == nil) != (step.want != "") {
			t.Errorf("with the keys %q the app is opened with %q, %v", step.file, got, err)
		}
		if err != nil && !strings.Contains(MessageOf(err), "the key new") {
			t.Errorf("it says %q", MessageOf(err))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Volatile: true}); KindOf(err) != Invalid || !strings.Contains(MessageOf(err), "line 1") {
		t.Errorf("a broken file of keys gives %v", err)
	}
}
