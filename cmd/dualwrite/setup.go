package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"dualwrite/models"
	"dualwrite/models/interchange"
)

type applyCommand struct {
	dataFolder
	DryRun bool   `help:"Say what would change and change nothing."`
	File   string `arg:"" help:"The file; - reads standard input."`
}

type exportCommand struct {
	dataFolder
	Maps        string `help:"Write one file per entity map into this folder instead." placeholder:"FOLDER"`
	Environment string `help:"With --maps: only those of this environment." placeholder:"NAME"`
}

// commandLine is the actor of what somebody did by the program's commands.
const commandLine = "command line"

// Run applies a file and prints what has changed. The data folder must not be
// in use by a program that runs.
func (c *applyCommand) Run(out io.Writer) (err error) {
	text, err := c.read()
	if err != nil {
		return err
	}
	setup, err := interchange.Read(text)
	if err != nil {
		return err
	}
	return c.withStore(func(ctx context.Context, s *models.Store) error {
		apply := s.ApplySetup
		if c.DryRun {
			apply = s.TrySetup
		}
		done, err := apply(ctx, setup, commandLine)
		for _, line := range done {
			fmt.Fprintln(out, line)
		}
		if err == nil && len(done) == 0 {
			fmt.Fprintln(out, "nothing to change")
		}
		return err
	})
}

func (c *applyCommand) read() ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(os.Stdin)
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, &models.Error{Kind: models.Invalid, Message: "the file cannot be read", Err: err}
	}
	return text, nil
}

// Run prints everything that is set up, or writes the maps to files and prints
// their names.
func (c *exportCommand) Run(out io.Writer) error {
	if c.Environment != "" && c.Maps == "" {
		return models.Errorf(models.Invalid, "--environment picks the maps that --maps writes; give both")
	}
	return c.withStore(func(ctx context.Context, s *models.Store) error {
		setup, err := s.ExportSetup(ctx)
		if err != nil {
			return err
		}
		if c.Maps != "" {
			names, err := writeMaps(setup, c.Environment, c.Maps)
			for _, name := range names {
				fmt.Fprintln(out, name)
			}
			return err
		}
		text, err := interchange.Write(setup)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	})
}
