package engine

import (
	"context"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"dualwrite/connectors"
	"dualwrite/models"
)

func changesBy(marks ...string) []connectors.Change {
	var out []connectors.Change
	for _, m := range marks {
		out = append(out, connectors.Change{ID: "1", Origin: m})
	}
	return out
}

func TestOnlyAWriteWithAStoredOutcomeIsTakenForAnEcho(t *testing.T) {
	e, use := newEchoes(), models.Use{MapID: 7, Side: models.Right}
	stored, a := e.begin(use)
	lost, b := e.begin(use)
	cascade, c := e.begin(use) // the app changed the record because of a write of another one
	e.end([]uint64{a, c}, true, map[uint64][]uint64{a: {xxhash.Sum64String("1")}, c: {xxhash.Sum64String("2")}})
	e.end([]uint64{b}, false, nil)
	other, _ := newEchoes().begin(use) // of another process, which counts alike
	got := e.makers(t.Context(), changesBy(stored, lost, cascade, other, "", "somebody's"))
	for i, want := range []models.Use{use, {}, {}, {}, {}, {}} {
		if got[i] != want {
			t.Errorf("change %d was made by %v, want %v", i, got[i], want)
		}
	}
}

func TestABatchWaitsForOwnWritesOnceAndNotForEachChange(t *testing.T) {
	e := newEchoes()
	e.patience = 50 * time.Millisecond
	var marks []string
	for range 100 {
		mark, _ := e.begin(models.Use{MapID: 7}) // whose outcome does not come
		marks = append(marks, mark)
	}
	begin := time.Now()
	e.makers(t.Context(), changesBy(marks...))
	if took := time.Since(begin); took > 20*e.patience {
		t.Errorf("a hundred changes waited %v", took)
	}
	mark, id := e.begin(models.Use{MapID: 8})
	ended, end := context.WithCancel(t.Context())
	end()
	e.end([]uint64{id}, true, map[uint64][]uint64{id: {xxhash.Sum64String("1")}})
	if got := e.makers(ended, changesBy(mark)); got[0].MapID != 8 {
		t.Error("an outcome that is known is not asked for in vain")
	}
}

func TestEchoesRememberBoundedlyManyWrites(t *testing.T) {
	e := newEchoes()
	for range 3 * echoesKept {
		_, id := e.begin(models.Use{MapID: 7})
		e.end([]uint64{id}, true, nil)
	}
	if len(e.writes) > echoesKept {
		t.Errorf("%d writes are remembered", len(e.writes))
	}
}
