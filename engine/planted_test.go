package engine

import (
	"context"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

// mistake is a planted bug and the number of histories within which the
// simulation must catch it.
type mistake struct {
	name   string
	within int
	plant  bug
}

// badRule plants a mistake into the rule: it sees what goes in and may change
// what comes out.
func badRule(change func(*pair) *pair, after func(*pair, *verdict)) bug {
	return func(s *sim) {
		s.rule = func(p *pair) verdict {
			if change != nil {
				p = change(p)
			}
			v := reconcile(p)
			if after != nil {
				after(p, &v)
			}
			return v
		}
	}
}

// badApp plants a mistake between the engine and both apps.
func badApp(entity func(connectors.Entity) connectors.Entity, feed func(connectors.Feed) connectors.Feed) bug {
	return func(s *sim) {
		s.wrap = func(c connectors.Connector, _ int) connectors.Connector { return &badConnector{c, entity, feed} }
	}
}

type badConnector struct {
	connectors.Connector
	entity func(connectors.Entity) connectors.Entity
	feed   func(connectors.Feed) connectors.Feed
}

func (c *badConnector) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	e, err := c.Connector.Open(ctx, sel)
	if err == nil && c.entity != nil {
		e = c.entity(e)
	}
	return e, err
}

func (c *badConnector) Feed(ctx context.Context, name string) (connectors.Feed, error) {
	f, err := c.Connector.Feed(ctx, name)
	if err == nil && c.feed != nil {
		f = c.feed(f)
	}
	return f, err
}

// badWrite changes a batch before, or its results after, the app has seen it.
type badWrite struct {
	connectors.Entity
	before func([]connectors.Write)
	after  func([]connectors.Write, []connectors.Result, error) ([]connectors.Result, error)
}

func (e *badWrite) Write(ctx context.Context, batch []connectors.Write) ([]connectors.Result, error) {
	if e.before != nil {
		e.before(batch)
	}
	r, err := e.Entity.Write(ctx, batch)
	if e.after != nil {
		return e.after(batch, r, err)
	}
	return r, err
}

func writing(before func([]connectors.Write), after func([]connectors.Write, []connectors.Result, error) ([]connectors.Result, error)) bug {
	return badApp(func(e connectors.Entity) connectors.Entity { return &badWrite{e, before, after} }, nil)
}

// staleRead answers what it read the first time.
type staleRead struct {
	connectors.Entity
	seen map[string]connectors.Record
}

func (e *staleRead) Get(ctx context.Context, ids []string) ([]connectors.Record, error) {
	got, err := e.Entity.Get(ctx, ids)
	for i, r := range got {
		if old, ok := e.seen[r.ID]; ok && len(e.seen)%2 == 0 {
			got[i] = old
		} else {
			e.seen[r.ID] = r
		}
	}
	return got, err
}

// blindFind finds nobody by key.
type blindFind struct{ connectors.Entity }

func (blindFind) Find(context.Context, []connectors.Row) ([]connectors.Record, error) {
	return nil, nil
}

// badFeed changes batches of changes after their cursor was taken.
type badFeed struct {
	connectors.Feed
	change func([]connectors.Change) []connectors.Change
}

func (f *badFeed) Changes(ctx context.Context, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
	batch, next, done, err := f.Feed.Changes(ctx, since, most)
	return f.change(batch), next, done, err
}

func feeding(change func([]connectors.Change) []connectors.Change) bug {
	return badApp(nil, func(f connectors.Feed) connectors.Feed { return &badFeed{f, change} })
}

// storedAnyway answers for the app that everything was stored as it was sent.
func storedAnyway(batch []connectors.Write) []connectors.Result {
	out := make([]connectors.Result, len(batch))
	for i, w := range batch {
		out[i] = connectors.Result{Outcome: connectors.Stored, Record: connectors.Record{ID: w.ID, Version: w.If, Row: w.Row}}
		if w.Op == connectors.Create {
			out[i].Record.ID = ""
		}
	}
	return out
}

func settled(v *verdict, side int) {
	s := &v.link.Sides[side]
	s.Intent, s.Owed, s.Present = false, nil, v.link.Present
	s.Sums = slices.Clone(v.link.Agreed)
}

func mistakes() []mistake {
	oneBase := func(p *pair) *pair {
		if p.link == nil || !p.link.Present {
			return p
		}
		q, l := *p, *p.link
		for side := range l.Sides {
			if l.Sides[side].Present {
				l.Sides[side].Sums = l.Agreed
			}
			l.Sides[side].Owed, l.Sides[side].Intent = nil, false
		}
		q.link = &l
		return &q
	}
	return []mistake{
		{"no intent is kept", 2000, badRule(nil, func(_ *pair, v *verdict) {
			for side := range v.link.Sides {
				v.link.Sides[side].Intent = false
			}
		})},
		{"the base moves before the write", 500, badRule(nil, func(_ *pair, v *verdict) {
			for side, a := range v.write {
				if a != leave {
					settled(v, side)
				}
			}
		})},
		{"one base for both sides", 500, badRule(oneBase, nil)},
		{"conflicts are not recorded", 500, badRule(nil, func(_ *pair, v *verdict) { v.conflicts = nil })},
		{"unsure overwrites are not recorded", 3000, badRule(nil, func(_ *pair, v *verdict) {
			v.conflicts = slices.DeleteFunc(v.conflicts, func(c conflict) bool { return c.kind == models.UnsureOwner })
		})},
		{"edits that beat deletes are not recorded", 1000, badRule(nil, func(_ *pair, v *verdict) {
			v.conflicts = slices.DeleteFunc(v.conflicts, func(c conflict) bool {
				return c.kind == models.EditVsDelete || c.kind == models.DeleteVsEdit || c.kind == models.CopiedBack
			})
		})},
		{"first sight overwrites without a record", 500, badRule(nil, func(_ *pair, v *verdict) {
			v.conflicts = slices.DeleteFunc(v.conflicts, func(c conflict) bool { return c.kind == models.InitialDiffers || c.kind == models.BothCreated })
		})},
		{"absent means unknown", 500, badRule(nil, func(p *pair, v *verdict) {
			for side, a := range v.write {
				if a == deleteRecord {
					v.write[side] = leave
					v.link = *p.link
				}
			}
		})},
		{"a delete beats an edit", 500, badRule(nil, func(p *pair, v *verdict) {
			for side, a := range v.write {
				if gone := 1 - side; a == createRecord && p.link != nil && p.link.Sides[side].Present && p.link.Present {
					v.write = [2]action{}
					v.write[gone], v.conflicts = deleteRecord, nil
					v.link.Present, v.link.Agreed, v.link.Sides[side].Owed = false, nil, nil
					v.link.Sides[side].Intent, v.link.Sides[gone].Intent = false, true
				}
			}
		})},
		{"the last writer wins", 500, badRule(nil, func(p *pair, v *verdict) {
			v.conflicts = slices.DeleteFunc(v.conflicts, func(c conflict) bool { return c.kind == models.BothEdited })
		})},
		{"what is owed is forgotten", 2000, badRule(func(p *pair) *pair {
			if p.link == nil {
				return p
			}
			q, l := *p, *p.link
			l.Sides[0].Owed, l.Sides[1].Owed = nil, nil
			l.Sides[0].Intent, l.Sides[1].Intent = false, false
			q.link = &l
			return &q
		}, nil)},
		{"nothing is ever the same", 500, badRule(func(p *pair) *pair {
			q := *p
			q.same = nil
			q.link = nil
			return &q
		}, func(p *pair, v *verdict) {
			if p.now[0].present && p.now[1].present {
				v.write[1], v.link.Sides[1].Intent = updateRecord, true
				for _, r := range p.rules {
					v.link.Sides[1].Owed.Add(r.slot)
				}
			}
		})},
		{"writes are unconditional", 1000, writing(func(batch []connectors.Write) {
			for i := range batch {
				batch[i].If = ""
			}
		}, nil)},
		{"a time-out is read as success", 500, writing(nil, func(batch []connectors.Write, r []connectors.Result, err error) ([]connectors.Result, error) {
			if connectors.KindOf(err) == connectors.Transient && err != nil {
				return storedAnyway(batch), nil
			}
			return r, err
		})},
		{"a refusal is read as success", 1000, writing(nil, func(batch []connectors.Write, r []connectors.Result, err error) ([]connectors.Result, error) {
			for i := range r {
				if r[i].Outcome == connectors.Refused {
					r[i] = storedAnyway(batch[i : i+1])[0]
				}
			}
			return r, err
		})},
		{"a failed condition is read as success", 1000, writing(nil, func(batch []connectors.Write, r []connectors.Result, err error) ([]connectors.Result, error) {
			for i := range r {
				if r[i].Outcome == connectors.Moved {
					r[i] = storedAnyway(batch[i : i+1])[0]
				}
			}
			return r, err
		})},
		{"the cursor moves past a change that was not stored", 500, feeding(func(batch []connectors.Change) []connectors.Change {
			if len(batch) > 1 {
				return batch[:len(batch)-1]
			}
			return batch
		})},
		{"the feed tells no deletes", 500, feeding(func(batch []connectors.Change) []connectors.Change {
			return slices.DeleteFunc(batch, func(c connectors.Change) bool { return c.Op == connectors.Delete })
		})},
		{"the feed leaves changes out now and then", 2000, feeding(func(batch []connectors.Change) []connectors.Change {
			return slices.DeleteFunc(batch, func(c connectors.Change) bool { return c.At.Unix()%2 == 0 })
		})},
		{"reads are stale", 1000, badApp(func(e connectors.Entity) connectors.Entity {
			return &staleRead{e, map[string]connectors.Record{}}
		}, nil)},
		{"nobody is looked for by key", 1000, badApp(func(e connectors.Entity) connectors.Entity { return blindFind{e} }, nil)},
	}
}

// TestSimulationCatchesPlantedBugs plants one mistake after another, in the
// rule and between engine and apps; the simulation must catch each.
func TestSimulationCatchesPlantedBugs(t *testing.T) {
	for _, m := range mistakes() {
		t.Run(m.name, func(t *testing.T) {
			caught := playSeeds(t, 1, m.within, m.plant, 1)
			if len(caught) == 0 {
				t.Errorf("not caught within %d histories", m.within)
				return
			}
			t.Log(shorten(caught[0]))
		})
	}
}
