package engine

import (
	"context"
	"slices"
	"strings"

	"dualwrite/connectors"
)

// join brings the records of both sides together by match key: both are read
// once, page by page, into a spill, then taken up partition by partition.
type join struct {
	stream *stream // in place of a spill, where that is not needed
	spill  *spill
	at     [2]connectors.Position // where each side's scan goes on
	ended  [2]bool
	sealed bool
	part   int     // the partition in memory, -1 for none
	keys   []keyed // its keys, in order
	m      *mapping
	fold   connectors.Fold
}

// keyed is all records of both sides under one key. Usually one each.
type keyed struct {
	key string
	rec [2][]*connectors.Record
}

// scan reads one page of a side into the spill, and reports how many records
// that were. The sides take turns, so that the totals grow together.
func (j *join) scan(ctx context.Context, entities [2]connectors.Entity, size int) (side int, n int64, err error) {
	if side = 0; j.ended[0] {
		side = 1
	}
	page, next, err := entities[side].Scan(ctx, j.at[side], size)
	if err != nil {
		return side, 0, err
	}
	for i := range page {
		if !j.m.inMap(side, page[i].Row) {
			continue
		}
		n++
		if err := j.spill.put(side, j.m.matchKey(side, page[i].Row, j.fold), &page[i]); err != nil {
			return side, 0, err
		}
	}
	if j.at[side], j.ended[side] = next, next == ""; j.ended[0] && j.ended[1] {
		j.sealed = true
		return side, n, j.spill.seal()
	}
	return side, n, nil
}

// load takes up a partition: its keys in ascending order.
func (j *join) load(part int) error {
	if j.part == part {
		return nil
	}
	at := map[string]int{}
	j.keys, j.part = nil, part
	for side := range 2 {
		records, err := j.spill.load(side, part)
		if err != nil {
			return err
		}
		for _, k := range records {
			i, ok := at[k.key]
			if !ok || k.key == "" { // an empty key joins with nothing
				i = len(j.keys)
				at[k.key] = i
				j.keys = append(j.keys, keyed{key: k.key})
			}
			j.keys[i].rec[side] = append(j.keys[i].rec[side], k.rec)
		}
	}
	slices.SortStableFunc(j.keys, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	return nil
}

// close waits for what is being read, and closes the spill; its files may stay.
func (j *join) close(remove bool) error {
	j.stream.close()
	switch {
	case j.spill == nil:
		return nil
	case remove:
		return j.spill.remove()
	}
	return j.spill.closeFiles()
}
