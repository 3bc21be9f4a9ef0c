package engine

import (
	"encoding/json"

	"dualwrite/connectors"
	"dualwrite/models"
)

// item is one pair of records on its way through a batch.
type item struct {
	link    *models.Link // nil while the pair is not linked
	rec     [2]*connectors.Record
	seqs    [2][]int64 // queued changes of each side that this item finishes
	seeds   []seed     // what made it part of the batch, to gather it again
	initial bool       // it comes from an initial write
	retry   bool       // an error or a debt asked for it
	assumed [2]bool    // the side's record was not read: it is taken to be what the link has seen

	verdict verdict
	taken   [2]*models.RecordError // why no record can be created on a side: another pair's holds the key
	pending [2]connectors.Write
	left    [2][]omission       // lookups left out of the pending writes
	fault   *models.RecordError // why it, or a part of it, could not be written
	owes    []models.Debt
	out     outcome
	wrote   [2]action // what was stored on each side
	sent    [2]uint64 // the write that stored it, by the number that echoes gave
}

// outcome is what became of an item.
type outcome uint8

// The outcomes. An undecided item stays as it is: its changes stay queued.
const (
	undecided outcome = iota
	inStep            // the pair is in step, or as near as an error allows
	nothing           // there is no record and never was a pair
	outside           // the record is not in the map
	failed            // nothing could be done; fault says why
	moved             // a condition failed: read again
)

// seed is a reason to look at a record: a queued change, an error or a debt
// that is due.
type seed struct {
	side   int
	ids    []string // native ids to look under
	seq    int64    // the queued change, 0 for none
	linkID int64    // a link to look at, 0 for none
	retry  bool
}

// changeSeed makes a queued change a reason.
func changeSeed(c models.Change) seed {
	s := seed{side: c.Side.Index(), ids: []string{c.NativeID}, seq: c.Seq}
	if c.OldID != "" && c.OldID != c.NativeID {
		s.ids = append(s.ids, c.OldID)
	}
	return s
}

// take adds what a seed asks for.
func (it *item) take(s seed) {
	it.seeds = append(it.seeds, s)
	it.retry = it.retry || s.retry
	if s.seq != 0 {
		it.seqs[s.side] = append(it.seqs[s.side], s.seq)
	}
}

// absorb merges another item of the same pair.
func (it *item) absorb(o *item) {
	for _, s := range o.seeds {
		it.take(s)
	}
	for side := range it.rec {
		if it.rec[side] == nil {
			it.rec[side] = o.rec[side]
		}
	}
	if it.link == nil {
		it.link = o.link
	}
}

// unsettled reports whether the pair's link has an unfinished write.
func (it *item) unsettled() bool {
	return it.link != nil && (it.link.Sides[0].Intent || it.link.Sides[1].Intent)
}

// assumes reports whether a side's record was not read.
func (it *item) assumes() bool { return it.assumed != [2]bool{} }

// readAgain has the item read anew, with both of its records.
func (it *item) readAgain() { it.out, it.verdict, it.fault = moved, verdict{}, nil }

// id is the native id of a side, by the record or by the link.
func (it *item) id(side int) string {
	if it.rec[side] != nil {
		return it.rec[side].ID
	}
	if it.link != nil {
		return it.link.Sides[side].ID
	}
	return ""
}

// subject names the pair for its errors; where there is no record any more, by
// what the seeds asked for.
func (it *item) subject() models.Subject {
	ids := [2]string{it.id(0), it.id(1)}
	for _, s := range it.seeds {
		if ids[s.side] == "" && len(s.ids) > 0 {
			ids[s.side] = s.ids[0]
		}
	}
	return models.Subject{LeftID: ids[0], RightID: ids[1]}
}

// itemKey is the pair's key for people.
func (m *mapping) itemKey(it *item) string {
	for side, r := range it.rec {
		if r != nil {
			return m.recordKey(side, r.Row)
		}
	}
	for _, s := range it.seeds {
		if len(s.ids) > 0 {
			return s.ids[0]
		}
	}
	return ""
}

// picture is a record as JSON, by path, for a person to look at; "" for none.
func (m *mapping) picture(side int, r *connectors.Record) string {
	if r == nil {
		return ""
	}
	out := make(map[string]*string, len(r.Row))
	for i, path := range m.selection[side].Fields {
		if v := r.Row[i]; v.IsSet() {
			text := v.String()
			out[path] = &text
		} else {
			out[path] = nil
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "" // strings always encode
	}
	return string(b)
}

// companyOf is the legal entity of the pair, "" for a global map.
func (m *mapping) companyOf(it *item) string {
	for side, r := range it.rec {
		if at := m.company[side]; r != nil && at >= 0 {
			return r.Row[at].String()
		}
	}
	return ""
}
