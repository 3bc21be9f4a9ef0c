package engine

import (
	"context"
	"errors"
	"slices"

	"dualwrite/connectors"
	"dualwrite/models"
)

// stream brings the records of both sides together while they are read, without
// setting any aside: one side is empty, or both come in the order of their match
// keys. Each side's next page is read while the one at hand is worked on.
type stream struct {
	sides [2]*reader // nil for one without records
	page  []keyed    // at hand, until it is stored
}

// errDisorder says that a side does not come in the order of match keys, or that
// a key occurs twice: the sides have to be joined by a spill.
var errDisorder = errors.New("records do not come in the order of their keys")

// reader reads one side.
type reader struct {
	entity  connectors.Entity
	next    connectors.Position // what to scan, unless it is being scanned
	ended   bool
	ahead   chan scanned // the page that is being read, nil for none
	records []connectors.Record
	keys    []string // of records
	last    string   // the key before
}

// scanned is a page of a scan.
type scanned struct {
	records []connectors.Record
	next    connectors.Position
	err     error
}

// streamable gives a stream where the sides may come together without a spill:
// where one is empty, and the app itself sees to it that no two records of the
// other hold one key, or where both have records, unless they turned out to be
// in disorder. nil if they have to be joined.
func (w *worker) streamable(run *models.Execution) *stream {
	s := &stream{}
	for side, total := range [2]int64{run.LeftTotal, run.RightTotal} {
		if total > 0 {
			s.sides[side] = &reader{entity: w.scoped[side]}
		}
	}
	switch left, right := s.sides[0] != nil, s.sides[1] != nil; {
	case left && right && !w.disorder, left && !right && w.uniqueKey(0), right && !left && w.uniqueKey(1):
		return s
	}
	return nil
}

// uniqueKey reports whether a side's app refuses two records that hold the same
// key by the mapping.
func (w *worker) uniqueKey(side int) bool {
	fold := w.caps[side].Fold
	if w.fold.Case && !fold.Case || w.fold.Space && !fold.Space {
		return false
	}
	sel := w.m.selection[side]
	var key []string
	for _, at := range w.m.key[side] {
		if f := w.m.keyField(side, at); f != nil && (len(f.steps) > 0 || f.schema[0].Type != f.schema[1].Type) {
			return false // two values may become one
		}
		key = append(key, sel.Fields[at])
	}
	e, ok := w.schemas[side].Entity(sel.Entity)
	return ok && slices.ContainsFunc(e.Keys, func(k connectors.AlternateKey) bool {
		return k.Active && len(k.Fields) > 0 && !slices.ContainsFunc(k.Fields, func(f string) bool { return !slices.Contains(key, f) })
	})
}

// streamPage reads and reconciles the next page. The page stays at hand until it
// is stored.
func (w *worker) streamPage(ctx context.Context) error {
	s := w.join.stream
	if s.page == nil {
		if err := s.compose(ctx, w); errors.Is(err, errDisorder) {
			w.disorder = true
			w.dropJoin() // the next step begins anew, with a spill
			return nil
		} else if err != nil {
			return err
		}
	}
	p := &progress{run: *w.run}
	for _, k := range s.page {
		p.added.LeftRead += int64(len(k.rec[0]))
		p.added.RightRead += int64(len(k.rec[1]))
	}
	if err := w.processPage(ctx, s.page, p); err != nil {
		return err
	}
	if s.page = nil; s.ended() {
		return w.endRun(ctx)
	}
	return nil
}

// compose takes the next keys of both sides.
func (s *stream) compose(ctx context.Context, w *worker) error {
	size := w.pageSize()
	page := make([]keyed, 0, size)
	for len(page) < size {
		for side, r := range s.sides {
			if err := r.fill(ctx, w, side, s.sides[1-side] != nil); err != nil {
				return err
			}
		}
		k, ok := s.pop()
		if !ok {
			break
		}
		page = append(page, k)
	}
	s.page = page
	return nil
}

// pop takes the lowest key.
func (s *stream) pop() (k keyed, ok bool) {
	for _, r := range s.sides {
		if r.left() && (!ok || r.keys[0] < k.key) {
			k.key, ok = r.keys[0], true
		}
	}
	for side, r := range s.sides {
		if r.left() && r.keys[0] == k.key {
			k.rec[side] = []*connectors.Record{&r.records[0]}
			r.records, r.keys = r.records[1:], r.keys[1:]
		}
	}
	return k, ok
}

func (s *stream) ended() bool {
	return !slices.ContainsFunc(s.sides[:], func(r *reader) bool { return r.left() || r != nil && !r.ended })
}

func (r *reader) left() bool { return r != nil && len(r.keys) > 0 }

// fill has a record at hand, unless the side has ended. ordered demands that keys
// ascend.
func (r *reader) fill(ctx context.Context, w *worker, side int, ordered bool) error {
	for r != nil && len(r.keys) == 0 && !r.ended {
		got, ok := r.take()
		if !ok || got.err != nil {
			got = scan(ctx, r.entity, r.next, w.pageSize())
		}
		if got.err != nil {
			return got.err
		}
		r.next, r.ended = got.next, got.next == ""
		if !r.ended && w.e.ahead {
			r.read(ctx, w.pageSize())
		}
		r.records, r.keys = got.records[:0], make([]string, 0, len(got.records))
		for i := range got.records {
			if !w.m.inMap(side, got.records[i].Row) {
				continue
			}
			key := w.m.matchKey(side, got.records[i].Row, w.fold)
			if ordered && key <= r.last { // an empty key joins with nothing
				return errDisorder
			}
			r.last = key
			r.records, r.keys = append(r.records, got.records[i]), append(r.keys, key)
		}
	}
	return nil
}

// read begins to read the next page.
func (r *reader) read(ctx context.Context, size int) {
	ahead := make(chan scanned, 1)
	r.ahead = ahead
	entity, at := r.entity, r.next
	go func() { ahead <- scan(ctx, entity, at, size) }()
}

// take waits for the page that is being read, if one is.
func (r *reader) take() (got scanned, ok bool) {
	if r == nil || r.ahead == nil {
		return got, false
	}
	got = <-r.ahead
	r.ahead = nil
	return got, true
}

// close waits for what is being read.
func (s *stream) close() {
	if s != nil {
		for _, r := range s.sides {
			r.take()
		}
	}
}

func scan(ctx context.Context, entity connectors.Entity, at connectors.Position, size int) scanned {
	records, next, err := entity.Scan(ctx, at, size)
	return scanned{records, next, err}
}
