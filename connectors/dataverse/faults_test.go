package dataverse_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/dataverse"
	"dualwrite/connectors/odata/wire"
	"dualwrite/connectors/practice/service"
)

// clock is a clock that only waiting moves.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	wait []time.Duration
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.wait = append(c.wait, d)
	return ctx.Err()
}

// unhurried connects with a clock that does not make a test wait.
func (e *environment) unhurried(t testing.TB, c *clock) connectors.Connector {
	t.Helper()
	out, err := dataverse.OpenWith(context.Background(), e.settings(), func(o *wire.Options) { o.Now, o.Sleep, o.Patience = c.Now, c.Sleep, time.Minute })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

func TestPromisesAreKeptByABusyService(t *testing.T) {
	connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
		e := newEnvironment(t)
		c := newClock()
		e.server.SetFaults(service.Faults{ThrottleEvery: 5, UnavailableEvery: 11})
		return connectortest.Fixture{Connector: e.unhurried(t, c), App: e, Lacks: lacks,
			Another: func(t testing.TB) connectors.Connector { return e.unhurried(t, c) }}
	})
}

// TestNothingIsLostOrDoubledByAnUnreliableService writes as the engine does:
// what is not known to be stored is looked for by its key before it is written
// again.
func TestNothingIsLostOrDoubledByAnUnreliableService(t *testing.T) {
	e := newEnvironment(t)
	e.server.SetFaults(service.Faults{ThrottleEvery: 5, UnavailableEvery: 11, DropEvery: 7, TokenLife: 100 * time.Millisecond})
	fields := []string{"dataareaid", "number", "title", "note"}
	entity := persist(t, func() (connectors.Entity, error) {
		return e.unhurried(t, newClock()).Open(t.Context(), connectors.Selection{Entity: connectortest.Children, Fields: fields, Key: []int{0, 1}, Company: 0})
	})
	const records = 60
	rows := map[string]connectors.Row{}
	for i := range records {
		number := fmt.Sprintf("N%02d", i)
		rows[number] = connectors.Row{connectors.TextValue("usmf"), connectors.TextValue(number), connectors.TextValue("t"), connectors.TextValue("first")}
	}
	settle(t, entity, rows, connectors.Create)
	for _, row := range rows {
		row[3] = connectors.TextValue("second")
	}
	settle(t, entity, rows, connectors.Update)
	e.server.SetFaults(service.Faults{})
	all, next, err := entity.Scan(t.Context(), "", 1000)
	if err != nil || next != "" || len(all) != records {
		t.Fatalf("%d records, next %q, %v", len(all), next, err)
	}
	for _, r := range all {
		if r.Row[3].Text() != "second" {
			t.Errorf("%s has the note %q", r.Row[1], r.Row[3])
		}
	}
	calls := e.server.Calls()
	t.Logf("%d calls for %d records; %d throttled, %d unavailable, %d dropped", calls.All, 2*records, calls.Throttled, calls.Unavailable, calls.Dropped)
}

// parents opens the parents by company and code.
func (e *environment) parents(t *testing.T) connectors.Entity {
	t.Helper()
	out, err := e.unhurried(t, newClock()).Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"dataareaid", "code", "name"}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func creates(n int) (batch []connectors.Write) {
	for i := range n {
		row := connectors.Row{connectors.TextValue("usmf"), connectors.TextValue(fmt.Sprint(i)), connectors.TextValue("a name of some length, so that a batch has a size")}
		batch = append(batch, connectors.Write{Op: connectors.Create, Row: row, Fields: []bool{true, true, true}})
	}
	return batch
}

func TestBatchOverTheServicesLimitIsSplit(t *testing.T) {
	e := newEnvironment(t)
	parents := e.parents(t)
	e.server.SetFaults(service.Faults{BodyLimit: 4 << 10})
	results, err := parents.Write(t.Context(), creates(40))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Outcome != connectors.Stored {
			t.Errorf("record %d: %+v", i, r)
		}
	}
}

func TestRefusalIsToldInTheAppsOwnWords(t *testing.T) {
	e := newEnvironment(t)
	parents := e.parents(t)
	const reason = "The period is closed."
	e.server.SetFaults(service.Faults{Reject: map[string]string{connectortest.Parents: reason}})
	results, err := parents.Write(t.Context(), creates(1))
	if err != nil || results[0].Outcome != connectors.Refused || results[0].Err.Kind != connectors.Invalid || results[0].Err.Message != reason {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestServiceThatIsDownIsUnreachable(t *testing.T) {
	e := newEnvironment(t)
	parents := e.parents(t)
	e.server.SetFaults(service.Faults{Down: true})
	if _, _, err := parents.Scan(t.Context(), "", 10); connectors.KindOf(err) != connectors.Unreachable {
		t.Errorf("a scan gives %v", err)
	}
	if _, err := parents.Write(t.Context(), creates(1)); connectors.KindOf(err) != connectors.Transient && connectors.KindOf(err) != connectors.Unreachable {
		t.Errorf("a write gives %v", err)
	}
	e.server.SetFaults(service.Faults{})
	if results, err := parents.Write(t.Context(), creates(1)); err != nil || results[0].Outcome != connectors.Stored {
		t.Errorf("afterwards: %+v, %v", results, err)
	}
}

// persist repeats what failed for a reason that passes.
func persist[T any](t *testing.T, try func() (T, error)) T {
	t.Helper()
	for range 200 {
		out, err := try()
		switch connectors.KindOf(err) {
		case connectors.Transient, connectors.Throttled, connectors.Unreachable:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	t.Fatal("the fault does not pass")
	panic("unreachable")
}

// settle writes rows until the app holds each of them.
func settle(t *testing.T, e connectors.Entity, rows map[string]connectors.Row, op connectors.Op) {
	t.Helper()
	for range 200 {
		var keys []connectors.Row
		for _, row := range rows {
			keys = append(keys, connectors.Row{row[0], row[1]})
		}
		there := map[string]connectors.Record{}
		for _, r := range persist(t, func() ([]connectors.Record, error) { return e.Find(t.Context(), keys) }) {
			if _, twice := there[r.Row[1].Text()]; twice {
				t.Fatalf("%s is there twice", r.Row[1])
			}
			there[r.Row[1].Text()] = r
		}
		var batch []connectors.Write
		for number, row := range rows {
			r, ok := there[number]
			switch {
			case ok && r.Row[3] == row[3]:
			case op == connectors.Create && !ok:
				batch = append(batch, connectors.Write{Op: op, Row: row, Fields: []bool{true, true, true, true}})
			case op == connectors.Update && ok:
				batch = append(batch, connectors.Write{Op: op, ID: r.ID, If: r.Version, Row: row, Fields: []bool{false, false, false, true}})
			default:
				t.Fatalf("%s: there %v, holds %v", number, ok, r.Row)
			}
			if len(batch) == 10 {
				break
			}
		}
		if len(batch) == 0 {
			return
		}
		results, err := e.Write(t.Context(), batch)
		switch connectors.KindOf(err) {
		case connectors.Transient, connectors.Throttled, connectors.Unreachable:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Outcome == connectors.Refused && r.Err.Kind != connectors.Transient && r.Err.Kind != connectors.Throttled {
				t.Fatalf("refused: %v", r.Err)
			}
		}
	}
	t.Fatal("the records do not settle")
}
