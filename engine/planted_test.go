package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// planted is a mistake that the simulation must catch within so many histories.
type planted struct {
	mistake string
	seeds   int
	plant   bug
}

// TestSimulationCatchesPlantedBugs tests the test: each mistake goes in alone,
// into the rule or between engine and app, and a history must show it. The
// history that did is then played without the mistake, and must be sound.
func TestSimulationCatchesPlantedBugs(t *testing.T) {
	for _, b := range append(mistakenRules(), mistakenApps()...) {
		t.Run(b.mistake, func(t *testing.T) {
			start := time.Now()
			failed := playSeeds(t, 1, b.seeds, b.plant, 1)
			if len(failed) == 0 {
				t.Fatalf("not caught in %d histories", b.seeds)
			}
			t.Logf("caught after %v: %.300s", time.Since(start).Round(time.Millisecond), failed[0])
			if strings.Contains(failed[0], "panic") {
				t.Errorf("the mistake broke the program, not a promise: %s", failed[0])
			}
			var seed uint64
			if _, err := fmt.Sscanf(failed[0], "seed %d:", &seed); err != nil {
				t.Fatal(err)
			}
			if sound := playSeeds(t, seed, 1, nil, 1); len(sound) > 0 {
				t.Errorf("without the mistake: %s", sound[0])
			}
		})
	}
}

// mistakenRules are mistakes in what is decided. One that is not here, since
// nothing shows it: to tell our own write by values without versions. It
// overwrites only who has put back a value that the other side had seen, and
// that counts as no loss.
func mistakenRules() []planted {
	return []planted{
		{"no intent is kept before the write", 1000, mistaken(nil, noIntent)},
		{"the base moves before the write", 400, mistaken(moveBase, nil)},
		{"one base for both sides", 400, mistaken(oneBase, nil)},
		{"what is owed is ignored", 400, mistaken(ignoreOwed, nil)},
		{"whatever is found after a lost answer is taken for ours", 400, mistaken(trustWhatIsThere, nil)},
		{"no conflict is recorded", 400, mistaken(nil, func(_ *pair, v *verdict) { v.conflicts = nil })},
		{"conflicts after a lost answer are not recorded", 400, mistaken(nil, silence(models.UnsureOwner))},
		{"the last writer wins without a record", 400, mistaken(func(p *pair) { p.master = p.first }, silence(models.BothEdited))},
		{"first sight overwrites without a record", 400, mistaken(nil, silence(models.InitialDiffers, models.BothCreated))},
		{"an edit beats a deletion without a record", 400, mistaken(nil, silence(models.EditVsDelete, models.DeleteVsEdit))},
		{"what is gone is copied back without a record", 400, mistaken(nil, silence(models.CopiedBack))},
		{"an absent record is an unknown one", 400, mistaken(absentIsUnknown, nil)},
		{"a deletion beats an edit without a record", 400, mistaken(nil, deletionWins)},
		{"deletions stay where they are", 400, mistaken(nil, noDeletes)},
		{"unfinished deletions are forgotten", 400, mistaken(forgetDeletes, nil)},
		{"the master's whole record wins", 400, mistaken(nil, wholeRecord)},
		{"edits of the right side do not flow", 400, mistaken(nil, rightIsDeaf)},
		{"every event is copied", 400, copyEverything},
	}
}

// mistaken puts a mistake before and after the rule; either may be nil. What is
// given to the mistake is a copy, but for the images.
func mistaken(before func(*pair), after func(*pair, *verdict)) bug {
	return func(s *sim) {
		s.rule = func(p *pair) verdict {
			q := *p
			if p.link != nil {
				l := copyLink(*p.link)
				q.link = &l
			}
			if before != nil {
				before(&q)
			}
			v := reconcile(&q)
			if p.link != nil {
				v.link.ID = p.link.ID
			}
			if after != nil {
				after(&q, &v)
			}
			return v
		}
	}
}

// silence drops the conflicts of some kinds.
func silence(kinds ...models.ConflictKind) func(*pair, *verdict) {
	return func(_ *pair, v *verdict) {
		v.conflicts = slices.DeleteFunc(v.conflicts, func(c conflict) bool { return slices.Contains(kinds, c.kind) })
	}
}

func noIntent(_ *pair, v *verdict) { v.link.Sides[0].Intent, v.link.Sides[1].Intent = false, false }

// unfinished calls f for the sides with an open intent.
func unfinished(p *pair, f func(side int, s *models.LinkSide)) {
	for side := range p.now {
		if p.link != nil && p.link.Sides[side].Intent {
			f(side, &p.link.Sides[side])
		}
	}
}

func moveBase(p *pair) {
	unfinished(p, func(_ int, s *models.LinkSide) {
		s.Present, s.Sums, s.Owed, s.Intent = p.link.Present, p.link.Agreed, nil, false
	})
}

func trustWhatIsThere(p *pair) {
	unfinished(p, func(side int, s *models.LinkSide) {
		if now := &p.now[side]; now.version != s.Version {
			s.Present, s.Sums, s.Version, s.Owed, s.Intent = now.present, now.sums, now.version, nil, false
		}
	})
}

func oneBase(p *pair) {
	if p.link == nil {
		return
	}
	for side := range p.now {
		s := &p.link.Sides[side]
		s.Present, s.Sums, s.Owed = p.link.Present, p.link.Agreed, nil
	}
}

func ignoreOwed(p *pair) {
	if p.link != nil {
		p.link.Sides[0].Owed, p.link.Sides[1].Owed = nil, nil
	}
}

func absentIsUnknown(p *pair) {
	if !p.now[0].present || !p.now[1].present {
		p.link = nil
	}
}

func forgetDeletes(p *pair) {
	if p.link != nil && !p.link.Present {
		p.link = nil
	}
}

func deletionWins(p *pair, v *verdict) {
	for side, a := range v.write {
		if a == createRecord && len(v.conflicts) > 0 && !p.initial {
			v.write = [2]action{}
			v.write[1-side] = deleteRecord
			v.link.Present, v.link.Agreed, v.conflicts = false, nil, nil
			v.link.Sides[side].Owed, v.link.Sides[side].Intent, v.link.Sides[1-side].Intent = nil, false, true
		}
	}
}

func noDeletes(_ *pair, v *verdict) {
	for side, a := range v.write {
		if a == deleteRecord {
			v.write[side], v.link.Sides[side].Intent = leave, false
		}
	}
}

// wholeRecord lets the master win the fields that only the other side edited too.
func wholeRecord(p *pair, v *verdict) {
	if v.write != [2]action{updateRecord, updateRecord} {
		return
	}
	loser := 1 - p.master
	v.write[p.master], v.link.Sides[p.master].Intent = leave, false
	v.link.Sides[p.master].Owed.Each(v.link.Sides[loser].Owed.Add)
	v.link.Sides[p.master].Owed = nil
	v.link.Agreed = slices.Clone(p.now[p.master].sums)
}

func rightIsDeaf(_ *pair, v *verdict) {
	if v.write[0] == updateRecord && len(v.conflicts) == 0 {
		v.write[0], v.link.Sides[0].Intent, v.link.Sides[0].Owed = leave, false, nil
	}
}

// copyEverything writes to the other side whatever an event is about, in a
// program that does not know its own writes by their version either.
func copyEverything(s *sim) {
	mistaken(nil, func(p *pair, v *verdict) {
		if v.write != [2]action{} || !p.now[0].present || !p.now[1].present {
			return
		}
		for _, r := range p.rules {
			if r.flows[1] {
				v.link.Sides[1].Owed.Add(r.slot)
			}
		}
		v.write[1], v.link.Sides[1].Intent = updateRecord, true
	})(s)
	between(func(*sim, int) tamper {
		return tamper{write: func(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
			out, err := e.Write(ctx, batch)
			for i := range out {
				out[i].Record.Version = ""
			}
			return out, err
		}}
	})(s)
}
