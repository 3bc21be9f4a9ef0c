package engine

import (
	"context"
	"fmt"
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
