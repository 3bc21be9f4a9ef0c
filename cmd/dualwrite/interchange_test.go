package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/models"
	"dualwrite/models/interchange"
)

// documented is the maps that the original's pages document, as the original
// exports them.
const documented = "../../models/interchange/testdata/documented.json"

// bareFolder is a data folder with the practice environment and no map.
func bareFolder(t testing.TB) dataFolder {
	t.Helper()
	folder := dataFolder{t.TempDir()}
	linkFiles(t, folder.DataDir, nil)
	return folder
}

// mapsOf reads all maps of a data folder by name.
func mapsOf(t *testing.T, folder dataFolder) map[string]models.Map {
	t.Helper()
	out := map[string]models.Map{}
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		all, err := s.Maps(ctx)
		for _, m := range all {
			out[m.Name] = m
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDocumentedMapsOfTheOriginalAreImportedWithoutLoss(t *testing.T) {
	folder := bareFolder(t)
	said := output(t, (&importCommand{dataFolder: folder, Environment: "Practice", File: documented, DryRun: true}).Run)
	if len(mapsOf(t, folder)) != 0 || !strings.Contains(said, "map Customers V3 (contacts) added") {
		t.Errorf("a dry run says %s", said)
	}
	said = output(t, (&importCommand{dataFolder: folder, Environment: "Practice", File: documented}).Run)
	if strings.Contains(said, string(interchange.LeftOut)) {
		t.Errorf("something was left out: %s", said)
	}
	got := mapsOf(t, folder)
	want := fileMaps(t)
	for _, w := range want {
		g, ok := got[w.Name]
		if !ok {
			t.Errorf("%s was not imported", w.Name)
			continue
		}
		g.Definition.Right.Label = w.Definition.Right.Label // the original tells the entity's name only
		a, _ := json.Marshal(g.Definition)
		b, _ := json.Marshal(w.Definition)
		if !bytes.Equal(a, b) {
			t.Errorf("%s is imported as\n%s\nwant\n%s", w.Name, a, b)
		}
		if g.Version != "1.0.0.0" || g.Publisher != "Dynamics 365" {
			t.Errorf("%s is of version %q by %q", w.Name, g.Version, g.Publisher)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d maps, want %d", len(got), len(want))
	}
}

func TestImportedMapsBringThePracticeAppsInStep(t *testing.T) {
	folder := bareFolder(t)
	output(t, (&importCommand{dataFolder: folder, Environment: "Practice", File: documented}).Run)
	runEverything(t, folder.DataDir)
}

func TestDocumentedMapsRunOverTheProtocolsOfTheApps(t *testing.T) {
	s := serveApps(t)
	setup := s.setup()
	setup.Environments[0].Maps = nil
	s.apply(setup)
	said := output(t, (&importCommand{dataFolder: dataFolder{s.dir}, Environment: "Served", File: documented}).Run)
	if strings.Contains(said, string(interchange.LeftOut)) {
		t.Errorf("something was left out: %s", said)
	}
	s.begin()
	for _, step := range s.plan(s.names...).Steps {
		if step.Refusal != "" {
			t.Fatalf("%s is refused: %s", step.Map.Name, step.Refusal)
		}
	}
	s.run(s.names...)
	s.filled(s.names...)
	s.rest()
	s.failedOnly()
	s.inStep("after the initial write")
	s.edit()
	s.rest()
	s.inStep("after live edits")
}

func TestExportedMapFilesImportBackByteForByte(t *testing.T) {
	from, to, out := bareFolder(t), bareFolder(t), t.TempDir()
	output(t, (&importCommand{dataFolder: from, Environment: "Practice", File: documented}).Run)
	names := strings.Fields(output(t, (&exportCommand{dataFolder: from, Maps: out}).Run))
	if len(names) != 13 {
		t.Fatalf("%d files: %v", len(names), names)
	}
	for _, name := range names {
		output(t, (&importCommand{dataFolder: to, Environment: "Practice", File: filepath.Join(out, name)}).Run)
	}
	again := t.TempDir()
	output(t, (&exportCommand{dataFolder: to, Maps: again}).Run)
	for _, name := range names {
		a, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(again, name)); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs after the round: %v\n%s", name, err, b)
		}
	}
	if said := output(t, (&importCommand{dataFolder: to, Environment: "Practice", File: out}).Run); !strings.HasSuffix(said, "nothing to change\n") {
		t.Errorf("the folder imported again says %s", said)
	}
}

func TestAnImportSaysWhatIsWrongWithItsFile(t *testing.T) {
	folder := bareFolder(t)
	big := filepath.Join(t.TempDir(), "big.json")
	if err := os.WriteFile(big, make([]byte, 50<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, environment, says string }{
		"no file":        {filepath.Join(t.TempDir(), "none"), "Practice", "cannot be read"},
		"50 MB":          {big, "Practice", "larger than 32 MB"},
		"no environment": {documented, "Elsewhere", "there is no environment Elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			err := (&importCommand{dataFolder: folder, Environment: c.environment, File: c.file}).Run(&bytes.Buffer{})
			if !strings.Contains(models.MessageOf(err), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}
