package engine

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

func TestAnAppThatIsOutOfReachIsAskedOnceForAllMaps(t *testing.T) {
	store, err := models.Open(t.Context(), t.TempDir(), models.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	asked := 0
	openers := connectors.Openers{"closed": func(context.Context, map[string]string) (connectors.Connector, error) {
		asked++
		return nil, &connectors.Error{Kind: connectors.Unreachable, Message: "it is closed"}
	}}
	var maps []*models.Map
	for i := range 5 {
		maps = append(maps, &models.Map{Name: fmt.Sprint("map ", i), Definition: simDefinition()})
	}
	err = store.CreateEnvironment(t.Context(), &models.Connection{Name: "l", Kind: "closed"}, &models.Connection{Name: "r", Kind: "closed"}, &models.Environment{Name: "e"}, maps)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(store, openers, Config{SpillDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(t.Context()) })
	r, err := e.Relations(t.Context(), nil)
	if err != nil || len(r.Maps) != len(maps) || asked != 2 {
		t.Errorf("%d maps after asking %d times, %v", len(r.Maps), asked, err)
	}
}

func TestAMapNeedsThoseThatSomebodyHasNamed(t *testing.T) {
	b := openBranches(t)
	m, err := b.store.MapByID(t.Context(), b.mapID)
	b.must(err)
	other := models.Map{EnvironmentID: b.env, Name: "Another", Definition: m.Definition}
	b.must(b.store.AddMap(t.Context(), "ann", &other))
	next := m.Definition
	next.Needs = []string{other.Name, "one that is not there"}
	b.must(b.store.SaveDefinition(t.Context(), m.ID, m.Definition.Revision, next, "ann", "needs"))
	p, err := b.Plan(t.Context(), []int64{m.ID})
	b.must(err)
	if len(p.Steps) != 2 || p.Steps[0].Map.Name != other.Name || !slices.Equal(p.Steps[1].Needs, []string{other.Name}) {
		t.Errorf("the plan is %+v", p.Steps)
	}
}
