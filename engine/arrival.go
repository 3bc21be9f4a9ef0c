package engine

import (
	"slices"
	"strings"

	"dualwrite/models"
)

// arrived tells of the records that appeared on a side, whether they came to a
// pair or not, for those that wait for a parent there.
func (w *worker) arrived(items []*item) (out []models.Arrival) {
	for i, side := range models.Sides {
		came := func(it *item) bool { return it.appeared(i) }
		if !slices.ContainsFunc(items, came) {
			continue
		}
		out = append(out, models.Arrival{ConnectionID: w.env.ConnectionID(side), Entity: w.m.entity[i], Keys: func() (keys []string) {
			for _, it := range items {
				if came(it) {
					keys = append(keys, w.m.parentKeys(it)...)
				}
			}
			slices.Sort(keys)
			return slices.Compact(keys)
		}})
	}
	return out
}

// appeared reports whether a side holds the item's record now and, for all that
// is known, did not before, or not under this key.
func (it *item) appeared(side int) bool {
	l, next := it.link, &it.verdict.link
	switch it.out {
	case inStep:
		return !it.untouched() && next.Sides[side].Present && (l == nil || !l.Sides[side].Present || l.Key != next.Key || it.unsettled())
	case failed: // trying it again is no news: two that wait for each other would never rest
		return it.rec[side] != nil && !it.retry
	case outside:
		return it.rec[side] != nil
	case undecided, nothing, moved:
	}
	return false
}

// parentKeys are the keys under which others may look the item's record up: each
// value of the match key, and the first of them together, up to all with the
// legal entity, as either side spells them.
func (m *mapping) parentKeys(it *item) (keys []string) {
	for side, r := range it.rec {
		if r == nil {
			continue
		}
		var values []string
		for _, at := range m.key[side] {
			values = append(values, r.Row[at].String())
			keys = append(keys, awaitedKey(r.Row[at].String()), awaitedKey(values...))
		}
	}
	return keys
}

// keyBetween is what connectors put between the values of a missing parent's key.
const keyBetween = " | "

// awaitedKey spells a key in one way, however an app compares them and in
// whatever order its values are looked up.
func awaitedKey(values ...string) string {
	values = strings.Split(strings.ToLower(strings.Join(values, keyBetween)), keyBetween)
	for i, v := range values {
		values[i] = strings.TrimRight(v, " ")
	}
	slices.Sort(values)
	return strings.Join(values, keyBetween)
}
