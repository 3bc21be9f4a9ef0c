package engine

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// branches is a map of items per legal entity between two apps, worked on step
// by step.
type branches struct {
	*Engine
	t     *testing.T
	store *models.Store
	apps  [2]*memory.App
	env   int64
	mapID int64
}

// openBranches has three items of the legal entities A and B each on the left
// and one of B on the right, and an environment of A.
func openBranches(t *testing.T) *branches {
	t.Helper()
	b := &branches{t: t}
	schema := connectors.Schema{Entities: []connectors.EntitySchema{{Name: "item", Label: "Items", Company: "company", Fields: []connectors.Field{
		{Name: "company", Type: connectors.Text, Required: true}, {Name: "code", Type: connectors.Text, Required: true}, {Name: "a", Type: connectors.Text}},
		Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{"company", "code"}, Active: true}}}}}
	end := models.Endpoint{Entity: "item", Label: "Items", Company: "company"}
	m := &models.Map{Name: "Items", Master: models.Right, Definition: models.Definition{Left: end, Right: end, Key: []models.KeyPair{{Left: "code", Right: "code"}}, Revision: 1, NextSlot: 2,
		Fields: []models.FieldMapping{{Left: "code", Right: "code", Direction: models.Both, Since: 1}, {Slot: 1, Left: "a", Right: "a", Direction: models.Both, Since: 1}}}}
	var err error
	dir, clock := t.TempDir(), &fakeClock{}
	if b.store, err = models.Open(t.Context(), dir, models.Options{Volatile: true, Now: clock.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.store.Close() })
	openers := connectors.Openers{}
	for side, kind := range []string{"left", "right"} {
		b.apps[side] = memory.New(schema, memory.Options{Prefix: kind})
		openers[kind] = (&sim{apps: b.apps}).open(side)
	}
	for _, code := range []string{"1", "2", "3"} {
		b.insert(0, "A", code)
		b.insert(0, "B", code)
	}
	b.insert(1, "B", "9")
	env := &models.Environment{Name: "e", Companies: []string{"A"}}
	if err := b.store.CreateEnvironment(t.Context(), &models.Connection{Name: "l", Kind: "left"}, &models.Connection{Name: "r", Kind: "right"}, env, []*models.Map{m}); err != nil {
		t.Fatal(err)
	}
	b.env, b.mapID = env.ID, m.ID
	if b.Engine, err = New(b.store, openers, Config{SpillDir: filepath.Join(dir, "spill"), Poll: time.Hour, PageSize: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close(t.Context()) })
	return b
}

func (b *branches) insert(side int, company, code string) string {
	b.t.Helper()
	id, err := b.apps[side].Insert("item", map[string]connectors.Value{"company": connectors.TextValue(company), "code": connectors.TextValue(code), "a": connectors.TextValue("of " + company)})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// holds lists what a side holds, sorted: "A1 A2".
func (b *branches) holds(side int) string {
	var out []string
	for _, id := range b.apps[side].IDs("item") {
		r, _ := b.apps[side].Read("item", id)
		out = append(out, r["company"].String()+r["code"].String())
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// step does one piece of work and reports whether there may be more.
func (b *branches) step() bool {
	b.t.Helper()
	var all bool
	for _, connection := range []int64{1, 2} {
		more, err := b.stepFeed(b.t.Context(), feedKey{connection, "item"})
		if err != nil {
			b.t.Fatal(err)
		}
		all = all || more
	}
	more, err := b.stepMap(b.t.Context(), b.mapID)
	if err != nil {
		b.t.Fatal(err)
	}
	return all || more
}

// rest works until nothing is left to do.
func (b *branches) rest() {
	b.t.Helper()
	idle := 0
	for range 500 {
		if idle++; b.step() {
			idle = 0
		}
		if idle == 2 { // what one step wrote is captured by the next
			return
		}
	}
	b.t.Fatal("the map does not come to rest")
}

func (b *branches) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *branches) add(companies ...string) {
	b.t.Helper()
	e, err := b.store.EnvironmentByID(b.t.Context(), b.env)
	b.must(err)
	_, err = b.ChangeEnvironment(b.t.Context(), "ann", e.ID, e.Revision, e.Name, companies)
	b.must(err)
}

func (b *branches) summary() models.Summary {
	b.t.Helper()
	m, err := b.store.SummaryOf(b.t.Context(), b.mapID)
	b.must(err)
	return m
}

// is fails the test unless both sides hold the same, and the map has a status
// and as many executions behind it.
func (b *branches) is(holds string, status models.Status, executions int) {
	b.t.Helper()
	m := b.summary()
	runs, err := b.store.ExecutionsOf(b.t.Context(), b.mapID, 10)
	b.must(err)
	if left, right := b.holds(0), b.holds(1); left != holds || right != holds || m.Status != status || len(runs) != executions || m.Tally.Queued+m.Tally.OpenErrors != 0 {
		b.t.Fatalf("the left holds %s, the right %s, want %s; the map is %s with %d executions, want %s with %d; %+v", left, right, holds, m.Status, len(runs), status, executions, m.Tally)
	}
}

func TestALegalEntityAddedLaterIsBroughtInAloneAndTheOthersStayLive(t *testing.T) {
	b := openBranches(t)
	b.must(b.Run(t.Context(), "ann", []RunStep{{MapID: b.mapID, InitialSync: true, Master: models.Right}}))
	b.rest()
	b1 := b.apps[0].IDs("item")[1]
	b.must(b.apps[0].Edit("item", b1, map[string]connectors.Value{"a": connectors.TextValue("edited while outside")}))
	b.rest()
	if left, right := b.holds(0), b.holds(1); left != "A1 A2 A3 B1 B2 B3" || right != "A1 A2 A3 B9" {
		t.Fatalf("before, the left holds %s and the right %s", left, right)
	}
	b.add("B")
	if m := b.summary(); m.Status != models.Initializing || len(m.Executions) != 1 || m.Executions[0].Company != "B" {
		t.Fatalf("the map is %s, with %+v", m.Status, m.Executions)
	}
	for range 2 { // the initial write has begun
		b.step()
	}
	b.insert(0, "A", "4")
	b.insert(1, "A", "5")
	b.insert(0, "B", "4")
	gone := b.insert(0, "B", "5")
	for !strings.Contains(b.holds(1), "A4") || !strings.Contains(b.holds(0), "A5") {
		if b.step(); b.summary().Executions[0].State == models.Succeeded {
			t.Fatal("new records of the other legal entity waited for the initial write")
		}
	}
	b.must(b.apps[0].Remove("item", gone))
	b.rest()
	b.is("A1 A2 A3 A4 A5 B1 B2 B3 B4 B9", models.Running, 2)
	if run := b.summary().Executions[0]; run.LeftRead > 5 || run.RightRead > 5 { // what we have created may be read too
		t.Errorf("it has read %d and %d records, more than there are of the legal entity", run.LeftRead, run.RightRead)
	}
	b.must(b.apps[0].Remove("item", b1))
	b.rest()
	b.is("A1 A2 A3 A4 A5 B2 B3 B4 B9", models.Running, 2)
}

func TestALegalEntityAddedToAPausedMapComesWhenItIsLiveAgain(t *testing.T) {
	for name, goOn := range map[string]func(*branches) error{
		"caught up":       func(b *branches) error { return b.Resume(b.t.Context(), "ann", []int64{b.mapID}) },
		"skipped to live": func(b *branches) error { return b.SkipToLive(b.t.Context(), "ann", []int64{b.mapID}, true) },
	} {
		t.Run(name, func(t *testing.T) {
			b := openBranches(t)
			b.must(b.Run(t.Context(), "ann", []RunStep{{MapID: b.mapID, InitialSync: true, Master: models.Right}}))
			b.rest()
			b.must(b.Pause(t.Context(), "ann", []int64{b.mapID}))
			b.insert(0, "B", "4")
			b.rest()
			b.add("B")
			b.add("C")
			b.rest()
			if m := b.summary(); m.Status != models.Paused || b.holds(1) != "A1 A2 A3 B9" || len(m.Executions) != 2 {
				t.Fatalf("paused, it is %s with %d executions, and the right holds %s", m.Status, len(m.Executions), b.holds(1))
			}
			b.must(goOn(b))
			b.rest()
			b.is("A1 A2 A3 B1 B2 B3 B4 B9", models.Running, 3)
		})
	}
}

func TestALegalEntityAddedDuringAnInitialSyncIsAppendedToIt(t *testing.T) {
	b := openBranches(t)
	b.must(b.Run(t.Context(), "ann", []RunStep{{MapID: b.mapID, InitialSync: true, Master: models.Right}}))
	b.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			if c.Op != "write" {
				return memory.Verdict{}
			}
			return memory.Verdict{Before: &connectors.Error{Kind: connectors.Transient, Message: "not now"}}
		}
	})
	if _, err := b.stepMap(t.Context(), b.mapID); err == nil {
		t.Fatal("the initial sync is not held up")
	}
	b.apps[1].Lie(func(o *memory.Options) { o.Fault = nil })
	b.add("B")
	if runs := b.summary().Executions; len(runs) != 2 || runs[0].Company != "A" || runs[1].Company != "B" {
		t.Fatalf("the plan is %+v", runs)
	}
	b.rest()
	b.is("A1 A2 A3 B1 B2 B3 B9", models.Running, 2)
}
