package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/dataverse"
	"dualwrite/connectors/finops"
	"dualwrite/connectors/mysql"
	"dualwrite/connectors/odata"
	"dualwrite/connectors/postgres"
	"dualwrite/connectors/sqlite"
)

// openers names the kinds of app that the program can connect to. A database
// file is looked for below the data folder unless its path is absolute, so that
// the folder can be moved, backed up and restored as a whole.
func openers(dataDir string) connectors.Openers {
	kinds := connectors.Openers{
		"sqlite": func(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
			if path := settings["path"]; path != "" && !filepath.IsAbs(path) {
				settings = maps.Clone(settings)
				settings["path"] = filepath.Join(dataDir, filepath.FromSlash(path))
			}
			return sqlite.Open(ctx, settings)
		},
		"postgres":  postgres.Open,
		"mysql":     mysql.Open,
		"finops":    finops.Open,
		"dataverse": dataverse.Open,
		"odata":     odata.Open,
	}
	for kind, open := range kinds {
		kinds[kind] = func(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
			settings, err := resolved(settings)
			if err != nil {
				return nil, err
			}
			return open(ctx, settings)
		}
	}
	return kinds
}

// resolved reads the settings that are references: env:NAME is a variable of the
// program's environment, file:PATH the only line of a file.
func resolved(settings map[string]string) (map[string]string, error) {
	out := maps.Clone(settings)
	for name, value := range settings {
		if variable, ok := strings.CutPrefix(value, "env:"); ok {
			if out[name], ok = os.LookupEnv(variable); !ok {
				return nil, &connectors.Error{Kind: connectors.Denied, Op: "open", Field: name, Message: "the variable " + variable + ", which holds the " + name + ", is not set"}
			}
		}
		if path, ok := strings.CutPrefix(value, "file:"); ok {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, &connectors.Error{Kind: connectors.Denied, Op: "open", Field: name, Message: "the file " + path + ", which holds the " + name + ", cannot be read", Err: err}
			}
			out[name] = strings.TrimRight(string(text), "\r\n")
		}
	}
	return out, nil
}
