package engine

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

func TestAMapStaysOnHoldUntilItsAppAnswers(t *testing.T) {
	b := openBranches(t)
	b.must(b.Run(t.Context(), "ann", []RunStep{{MapID: b.mapID, InitialSync: true, Master: models.Right}}))
	b.rest()
	refuse := &connectors.Error{Kind: connectors.Unreachable}
	b.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(memory.Call) memory.Verdict { return memory.Verdict{Before: refuse} }
	})
	b.insert(0, "A", "4")
	if _, err := b.stepFeed(t.Context(), feedKey{1, "item"}); err != nil {
		t.Fatal(err)
	}
	for attempt := range 8 { // each kind of work has been the first one
		if _, err := b.stepMap(t.Context(), b.mapID); err == nil {
			t.Fatalf("attempt %d: the app is down, and the step did not fail", attempt)
		}
		if m := b.summary(); m.Hold != models.HoldOutage {
			t.Fatalf("attempt %d: the map is held by %q", attempt, m.Hold)
		}
	}
	verbs := map[string]int{}
	all, err := b.store.Activities(t.Context(), b.mapID, 0, 100)
	b.must(err)
	for _, a := range all {
		verbs[a.Verb]++
	}
	if verbs["put on hold"] != 1 || verbs["hold ended"] != 0 {
		t.Errorf("one outage is logged as %v", verbs)
	}
	b.apps[1].Lie(func(o *memory.Options) { o.Fault = nil })
	b.rest()
	if m, right := b.summary(), b.holds(1); m.Hold != models.NoHold || right != "A1 A2 A3 A4 B9" {
		t.Errorf("the app answers, and the map is held by %q; the right holds %s", m.Hold, right)
	}
}
