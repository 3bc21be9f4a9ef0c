package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// A moving history: records are renamed, take over keys that others have left,
// and refer to one another, also in circles and to records that have not
// arrived yet. What must hold at rest: every record is there once on each side,
// with the same key, values and parent.
//
// Two people never give the same key to two records, and no two records swap
// their keys: those end in errors that name both, which is right but is not rest.

// renaming is what a moving history has to know. A record is known by its tag,
// which nobody changes.
type renaming struct {
	serial  int
	taken   map[string]bool        // keys that were taken over from another record, once
	only    map[string]models.Side // by tag: the side on which alone it is renamed
	made    map[string]bool        // tags
	removed map[string]bool        // tags
}

func newRenaming() *renaming {
	return &renaming{taken: map[string]bool{}, only: map[string]models.Side{}, made: map[string]bool{}, removed: map[string]bool{}}
}

func movingSchema() connectors.Schema {
	s := simSchema()
	s.Entities[0].Fields = append(s.Entities[0].Fields, connectors.Field{Name: "parent", Type: connectors.Text, Lookup: "item"})
	return s
}

func movingDefinition() models.Definition {
	d := simDefinition()
	for i := range d.Fields {
		d.Fields[i].Direction = models.Both
	}
	d.Fields = append(d.Fields, models.FieldMapping{Slot: 4, Since: 1, Left: "parent.code", Right: "parent.code", Direction: models.Both})
	d.NextSlot = 5
	return d
}

// held is a record of a side as its users see it.
type held struct{ id, code, tag, a, b, parent string }

// stays reports whether the record may be referred to, and so is never removed.
func (h held) stays() bool { return !strings.HasSuffix(h.tag, passing) }

// passing ends the tag of a record that may be removed.
const passing = "x"

// held lists the records of a side, by tag.
func (s *sim) held(side int) []held {
	var out []held
	codes := map[string]string{"": ""}
	for _, id := range s.apps[side].IDs("item") {
		v, _ := s.apps[side].Read("item", id)
		codes[id] = v["code"].Text()
		out = append(out, held{id: id, code: v["code"].Text(), tag: v["c"].Text(), a: canon(v["a"].Text()), b: canon(v["b"].Text()), parent: v["parent"].Text()})
	}
	for i := range out {
		out[i].parent = codes[out[i].parent]
	}
	slices.SortFunc(out, func(a, b held) int { return cmp.Or(cmp.Compare(a.tag, b.tag), cmp.Compare(a.id, b.id)) })
	return out
}

// fresh is a key that no record ever had.
func (r *renaming) fresh() string {
	r.serial++
	return fmt.Sprintf("N%d", r.serial)
}

// populateMoving gives the apps records, some of them on both sides.
func (s *sim) populateMoving() {
	for range 3 + s.r.IntN(3) {
		code, tag := s.renames.fresh(), s.tag()
		for side := range s.apps {
			if n := s.r.IntN(5); n != side {
				s.insertMoving(side, code, tag)
			}
		}
	}
}

// tag is a new tag.
func (s *sim) tag() string {
	tag := fmt.Sprintf("T%03d", s.renames.serial)
	if s.r.IntN(3) == 0 {
		tag += passing
	}
	return tag
}

func (s *sim) insertMoving(side int, code, tag string) {
	set := texts(map[int]string{0: s.fresh(), 1: s.fresh()})
	set["code"], set["c"] = connectors.TextValue(code), connectors.TextValue(tag)
	set["parent"] = s.someParent(side)
	id, err := s.apps[side].Insert("item", set)
	if err != nil {
		panic(err)
	}
	s.renames.made[tag] = true
	s.note("user %d inserts %s %s with parent %v (%s)", side, code, tag, set["parent"], id)
}

// someParent is the native id of a record that stays, or null.
func (s *sim) someParent(side int) connectors.Value {
	all := slices.DeleteFunc(s.held(side), func(h held) bool { return !h.stays() })
	n := s.r.IntN(len(all) + 2)
	if n >= len(all) {
		return connectors.NullValue()
	}
	return connectors.TextValue(all[n].id)
}

func (s *sim) editMoving(side int, h held, field string, v connectors.Value) {
	err := s.apps[side].Edit("item", h.id, map[string]connectors.Value{field: v})
	s.note("user %d edits %s (%s): %s is %v: %v", side, h.tag, h.code, field, v, err)
}

// moveOp is what a user does in a moving history.
func (s *sim) moveOp() {
	side := s.r.IntN(2)
	all := s.held(side)
	n := s.r.IntN(12)
	if len(all) < 2 || n < 2 && len(all) < 7 {
		s.insertMoving(side, s.renames.fresh(), s.tag())
		return
	}
	h := all[s.r.IntN(len(all))]
	switch {
	case n < 5:
		s.rename(side, h, h)
	case n < 7:
		s.rename(side, h, all[s.r.IntN(len(all))])
	case n < 9:
		s.editMoving(side, h, "parent", s.someParent(side))
	case n < 11 || h.stays() || s.renames.only[h.tag] != "": // were it removed with a new key, an edit would bring it back with the one that was taken
		s.editMoving(side, h, fieldNames[s.r.IntN(simFields)], connectors.TextValue(s.fresh()))
	default:
		if err := s.apps[side].Remove("item", h.id); err != nil {
			s.note("user %d removes %s: %v", side, h.tag, err)
			return
		}
		s.renames.removed[h.tag] = true
		s.note("user %d removes %s", side, h.tag)
	}
}

// renamable reports whether a record may get another key on a side. One that the
// engine made, and that is renamed before the answer came, would be another
// record to it: nothing tells them apart.
func (s *sim) renamable(side int, h held) bool {
	if only := s.renames.only[h.tag]; only != "" && only != models.Sides[side] {
		return false
	}
	return len(s.links(side, h)) > 0 || !slices.ContainsFunc(s.held(1-side), func(o held) bool { return o.tag == h.tag })
}

// links reads the links of a record.
func (s *sim) links(side int, h held) []*models.Link {
	links, err := s.store.LinksByID(context.Background(), s.mapID, models.Sides[side], []string{h.id})
	if err != nil {
		panic(err)
	}
	return links
}

// rename gives a record a new key, or the key of another record. Where the key
// is the native id it happens at rest and is captured at once: an edit on the
// other side, or a debt, that is worked on before would find the record gone.
func (s *sim) rename(side int, h, from held) {
	if !s.keyIsID[side] {
		s.renameNow(side, h, from)
		return
	}
	ctx := context.Background()
	if s.inside || s.status(ctx) != models.Running {
		return
	}
	faults := s.faults
	s.faults = false
	defer func() { s.faults = faults }()
	if s.rest(ctx, 1) != "" {
		return
	}
	s.renameNow(side, h, from)
	s.apps[side].Settle()
	for more := true; more; {
		var err error
		if more, err = s.e.stepFeed(ctx, feedKey{s.conn[side], "item"}); err != nil {
			return
		}
	}
	s.rest(ctx, 1)
}

func (s *sim) renameNow(side int, h, from held) {
	all := s.held(side)
	at := slices.IndexFunc(all, func(now held) bool { return now.tag == h.tag })
	other := slices.IndexFunc(all, func(now held) bool { return now.tag == from.tag })
	switch {
	case at < 0 || other < 0:
	case at != other:
		s.takeOver(side, all[at], all[other])
	case s.renamable(side, all[at]):
		s.editMoving(side, all[at], "code", connectors.TextValue(s.renames.fresh()))
	}
}

// takeOver gives a record the key of another one, which takes a new one first.
// From then on both are renamed on this side only: were a rename to lose against
// one on the other side, two records would be left with one key; it may lose while
// the outcome of a write of ours is not known. Where the key is the native id, the
// two could not be told apart.
func (s *sim) takeOver(side int, h, from held) {
	if s.inside || s.keyIsID != [2]bool{} || s.renames.taken[from.code] || h.stays() || from.stays() || !s.inStep(side, h) || !s.inStep(side, from) {
		return
	}
	s.renames.taken[from.code] = true
	s.renames.only[h.tag], s.renames.only[from.tag] = models.Sides[side], models.Sides[side]
	s.editMoving(side, from, "code", connectors.TextValue(s.renames.fresh()))
	s.editMoving(side, h, "code", connectors.TextValue(from.code))
}

// inStep reports whether a record has the same key on both sides, and may be
// renamed on this one.
func (s *sim) inStep(side int, h held) bool {
	if !s.renamable(side, h) || !slices.ContainsFunc(s.held(1-side), func(o held) bool { return o.tag == h.tag && o.code == h.code }) {
		return false
	}
	links := s.links(side, h)
	return len(links) == 1 && links[0].Counts() && !links[0].Sides[0].Intent && !links[0].Sides[1].Intent
}

// movingDiverged compares the records of both sides.
func (s *sim) movingDiverged() []string {
	var wrong []string
	left, right := s.held(0), s.held(1)
	seen := map[string]bool{}
	for i, h := range left {
		if i > 0 && left[i-1].tag == h.tag {
			wrong = append(wrong, fmt.Sprintf("doubled: %+v and %+v", left[i-1], h))
		}
		seen[h.tag] = true
	}
	for _, tag := range slices.Sorted(maps.Keys(s.renames.made)) {
		if !seen[tag] && !s.renames.removed[tag] {
			wrong = append(wrong, "vanished: "+tag)
		}
	}
	bare := func(h held) held { h.id = ""; return h }
	for i := range max(len(left), len(right)) {
		switch {
		case i >= len(left):
			wrong = append(wrong, fmt.Sprintf("diverged: only right: %+v", right[i]))
		case i >= len(right):
			wrong = append(wrong, fmt.Sprintf("diverged: only left: %+v", left[i]))
		case bare(left[i]) != bare(right[i]):
			wrong = append(wrong, fmt.Sprintf("diverged: %+v, %+v", left[i], right[i]))
		}
	}
	return wrong
}
