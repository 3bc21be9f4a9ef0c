package engine

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/models"
)

// gathering turns seeds into items: it reads both sides fresh and finds out
// which records and links belong together.
type gathering struct {
	*worker
	ctx      context.Context
	links    map[int64]*models.Link
	byID     [2]map[string]*models.Link
	fresh    [2]map[string]*connectors.Record
	items    []*item
	byLink   map[int64]*item
	byKey    map[string]*item
	unlinked []*item
}

// gather reads what the seeds name. In hold-back mode, while an initial write
// is under way, records without a link that it is about are left to it and out of
// the result.
func (w *worker) gather(ctx context.Context, seeds []seed, holdBack bool) ([]*item, error) {
	g := &gathering{worker: w, ctx: ctx, links: map[int64]*models.Link{}, byLink: map[int64]*item{}, byKey: map[string]*item{}}
	for side := range g.byID {
		g.byID[side], g.fresh[side] = map[string]*models.Link{}, map[string]*connectors.Record{}
	}
	if err := g.findLinks(seeds); err != nil {
		return nil, err
	}
	if err := g.readSeeds(seeds, holdBack); err != nil {
		return nil, err
	}
	if err := g.adopt(); err != nil {
		return nil, err
	}
	if err := g.readPartners(); err != nil {
		return nil, err
	}
	if err := g.follow(); err != nil {
		return nil, err
	}
	return g.items, g.findPartners()
}

// learn files links under their ids.
func (g *gathering) learn(links []*models.Link) {
	for _, l := range links {
		if g.links[l.ID] != nil {
			continue
		}
		g.links[l.ID] = l
		for side := range l.Sides {
			if id := l.Sides[side].ID; id != "" {
				g.byID[side][id] = l
			}
		}
	}
}

func (g *gathering) findLinks(seeds []seed) error {
	var ids [2][]string
	var own []int64
	for _, s := range seeds {
		ids[s.side] = append(ids[s.side], s.ids...)
		if s.linkID != 0 {
			own = append(own, s.linkID)
		}
	}
	for side := range ids {
		links, err := g.e.store.LinksByID(g.ctx, g.id, models.Sides[side], ids[side])
		if err != nil {
			return err
		}
		g.learn(links)
	}
	links, err := g.e.store.LinksByLinkID(g.ctx, g.id, own)
	g.learn(links)
	return err
}

// readSeeds reads the side that each seed names and makes items: one a link,
// one a record without a link.
func (g *gathering) readSeeds(seeds []seed, holdBack bool) error {
	loose := map[[2]string]*item{}
	for _, s := range seeds {
		links := g.linksOf(s)
		for i, l := range links {
			it := g.byLink[l.ID]
			if it == nil {
				it = &item{link: l}
				g.byLink[l.ID] = it
				g.items = append(g.items, it)
			}
			if i > 0 {
				s.seq = 0 // the change is finished by the first
			}
			it.take(s)
		}
		if len(links) > 0 || holdBack && g.holdsAll() {
			continue
		}
		name := [2]string{string(models.Sides[s.side]), s.ids[0]}
		it := loose[name]
		if it == nil {
			it = &item{}
			loose[name] = it
			g.unlinked = append(g.unlinked, it)
		}
		it.take(s)
	}
	if err := g.read(append(g.items, g.unlinked...), false); err != nil {
		return err
	}
	if holdBack {
		g.unlinked = slices.DeleteFunc(g.unlinked, g.holds)
	}
	g.part(loose)
	for _, it := range g.items {
		if it.quiet(g.m.revision) {
			it.out = inStep
		}
	}
	return nil
}

// linksOf finds the links that a seed is about. Where the native id is the key
// itself, a rename may concern two: the one it left and the one it came to.
func (g *gathering) linksOf(s seed) []*models.Link {
	if l := g.links[s.linkID]; l != nil {
		return []*models.Link{l}
	}
	var out []*models.Link
	for _, id := range s.ids {
		if l := g.byID[s.side][id]; l != nil && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if len(out) > 1 && !out[0].Sides[s.side].Present {
		return out[1:] // what came to the id was only a tombstone
	}
	return out
}

// quiet reports whether the records that were read are those the link has seen,
// with nothing left to do: an echo, found without reading the other side.
func (it *item) quiet(revision int) bool {
	if it.retry || !it.link.Counts() || it.link.Revision != revision {
		return false
	}
	for side := range it.rec {
		s := &it.link.Sides[side]
		if s.Intent || !s.Owed.Empty() || it.rec[side] == nil && it.asks(side) {
			return false
		}
		if r := it.rec[side]; r != nil && (r.Version == "" || r.Version != s.Version || r.ID != s.ID) {
			return false
		}
	}
	return true
}

// asks reports whether one of the seeds is of a side.
func (it *item) asks(side int) bool {
	return slices.ContainsFunc(it.seeds, func(s seed) bool { return s.side == side })
}

// read gets the records that items name and that have not been read yet, those
// of the partners too if asked.
func (g *gathering) read(items []*item, partners bool) error {
	var ids [2][]string
	want := func(side int, id string) {
		if _, known := g.fresh[side][id]; !known && id != "" {
			g.fresh[side][id] = nil
			ids[side] = append(ids[side], id)
		}
	}
	for _, it := range items {
		for _, s := range it.seeds {
			for _, id := range s.ids {
				want(s.side, id)
			}
		}
		for side := range it.rec {
			if it.link != nil && (partners && it.out == undecided && !g.assumes(it, side) || it.asks(side)) {
				want(side, it.link.Sides[side].ID)
			}
		}
	}
	for side := range ids {
		if len(ids[side]) == 0 {
			continue
		}
		got, err := g.entities[side].Get(g.ctx, ids[side])
		if err != nil {
			return err
		}
		for i := range got {
			g.fresh[side][got[i].ID] = &got[i]
		}
	}
	for _, it := range items {
		g.attach(it)
	}
	return nil
}

// attach gives an item the records that were read for it.
func (g *gathering) attach(it *item) {
	for side := range it.rec {
		if it.rec[side] != nil {
			continue
		}
		if it.link != nil {
			it.rec[side] = g.fresh[side][it.link.Sides[side].ID]
		}
		for _, s := range it.seeds {
			for _, id := range s.ids {
				if r := g.fresh[side][id]; it.rec[side] == nil && s.side == side && r != nil {
					if l := g.byID[side][id]; l == nil || l == it.link {
						it.rec[side] = r
					}
				}
			}
		}
	}
}

// adopt finds a place for records without a link: another record's link under
// the same key whose side is gone, a partner in the batch, or none.
func (g *gathering) adopt() error {
	keys := map[*item]string{}
	var lookup []string
	for _, it := range g.unlinked {
		if key, ok := g.keyOf(it); ok {
			keys[it] = key
			lookup = append(lookup, key)
		}
	}
	links, err := g.e.store.LinksByKey(g.ctx, g.id, lookup)
	if err != nil {
		return err
	}
	g.learn(links)
	byKey := map[string][]*models.Link{}
	for _, l := range links {
		byKey[l.Key] = append(byKey[l.Key], g.links[l.ID])
	}
	for _, it := range g.unlinked {
		key, ok := keys[it]
		if !ok {
			g.items = append(g.items, it)
			continue
		}
		if err := g.place(it, key, byKey[key]); err != nil {
			return err
		}
	}
	return nil
}

// keyOf is the match key of an unlinked item that belongs to the map; the
// others are decided here.
func (g *gathering) keyOf(it *item) (string, bool) {
	side := it.seeds[0].side
	r := it.rec[side]
	switch {
	case r == nil:
		it.out = nothing
	case !g.m.inMap(side, r.Row):
		it.out = outside
	default:
		key := g.m.matchKey(side, r.Row, g.fold)
		if key == "" {
			it.out, it.fault = failed, g.emptyKey(it, side)
			return "", false
		}
		return key, true
	}
	return "", false
}

// place puts an unlinked record into the link, or the item, of its key.
func (g *gathering) place(it *item, key string, links []*models.Link) error {
	side := it.seeds[0].side
	for _, l := range links {
		owner := g.byLink[l.ID]
		if owner == nil {
			owner = &item{link: l}
			g.byLink[l.ID] = owner
			g.items = append(g.items, owner)
			if err := g.read([]*item{owner}, true); err != nil {
				return err
			}
		}
		if owner.rec[side] == nil || owner.rec[side].ID == it.rec[side].ID {
			owner.absorb(it)
			return nil
		}
		if g.m.matchKey(side, owner.rec[side].Row, g.fold) != key {
			continue // that one has another key by now
		}
		it.out, it.fault = failed, g.duplicate(it, side, []*connectors.Record{owner.rec[side], it.rec[side]})
		g.items = append(g.items, it)
		return nil
	}
	if other := g.byKey[key]; other != nil {
		if other.rec[side] == nil {
			other.absorb(it)
			return nil
		}
		holders := []*connectors.Record{other.rec[side], it.rec[side]}
		for _, each := range []*item{other, it} {
			each.out, each.fault = failed, g.duplicate(each, side, holders)
		}
		g.items = append(g.items, it)
		return nil
	}
	g.byKey[key] = it
	g.items = append(g.items, it)
	return nil
}

// readPartners reads the other side of every linked item that is not decided and
// whose other side cannot be taken to be what the link has seen.
func (g *gathering) readPartners() error {
	if err := g.read(g.items, true); err != nil {
		return err
	}
	for _, it := range g.items {
		for side := range it.rec {
			it.assumed[side] = it.out == undecided && it.rec[side] == nil && g.assumes(it, side)
		}
	}
	return nil
}

// assumes reports whether an item's record of a side need not be read to carry an
// edit of the other side over that leaves the key alone. The link knows what it
// held, and that it still does is the condition under which it is written; it is
// read where that fails.
func (g *gathering) assumes(it *item, side int) bool {
	l := it.link
	if l == nil || it.retry || it.rec[1-side] == nil || it.asks(side) || !l.Counts() || l.Revision != g.m.revision || it.unsettled() || g.owing(l) {
		return false
	}
	c, r := g.caps[side], it.rec[1-side]
	return c.Versions && c.Conditional && l.Sides[side].Version != "" && r.ID == l.Sides[1-side].ID && g.m.matchKey(1-side, r.Row, g.fold) == l.Key
}
