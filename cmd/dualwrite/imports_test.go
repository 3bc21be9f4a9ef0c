package main

import (
	"slices"
	"strings"
	"testing"
)

// room is a folder and the folders of ours that its code may import.
type room struct {
	folder string
	may    []string
	tests  []string // its tests may import these besides
}

// house is the one direction in which imports run. The engine never sees HTTP,
// views never see the engine, and only cmd names a concrete connector.
func house() []room {
	vocabulary := []string{"connectors", "connectors/filter"}[:2:2]
	odata := append(vocabulary, "connectors/odata/wire", "connectors/odata/core")
	practiceServers := []string{"connectors/connectortest", "connectors/practice", "connectors/practice/service", "connectors/practice/servicetest", "connectors/practice/cds", "connectors/practice/fno", "connectors/odata/odatatest"}
	return []room{
		{folder: "handlers", may: []string{"engine", "models", "models/interchange", "views", "web", "static"}},
		{folder: "web", may: []string{"views", "models", "static"}},
		{folder: "views", may: []string{"models", "static"}},
		{folder: "engine", may: append(vocabulary, "engine/expression", "models"), tests: []string{"connectors/memory", "connectors/sqlite", "connectors/postgres", "connectors/mysql", "connectors/sqltest"}},
		{folder: "engine/expression", may: []string{"connectors"}},
		{folder: "models"},
		{folder: "models/interchange", may: []string{"models"}},
		{folder: "static"},

		{folder: "connectors", may: []string{"connectors/filter"}},
		{folder: "connectors/filter"},
		{folder: "connectors/memory", may: vocabulary, tests: []string{"connectors/connectortest"}},
		{folder: "connectors/sqlcore", may: vocabulary},
		{folder: "connectors/sqlcore/sqlgolden", may: append(vocabulary, "connectors/sqlcore")},
		{folder: "connectors/sqlite", may: append(vocabulary, "connectors/sqlcore"), tests: []string{"connectors/connectortest", "connectors/connectortest/probe", "connectors/sqlcore/sqlgolden"}},
		{folder: "connectors/postgres", may: append(vocabulary, "connectors/sqlcore"), tests: []string{"connectors/connectortest", "connectors/connectortest/probe", "connectors/sqltest", "connectors/sqlcore/sqlgolden"}},
		{folder: "connectors/mysql", may: append(vocabulary, "connectors/sqlcore"), tests: []string{"connectors/connectortest", "connectors/connectortest/probe", "connectors/sqltest", "connectors/sqlcore/sqlgolden"}},
		{folder: "connectors/sqltest"},
		{folder: "connectors/odata/wire", may: vocabulary},
		{folder: "connectors/odata/core", may: append(vocabulary, "connectors/odata/wire")},
		{folder: "connectors/odata/odatatest", may: append(vocabulary, "connectors/odata/wire", "connectors/connectortest", "connectors/practice", "connectors/practice/service")},
		{folder: "connectors/odata", may: odata, tests: practiceServers},
		{folder: "connectors/dataverse", may: odata, tests: practiceServers},
		{folder: "connectors/finops", may: odata, tests: practiceServers},
		{folder: "connectors/connectortest", may: vocabulary},
		{folder: "connectors/connectortest/probe", may: []string{"connectors", "connectors/sqltest"}},
		{folder: "connectors/practice", may: []string{"static", "connectors/practice/service", "connectors/practice/cds", "connectors/practice/fno"}, tests: []string{"models"}},
		{folder: "connectors/practice/practicetest", may: []string{"connectors/practice"}},
		{folder: "connectors/practice/service"},
		{folder: "connectors/practice/cds", may: []string{"connectors/practice/service"}, tests: []string{"connectors/practice/servicetest"}},
		{folder: "connectors/practice/fno", may: []string{"connectors/practice/service"}, tests: []string{"connectors/practice/servicetest"}},
		{folder: "connectors/practice/servicetest", may: []string{"connectors/practice/service", "connectors/practice/cds", "connectors/practice/fno"}},
	}
}

func TestImportsRunOneWay(t *testing.T) {
	rooms := map[string]room{}
	for _, r := range house() {
		rooms[r.folder] = r
	}
	for _, s := range sources(t) {
		r, known := rooms[s.folder]
		if strings.HasPrefix(s.folder, "cmd/") {
			continue
		}
		if !known {
			t.Errorf("%s: the folder %s has no place in the table of imports; say there what it may import", s.name, s.folder)
			continue
		}
		for _, imported := range s.imports {
			ours, is := strings.CutPrefix(imported, module+"/")
			if !is || slices.Contains(r.may, ours) || s.test && (ours == s.folder || slices.Contains(r.tests, ours)) {
				continue
			}
			t.Errorf("%s imports %s, which %s must not see", s.name, imported, s.folder)
		}
	}
}
