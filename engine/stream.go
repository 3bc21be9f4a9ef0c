package engine

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/models"
)

// stream reads the only side that has records, page by page, straight into
// reconciles: nothing is to be joined. The page after the one at hand is read
// meanwhile.
type stream struct {
	side  int
	at    connectors.Position
	ahead chan scanned // the page that is being read, nil for none
}

// scanned is a page of a scan, from a position to the next.
type scanned struct {
	at, next connectors.Position
	records  []connectors.Record
	err      error
}

// page gives the page of the present position.
func (s *stream) page(ctx context.Context, entity connectors.Entity, size int) scanned {
	if got, ok := s.take(); ok && got.at == s.at && got.err == nil {
		return got
	}
	return scan(ctx, entity, s.at, size)
}

// read begins to read the page of a position.
func (s *stream) read(ctx context.Context, entity connectors.Entity, at connectors.Position, size int) {
	ahead := make(chan scanned, 1)
	s.ahead = ahead
	go func() { ahead <- scan(ctx, entity, at, size) }()
}

// take waits for the page that is being read.
func (s *stream) take() (got scanned, ok bool) {
	if s == nil || s.ahead == nil {
		return got, false
	}
	got = <-s.ahead
	s.ahead = nil
	return got, true
}

func scan(ctx context.Context, entity connectors.Entity, at connectors.Position, size int) scanned {
	records, next, err := entity.Scan(ctx, at, size)
	return scanned{at, next, records, err}
}

// streamable gives a stream where one side is empty and the app itself sees to
// it that no two records of the other hold one key; nil if the sides have to be
// joined.
func (w *worker) streamable(run *models.Execution) *stream {
	totals := [2]int64{run.LeftTotal, run.RightTotal}
	for side := range totals {
		if totals[side] > 0 && totals[1-side] == 0 && w.uniqueKey(side) {
			return &stream{side: side}
		}
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

// streamPage reads and reconciles the next page. Nothing moves on until the page
// is stored.
func (w *worker) streamPage(ctx context.Context) error {
	s := w.join.stream
	got := s.page(ctx, w.scoped[s.side], w.pageSize())
	if got.err != nil {
		return got.err
	}
	if got.next != "" && w.e.ahead {
		s.read(ctx, w.scoped[s.side], got.next, w.pageSize())
	}
	page := make([]keyed, 0, len(got.records))
	for i := range got.records {
		if r := &got.records[i]; w.m.inMap(s.side, r.Row) {
			k := keyed{key: w.m.matchKey(s.side, r.Row, w.fold)}
			k.rec[s.side] = []*connectors.Record{r}
			page = append(page, k)
		}
	}
	p := &progress{run: *w.run}
	*[2]*int64{&p.added.LeftRead, &p.added.RightRead}[s.side] = int64(len(page))
	if err := w.processPage(ctx, page, p); err != nil {
		return err
	}
	if s.at = got.next; s.at == "" {
		return w.endRun(ctx)
	}
	return nil
}
