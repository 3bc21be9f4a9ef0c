package engine

import (
	"context"
	"fmt"
	"os"

	"dualwrite/connectors"
	"dualwrite/models"
)

// Comparison is what Compare found. Counts are of records in the map.
type Comparison struct {
	Left, Right         int64
	Equal, Different    int64
	OnlyLeft, OnlyRight int64
	Duplicate           int64        // keys with several holders on one side
	First               []Difference // the first of each, in order of key
}

// Difference is one record that is not the same on both sides.
type Difference struct {
	Key    string
	Kind   string // "different", "only left", "only right", "duplicate key"
	Fields []string
}

// mostDifferences is how many differences a comparison lists.
const mostDifferences = 100

// Compare walks both sides of a map and reports what is missing or different
// under mapping and filters. It writes nothing. A map that is being written to
// may show differences that are on their way.
func (e *Engine) Compare(ctx context.Context, id int64) (Comparison, error) {
	m, err := e.store.MapByID(ctx, id)
	if err != nil {
		return Comparison{}, err
	}
	w, err := e.newReader(ctx, &m)
	if err != nil {
		return Comparison{}, e.reach(models.Left, err)
	}
	defer w.close()
	if err := w.scope(ctx, ""); err != nil {
		return Comparison{}, err
	}
	j, err := w.compareJoin(ctx)
	if err != nil {
		return Comparison{}, err
	}
	defer func() { _ = j.spill.remove() }() // its folder is cleared at the next start in any case
	var c Comparison
	for !j.sealed {
		side, n, err := j.scan(ctx, w.scoped, w.roomFor(e.cfg.PageSize))
		if err != nil {
			return c, err
		}
		if side == 0 {
			c.Left += n
		} else {
			c.Right += n
		}
	}
	for part := range j.spill.parts {
		if err := j.load(part); err != nil {
			return c, err
		}
		for _, k := range j.keys {
			w.tell(&c, k)
		}
	}
	return c, nil
}

func (w *worker) compareJoin(ctx context.Context) (*join, error) {
	var total int64
	for _, entity := range w.scoped {
		n, _, err := entity.Count(ctx)
		if err != nil {
			return nil, err
		}
		total += n
	}
	if err := os.MkdirAll(w.e.cfg.SpillDir, 0o700); err != nil {
		return nil, fmt.Errorf("create spill folder: %w", err)
	}
	dir, err := os.MkdirTemp(w.e.cfg.SpillDir, "compare-")
	if err != nil {
		return nil, fmt.Errorf("create spill folder: %w", err)
	}
	s, err := newSpill(dir, total)
	if err != nil {
		return nil, err
	}
	s.dir = dir // removed with the spill, also where it stays in memory
	return &join{part: -1, m: w.m, fold: w.fold, spill: s}, nil
}

// tell adds one key to the comparison.
func (w *worker) tell(c *Comparison, k keyed) {
	d := Difference{}
	for side, r := range k.rec {
		if len(r) > 0 {
			d.Key = w.m.recordKey(side, r[0].Row)
		}
	}
	switch {
	case len(k.rec[0]) > 1 || len(k.rec[1]) > 1:
		d.Kind = "duplicate key"
		c.Duplicate++
	case len(k.rec[1]) == 0:
		d.Kind = "only left"
		c.OnlyLeft++
	case len(k.rec[0]) == 0:
		d.Kind = "only right"
		c.OnlyRight++
	default:
		if d.Fields = w.differing(k.rec[0][0], k.rec[1][0]); len(d.Fields) == 0 {
			c.Equal++
			return
		}
		d.Kind = "different"
		c.Different++
	}
	if len(c.First) < mostDifferences {
		c.First = append(c.First, d)
	}
}

// differing names the fields that are copied both ways and are not the same. A
// one-way field may differ, where its target was edited since.
func (w *worker) differing(left, right *connectors.Record) []string {
	var out []string
	for i := range w.m.fields {
		f := &w.m.fields[i]
		if f.constant() || f.direction != models.Both || f.same(left.Row, right.Row) {
			continue
		}
		out = append(out, f.name())
	}
	return out
}
