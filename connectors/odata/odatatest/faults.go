package odatatest

import (
	"fmt"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/practice/service"
)

// Promises runs the conformance suite under each fault of a fresh app by itself.
//
// Where answers are lost, what became of a write is read. Of two writers who
// store the same at the same time both are told then that it is stored, so the
// promises that count successes are left out.
func Promises(t *testing.T, fresh func(t testing.TB) App) {
	for name, f := range map[string]service.Faults{
		"throttles":             {ThrottleEvery: 5},
		"is unavailable":        {UnavailableEvery: 11},
		"is busy in both ways":  {ThrottleEvery: 5, UnavailableEvery: 11},
		"loses answers":         {DropEvery: 7},
		"lets tokens end":       {TokenLife: 2 * time.Second},
		"takes short calls":     {BodyLimit: 4 << 10},
		"tells of changes late": {Lag: 50 * time.Millisecond},
	} {
		t.Run("an app that "+name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				a := fresh(t)
				a.Server.SetFaults(f)
				a.Lacks.Condition = a.Lacks.Condition || f.DropEvery > 0
				return connectortest.Fixture{Connector: a.connect(t), App: a.User, Lacks: a.Lacks, Another: a.connect}
			})
		})
	}
}

// Refusals holds a connector to what it does where an app does not do what it is
// asked.
func Refusals(t *testing.T, fresh func(t testing.TB) App) {
	for name, test := range map[string]func(*testing.T, App){
		"nothing is lost or doubled by an unreliable app": nothingIsLostOrDoubled,
		"a batch over the app's limit is split":           longBatchIsSplit,
		"of fifty records one that is bad is refused":     oneBadRecordIsRefused,
		"a refusal is told in the app's words":            refusalIsToldInTheAppsWords,
		"an edit right after our write is not ours":       editRightAfterOurWrite,
		"an app that is down is unreachable":              downIsUnreachable,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// nothingIsLostOrDoubled writes as the engine does: what is not known to be
// stored is looked for by its key before it is written again.
func nothingIsLostOrDoubled(t *testing.T, a App) {
	a.Server.SetFaults(service.Faults{ThrottleEvery: 5, UnavailableEvery: 11, DropEvery: 7, TokenLife: time.Second})
	fields := []string{"dataareaid", "number", "title", "note"}
	entity := persist(t, func() (connectors.Entity, error) {
		return a.connect(t).Open(t.Context(), connectors.Selection{Entity: connectortest.Children, Fields: fields, Key: []int{0, 1}, Company: 0})
	})
	const records = 60
	rows := map[string]connectors.Row{}
	for i := range records {
		number := fmt.Sprintf("N%02d", i)
		rows[number] = connectors.Row{text("usmf"), text(number), text("t"), text("first")}
	}
	settle(t, entity, rows, connectors.Create)
	for _, row := range rows {
		row[3] = text("second")
	}
	settle(t, entity, rows, connectors.Update)
	a.Server.SetFaults(service.Faults{})
	all, next, err := entity.Scan(t.Context(), "", 1000)
	if err != nil || next != "" || len(all) != records {
		t.Fatalf("%d records, next %q, %v", len(all), next, err)
	}
	for _, r := range all {
		if r.Row[3].Text() != "second" {
			t.Errorf("%s has the note %q", r.Row[1], r.Row[3])
		}
	}
	calls := a.Server.Calls()
	t.Logf("%d calls for %d records; %d throttled, %d unavailable, %d dropped", calls.All, 2*records, calls.Throttled, calls.Unavailable, calls.Dropped)
}

func creates(n int) (batch []connectors.Write) {
	for i := range n {
		row := connectors.Row{text("usmf"), text(fmt.Sprint(i)), text("a name of some length, so that a batch has a size")}
		batch = append(batch, connectors.Write{Op: connectors.Create, Row: row, Fields: []bool{true, true, true}})
	}
	return batch
}

func longBatchIsSplit(t *testing.T, a App) {
	parents := a.open(t, connectortest.Parents, "dataareaid", "code", "name")
	a.Server.SetFaults(service.Faults{BodyLimit: 4 << 10})
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

func refusalIsToldInTheAppsWords(t *testing.T, a App) {
	parents := a.open(t, connectortest.Parents, "dataareaid", "code", "name")
	const reason = "The period is closed."
	a.Server.SetFaults(service.Faults{Reject: map[string]string{connectortest.Parents: reason}})
	results, err := parents.Write(t.Context(), creates(1))
	if err != nil || results[0].Outcome != connectors.Refused || results[0].Err.Kind != connectors.Invalid || results[0].Err.Message != reason {
		t.Errorf("%+v, %v", results, err)
	}
}

// oneBadRecordIsRefused has the app refuse one record of a batch by a rule of its
// own, of which nothing is known outside.
func oneBadRecordIsRefused(t *testing.T, a App) {
	parents, batch := a.open(t, connectortest.Parents, "dataareaid", "code", "name"), creates(50)
	const reason, bad = "The period is closed.", 20
	a.Server.SetFaults(service.Faults{Reject: map[string]string{connectortest.Parents: reason}, RejectOnly: batch[bad].Row[1].Text()})
	results, err := parents.Write(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if i == bad && (r.Outcome != connectors.Refused || r.Err.Message != reason) || i != bad && r.Outcome != connectors.Stored {
			t.Errorf("record %d: %+v", i, r)
		}
	}
	if all, _, err := parents.Scan(t.Context(), "", 100); err != nil || len(all) != len(batch)-1 {
		t.Errorf("%d records are stored, %v", len(all), err)
	}
}

func downIsUnreachable(t *testing.T, a App) {
	parents := a.open(t, connectortest.Parents, "dataareaid", "code", "name")
	a.Server.SetFaults(service.Faults{Down: true})
	if _, _, err := parents.Scan(t.Context(), "", 10); connectors.KindOf(err) != connectors.Unreachable {
		t.Errorf("a scan gives %v", err)
	}
	if _, err := parents.Write(t.Context(), creates(1)); connectors.KindOf(err) != connectors.Transient && connectors.KindOf(err) != connectors.Unreachable {
		t.Errorf("a write gives %v", err)
	}
	a.Server.SetFaults(service.Faults{})
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
