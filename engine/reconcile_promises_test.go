package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"dualwrite/models"
)

// promise is what holds for every row of the table; broken says how it does
// not, "" if it does.
type promise struct {
	name   string
	broken func(tried) string
}

func promises() []promise {
	return []promise{
		{"sides swapped, the verdict is swapped", brokenMirror},
		{"a verdict asks for one kind of thing at a time", brokenShape},
		{"what is overwritten unseen is recorded", brokenRecord},
		{"a deletion is not undone in silence", brokenUndo},
		{"once written it is quiet and both sides are equal", brokenRest},
		{"nothing changed, nothing done", brokenStill},
		{"a deletion flows, an edit beats it, an initial write never deletes", brokenDelete},
		{"an unfinished write is sent again, a finished one is recognised", brokenIntent},
		{"the target of a one-way field never flows back", brokenOneWay},
		{"a side that receives no records is given none and loses none", brokenReceives},
		{"the new link shares nothing that the answers change", brokenSharing},
	}
}

// named reports whether a conflict keeps what happened to a field.
func (v *verdict) named(slot int) bool {
	return slices.ContainsFunc(v.conflicts, func(c conflict) bool { return c.slots.Has(slot) })
}

func brokenMirror(r tried) string {
	got, want := reconcile(mirrored(r.pair)), mirroredVerdict(r.verdict)
	for _, v := range []*verdict{&got, &want} {
		slices.SortFunc(v.conflicts, func(a, b conflict) int { return strings.Compare(string(a.kind), string(b.kind)) })
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("mirrored it gives %+v", got)
	}
	return ""
}

func brokenShape(r tried) string {
	v := &r.verdict
	if v.link.Present == (v.link.Agreed == nil) {
		return "a tombstone with an agreed record, or a link without"
	}
	for side, a := range v.write {
		s := &v.link.Sides[side]
		switch {
		case !r.pair.now[side].present && r.pair.link != nil && s.ID != r.pair.link.Sides[side].ID:
			return "the native id of what is gone is forgotten"
		case s.Intent != (a != leave):
			return "a write without an intent, or the other way round"
		case (a == updateRecord || a == createRecord) == s.Owed.Empty():
			return "a write with nothing owed, or the other way round"
		case a == createRecord == r.pair.now[side].present && a != leave && a != updateRecord && a != deleteRecord,
			(a == updateRecord || a == deleteRecord) && !r.pair.now[side].present:
			return "a write that does not fit what is there"
		case (a == createRecord || a == deleteRecord) && v.write[1-side] != leave:
			return "a record made or deleted, and the other written too"
		case (a == deleteRecord) == v.link.Present && a != leave && a != updateRecord && a != createRecord:
			return "a delete that is not agreed"
		}
		for _, rule := range r.pair.rules {
			if !s.Owed.Has(rule.slot) {
				continue
			}
			if v.link.Sides[1-side].Owed.Has(rule.slot) || v.link.Agreed.At(rule.slot) != r.pair.now[1-side].sums.At(rule.slot) {
				return "a side is owed what is not agreed"
			}
		}
	}
	return ""
}

// brokenRecord finds a value that is overwritten, or deleted, though nobody can
// have seen it: it is not what the link says the side held, nor what we were
// writing there. It needs a conflict that names its field. Where a record was
// stored since an unfinished write of ours, and is not what that write was to
// make it, nothing in it can be told apart: then all of it counts as unseen.
func brokenRecord(r tried) string {
	for side, a := range r.verdict.write {
		for _, rule := range r.pair.rules {
			now, other := r.pair.now[side].sums.At(rule.slot), r.pair.now[1-side].sums.At(rule.slot)
			lost := a == updateRecord && r.verdict.link.Sides[side].Owed.Has(rule.slot) && now != other || a == deleteRecord
			if lost && !r.seen(side, rule, a) && !r.verdict.named(rule.slot) {
				return fmt.Sprintf("field %d of side %d", rule.slot, side)
			}
		}
	}
	return ""
}

// seen reports whether a side's value is one that the link accounts for. A field
// that is newer than the link holds back no deletion of a record that nobody
// has stored since.
func (r tried) seen(side int, f rule, a action) bool {
	l, now := r.pair.link, &r.pair.now[side]
	if l == nil {
		return false
	}
	s := &l.Sides[side]
	if f.since > l.Revision {
		return a == deleteRecord && s.Present && s.Version == now.version
	}
	switch {
	case !s.Intent && !l.Present:
		return false
	case !s.Intent && !s.Present: // somebody made the record we could not: what was agreed then, the winner has changed in sight of it
		return now.sums.At(f.slot) == l.Agreed.At(f.slot)
	}
	if !s.Intent || now.version == s.Version && now.id == s.ID {
		return s.Present && now.sums.At(f.slot) == s.Sums.At(f.slot)
	}
	for _, each := range r.pair.rules {
		want := s.Sums.At(each.slot)
		if s.Owed.Has(each.slot) {
			want = l.Agreed.At(each.slot)
		}
		if v := now.sums.At(each.slot); v != want && !(s.Owed.Has(each.slot) && plain(v) == plain(want)) && (s.Present || s.Owed.Has(each.slot)) {
			return false
		}
	}
	return true
}

// brokenUndo finds a record that somebody may have deleted and that is made
// anew without a conflict about the whole of it.
func brokenUndo(r tried) string {
	l := r.pair.link
	for side, a := range r.verdict.write {
		if a != createRecord || l == nil {
			continue
		}
		s := &l.Sides[side]
		if !s.Present && !s.Intent {
			continue // it was not there before, or its deletion was agreed
		}
		for _, f := range r.pair.rules {
			if !r.verdict.named(f.slot) {
				return "no conflict"
			}
		}
	}
	return ""
}

func brokenRest(r tried) string {
	for _, initial := range []bool{r.initial, false, true} {
		p := r.again(initial)
		if v := reconcile(p); !v.quiet() {
			return fmt.Sprintf("then (initial %v) it gives %v %+v", initial, v.write, v.conflicts)
		}
	}
	left, right := r.after[0], r.after[1]
	if left.present != right.present {
		if gone := map[bool]int{true: 1, false: 0}[left.present]; r.receives == [2]bool{true, true} {
			return fmt.Sprintf("there is no record on side %d", gone)
		}
		return ""
	}
	for _, f := range r.pair.rules {
		if left.present && f.flows == [2]bool{true, true} && plain(left.sums[f.slot]) != plain(right.sums[f.slot]) {
			return fmt.Sprintf("field %d differs", f.slot)
		}
	}
	return ""
}

// still reports whether a side holds what the link says, stored again or not.
func (r tried) still(side int) bool {
	s := r.now[side]
	if r.pair.link != nil && !r.pair.link.Sides[side].Present {
		return s == absent
	}
	return (s == untouched || s == touched) && r.editsB != side
}

// settled reports whether the link is in step: nothing is under way or owed.
func (c pairCase) settled() bool { return c.link == inStepLink || c.link == normalisedBy }

func brokenStill(r tried) string {
	nothing := r.link0() && r.now == [2]sighting{absent, absent}
	still := r.settled() && r.still(0) && r.still(1)
	if (nothing || still) && !r.verdict.quiet() {
		return "it is not quiet"
	}
	if still && !slices.Equal(r.verdict.link.Agreed, r.pair.link.Agreed) {
		return "something else is agreed"
	}
	return ""
}

// link0 reports whether the link agrees that there is no record.
func (r tried) link0() bool { return r.pairCase.link == noLink || r.pairCase.link == tombstone }

func brokenDelete(r tried) string {
	for side, a := range r.verdict.write {
		if a == deleteRecord && r.initial {
			return "an initial write deletes"
		}
		gone := 1 - side
		if !r.settled() && r.pairCase.link != newField || r.now[gone] != absent || r.now[side] == absent {
			continue
		}
		same := r.now[side] == untouched || (r.now[side] == touched || r.now[side] == replaced) && r.settled()
		news := r.editsB == side || !same && r.flows[gone]
		switch {
		case news && r.receives[gone] && (r.verdict.write[gone] != createRecord || !r.verdict.beats(side)):
			return "the edit does not beat the deletion on record"
		case r.initial && r.receives == [2]bool{true, true} && (r.verdict.write[gone] != createRecord || len(r.verdict.conflicts) != 1):
			return "an initial write does not copy it back on record"
		case !news && !r.initial && r.receives[side] && a != deleteRecord:
			return "the deletion does not flow"
		}
	}
	return ""
}

// beats reports whether the one conflict says that the edit of a side beat the
// deletion on the other.
func (v *verdict) beats(side int) bool {
	kind := [2]models.ConflictKind{models.EditVsDelete, models.DeleteVsEdit}[side]
	return len(v.conflicts) == 1 && v.conflicts[0].kind == kind && v.conflicts[0].winner == side
}

func brokenIntent(r tried) string {
	side, other := r.linkSide, 1-r.linkSide
	was, v := r.pair.link, &r.verdict
	if was == nil || !was.Sides[side].Intent || r.now[other] != untouched && r.now[other] != absent || r.editsB >= 0 {
		return ""
	}
	done := r.now[side] == written || r.now[side] == writtenAlike
	switch {
	case r.pairCase.link == updateIntent && r.now[other] == untouched && r.now[side] == untouched:
		if v.write[side] != updateRecord || len(v.conflicts) > 0 || !slices.Equal(v.link.Sides[side].Owed, was.Sides[side].Owed) {
			return "the update is not sent again as it was"
		}
	case r.pairCase.link == createIntent && r.now[other] == untouched && r.now[side] == absent && r.receives[side]:
		// An absent record has no token: what we made may have been deleted by a person, so it is recorded.
		if v.write[side] != createRecord || len(v.conflicts) != 1 || v.conflicts[0].kind != models.UnsureOwner {
			return "the record is not made again, on record"
		}
	case r.pairCase.link == deleteIntent && r.now[other] == absent && r.now[side] == untouched && r.receives[side] && !r.initial:
		if v.write[side] != deleteRecord || len(v.conflicts) > 0 {
			return "the delete is not sent again"
		}
	case r.now[other] == untouched && done, r.pairCase.link == deleteIntent && r.now == [2]sighting{absent, absent}:
		if !v.quiet() || v.link.Sides[side].Intent {
			return "our own finished write is not recognised"
		}
	}
	return ""
}

func brokenOneWay(r tried) string {
	for side, to := range r.flows {
		if to {
			continue
		}
		if how := brokenTarget(r, 1-side); how != "" {
			return how
		}
		before, after := r.pair.now[side], r.after[side]
		if r.verdict.link.Sides[side].Owed.Has(fieldA) || before.present && after.present && before.sums[fieldA] != after.sums[fieldA] {
			return fmt.Sprintf("field a flows to side %d", side)
		}
	}
	return ""
}

// brokenTarget looks at the target of a one-way field. A record made anew there
// receives the field again. An edit there stays, and is still known for one when
// the source changes later.
func brokenTarget(r tried, to int) string {
	if !r.settled() || r.now[1-to] != untouched {
		return ""
	}
	wrote := r.verdict.link.Sides[to].Owed.Has(fieldA)
	switch differs := r.pair.now[0].sums.At(fieldA) != r.pair.now[1].sums.At(fieldA); r.now[to] {
	case replaced, replacedEdited:
		if wrote != differs {
			return "a record made anew does not hold the field"
		}
	case edited:
		later := r.again(false)
		later.now[1-to].sums = slices.Clone(later.now[1-to].sums)
		later.now[1-to].sums[fieldA]++
		compareCase(later)
		if v := reconcile(later); wrote || !v.named(fieldA) {
			return "its edit does not stay until it is lost on record"
		}
	}
	return ""
}

func brokenReceives(r tried) string {
	for side, a := range r.verdict.write {
		if !r.receives[side] && (a == createRecord || a == deleteRecord) {
			return fmt.Sprintf("side %d", side)
		}
		gone := 1 - side
		if !r.receives[side] && r.settled() && r.now[gone] == absent && r.still(side) && !r.verdict.quiet() {
			return "what is deleted where it may be does not stay deleted"
		}
	}
	return ""
}

func brokenSharing(r tried) string {
	p, fresh := r.pairCase.pair(), r.pairCase.pair()
	v := reconcile(p)
	for side, a := range v.write {
		held := copyLink(v.link)
		if a == leave {
			continue
		}
		now := image{present: a != deleteRecord, id: "x", version: "x", sums: models.Sums{77, 78}}
		stored(&v.link, side, a, now, models.Slots{1}, p.rules)
		if !reflect.DeepEqual(v.link.Sides[1-side], held.Sides[1-side]) {
			return "the answer of one side changes the other"
		}
	}
	for i := range v.link.Agreed {
		v.link.Agreed[i] = 99
	}
	for side := range v.link.Sides {
		v.link.Sides[side].Owed.Add(0)
		v.link.Sides[side].Owed.Add(1)
	}
	if !reflect.DeepEqual(p, fresh) {
		return fmt.Sprintf("the inputs became %+v %+v", p.link, p.now)
	}
	return ""
}
