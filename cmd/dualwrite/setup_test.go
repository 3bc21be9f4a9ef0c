package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/models"
)

// commandFile writes a file for apply.
func commandFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "setup.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func output(t *testing.T, run func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWhatIsExportedCanBeAppliedElsewhere(t *testing.T) {
	from, to := servedFolder(t), dataFolder{t.TempDir()}
	exported := output(t, (&exportCommand{dataFolder: from}).Run)
	file := commandFile(t, exported)
	if said := output(t, (&applyCommand{dataFolder: to, File: file, DryRun: true}).Run); !strings.Contains(said, "map Customers V3 (contacts) added") {
		t.Errorf("a dry run says %q", said)
	}
	if said := output(t, (&applyCommand{dataFolder: to, File: file}).Run); !strings.Contains(said, "environment Practice linked") {
		t.Errorf("applied it says %q", said)
	}
	if said := output(t, (&applyCommand{dataFolder: to, File: file}).Run); said != "nothing to change\n" {
		t.Errorf("applied again it says %q", said)
	}
	if again := output(t, (&exportCommand{dataFolder: to}).Run); again != exported {
		t.Errorf("exported from there it differs:\n%s", again)
	}
	definitions := func(d dataFolder) string {
		var text []byte
		err := d.withStore(func(ctx context.Context, s *models.Store) error {
			all, err := s.Maps(ctx)
			for _, m := range all {
				one, _ := json.Marshal(m.Definition)
				text = append(text, one...)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if definitions(from) != definitions(to) {
		t.Error("the maps differ from those that were exported")
	}
}

func TestSettingsCanReferToVariablesAndFiles(t *testing.T) {
	t.Setenv("DUALWRITE_TEST_PASSWORD", "from the environment")
	file := commandFile(t, "from a file\n")
	got, err := resolved(map[string]string{"password": "env:DUALWRITE_TEST_PASSWORD", "token": "file:" + file, "user": "ann"})
	if err != nil || got["password"] != "from the environment" || got["token"] != "from a file" || got["user"] != "ann" {
		t.Errorf("resolved %q, %v", got, err)
	}
	for _, value := range []string{"env:DUALWRITE_TEST_NOT_SET", "file:" + file + ".missing"} {
		if _, err := resolved(map[string]string{"password": value}); err == nil || !strings.Contains(err.Error(), "password") {
			t.Errorf("%s gives %v", value, err)
		}
	}
}
