package engine

import (
	"context"
	"slices"

	"dualwrite/models"
)

// Relations is which map needs which, from the lookups of their fields.
type Relations struct {
	Maps   []models.Summary
	Needs  [][]int // by position in Maps, the positions of what it needs
	Rank   []int   // how many steps lie before each map; maps of a cycle count as one step each
	Cycles [][]string
}

// Relations tells which maps the given ones need, transitively, and which need
// them; all maps where none is given. Fails with kind models.NotFound when a map
// is not there.
func (e *Engine) Relations(ctx context.Context, ids []int64) (Relations, error) {
	g, err := e.graph(ctx)
	if err != nil {
		return Relations{}, err
	}
	keep, err := g.around(ids)
	if err != nil {
		return Relations{}, err
	}
	order, cycles := g.order(keep)
	order = slices.DeleteFunc(order, func(i int) bool { return !slices.Contains(keep, i) })
	r := Relations{Cycles: cycles, Needs: make([][]int, len(order)), Rank: make([]int, len(order))}
	for n, i := range order {
		r.Maps = append(r.Maps, g.maps[i])
		for _, need := range g.needs[i] {
			at := slices.Index(order, need)
			if at < 0 {
				continue
			}
			r.Needs[n] = append(r.Needs[n], at)
			if at < n {
				r.Rank[n] = max(r.Rank[n], r.Rank[at]+1)
			}
		}
	}
	return r, nil
}

// around lists the maps that the given ones need, and those that need them.
func (g *graph) around(ids []int64) ([]int, error) {
	if len(ids) == 0 {
		all := make([]int, len(g.maps))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	in := make([]bool, len(g.maps))
	seenUp := make([]bool, len(g.maps))
	var down, up func(i int)
	down = func(i int) {
		if in[i] {
			return
		}
		in[i] = true
		for _, n := range g.needs[i] {
			down(n)
		}
	}
	up = func(i int) {
		if seenUp[i] {
			return
		}
		seenUp[i] = true
		for j, needs := range g.needs {
			if slices.Contains(needs, i) {
				up(j)
			}
		}
	}
	for _, id := range ids {
		i, ok := g.at[id]
		if !ok {
			return nil, models.Errorf(models.NotFound, "there is no entity map %d; it may have been deleted", id)
		}
		down(i)
		up(i)
	}
	var out []int
	for i := range g.maps {
		if in[i] || seenUp[i] {
			out = append(out, i)
		}
	}
	return out, nil
}
