package memory_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
)

func TestWriteStoresAndReadsBackThroughLookups(t *testing.T) {
	app, e := setup(t, memory.Options{})
	row := customer("DEMF", "C1", "Fabrikam")
	row[3] = text("G")
	res := write(t, e, create(row, "map 1"))
	if res.Outcome != connectors.Stored || res.Record.Version == "" {
		t.Fatalf("create: %+v", res)
	}
	got, err := e.Get(t.Context(), []string{"gone", res.Record.ID})
	if err != nil || len(got) != 1 {
		t.Fatalf("get: %v, %v", got, err)
	}
	for i, want := range row {
		if got[0].Row[i] != want {
			t.Errorf("%s is %q, want %q", customerFields[i], got[0].Row[i], want)
		}
	}
	held, _ := app.Read("customers", res.Record.ID)
	group, _ := app.Read("groups", held["group"].Text())
	if group["terms"] != text("net 30 DEMF") {
		t.Errorf("the group of another company was taken: %v", group)
	}
	if held["visits"] != connectors.IntValue(0) {
		t.Errorf("visits has no default: %v", held["visits"])
	}
}
