package engine

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// turned is a running map with one record on each side and one conflict that
// the right side won.
type turned struct {
	*Engine
	store *models.Store
	apps  [2]*memory.App
	ids   [2]string
	mapID int64
}

func turnedConflict(t *testing.T, loser string) *turned {
	t.Helper()
	s := &turned{}
	var err error
	clock := &fakeClock{}
	dir := t.TempDir()
	if s.store, err = models.Open(t.Context(), dir, models.Options{Volatile: true, Now: clock.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	openers := connectors.Openers{}
	for side, kind := range []string{"left", "right"} {
		s.apps[side] = memory.New(simSchema(), memory.Options{Prefix: kind})
		openers[kind] = (&sim{apps: s.apps}).open(side)
		if s.ids[side], err = s.apps[side].Insert("item", map[string]connectors.Value{"code": connectors.TextValue("K"),
			"a": connectors.TextValue("winner"), "b": connectors.TextValue("same")}); err != nil {
			t.Fatal(err)
		}
	}
	m := &models.Map{Name: "Items", Definition: simDefinition(), Master: models.Right}
	if err := s.store.CreateEnvironment(t.Context(), &models.Connection{Name: "l", Kind: "left"}, &models.Connection{Name: "r", Kind: "right"},
		&models.Environment{Name: "e"}, []*models.Map{m}); err != nil {
		t.Fatal(err)
	}
	s.mapID = m.ID
	lease, err := s.store.MapLease(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	err = s.store.Apply(t.Context(), lease, &models.Commit{MapID: m.ID, Conflicts: []models.ConflictRecord{{Kind: models.BothEdited, RecordKey: "K", LeftID: s.ids[0], RightID: s.ids[1],
		Fields: []string{"a"}, Winner: models.Right, LeftImage: loser, RightImage: `{"code":"K","a":"winner"}`}}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Engine, err = New(s.store, openers, Config{SpillDir: filepath.Join(dir, "spill"), Poll: time.Hour}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	return s
}

func (s *turned) run(t *testing.T) {
	t.Helper()
	if err := s.Run(t.Context(), "ann", []RunStep{{MapID: s.mapID, Master: models.Right}}); err != nil {
		t.Fatal(err)
	}
}

func (s *turned) value(side int, field string) string {
	values, _ := s.apps[side].Read("item", s.ids[side])
	return values[field].String()
}

func TestTheOtherValueIsAnOrdinaryEditOfTheWinner(t *testing.T) {
	s := turnedConflict(t, `{"code":"K","a":"loser","b":"not this one"}`)
	if err := s.UseOther(t.Context(), "ann", s.mapID, 1); models.KindOf(err) != models.Invalid {
		t.Errorf("while the map does not run: %v", err)
	}
	s.run(t)
	if err := s.UseOther(t.Context(), "ann", s.mapID, 1); err != nil {
		t.Fatal(err)
	}
	if a, b := s.value(1, "a"), s.value(1, "b"); a != "loser" || b != "same" || s.value(0, "a") != "winner" {
		t.Errorf("the winner holds %q and %q", a, b)
	}
	feed, err := s.apps[1].Feed(t.Context(), "item")
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.store.FeedOf(t.Context(), 2, "item")
	if err != nil {
		t.Fatal(err)
	}
	changes, _, _, err := feed.Changes(t.Context(), connectors.Cursor(f.Cursor), 10)
	if err != nil || len(changes) != 1 || changes[0].Origin != "" {
		t.Errorf("it is captured as %+v, %v; want one change without a mark", changes, err)
	}
	c, err := s.store.ConflictByID(t.Context(), 1)
	if err != nil || c.ReviewedBy != "ann" {
		t.Errorf("reviewed by %q, %v", c.ReviewedBy, err)
	}
	if err := s.UseOther(t.Context(), "bob", s.mapID, 1); models.KindOf(err) != models.Conflict {
		t.Errorf("a second time: %v", err)
	}
}

func TestTheOtherValueIsNotWrittenOverALaterEdit(t *testing.T) {
	s := turnedConflict(t, `{"code":"K","a":"loser"}`)
	s.run(t)
	s.apps[1].Lie(func(o *memory.Options) {
		o.BeforeWrite = func(string, connectors.Write) *connectors.Error {
			o.BeforeWrite = nil
			if err := s.apps[1].Edit("item", s.ids[1], map[string]connectors.Value{"a": connectors.TextValue("later")}); err != nil {
				t.Error(err)
			}
			return nil
		}
	})
	if err := s.UseOther(t.Context(), "ann", s.mapID, 1); models.KindOf(err) != models.Conflict || s.value(1, "a") != "later" {
		t.Errorf("%v, and the record holds %q", err, s.value(1, "a"))
	}
}

func TestAConflictWithoutTheOtherValueIsRefused(t *testing.T) {
	for loser, want := range map[string]models.Kind{"": models.Invalid, `{"code":"K","a":null}`: models.Internal} {
		s := turnedConflict(t, loser)
		s.run(t)
		err := s.UseOther(t.Context(), "ann", s.mapID, 1)
		if fmt.Sprint(models.KindOf(err)) != fmt.Sprint(want) || (want == models.Internal) != (err == nil) {
			t.Errorf("%q: %v", loser, err)
		}
	}
}

// TestAConflictIsToldOnceHoweverOftenTheWriteIsTried has the app that loses fail
// before it stores, after it has stored, and not at all.
func TestAConflictIsToldOnceHoweverOftenTheWriteIsTried(t *testing.T) {
	for name, fault := range map[string]memory.Verdict{
		"nothing fails":      {},
		"nothing is written": {Before: &connectors.Error{Kind: connectors.Transient, Message: "not now"}},
		"the answer is lost": {LoseReply: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLively(t)
			before := s.tally()
			fails := 3
			s.apps[0].Lie(func(o *memory.Options) {
				o.Fault = func(c memory.Call) memory.Verdict {
					if c.Op != "write" || fails == 0 {
						return memory.Verdict{}
					}
					fails--
					return fault
				}
			})
			s.edit(0, "a", "left's")
			s.edit(1, "a", "right's")
			for range 8 {
				for side := range 2 {
					_, _ = s.stepFeed(t.Context(), feedKey{int64(side + 1), "item"})
					_, _ = s.stepMap(t.Context(), s.mapID)
				}
			}
			if got := s.value(0, "a"); got != "right's" || s.queued() > 0 {
				t.Errorf("the left holds %q, %d changes wait", got, s.queued())
			}
			if after := s.tally(); after.Conflicts != before.Conflicts+1 {
				t.Errorf("%d conflicts are told", after.Conflicts-before.Conflicts)
			}
		})
	}
}
