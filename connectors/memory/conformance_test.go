package memory_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/memory"
)

func TestMemoryKeepsThePromisesOfAConnector(t *testing.T) {
	for name, c := range map[string]struct {
		opt   memory.Options
		lacks connectortest.Lacks
	}{
		"assigned ids": {lacks: connectortest.Lacks{OldID: true}},
		"keys as ids":  {opt: memory.Options{KeyIsID: true}},
		"no versions":  {opt: memory.Options{NoVersions: true}, lacks: connectortest.Lacks{OldID: true, Versions: true, Condition: true}},
		"loose keys":   {opt: memory.Options{Fold: connectors.Fold{Case: true, Space: true}}, lacks: connectortest.Lacks{OldID: true}},
	} {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				app := memory.New(standardSchema(), c.opt)
				c.lacks.Expiry = true // Confirm forgets nothing
				return connectortest.Fixture{Connector: app.Connect(), App: person{app}, Lacks: c.lacks}
			})
		})
	}
}

// standardSchema offers the suite's tables.
func standardSchema() connectors.Schema {
	var s connectors.Schema
	for _, table := range connectortest.Tables() {
		e := connectors.EntitySchema{Name: table.Name}
		for _, c := range table.Columns {
			f := connectors.Field{Name: c.Name, Type: c.Type, Length: c.Length, Digits: c.Digits, Scale: c.Scale, Required: c.Required, Lookup: c.Parent}
			if c.Parent != "" {
				f.Type = connectors.Text
			}
			if c.Name == "dataareaid" {
				e.Company = c.Name
			}
			e.Fields = append(e.Fields, f)
		}
		for _, fields := range table.Unique {
			e.Keys = append(e.Keys, connectors.AlternateKey{Name: fields[0], Fields: fields, Active: true})
		}
		s.Entities = append(s.Entities, e)
	}
	return s
}

// person edits the app as its users do.
type person struct{ app *memory.App }

func (p person) Insert(t testing.TB, table string, values map[string]connectors.Value) string {
	t.Helper()
	id, err := p.app.Insert(table, values)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (p person) Update(t testing.TB, table, id string, values map[string]connectors.Value) {
	t.Helper()
	if err := p.app.Edit(table, id, values); err != nil {
		t.Fatal(err)
	}
}

func (p person) Delete(t testing.TB, table, id string) {
	t.Helper()
	if err := p.app.Remove(table, id); err != nil {
		t.Fatal(err)
	}
}

// Leftovers lists the entities whose changes the app still logs.
func (p person) Leftovers(testing.TB) []string { return p.app.Captured() }
