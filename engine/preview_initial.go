package engine

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/models"
)

// InitialPreview is what an initial write would do.
type InitialPreview struct {
	Left, Right             int64 // records in the map
	CreateLeft, CreateRight int64
	Equal, Different        int64
	Duplicate               int64       // keys with several holders on one side: none would be picked
	Invalid                 int64       // records that could not be copied as they are
	First                   []Previewed // the first few of each kind, in order of key
}

// Previewed is one record of a preview.
type Previewed struct {
	Key    string
	Kind   string // "create left", "create right", "different", "duplicate", "invalid"
	Fields []string
	Fault  string
}

// mostOfKind is how many records of each kind a preview lists.
const mostOfKind = 10

// PreviewInitial walks both sides of a map and tells what its initial write
// would do, judged by the map alone: what an app itself would refuse shows only
// when it is written to. It writes nothing.
func (e *Engine) PreviewInitial(ctx context.Context, mapID int64) (InitialPreview, error) {
	var out InitialPreview
	m, err := e.store.MapByID(ctx, mapID)
	if err != nil {
		return out, err
	}
	w, err := e.newReader(ctx, &m)
	if err != nil {
		return out, e.reach(models.Left, err)
	}
	defer w.close()
	if err := w.scope(ctx, ""); err != nil {
		return out, err
	}
	j, err := w.compareJoin(ctx)
	if err != nil {
		return out, err
	}
	defer func() { _ = j.spill.remove() }() // its folder is cleared at the next start in any case
	for !j.sealed {
		side, n, err := j.scan(ctx, w.scoped, w.roomFor(e.cfg.PageSize))
		if err != nil {
			return out, err
		}
		*[2]*int64{&out.Left, &out.Right}[side] += n
	}
	listed := map[string]int{}
	for part := range j.spill.parts {
		if err := j.load(part); err != nil {
			return out, err
		}
		for _, k := range j.keys {
			if p := w.preview(&out, k); p.Kind != "" {
				if listed[p.Kind]++; listed[p.Kind] <= mostOfKind {
					out.First = append(out.First, p)
				}
			}
		}
	}
	slices.SortStableFunc(out.First, func(a, b Previewed) int {
		return slices.Index(previewKinds[:], a.Kind) - slices.Index(previewKinds[:], b.Kind)
	})
	return out, nil
}

// previewKinds are in the order of their weight.
var previewKinds = [...]string{"invalid", "duplicate", "different", "create left", "create right"}

// preview judges the records of one key.
func (w *worker) preview(out *InitialPreview, k keyed) Previewed {
	p := Previewed{}
	for side, r := range k.rec {
		if len(r) > 0 {
			p.Key = w.m.recordKey(side, r[0].Row)
		}
	}
	switch left, right := len(k.rec[0]), len(k.rec[1]); {
	case k.key == "":
		p.Kind, p.Fault = "invalid", "its key is empty"
		out.Invalid++
	case left > 1 || right > 1:
		p.Kind = "duplicate"
		out.Duplicate++
	case right == 0:
		w.previewCreate(out, &p, 1, k.rec[0][0])
	case left == 0:
		w.previewCreate(out, &p, 0, k.rec[1][0])
	default:
		if p.Fields = w.differing(k.rec[0][0], k.rec[1][0]); len(p.Fields) == 0 {
			out.Equal++
			return Previewed{}
		}
		p.Kind = "different"
		out.Different++
	}
	return p
}

// previewCreate tells whether a record could be created on a side.
func (w *worker) previewCreate(out *InitialPreview, p *Previewed, to int, r *connectors.Record) {
	for i := range w.m.fields {
		f := &w.m.fields[i]
		if !f.flows(to) {
			continue
		}
		if v, fault := f.project(1-to, r.Row); fault != nil {
			p.Fields, p.Fault = append(p.Fields, f.name()), fault.message
		} else if v.IsEmpty() && !f.lookup[to] && required(f.schema[to]) {
			p.Fields, p.Fault = append(p.Fields, f.name()), f.path[to]+" is required, and there is no value for it"
		}
	}
	if p.Fault != "" {
		p.Kind = "invalid"
		out.Invalid++
		return
	}
	p.Kind = "create " + string(models.Sides[to])
	*[2]*int64{&out.CreateLeft, &out.CreateRight}[to]++
}
