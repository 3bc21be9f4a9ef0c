package main

import (
	"context"
	"maps"
	"path/filepath"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlite"
)

// openers names the kinds of app that the program can connect to. A database
// file is looked for below the data folder unless its path is absolute, so that
// the folder can be moved, backed up and restored as a whole.
func openers(dataDir string) connectors.Openers {
	return connectors.Openers{
		"sqlite": func(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
			if path := settings["path"]; path != "" && !filepath.IsAbs(path) {
				settings = maps.Clone(settings)
				settings["path"] = filepath.Join(dataDir, filepath.FromSlash(path))
			}
			return sqlite.Open(ctx, settings)
		},
	}
}
