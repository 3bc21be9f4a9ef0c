package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryDependencyHasAReason holds docs/dependencies.md to the modules that
// our own code and our tools come from: no more, no less.
func TestEveryDependencyHasAReason(t *testing.T) {
	given := reasons(t)
	needed := directModules(t)
	for _, m := range slices.Sorted(maps.Keys(needed)) {
		if given[m] == "" {
			t.Errorf("docs/dependencies.md gives no reason for %s, which %s needs", m, needed[m])
		}
	}
	for _, m := range slices.Sorted(maps.Keys(given)) {
		if needed[m] == "" {
			t.Errorf("docs/dependencies.md gives a reason for %s, which nothing needs", m)
		}
	}
}

// reasons reads lines of the form "| `module` | reason |".
func reasons(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.{10,}) \\|$").FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		if out[m[1]] != "" {
			t.Errorf("docs/dependencies.md names %s twice", m[1])
		}
		out[m[1]] = m[2]
	}
	return out
}

// directModules maps each module of go.mod that a file of ours or a tool line
// names a package of to the first that does.
func directModules(t *testing.T) map[string]string {
	t.Helper()
	text := read(t, "go.mod")
	required := regexp.MustCompile(`(?m)^(?:require )?\s*([a-z0-9.-]+\.[a-z]+/\S+) v`).FindAllStringSubmatch(text, -1)
	moduleOf := func(imported string) string {
		longest := ""
		for _, r := range required {
			if m := r[1]; (imported == m || strings.HasPrefix(imported, m+"/")) && len(m) > len(longest) {
				longest = m
			}
		}
		return longest
	}
	out := map[string]string{}
	need := func(imported, by string) {
		if m := moduleOf(imported); m != "" && out[m] == "" {
			out[m] = by
		}
	}
	for _, tool := range regexp.MustCompile(`(?m)^(?:tool )?\s*(\S+/cmd/\S+)$`).FindAllStringSubmatch(text, -1) {
		need(tool[1], "a tool")
	}
	for _, s := range sources(t) {
		for _, imported := range s.imports {
			need(imported, s.name)
		}
	}
	return out
}

// read gives a text file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
