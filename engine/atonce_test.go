package engine

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// lively is a running map with one linked pair, worked on step by step, and the
// calls that its apps have taken.
type lively struct {
	*turned
	t     *testing.T
	calls [2]map[string]int
}

func newLively(t *testing.T) *lively {
	t.Helper()
	s := &lively{turned: turnedConflict(t, `{}`), t: t}
	s.run(t)
	s.step(0)
	s.edit(0, "a", "first")
	s.step(0)
	s.step(1)
	if s.value(1, "a") != "first" {
		t.Fatalf("the right holds %q", s.value(1, "a"))
	}
	for side, app := range s.apps {
		s.calls[side] = map[string]int{}
		app.Lie(func(o *memory.Options) {
			o.Fault = func(c memory.Call) memory.Verdict { s.calls[side][c.Op]++; return memory.Verdict{} }
		})
	}
	return s
}

func (s *lively) edit(side int, field, value string) {
	s.t.Helper()
	if err := s.apps[side].Edit("item", s.ids[side], map[string]connectors.Value{field: connectors.TextValue(value)}); err != nil {
		s.t.Fatal(err)
	}
}

// step captures a side, then works on the map.
func (s *lively) step(side int) {
	s.t.Helper()
	s.capture(side)
	if _, err := s.stepMap(s.t.Context(), s.mapID); err != nil {
		s.t.Fatal(err)
	}
}

func (s *lively) capture(side int) {
	s.t.Helper()
	if _, err := s.stepFeed(s.t.Context(), feedKey{int64(side + 1), "item"}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *lively) tally() models.Tally {
	s.t.Helper()
	tally, err := s.store.TallyOf(s.t.Context(), s.mapID)
	if err != nil {
		s.t.Fatal(err)
	}
	return tally
}

// queued is how many changes wait.
func (s *lively) queued() int {
	s.t.Helper()
	changes, err := s.store.Pending(s.t.Context(), s.mapID, 0, 10)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(changes)
}

func TestAChangeIsWorkedOnAsItIsCaptured(t *testing.T) {
	s := newLively(t)
	before := s.tally()
	s.edit(0, "a", "second")
	s.capture(0)
	after := s.tally()
	if got := s.value(1, "a"); got != "second" || after.Written != before.Written+1 || after.Captured != before.Captured+1 || s.queued() > 0 {
		t.Errorf("the right holds %q, and of the changes became %+v", got, after)
	}
	s.capture(0)
	if again := s.tally(); again.Captured != after.Captured {
		t.Error("the change is captured a second time")
	}
}

func TestAChangeThatCannotBeWorkedOnAtOnceIsQueued(t *testing.T) {
	for name, hinder := range map[string]func(s *lively){
		"paused": func(s *lively) {
			if err := s.Pause(t.Context(), "ann", []int64{s.mapID}); err != nil {
				t.Fatal(err)
			}
		},
		"an older one waits": func(s *lively) {
			s.workers[s.mapID].turns.Lock()
			s.edit(0, "a", "older")
			s.capture(0)
			s.workers[s.mapID].turns.Unlock()
		},
		"the other app is down": func(s *lively) {
			s.apps[1].Lie(func(o *memory.Options) {
				o.Fault = func(c memory.Call) memory.Verdict {
					if c.Op != "write" {
						return memory.Verdict{}
					}
					return memory.Verdict{Before: &connectors.Error{Kind: connectors.Unreachable, Message: "down"}}
				}
			})
		},
		"its answer is lost": func(s *lively) {
			s.apps[1].Lie(func(o *memory.Options) {
				o.Fault = func(c memory.Call) memory.Verdict { return memory.Verdict{LoseReply: c.Op == "write"} }
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLively(t)
			before := s.tally()
			hinder(s)
			s.edit(0, "a", "second")
			s.capture(0)
			if s.queued() == 0 {
				t.Fatal("nothing waits in the queue")
			}
			s.apps[1].Lie(func(o *memory.Options) { o.Fault = nil })
			if name == "paused" {
				if err := s.Resume(t.Context(), "ann", []int64{s.mapID}); err != nil {
					t.Fatal(err)
				}
			}
			for range 4 {
				s.step(0)
			}
			tally := s.tally()
			if got := s.value(1, "a"); got != "second" || s.queued() > 0 || tally.Conflicts > before.Conflicts || tally.OpenErrors > 0 {
				t.Errorf("the right holds %q; %d wait; %+v", got, s.queued(), tally)
			}
		})
	}
}

func TestARecordThatMovesWhileItIsWorkedOnAtOnceLosesNothing(t *testing.T) {
	s := newLively(t)
	s.apps[1].Lie(func(o *memory.Options) {
		o.BeforeWrite = func(string, connectors.Write) *connectors.Error {
			s.apps[1].Lie(func(o *memory.Options) { o.BeforeWrite = nil })
			s.edit(1, "b", "theirs")
			return nil
		}
	})
	s.edit(0, "a", "ours")
	s.capture(0)
	for side := range 2 {
		if a, b := s.value(side, "a"), s.value(side, "b"); a != "ours" || b != "theirs" {
			t.Errorf("side %d holds %q and %q", side, a, b)
		}
	}
	if s.queued() > 0 || s.tally().OpenErrors > 0 {
		t.Errorf("%d changes wait: %+v", s.queued(), s.tally())
	}
}

func TestAnEditIsCarriedOverWithoutReadingTheOtherSide(t *testing.T) {
	s := newLively(t)
	s.edit(0, "a", "second")
	s.capture(0)
	if s.value(1, "a") != "second" || s.calls[1]["get"] > 0 || s.calls[1]["find"] > 0 {
		t.Errorf("the right holds %q after %v", s.value(1, "a"), s.calls[1])
	}
}

func TestTheOtherSideIsReadWhereNothingIsToBeWrittenToIt(t *testing.T) {
	s := newLively(t)
	if err := s.Pause(t.Context(), "ann", []int64{s.mapID}); err != nil {
		t.Fatal(err)
	}
	s.edit(1, "a", "given up")
	s.capture(1)
	if err := s.SkipToLive(t.Context(), "ann", []int64{s.mapID}, true); err != nil {
		t.Fatal(err)
	}
	s.edit(0, "a", "first") // it holds that already
	s.step(0)
	if got := s.value(0, "a"); got != "given up" {
		t.Errorf("what the right holds went unnoticed: the left holds %q", got)
	}
}

func TestTheErrorOfACarriedEditShowsBothRecords(t *testing.T) {
	s := newLively(t)
	s.apps[1].Lie(func(o *memory.Options) {
		o.BeforeWrite = func(string, connectors.Write) *connectors.Error {
			return &connectors.Error{Kind: connectors.Invalid, Message: "not this one"}
		}
	})
	s.edit(0, "a", "bad")
	s.capture(0)
	errors, _, err := s.store.OpenErrorPage(t.Context(), models.ErrorFilter{MapID: s.mapID}, 0, 10)
	if err != nil || len(errors) != 1 || errors[0].LeftImage == "" || errors[0].RightImage == "" {
		t.Fatalf("errors are %+v, %v", errors, err)
	}
	if tally := s.tally(); tally.Error != 1 || s.queued() > 0 {
		t.Errorf("the change became %+v", tally)
	}
}
