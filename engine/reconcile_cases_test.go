package engine

import (
	"fmt"
	"slices"

	"dualwrite/models"
)

// The table of reconcile: what a link may say of a pair, times what each side
// may hold now, times everything else that decides. Two fields are enough: a,
// whose direction varies, and b, which is always copied both ways.

// fieldA and fieldB are the slots of the table's two fields.
const (
	fieldA = iota
	fieldB
	caseFields
)

// The values of the table. A value and its normalised form differ by one bit.
const (
	agreedA, agreedB models.Sum = 1, 11
	olderA, olderB   models.Sum = 2, 12 // what a side held before a write that it is still to receive
	editedA, editedB models.Sum = 3, 13 // plus the side: the two sides never hit on the same edit
	metA             models.Sum = 5     // but here they did
	emptyValue       models.Sum = 9
	normalised       models.Sum = 0x100
)

// plain is a value without what an app may have made of it.
func plain(s models.Sum) models.Sum { return s &^ normalised }

// linkState is what a link says of a pair.
type linkState string

// The states of a link. Those with a side in them come once for each side.
const (
	noLink       linkState = "no link"
	tombstone    linkState = "tombstone"
	inStepLink   linkState = "in step"
	newField     linkState = "in step, a is newer than the link"
	deleteIntent linkState = "delete intent"
	normalisedBy linkState = "in step, a as this app normalised it"
	updateIntent linkState = "update intent"
	createIntent linkState = "create intent"
	owedField    linkState = "owed a field"
	owedRecord   linkState = "owed the record"
)

// sighting is what a side holds now, against what the link says of it.
type sighting string

// The sightings of a side.
const (
	absent         sighting = "absent"
	untouched      sighting = "untouched"
	touched        sighting = "stored again as it was"
	edited         sighting = "a edited"
	met            sighting = "a edited to what the other side holds"
	replaced       sighting = "replaced under another id"
	replacedEdited sighting = "replaced under another id, a edited"
	written        sighting = "as we meant to write it"
	writtenAlike   sighting = "as we meant to write it, normalised"
	writtenFilled  sighting = "as we meant to make it, and what we left empty filled in"
)

// pairCase is one row of the table.
type pairCase struct {
	link     linkState
	linkSide int // for the states of a link that are of one side
	now      [2]sighting
	editsB   int // which side has edited b too, -1 for none
	flows    [2]bool
	receives [2]bool
	master   int
	first    int
	initial  bool
}

func (c pairCase) String() string {
	type bare pairCase
	return fmt.Sprintf("%+v", bare(c))
}

// moved reports whether a sighting has another version than the link.
func (s sighting) moved() bool { return s != absent && s != untouched }

// makes reports whether the row is a row of its own: some sightings need a
// link that promised a write, or another side to agree with.
func (c pairCase) makes() bool {
	for side, s := range c.now {
		owing := c.linkSide == side && (c.link == updateIntent || c.link == createIntent || c.link == owedField || c.link == owedRecord)
		switch {
		case (s == written || s == writtenAlike || s == writtenFilled) && !owing,
			s == writtenFilled && (c.flows[side] || c.link != createIntent),
			s == met && c.now[1-side] == absent,
			c.editsB == side && !s.moved():
			return false
		}
	}
	return true
}

// pair builds what reconcile is given. Nothing in it is shared between calls.
func (c pairCase) pair() *pair {
	p := &pair{link: c.makeLink(), master: c.master, first: c.first, receives: c.receives, initial: c.initial, revision: 1, slots: caseFields,
		rules: []rule{{slot: fieldA, since: 1, flows: c.flows}, {slot: fieldB, since: 1, flows: [2]bool{true, true}}}}
	if c.link == newField {
		p.revision, p.rules[fieldA].since = 2, 2
	}
	for side := range p.now {
		p.now[side] = c.image(p.link, side)
	}
	for side, s := range c.now {
		switch {
		case s == met && c.now[1-side] == met:
			p.now[side].sums[fieldA] = metA
		case s == met:
			p.now[side].sums[fieldA] = p.now[1-side].sums[fieldA]
		}
	}
	compareCase(p)
	return p
}

// compareCase does what a worker does before it asks the rule.
func compareCase(p *pair) {
	p.same, p.near = nil, [2]models.Slots{}
	unsettled := p.link != nil && (p.link.Sides[0].Intent || p.link.Sides[1].Intent)
	for side := range p.now {
		p.now[side].empty = nil
		for slot, sum := range p.now[side].sums {
			if unsettled && sum == emptyValue {
				p.now[side].empty.Add(slot)
			}
		}
	}
	if !p.now[0].present || !p.now[1].present {
		return
	}
	for _, r := range p.rules {
		left, right := p.now[0].sums[r.slot], p.now[1].sums[r.slot]
		switch {
		case left == right:
			p.same.Add(r.slot)
		case unsettled && plain(left) == plain(right):
			p.near[0].Add(r.slot)
			p.near[1].Add(r.slot)
		}
	}
}

// owes is the field that a link owes to a side: a, unless a is not copied there.
func (c pairCase) owes(side int) int {
	if c.flows[side] {
		return fieldA
	}
	return fieldB
}

func (c pairCase) makeLink() *models.Link {
	if c.link == noLink {
		return nil
	}
	sums := func() models.Sums { return models.Sums{agreedA, agreedB} }
	l := &models.Link{ID: 7, MapID: 1, Key: "k", Revision: 1, Present: true, Agreed: sums()}
	for side := range l.Sides {
		l.Sides[side] = models.LinkSide{ID: caseID(side), Version: "v", Present: true, Sums: sums()}
	}
	s := &l.Sides[c.linkSide]
	switch c.link {
	case newField:
		l.Agreed[fieldA], l.Sides[0].Sums[fieldA], l.Sides[1].Sums[fieldA] = 0, 0, 0
	case tombstone, deleteIntent:
		l.Present, l.Agreed = false, nil
		for side := range l.Sides {
			if l.Sides[side] = (models.LinkSide{ID: caseID(side)}); c.link == deleteIntent && side == c.linkSide {
				l.Sides[side] = models.LinkSide{ID: caseID(side), Version: "v", Present: true, Sums: sums(), Intent: true}
			}
		}
	case normalisedBy:
		s.Sums[fieldA] |= normalised
	case updateIntent, owedField:
		s.Intent = c.link == updateIntent
		s.Owed.Add(c.owes(c.linkSide))
		s.Sums[c.owes(c.linkSide)] = [caseFields]models.Sum{olderA, olderB}[c.owes(c.linkSide)]
	case createIntent, owedRecord:
		*s = models.LinkSide{Intent: c.link == createIntent}
		s.Owed.Add(fieldB)
		if c.flows[c.linkSide] {
			s.Owed.Add(fieldA)
		}
	}
	return l
}

// caseID is the native id of a side in the table's links.
func caseID(side int) string { return string("LR"[side]) }

func (c pairCase) image(l *models.Link, side int) image {
	s := c.now[side]
	if s == absent {
		return image{}
	}
	now := image{present: true, id: caseID(side), version: "v", sums: models.Sums{agreedA, agreedB}}
	if l != nil && l.Sides[side].Present && c.link != newField {
		now.sums = slices.Clone(l.Sides[side].Sums)
	}
	if s.moved() {
		now.version = "v2"
	}
	switch s {
	case edited:
		now.sums[fieldA] = editedA + models.Sum(side)
	case replaced:
		now.id = "new " + now.id
	case replacedEdited:
		now.id, now.sums[fieldA] = "new "+now.id, editedA+models.Sum(side)
	case written, writtenAlike, writtenFilled:
		now.sums = slices.Clone(l.Agreed)
		if !l.Sides[side].Present && !c.flows[side] {
			now.sums[fieldA] = emptyValue
		}
		if s == writtenFilled {
			now.sums[fieldA] = editedA + models.Sum(side)
		}
		if s == writtenAlike {
			now.sums[c.owes(side)] |= normalised
		}
	}
	if c.editsB == side {
		now.sums[fieldB] = editedB + models.Sum(side)
	}
	return now
}

// eachCase calls f with every row of the table.
func eachCase(f func(c pairCase)) {
	both := []bool{false, true}
	sightings := []sighting{absent, untouched, touched, edited, met, replaced, replacedEdited, written, writtenAlike, writtenFilled}
	ways := [][2]bool{{true, true}, {false, true}, {true, false}, {false, false}}
	var c pairCase
	rest := func() {
		for _, c.flows = range ways[:3] {
			for _, c.receives = range ways {
				for c.master = range 2 {
					for c.first = range 2 {
						for _, c.initial = range both {
							f(c)
						}
					}
				}
			}
		}
	}
	for _, l := range linkStates() {
		c.link, c.linkSide = l.link, l.linkSide
		for _, c.now[0] = range sightings {
			for _, c.now[1] = range sightings {
				for c.editsB = -1; c.editsB < 2; c.editsB++ {
					if c.makes() {
						rest()
					}
				}
			}
		}
	}
}

func linkStates() []pairCase {
	var out []pairCase
	for _, l := range []linkState{noLink, tombstone, inStepLink, newField} {
		out = append(out, pairCase{link: l})
	}
	for _, l := range []linkState{deleteIntent, normalisedBy, updateIntent, createIntent, owedField, owedRecord} {
		out = append(out, pairCase{link: l}, pairCase{link: l, linkSide: 1})
	}
	return out
}

// mirrored is the same pair seen from the other side.
func mirrored(p *pair) *pair {
	m := *p
	m.now = [2]image{p.now[1], p.now[0]}
	m.near = [2]models.Slots{p.near[1], p.near[0]}
	m.receives = [2]bool{p.receives[1], p.receives[0]}
	m.master, m.first = 1-p.master, 1-p.first
	m.rules = slices.Clone(p.rules)
	for i := range m.rules {
		m.rules[i].flows = [2]bool{p.rules[i].flows[1], p.rules[i].flows[0]}
	}
	if p.link != nil {
		l := mirroredLink(*p.link)
		m.link = &l
	}
	return &m
}

func mirroredLink(l models.Link) models.Link {
	l.Sides[0], l.Sides[1] = l.Sides[1], l.Sides[0]
	return l
}

func mirroredVerdict(v verdict) verdict {
	out := verdict{link: mirroredLink(v.link), write: [2]action{v.write[1], v.write[0]}}
	for _, c := range v.conflicts {
		c.winner = 1 - c.winner
		switch c.kind {
		case models.EditVsDelete:
			c.kind = models.DeleteVsEdit
		case models.DeleteVsEdit:
			c.kind = models.EditVsDelete
		}
		out.conflicts = append(out.conflicts, c)
	}
	return out
}

// tried is one row of the table with what the rule made of it, and what the
// apps hold once its writes are stored.
type tried struct {
	pairCase
	pair    *pair
	verdict verdict
	after   [2]image
	link    models.Link // after the writes were answered
}

func try(c pairCase) tried {
	r := tried{pairCase: c, pair: c.pair()}
	r.verdict = reconcile(r.pair)
	r.after, r.link = carryOut(r.pair, r.verdict)
	return r
}

// carryOut is two apps that store exactly what they are sent, and the link as
// their answers leave it.
func carryOut(p *pair, v verdict) ([2]image, models.Link) {
	after, link := p.now, copyLink(v.link)
	for side, a := range v.write {
		from := p.now[1-side]
		now := image{present: true, id: p.now[side].id, version: "w", sums: slices.Clone(p.now[side].sums)}
		switch a {
		case leave:
			continue
		case deleteRecord:
			now = image{}
		case createRecord:
			now.id, now.sums = "created "+caseID(side), models.Sums{emptyValue, emptyValue}
		case updateRecord:
		}
		for _, r := range p.rules {
			if now.present && v.link.Sides[side].Owed.Has(r.slot) {
				now.sums[r.slot] = from.sums[r.slot]
			}
		}
		after[side] = now
		stored(&link, side, a, now, nil, p.rules)
	}
	return after, link
}

// again is the same pair once everything is written.
func (r tried) again(initial bool) *pair {
	p := *r.pair
	p.now, p.link, p.initial = r.after, &r.link, initial
	if r.pair.link == nil && !p.now[0].present && !p.now[1].present {
		p.link = nil // nothing is remembered of a pair that never was
	}
	compareCase(&p)
	return &p
}

func copyLink(l models.Link) models.Link {
	l.Agreed = slices.Clone(l.Agreed)
	for side := range l.Sides {
		l.Sides[side].Sums, l.Sides[side].Owed = slices.Clone(l.Sides[side].Sums), slices.Clone(l.Sides[side].Owed)
	}
	return l
}
