package engine

import (
	"slices"

	"dualwrite/models"
)

// pair is everything reconcile decides from: what is remembered of two records
// and what both sides hold now.
type pair struct {
	link  *models.Link // nil at first sight
	now   [2]image
	rules []rule
	// same holds the slots whose two values are the same under the mapping.
	same models.Slots
	// near holds, for each side, the slots whose value may be what its app made
	// of the other side's when it stored it.
	near [2]models.Slots
	// master decides conflicts: 0 left, 1 right.
	master int
	// first decides where two records that were never linked differ; it is the
	// master, but for a live change of one side only.
	first    int
	receives [2]bool
	initial  bool // part of an initial write, which never deletes
	revision int
	slots    int
}

// image is what a side holds now.
type image struct {
	present bool
	id      string
	version string
	sums    models.Sums
	empty   models.Slots // slots without a value; known while an intent is open
}

// rule is what reconcile needs to know of a field mapping.
type rule struct {
	slot, since int
	flows       [2]bool // copied to the left, to the right
}

// verdict is what is to be done.
type verdict struct {
	link      models.Link // as it is to be stored before anything is written
	write     [2]action
	conflicts []conflict
}

// action is a write to one side.
type action int

// The actions.
const (
	leave action = iota
	createRecord
	updateRecord // the slots are in the link's Owed
	deleteRecord
)

// conflict is one collision, with the slots it is about; all of them when a
// whole record lost.
type conflict struct {
	kind   models.ConflictKind
	slots  models.Slots
	winner int
}

// reconcile is the one rule: it folds what changed on either side since the
// link into the agreed record and says what each side has yet to receive. It
// reads nothing and writes nothing. The order of fold and write is what keeps
// edits from being lost; see DESIGN.md.
func reconcile(p *pair) verdict {
	f := &folder{pair: p, known: p.link != nil}
	if f.known {
		f.was = *p.link
	}
	for side := range f.base {
		f.recognise(side)
	}
	f.next = f.was.Successor(p.revision, p.slots)
	for side := range f.next.Sides {
		now := &p.now[side]
		f.next.Sides[side] = models.LinkSide{ID: now.id, Version: now.version, Present: now.present, Sums: now.sums}
		if !now.present {
			f.next.Sides[side].ID = f.was.Sides[side].ID
		}
	}
	switch left, right := p.now[0].present, p.now[1].present; {
	case left && right:
		f.both()
	case left:
		f.one(0)
	case right:
		f.one(1)
	default:
		f.next.Agreed = nil // gone on both sides: a tombstone
	}
	for side, a := range f.write {
		f.next.Sides[side].Intent = a != leave
	}
	return verdict{link: f.next, write: f.write, conflicts: f.conflicts}
}

// folder is one reconcile under way.
type folder struct {
	*pair
	known     bool
	was, next models.Link
	base      [2]models.LinkSide // what each side held when last folded, our own finished write included
	unsure    [2]bool            // somebody wrote since an unfinished write of ours: it cannot be told who wrote what
	vanished  [2]bool            // our unfinished delete was done, or a person was faster
	created   [2]bool            // our unfinished create was done; what it did not set may be a person's
	write     [2]action
	conflicts []conflict
}

// recognise settles an open intent by what the side holds now: the same token
// means that our write was not applied, another token and the content intended
// that it was; anything else is unsure.
func (f *folder) recognise(side int) {
	f.base[side] = f.was.Sides[side]
	base, now := &f.base[side], &f.now[side]
	if !base.Intent {
		return
	}
	switch {
	case now.present == base.Present && now.id == base.ID && now.version == base.Version && (now.version != "" || slices.Equal(now.sums, base.Sums)):
		// An absent record has no token: a person may have deleted what we created.
		f.unsure[side] = !now.present && f.was.Present
	case now.present != f.was.Present:
		f.unsure[side] = true
	case !now.present || f.intended(side):
		f.vanished[side], f.created[side] = !now.present, !base.Present
		base.ID, base.Present, base.Sums, base.Owed = now.id, now.present, now.sums, nil
	default:
		f.unsure[side] = true
	}
}

// intended reports whether a side holds what our unfinished write was to leave
// there, as the app may have normalised it.
func (f *folder) intended(side int) bool {
	base, now, other := &f.was.Sides[side], &f.now[side], &f.now[1-side]
	for _, r := range f.rules {
		have := now.sums.At(r.slot)
		if !base.Owed.Has(r.slot) {
			if base.Present && have != base.Sums.At(r.slot) {
				return false
			}
			continue
		}
		agreed := f.was.Agreed.At(r.slot)
		if have == agreed {
			continue
		}
		if alike := f.same.Has(r.slot) || f.near[side].Has(r.slot); !alike || !other.present || other.sums.At(r.slot) != agreed {
			return false
		}
	}
	return true
}

// news reports whether the link says nothing about a slot.
func (f *folder) news(r rule) bool {
	return !f.known || !f.was.Present || r.since > f.was.Revision || r.slot >= len(f.was.Agreed)
}

// changed reports whether a side's value differs from what it held when it was
// last folded.
func (f *folder) changed(side int, r rule) bool {
	if !f.base[side].Present {
		return f.now[side].sums.At(r.slot) != f.was.Agreed.At(r.slot)
	}
	return f.now[side].sums.At(r.slot) != f.base[side].Sums.At(r.slot)
}

// edited reports whether a side has changed something that flows to the other.
// A field that is newer than the link may have been changed only where the
// record was stored again since.
func (f *folder) edited(side int) bool {
	base, now := &f.base[side], &f.now[side]
	if !base.Present || f.unsure[side] {
		return true
	}
	restored := now.version == "" || now.version != base.Version
	for _, r := range f.rules {
		if r.flows[1-side] && f.changed(side, r) && (restored || r.since <= f.was.Revision) {
			return true
		}
	}
	return false
}

// one decides where only one side has the record.
func (f *folder) one(side int) {
	gone := 1 - side
	deleted := f.known && (f.base[gone].Present || !f.was.Present && f.base[side].Present)
	pending := f.was.Sides[gone].Intent || !f.base[gone].Owed.Empty()
	if deleted && !f.edited(side) && (!pending || !f.was.Present) && f.receives[side] && !f.initial {
		f.next.Agreed = nil
		f.write[side] = deleteRecord
		f.loseTarget(side)
		return
	}
	f.next.Present, f.next.Agreed = true, slices.Clone(f.now[side].sums)
	deleted = deleted || f.was.Present && !f.base[gone].Present && !pending // a deletion that was not passed on
	if !f.receives[gone] || deleted && !f.receives[side] && !f.edited(side) {
		return
	}
	if deleted || f.unsure[gone] || f.vanished[gone] { // an edit beats a delete, and an initial write never deletes
		f.conflicts = append(f.conflicts, conflict{kind: f.undoneKind(side), slots: f.all(), winner: side})
	}
	f.write[gone] = createRecord
	f.next.Sides[gone].Owed = f.flowing(gone)
}

// undoneKind is the conflict in which a side's record beats its deletion on the other.
func (f *folder) undoneKind(side int) models.ConflictKind {
	gone := 1 - side
	switch {
	case f.initial && !f.edited(side) && !f.unsure[gone]:
		return models.CopiedBack
	case (f.unsure[gone] || f.vanished[gone]) && !f.base[gone].Present:
		return models.UnsureOwner
	case side == 1:
		return models.DeleteVsEdit
	default:
		return models.EditVsDelete
	}
}

// loseTarget records what was edited in the one-way fields of a side whose
// record is deleted after its source.
func (f *folder) loseTarget(side int) {
	for _, r := range f.rules {
		if !r.flows[1-side] && f.changed(side, r) {
			f.lose(models.TargetEdited, r, 1-side)
		}
	}
}

func (f *folder) all() models.Slots {
	var s models.Slots
	for _, r := range f.rules {
		s.Add(r.slot)
	}
	return s
}

func (f *folder) flowing(to int) models.Slots {
	var s models.Slots
	for _, r := range f.rules {
		if r.flows[to] {
			s.Add(r.slot)
		}
	}
	return s
}

// both folds field by field where both sides have the record.
func (f *folder) both() {
	f.next.Present = true
	for _, r := range f.rules {
		switch {
		case f.same.Has(r.slot):
			f.next.Agreed[r.slot] = f.now[0].sums.At(r.slot)
		case r.flows[0] && r.flows[1]:
			f.twoWay(r)
		case r.flows[1]:
			f.oneWay(r, 0)
		case r.flows[0]:
			f.oneWay(r, 1)
		}
	}
	for side := range f.write {
		if !f.next.Sides[side].Owed.Empty() {
			f.write[side] = updateRecord
		}
	}
}

// twoWay folds a field that is copied both ways and differs.
func (f *folder) twoWay(r rule) {
	if f.news(r) {
		f.settle(r, f.first)
		f.lose(f.firstKind(), r, f.first)
		return
	}
	moved := [2]bool{f.changed(0, r), f.changed(1, r)}
	due := [2]bool{f.base[0].Owed.Has(r.slot), f.base[1].Owed.Has(r.slot)}
	switch {
	case moved[0] && (moved[1] || due[0]), moved[1] && due[1]:
		f.settle(r, f.master)
		f.lose(f.kindOf(0, 1), r, f.master)
	case moved[0] || due[1]:
		f.settle(r, 0)
		f.loseUnsure(r, 1)
	case moved[1] || due[0]:
		f.settle(r, 1)
		f.loseUnsure(r, 0)
	default: // one app holds what the other sent in its own way: no news
		f.next.Agreed[r.slot] = f.was.Agreed.At(r.slot)
	}
}

// replaced reports whether a side's record is another one than before: deleted
// and created again since, so that nothing copied to it earlier is there.
func (f *folder) replaced(side int) bool {
	return f.base[side].Present && f.base[side].ID != f.now[side].id
}

// oneWay folds a field that is copied from one side only and differs. An edit
// of the target stays until the source changes; then it is recorded.
func (f *folder) oneWay(r rule, from int) {
	to := 1 - from
	switch {
	case f.news(r):
		f.settle(r, from)
		f.lose(f.firstKind(), r, from)
	case f.changed(from, r) || f.base[to].Owed.Has(r.slot) || f.replaced(to) || f.created[from] && !f.now[from].empty.Has(r.slot):
		f.settle(r, from)
		if f.changed(to, r) || f.unsure[to] || f.created[from] {
			f.lose(models.TargetEdited, r, from)
		}
	default:
		f.next.Agreed[r.slot] = f.was.Agreed.At(r.slot)
		if f.base[to].Present {
			f.next.Sides[to].Sums = withSum(f.next.Sides[to].Sums, r.slot, f.base[to].Sums.At(r.slot))
		}
	}
}

func withSum(s models.Sums, slot int, sum models.Sum) models.Sums {
	out := slices.Clone(s)
	if slot < len(out) {
		out[slot] = sum
	}
	return out
}

// settle makes a side's value the agreed one; the other side has to receive it.
func (f *folder) settle(r rule, winner int) {
	f.next.Agreed[r.slot] = f.now[winner].sums.At(r.slot)
	if r.flows[1-winner] {
		f.next.Sides[1-winner].Owed.Add(r.slot)
	}
}

func (f *folder) firstKind() models.ConflictKind {
	if f.initial {
		return models.InitialDiffers
	}
	return models.BothCreated
}

// kindOf is unsure_owner where one of the sides is unsure.
func (f *folder) kindOf(sides ...int) models.ConflictKind {
	for _, s := range sides {
		if f.unsure[s] {
			return models.UnsureOwner
		}
	}
	return models.BothEdited
}

// loseUnsure records what an unsure side is overwritten with or over.
func (f *folder) loseUnsure(r rule, loser int) {
	if f.unsure[loser] || f.unsure[1-loser] {
		f.lose(models.UnsureOwner, r, 1-loser)
	}
}

// lose records a conflict; slots of one kind and winner share a record.
func (f *folder) lose(kind models.ConflictKind, r rule, winner int) {
	for i := range f.conflicts {
		if c := &f.conflicts[i]; c.kind == kind && c.winner == winner {
			c.slots.Add(r.slot)
			return
		}
	}
	c := conflict{kind: kind, winner: winner}
	c.slots.Add(r.slot)
	f.conflicts = append(f.conflicts, c)
}

// stored is the link after a side answered what it holds now. A slot that was
// not written but came back different was changed by the app itself: it keeps
// its old sum, and so counts as changed when it is next looked at. owed are the
// slots that could not be written.
func stored(l *models.Link, side int, a action, now image, owed models.Slots, rules []rule) {
	s := &l.Sides[side]
	written, held := s.Owed, s.Sums
	*s = models.LinkSide{ID: s.ID, Version: now.version, Present: now.present, Sums: now.sums, Owed: owed}
	if now.id != "" {
		s.ID = now.id
	}
	if a == deleteRecord {
		return
	}
	for _, r := range rules {
		switch {
		case a == updateRecord && !written.Has(r.slot) && now.sums.At(r.slot) != held.At(r.slot):
			s.Sums = withSum(s.Sums, r.slot, held.At(r.slot))
			s.Version = "" // no mark may hide this change
		case a == createRecord && !r.flows[side] && r.slot < len(l.Agreed):
			l.Agreed[r.slot] = now.sums.At(r.slot) // this side is the source: what it holds is agreed
		}
	}
}
