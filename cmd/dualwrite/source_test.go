package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// module is the import path of the whole.
const module = "dualwrite"

// root is the top of the repository, seen from this package.
const root = "../.."

// source is one Go file and what it imports.
type source struct {
	name    string // below the root, "models/map.go"
	folder  string // "models"
	test    bool
	imports []string
}

// sources reads the imports of every Go file of the repository, whatever its
// build constraints say.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); name != root && (strings.HasPrefix(base, ".") || base == "testdata" || base == "bin" || base == "data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := readSource(name)
		out = append(out, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d Go files below %s", len(out), root)
	}
	return out
}

func readSource(name string) (source, error) {
	below, err := filepath.Rel(root, name)
	if err != nil {
		return source{}, err
	}
	below = filepath.ToSlash(below)
	s := source{name: below, folder: path.Dir(below), test: strings.HasSuffix(below, "_test.go")}
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return s, err
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return s, err
		}
		s.imports = append(s.imports, imported)
	}
	return s, nil
}
