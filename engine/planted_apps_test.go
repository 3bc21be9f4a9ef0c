package engine

import (
	"context"
	"slices"

	"dualwrite/connectors"
)

// mistakenApps are mistakes between engine and app, as a connector may make them.
func mistakenApps() []planted {
	return []planted{
		{"writes carry no condition", 400, between(writing(unconditional))},
		{"deletes carry no condition", 400, between(writing(unconditionalDeletes))},
		{"a create overwrites the holder of its key", 400, between(writing(createOverwrites))},
		{"a time-out is read as success", 400, between(writing(timeoutIsSuccess))},
		{"a lost answer is asked for again without the condition", 400, between(writing(blindRetry))},
		{"a refusal is read as stored", 400, between(writing(answered(connectors.Refused)))},
		{"a failed condition is read as stored", 400, between(writing(answered(connectors.Moved)))},
		{"the answers of a batch are mixed up", 400, between(writing(mixedUp))},
		{"one field of a write is dropped", 400, between(writing(fieldDropped))},
		{"the answer's version is read after the write", 400, between(versionReadLater)},
		{"reads are stale", 400, between(staleReads)},
		{"a failed read is read as absence", 400, between(failedReadIsAbsence)},
		{"nobody looks for the key before a create", 400, between(noSearch)},
		{"the record at a page's edge is skipped", 400, between(pageEdge)},
		{"the last change of a batch is swallowed", 400, between(lastChange)},
		{"the feed leaves a change out now and then", 400, between(someChanges)},
		{"the feed knows no deletions", 400, between(noDeletions)},
		{"what a failed read of the feed had fetched is not fetched again", 400, between(cursorFirst)},
	}
}

// tamper replaces calls between engine and app; those that are nil go through.
type tamper struct {
	write   func(context.Context, connectors.Entity, []connectors.Write) ([]connectors.Result, error)
	get     func(context.Context, connectors.Entity, []string) ([]connectors.Record, error)
	find    func(context.Context, connectors.Entity, []connectors.Row) ([]connectors.Record, error)
	scan    func(context.Context, connectors.Entity, connectors.Position, int) ([]connectors.Record, connectors.Position, error)
	changes func(context.Context, connectors.Feed, connectors.Cursor, int) ([]connectors.Change, connectors.Cursor, bool, error)
}

// between plants a tamper for each side; what it remembers outlives the program.
func between(make func(s *sim, side int) tamper) bug {
	return func(s *sim) {
		t := [2]tamper{make(s, 0), make(s, 1)}
		s.wrap = func(c connectors.Connector, side int) connectors.Connector { return &tamperedApp{c, &t[side]} }
	}
}

// writing is a tamper that needs to know nothing of its history.
func writing(f func(context.Context, connectors.Entity, []connectors.Write) ([]connectors.Result, error)) func(*sim, int) tamper {
	return func(*sim, int) tamper { return tamper{write: f} }
}

type tamperedApp struct {
	connectors.Connector
	t *tamper
}

func (a *tamperedApp) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	e, err := a.Connector.Open(ctx, sel)
	if err != nil {
		return nil, err
	}
	return &tamperedEntity{e, a.t}, nil
}

func (a *tamperedApp) Feed(ctx context.Context, entity string) (connectors.Feed, error) {
	f, err := a.Connector.Feed(ctx, entity)
	if err != nil {
		return nil, err
	}
	return &tamperedFeed{f, a.t}, nil
}

type tamperedEntity struct {
	connectors.Entity
	t *tamper
}

func (e *tamperedEntity) Write(ctx context.Context, batch []connectors.Write) ([]connectors.Result, error) {
	if e.t.write == nil {
		return e.Entity.Write(ctx, batch)
	}
	return e.t.write(ctx, e.Entity, batch)
}

func (e *tamperedEntity) Get(ctx context.Context, ids []string) ([]connectors.Record, error) {
	if e.t.get == nil {
		return e.Entity.Get(ctx, ids)
	}
	return e.t.get(ctx, e.Entity, ids)
}

func (e *tamperedEntity) Find(ctx context.Context, keys []connectors.Row) ([]connectors.Record, error) {
	if e.t.find == nil {
		return e.Entity.Find(ctx, keys)
	}
	return e.t.find(ctx, e.Entity, keys)
}

func (e *tamperedEntity) Scan(ctx context.Context, after connectors.Position, size int) ([]connectors.Record, connectors.Position, error) {
	if e.t.scan == nil {
		return e.Entity.Scan(ctx, after, size)
	}
	return e.t.scan(ctx, e.Entity, after, size)
}

type tamperedFeed struct {
	connectors.Feed
	t *tamper
}

func (f *tamperedFeed) Changes(ctx context.Context, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
	if f.t.changes == nil {
		return f.Feed.Changes(ctx, since, most)
	}
	return f.t.changes(ctx, f.Feed, since, most)
}

// sent is the answer of an app that has stored what it was sent.
func sent(w connectors.Write) connectors.Result {
	r := connectors.Result{Outcome: connectors.Stored}
	if w.Op != connectors.Delete {
		r.Record = connectors.Record{ID: w.ID, Version: w.If, Row: slices.Clone(w.Row)}
	}
	return r
}

func unconditional(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	batch = slices.Clone(batch)
	for i := range batch {
		batch[i].If = ""
	}
	return e.Write(ctx, batch)
}

func unconditionalDeletes(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	batch = slices.Clone(batch)
	for i := range batch {
		if batch[i].Op == connectors.Delete {
			batch[i].If = ""
		}
	}
	return e.Write(ctx, batch)
}

func createOverwrites(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	out, err := e.Write(ctx, batch)
	for i := range out {
		if out[i].Outcome != connectors.Moved || batch[i].Op != connectors.Create {
			continue
		}
		holders, err := e.Find(ctx, []connectors.Row{batch[i].Row[:1]}) // the key comes first in the selection
		if err != nil || len(holders) == 0 {
			continue
		}
		w := batch[i]
		w.Op, w.ID = connectors.Update, holders[0].ID
		if one, err := e.Write(ctx, []connectors.Write{w}); err == nil {
			out[i] = one[0]
		}
	}
	return out, err
}

func timeoutIsSuccess(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	out, err := e.Write(ctx, batch)
	if err == nil || connectors.KindOf(err) != connectors.Transient {
		return out, err
	}
	out = nil
	for _, w := range batch {
		out = append(out, sent(w))
	}
	return out, nil
}

func blindRetry(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	out, err := e.Write(ctx, batch)
	if err != nil && connectors.KindOf(err) == connectors.Transient {
		return unconditional(ctx, e, batch)
	}
	return out, err
}

// answered reads an outcome as stored.
func answered(as connectors.Outcome) func(context.Context, connectors.Entity, []connectors.Write) ([]connectors.Result, error) {
	return func(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
		out, err := e.Write(ctx, batch)
		for i := range out {
			if out[i].Outcome == as {
				out[i] = sent(batch[i])
			}
		}
		return out, err
	}
}

func mixedUp(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	out, err := e.Write(ctx, batch)
	if len(out) > 1 && batch[0].Op != connectors.Delete && batch[1].Op != connectors.Delete && out[0].Outcome == out[1].Outcome {
		out[0], out[1] = out[1], out[0]
	}
	return out, err
}

// fieldDropped stores one field of an update and answers as if it were all.
func fieldDropped(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
	less := slices.Clone(batch)
	for i := range less {
		if first := slices.Index(less[i].Fields, true); less[i].Op == connectors.Update {
			less[i].Fields = make([]bool, len(less[i].Fields))
			less[i].Fields[first] = true
		}
	}
	out, err := e.Write(ctx, less)
	for i := range out {
		for at, set := range batch[i].Fields {
			if set && out[i].Outcome == connectors.Stored {
				out[i].Record.Row[at] = batch[i].Row[at]
			}
		}
	}
	return out, err
}

func versionReadLater(*sim, int) tamper {
	return tamper{write: func(ctx context.Context, e connectors.Entity, batch []connectors.Write) ([]connectors.Result, error) {
		out, err := e.Write(ctx, batch)
		for i := range out {
			if out[i].Record.ID == "" {
				continue
			}
			now, getErr := e.Get(ctx, []string{out[i].Record.ID})
			if getErr == nil && len(now) == 1 {
				out[i].Record.Version = now[0].Version
			}
		}
		return out, err
	}}
}

// staleReads serves a record twice more as it was read before.
func staleReads(*sim, int) tamper {
	type cached struct {
		connectors.Record
		left int
	}
	cache := map[string]*cached{}
	return tamper{get: func(ctx context.Context, e connectors.Entity, ids []string) ([]connectors.Record, error) {
		var out []connectors.Record
		var ask []string
		for _, id := range ids {
			if c := cache[id]; c != nil && c.left > 0 {
				c.left--
				out = append(out, c.Record)
				continue
			}
			ask = append(ask, id)
		}
		fresh, err := e.Get(ctx, ask)
		for _, r := range fresh {
			cache[r.ID] = &cached{r, 2}
		}
		return append(out, fresh...), err
	}}
}

func failedReadIsAbsence(*sim, int) tamper {
	return tamper{get: func(ctx context.Context, e connectors.Entity, ids []string) ([]connectors.Record, error) {
		out, _ := e.Get(ctx, ids)
		return out, nil
	}, find: func(ctx context.Context, e connectors.Entity, keys []connectors.Row) ([]connectors.Record, error) {
		out, _ := e.Find(ctx, keys)
		return out, nil
	}}
}

func noSearch(*sim, int) tamper {
	return tamper{find: func(context.Context, connectors.Entity, []connectors.Row) ([]connectors.Record, error) {
		return nil, nil
	}}
}

func pageEdge(*sim, int) tamper {
	return tamper{scan: func(ctx context.Context, e connectors.Entity, after connectors.Position, size int) ([]connectors.Record, connectors.Position, error) {
		page, next, err := e.Scan(ctx, after, size)
		if len(page) == size && next != "" {
			page = page[:size-1]
		}
		return page, next, err
	}}
}

func lastChange(*sim, int) tamper {
	return tamper{changes: func(ctx context.Context, f connectors.Feed, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
		batch, next, end, err := f.Changes(ctx, since, most)
		if len(batch) > 1 {
			batch = batch[:len(batch)-1]
		}
		return batch, next, end, err
	}}
}

func someChanges(*sim, int) tamper {
	return tamper{changes: func(ctx context.Context, f connectors.Feed, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
		batch, next, end, err := f.Changes(ctx, since, most)
		return slices.DeleteFunc(batch, func(c connectors.Change) bool { return c.At.Unix()%3 == 0 }), next, end, err
	}}
}

func noDeletions(*sim, int) tamper {
	return tamper{changes: func(ctx context.Context, f connectors.Feed, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
		batch, next, end, err := f.Changes(ctx, since, most)
		return slices.DeleteFunc(batch, func(c connectors.Change) bool { return c.Op == connectors.Delete }), next, end, err
	}}
}

// cursorFirst moves on before what was fetched is safe: a failed or a killed
// read costs the next batch.
func cursorFirst(*sim, int) tamper {
	failed := false
	return tamper{changes: func(ctx context.Context, f connectors.Feed, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
		lose := failed
		failed = true
		batch, next, end, err := f.Changes(ctx, since, most)
		if failed = err != nil; lose && err == nil {
			batch = nil
		}
		return batch, next, end, err
	}}
}
