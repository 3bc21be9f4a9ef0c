package engine

import (
	"maps"
	"slices"

	"dualwrite/models"
)

// Where the native id is the key, a rename gives a record another id, and only
// its change, which may still be queued, knows both.

// follow finds records that are gone from under the id of their link because a
// queued change has renamed them. Taken for deleted, they would be made anew.
func (g *gathering) follow() error {
	for side := range g.caps {
		for gone := g.gone(side); len(gone) > 0; gone = g.gone(side) {
			renamed, err := g.e.store.Renamed(g.ctx, g.id, models.Sides[side], slices.Collect(maps.Keys(gone)))
			if err != nil || len(renamed) == 0 {
				return err
			}
			var again []*item
			for old, id := range renamed {
				if _, known := g.fresh[side][id]; known {
					continue // it is, or was looked for, under that id already
				}
				it := gone[old]
				it.take(seed{side: side, ids: []string{id}})
				again = append(again, it)
			}
			if len(again) == 0 {
				break
			}
			if err := g.read(again, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// gone lists undecided items by the newest id under which a record of theirs
// was looked for in vain.
func (g *gathering) gone(side int) map[string]*item {
	if g.caps[side].StableID {
		return nil
	}
	out := map[string]*item{}
	for _, it := range g.items {
		if it.link == nil || it.out != undecided || it.rec[side] != nil || it.assumed[side] || !it.link.Sides[side].Present {
			continue
		}
		id := it.link.Sides[side].ID
		for _, s := range it.seeds {
			if s.side == side && len(s.ids) > 0 {
				id = s.ids[0]
			}
		}
		out[id] = it
	}
	return out
}

// part gives a record an item of its own that came to a linked item by its
// former id while another record lives under that id again.
func (g *gathering) part(loose map[[2]string]*item) {
	for _, it := range g.items {
		for _, s := range it.seeds {
			for _, id := range s.ids {
				r := g.fresh[s.side][id]
				if r == nil || it.rec[s.side] == nil || it.rec[s.side].ID == r.ID || g.byID[s.side][id] != nil {
					continue
				}
				name := [2]string{string(models.Sides[s.side]), id}
				if loose[name] != nil {
					continue
				}
				own := &item{}
				own.rec[s.side] = r
				own.take(seed{side: s.side, ids: []string{id}, retry: s.retry})
				loose[name] = own
				g.unlinked = append(g.unlinked, own)
			}
		}
	}
}
