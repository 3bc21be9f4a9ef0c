package engine

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// filling is a map whose initial write copies many records of the left to an
// empty right, in small pages, worked on step by step.
type filling struct {
	*Engine
	t     *testing.T
	store *models.Store
	apps  [2]*memory.App
	mapID int64
}

const fillingRecords = 60

func newFilling(t *testing.T) *filling { return newFillingOf(t, connectors.Fold{}) }

// newFillingOf is between two apps that compare keys alike.
func newFillingOf(t *testing.T, fold connectors.Fold) *filling {
	t.Helper()
	f := &filling{t: t}
	dir := t.TempDir()
	var err error
	if f.store, err = models.Open(t.Context(), dir, models.Options{Volatile: true, PackFrom: 1, MergeFrom: 3}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.store.Close() })
	openers := connectors.Openers{}
	for side, kind := range []string{"left", "right"} {
		f.apps[side] = memory.New(simSchema(), memory.Options{Prefix: kind, Fold: fold})
		openers[kind] = (&sim{apps: f.apps}).open(side)
	}
	for n := range fillingRecords {
		if _, err := f.apps[0].Insert("item", map[string]connectors.Value{"code": connectors.TextValue(fmt.Sprintf("K%03d", n)), "a": connectors.TextValue(fmt.Sprint("value ", n))}); err != nil {
			t.Fatal(err)
		}
	}
	m := &models.Map{Name: "Items", Definition: simDefinition(), Master: models.Left}
	if err := f.store.CreateEnvironment(t.Context(), &models.Connection{Name: "l", Kind: "left"}, &models.Connection{Name: "r", Kind: "right"},
		&models.Environment{Name: "e"}, []*models.Map{m}); err != nil {
		t.Fatal(err)
	}
	f.mapID = m.ID
	if f.Engine, err = New(f.store, openers, Config{SpillDir: filepath.Join(dir, "spill"), Poll: time.Hour, PageSize: 8, BatchSize: 4, PartSize: 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(t.Context()) })
	if err := f.Run(t.Context(), "ann", []RunStep{{MapID: m.ID, InitialSync: true, Master: models.Left}}); err != nil {
		t.Fatal(err)
	}
	return f
}

// finish works until the map is live, whatever fails on the way, and counts the
// steps that did.
func (f *filling) finish() (failed int) {
	f.t.Helper()
	for range 200 {
		if _, err := f.stepMap(f.t.Context(), f.mapID); err != nil {
			failed++
		}
		m, err := f.store.SummaryOf(f.t.Context(), f.mapID)
		if err != nil {
			f.t.Fatal(err)
		}
		if m.Status == models.Running {
			return failed
		}
	}
	f.t.Fatal("the initial write does not end")
	return failed
}

// copied fails the test unless the right holds every record of the left once and
// everything about that is counted once.
func (f *filling) copied() {
	f.t.Helper()
	held := map[string]int{}
	for _, id := range f.apps[1].IDs("item") {
		r, _ := f.apps[1].Read("item", id)
		held[r["code"].Text()+" "+r["a"].Text()]++
	}
	for n := range fillingRecords {
		if want := fmt.Sprintf("K%03d value %d", n, n); held[want] != 1 {
			f.t.Errorf("the right holds %q %d times", want, held[want])
		}
	}
	m, err := f.store.SummaryOf(f.t.Context(), f.mapID)
	if err != nil || len(m.Executions) != 1 {
		f.t.Fatal(m.Executions, err)
	}
	if x := m.Executions[0]; m.Tally.Linked != fillingRecords || x.LeftRead != fillingRecords || x.Done != fillingRecords || m.Tally.OpenErrors > 0 {
		f.t.Errorf("linked are %d, of the execution is told %+v", m.Tally.Linked, x)
	}
}

func TestPagesFollowOneAnotherWithinAStep(t *testing.T) {
	f := newFilling(t)
	var writes atomic.Int64
	f.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			if c.Op == "write" {
				writes.Add(1)
			}
			return memory.Verdict{}
		}
	})
	for more := true; more && writes.Load() == 0; {
		var err error
		if more, err = f.stepMap(t.Context(), f.mapID); err != nil {
			t.Fatal(err)
		}
	}
	if writes.Load() < 3 {
		t.Errorf("the first step that writes makes %d calls only", writes.Load())
	}
	f.finish()
	f.copied()
}

// failedWrites are the ways in which a write fails.
var failedWrites = map[string]memory.Verdict{
	"nothing is written": {Before: &connectors.Error{Kind: connectors.Transient, Message: "not now"}},
	"the answer is lost": {LoseReply: true},
	"a part is written":  {StopAfter: 1},
}

// failWrites has three of the first writes to the right fail.
func (f *filling) failWrites(fault memory.Verdict) {
	var calls atomic.Int64
	f.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			if c.Op != "write" {
				return memory.Verdict{}
			}
			if n := calls.Add(1); n%4 != 3 || n > 12 {
				return memory.Verdict{}
			}
			return fault
		}
	})
}

func TestPagesThatWereTakenOutlastAFailure(t *testing.T) {
	for name, fault := range failedWrites {
		t.Run(name, func(t *testing.T) {
			f := newFilling(t)
			f.failWrites(fault)
			if failed := f.finish(); failed == 0 {
				t.Error("nothing has failed")
			}
			f.copied()
		})
	}
	t.Run("reading fails", func(t *testing.T) {
		f := newFilling(t)
		var calls atomic.Int64
		f.apps[0].Lie(func(o *memory.Options) {
			o.Fault = func(c memory.Call) memory.Verdict {
				if c.Op != "scan" {
					return memory.Verdict{}
				}
				if n := calls.Add(1); n == 3 || n == 4 { // it is tried twice in a row
					return memory.Verdict{Before: &connectors.Error{Kind: connectors.Transient, Message: "not now"}}
				}
				return memory.Verdict{}
			}
		})
		if failed := f.finish(); failed == 0 {
			t.Error("nothing has failed")
		}
		f.copied()
	})
}

func TestConflictsOfPagesAreToldOnceWhateverFails(t *testing.T) {
	for name, fault := range failedWrites {
		t.Run(name, func(t *testing.T) {
			f := newFilling(t)
			for n := range fillingRecords {
				if _, err := f.apps[1].Insert("item", map[string]connectors.Value{"code": connectors.TextValue(fmt.Sprintf("K%03d", n)), "a": connectors.TextValue("other")}); err != nil {
					t.Fatal(err)
				}
			}
			f.failWrites(fault)
			if failed := f.finish(); failed == 0 {
				t.Error("nothing has failed")
			}
			m, err := f.store.SummaryOf(t.Context(), f.mapID)
			if err != nil || m.Tally.Conflicts != fillingRecords {
				t.Errorf("%d conflicts are told of %d: %v", m.Tally.Conflicts, fillingRecords, err)
			}
		})
	}
}

// TestAppsThatBothFoldFindTheirRecordsSpelledOtherwise has a record on each side
// since the last look, under one key for both apps.
func TestAppsThatBothFoldFindTheirRecordsSpelledOtherwise(t *testing.T) {
	for name, fold := range map[string]connectors.Fold{"case": {Case: true}, "space": {Space: true}} {
		t.Run(name, func(t *testing.T) {
			f := newFillingOf(t, fold)
			f.finish()
			for side, code := range []string{"NEW", map[string]string{"case": "new", "space": "NEW "}[name]} {
				if _, err := f.apps[side].Insert("item", map[string]connectors.Value{"code": connectors.TextValue(code), "a": connectors.TextValue("same")}); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				if _, err := f.stepFeed(t.Context(), feedKey{1, "item"}); err != nil {
					t.Fatal(err)
				}
				if _, err := f.stepMap(t.Context(), f.mapID); err != nil {
					t.Fatal(err)
				}
			}
			if m, err := f.store.SummaryOf(t.Context(), f.mapID); err != nil || m.Tally.Linked != fillingRecords+1 || m.Tally.OpenErrors > 0 || m.Tally.Queued > 0 {
				t.Errorf("%+v, %v", m.Tally, err)
			}
		})
	}
}
