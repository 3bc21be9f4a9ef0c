package engine

import (
	"fmt"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// findPartners looks the missing side of an item up by key.
func (g *gathering) findPartners() error {
	for side := range g.m.key {
		var keys []connectors.Row
		var asked []*item
		for _, it := range g.items {
			if key, ok := g.searchKey(it, side); ok {
				keys, asked = append(keys, key), append(asked, it)
				if made, ok := g.madeUnder(it, side); ok {
					keys = append(keys, made)
				}
			}
		}
		if len(keys) == 0 {
			continue
		}
		found, err := g.entities[side].Find(g.ctx, keys)
		if err != nil {
			return err
		}
		if err := g.pairUp(side, asked, found); err != nil {
			return err
		}
	}
	return nil
}

// searchKey is the key to look an item's missing side up by, false if it is not
// to be looked up: it is there, or the item is decided, or both sides were known
// to be gone. A record that is gone may have been created again under another
// id, by a person or by a write of ours whose answer was lost.
func (g *gathering) searchKey(it *item, side int) (connectors.Row, bool) {
	other := it.rec[1-side]
	switch {
	case it.out != undecided || it.rec[side] != nil || it.assumed[side]:
		return nil, false
	case other == nil:
		if l := it.link; l == nil || !l.Present && !l.Sides[0].Present && !l.Sides[1].Present && !l.Sides[side].Intent {
			return nil, false
		}
		return g.m.keyValues(side, it.link.Key)
	case !g.m.inMap(1-side, other.Row):
		return nil, false
	}
	key, fault := g.m.keyFor(1-side, other.Row)
	if fault != nil {
		it.out, it.fault = failed, g.faultOf(it, side, fault)
		return nil, false
	}
	return key, true
}

// madeUnder is the key under which an unfinished create of ours may have made
// an item's missing side, false if that is the key it has now.
func (g *gathering) madeUnder(it *item, side int) (connectors.Row, bool) {
	other := it.rec[1-side]
	if it.link == nil || !it.link.Sides[side].Intent || other == nil || it.link.Key == g.m.matchKey(1-side, other.Row, g.fold) {
		return nil, false
	}
	return g.m.keyValues(side, it.link.Key)
}

// made is the record that an unfinished create of ours made under a key that
// its item has left since, nil if there is none. holders are those of the key.
func (g *gathering) made(it *item, side int, holders []*connectors.Record) *connectors.Record {
	if _, renamed := g.madeUnder(it, side); !renamed || len(holders) != 1 || !g.m.inMap(side, holders[0].Row) {
		return nil
	}
	if l := g.byID[side][holders[0].ID]; l != nil && l != it.link {
		return nil
	}
	return holders[0]
}

// pairUp gives each asking item the one record found under its key.
func (g *gathering) pairUp(side int, asked []*item, found []connectors.Record) error {
	holders := map[string][]*connectors.Record{}
	ids := make([]string, len(found))
	for i := range found {
		key := g.m.matchKey(side, found[i].Row, g.fold)
		holders[key] = append(holders[key], &found[i])
		ids[i] = found[i].ID
	}
	links, err := g.e.store.LinksByID(g.ctx, g.id, models.Sides[side], ids)
	if err != nil {
		return err
	}
	g.learn(links)
	for _, it := range asked {
		if it.link != nil {
			if it.rec[side] = g.made(it, side, holders[it.link.Key]); it.rec[side] != nil {
				continue
			}
		}
		key := ""
		if other := it.rec[1-side]; other != nil {
			key = g.m.matchKey(1-side, other.Row, g.fold)
		} else {
			key = it.link.Key
		}
		all := holders[key]
		in := all[:0:0]
		for _, r := range all {
			if g.m.inMap(side, r.Row) {
				in = append(in, r)
			}
		}
		switch {
		case len(all) == 0:
		case len(in) == 0:
			it.out = outside
		case len(in) > 1:
			it.out, it.fault = failed, g.duplicate(it, side, in)
		default:
			if l := g.byID[side][in[0].ID]; l != nil && l != it.link && l.Sides[1-side].Present {
				if it.taken[side] = g.taken(it, side, in[0]); it.link == nil {
					it.out, it.fault = failed, it.taken[side]
				}
				continue
			}
			it.rec[side] = in[0]
		}
	}
	return nil
}

// duplicate says that several records of one side hold the same key.
func (w *worker) duplicate(it *item, side int, holders []*connectors.Record) *models.RecordError {
	keys := make([]string, len(holders))
	for i, r := range holders {
		keys[i] = fmt.Sprintf("%q", w.m.recordKey(side, r.Row))
	}
	return w.newError(it, side, &fault{kind: kindDuplicate, field: w.m.selection[side].Fields[w.m.key[side][0]],
		message: fmt.Sprintf("%d records of %s hold the same key: %s. None of them is picked; give all but one another key",
			len(holders), w.m.entity[side], strings.Join(keys, ", "))})
}

// taken says that the record under the key belongs to another pair.
func (w *worker) taken(it *item, side int, holder *connectors.Record) *models.RecordError {
	return w.newError(it, side, &fault{kind: kindTaken, field: w.m.selection[side].Fields[w.m.key[side][0]],
		message: fmt.Sprintf("the key %s of %s is held by a record that is paired with another one; it is tried again once that one has moved",
			w.m.recordKey(side, holder.Row), w.m.entity[side])})
}

func (w *worker) emptyKey(it *item, side int) *models.RecordError {
	return w.newError(it, side, &fault{kind: kindNoKey, field: w.m.selection[side].Fields[w.m.key[side][0]],
		message: "a field of the key is empty, so the record cannot be found on the other side; fill it in"})
}
