package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// stream brings the records of both sides together while they are read, without
// setting any aside: one side is empty, or both come in the order of their match
// keys. Each side's next page is read while the one at hand is worked on.
type stream struct {
	sides [2]*reader // nil for one without records
	hand  [][]keyed  // pages that are taken and not yet stored
	begun []keyed    // the page that is being taken
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

// streamPages reads and reconciles pages, for about the length of a step. A page
// stays at hand until it is stored.
func (w *worker) streamPages(ctx context.Context) error {
	s := w.join.stream
	var err error
	if w.linkless && w.trusted() {
		err = w.streamOn(ctx, s)
	} else {
		err = w.streamOne(ctx, s)
	}
	if errors.Is(err, errDisorder) {
		w.disorder = true
		w.dropJoin() // the next step begins anew, with a spill
		return nil
	}
	if err == nil && s.ended() {
		return w.endRun(ctx)
	}
	w.linkless = w.linkless && err == nil // some of its records may be linked already
	return err
}

// streamOne takes one page by itself: its records may have links that those of
// the next have too.
func (w *worker) streamOne(ctx context.Context, s *stream) error {
	if len(s.hand) == 0 {
		if err := s.compose(ctx, w, w.pageSize()); err != nil {
			return err
		}
	}
	p := w.pageProgress(s.hand[0])
	if err := w.processPage(ctx, s.hand[0], p); err != nil {
		return err
	}
	s.put()
	return nil
}

// put lets go of the first page at hand.
func (s *stream) put() {
	s.hand[0] = nil
	s.hand = s.hand[1:]
}

// streamOn takes pages one behind the other: while one is written, the next is
// read and decided. No record of theirs has a link, so none is of two pages.
func (w *worker) streamOn(ctx context.Context, s *stream) error {
	began, n, taken := time.Now(), 0, 0
	last := began
	var disorder error
	next := func() (*part, error) {
		if s.over(taken) || time.Since(began) > longStep/2 {
			return nil, nil
		}
		if taken == len(s.hand) {
			if disorder = s.compose(ctx, w, min(w.pageSize(), w.e.cfg.PartSize)); errors.Is(disorder, errDisorder) {
				return nil, nil // what was taken before is finished first
			} else if disorder != nil {
				return nil, disorder
			}
		}
		if n > 0 && time.Since(last) < longStep/16 { // twice as much is no long wait either
			w.batch = min(w.e.cfg.BatchSize, 2*w.batch)
		}
		last = time.Now()
		page := s.hand[taken]
		taken++
		items, err := w.pageItems(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			w.decide(it)
		}
		p := &part{n: n, items: items, progress: w.pageProgress(page), whole: true}
		p.stored = func() { s.put(); taken-- }
		n++
		w.prepare(p)
		return p, nil
	}
	again, err := w.carryOut(ctx, next)
	if err == nil {
		err = w.lookAgain(ctx, again, true, &progress{run: *w.run})
	}
	return cmp.Or(err, disorder)
}

// pageProgress is what a page adds to the execution by having been read.
func (w *worker) pageProgress(page []keyed) *progress {
	p := &progress{run: *w.run}
	for _, k := range page {
		p.added.LeftRead += int64(len(k.rec[0]))
		p.added.RightRead += int64(len(k.rec[1]))
	}
	return p
}

// compose takes the next keys of both sides into the hand. After a failure it goes
// on where that left it.
func (s *stream) compose(ctx context.Context, w *worker, size int) error {
	if s.begun == nil {
		s.begun = make([]keyed, 0, size)
	}
	for len(s.begun) < size {
		for side, r := range s.sides {
			if err := r.fill(ctx, w, side, s.sides[1-side] != nil); err != nil {
				return err
			}
		}
		k, ok := s.pop()
		if !ok {
			break
		}
		s.begun = append(s.begun, k)
	}
	s.hand, s.begun = append(s.hand, s.begun), nil
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

// ended reports whether everything that was read is stored.
func (s *stream) ended() bool { return s.over(0) }

// over reports whether no page is left after so many of those at hand.
func (s *stream) over(taken int) bool {
	return taken == len(s.hand) && !slices.ContainsFunc(s.sides[:], func(r *reader) bool { return r.left() || r != nil && !r.ended })
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
