package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/models/interchange"
)

type importCommand struct {
	dataFolder
	Environment string `help:"The environment that the maps are for." required:"" placeholder:"NAME"`
	DryRun      bool   `help:"Say what would be taken and change nothing."`
	File        string `arg:"" help:"Rows of msdyn_dualwriteentitymap as JSON, a solution as zip archive or folder, or a map as YAML."`
}

// Run imports entity maps and prints what was taken, what was not, and why. The
// data folder must not be in use by a program that runs.
func (c *importCommand) Run(out io.Writer) error {
	im, err := readImport(c.File)
	if err != nil {
		return err
	}
	return c.withStore(func(ctx context.Context, s *models.Store) (err error) {
		eng, err := engine.New(s, openers(c.DataDir), engine.Config{SpillDir: filepath.Join(c.DataDir, "spill")})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, eng.Close(ctx)) }()
		done, err := importMaps(ctx, s, eng, c.Environment, im, c.DryRun)
		for _, n := range im.Notes {
			fmt.Fprintln(out, n)
		}
		for _, line := range done {
			fmt.Fprintln(out, line)
		}
		if err == nil && len(done) == 0 {
			fmt.Fprintln(out, "nothing to change")
		}
		return err
	})
}

func importMaps(ctx context.Context, s *models.Store, eng *engine.Engine, environment string, im *interchange.Import, try bool) ([]string, error) {
	present, err := s.ExportSetup(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := interchange.For(present, environment, nil); err != nil {
		return nil, err
	}
	environments, err := s.Environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range environments {
		if e.Name != environment {
			continue
		}
		if err := im.Fit(func(m *models.Map) ([]string, error) { return eng.FitMap(ctx, e.ID, m) }); err != nil {
			return nil, err
		}
	}
	setup, err := interchange.For(present, environment, im.Maps)
	if err != nil {
		return nil, err
	}
	apply := s.ApplySetup
	if try {
		apply = s.TrySetup
	}
	return apply(ctx, setup, commandLine)
}

// readImport reads a file or the folder of a solution.
func readImport(name string) (*interchange.Import, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, &models.Error{Kind: models.Invalid, Message: "the file cannot be read", Err: err}
	case info.IsDir():
		return interchange.ReadSolution(os.DirFS(name))
	case info.Size() > interchange.MostBytes:
		return nil, models.Errorf(models.Invalid, "the file is larger than %d MB; export fewer maps at once", interchange.MostBytes>>20)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &models.Error{Kind: models.Invalid, Message: "the file cannot be read", Err: err}
	}
	return interchange.ReadAny(text)
}

// writeMaps writes each map of an environment, or of all, to a file of its own.
func writeMaps(setup *models.Setup, environment, folder string) ([]string, error) {
	var out []string
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("create folder for maps: %w", err)
	}
	taken := map[string]int{}
	for _, e := range setup.Environments {
		if environment != "" && e.Name != environment {
			continue
		}
		for i := range e.Maps {
			text, err := interchange.WriteMap(&e.Maps[i])
			if err != nil {
				return nil, err
			}
			name := interchange.FileName(&e.Maps[i])
			if taken[name]++; taken[name] > 1 {
				name = fmt.Sprintf("%d-%s", taken[name], name)
			}
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
				return nil, fmt.Errorf("write map: %w", err)
			}
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, models.Errorf(models.NotFound, "there is no map to export in the environment %s", environment)
	}
	return out, nil
}
