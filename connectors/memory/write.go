package memory

import (
	"context"
	"fmt"

	"dualwrite/connectors"
)

// Write stores the batch record by record; others may come in between.
func (e *entity) Write(ctx context.Context, batch []connectors.Write) ([]connectors.Result, error) {
	call := Call{Op: "write", Entity: e.t.schema.Name, Items: len(batch)}
	verdict, err := e.conn.verdict(ctx, call)
	if err != nil {
		return nil, err
	}
	hooks := e.app.options()
	if most := hooks.writeMax(); len(batch) > most {
		return nil, &connectors.Error{Kind: connectors.Internal, Op: "write", Entity: call.Entity,
			Message: fmt.Sprintf("a batch holds at most %d writes, this one %d", most, len(batch))}
	}
	results := make([]connectors.Result, 0, len(batch))
	for i := range batch {
		if verdict.StopAfter > 0 && i >= verdict.StopAfter {
			break
		}
		results = append(results, e.writeOne(&batch[i], &hooks))
	}
	if err := verdict.reply(call); err != nil {
		return nil, err
	}
	return results, nil
}

func (e *entity) writeOne(w *connectors.Write, hooks *Options) connectors.Result {
	if hooks.BeforeWrite != nil {
		if err := hooks.BeforeWrite(e.t.schema.Name, *w); err != nil {
			return connectors.Result{Outcome: connectors.Refused, Err: err}
		}
	}
	res, seen := e.locked(w, hooks.OnStore != nil)
	if hooks.OnStore != nil && (seen.before != nil || seen.after != nil) {
		hooks.OnStore(e.t.schema.Name, seen.id, seen.before, seen.after, w.Mark)
	}
	return res
}

// sight is what Options.OnStore is told.
type sight struct {
	id            string
	before, after map[string]connectors.Value
}

func (e *entity) locked(w *connectors.Write, watched bool) (res connectors.Result, seen sight) {
	e.app.mu.Lock()
	defer e.app.mu.Unlock()
	old := e.t.rows[w.ID]
	if w.Op == connectors.Create {
		old = nil
	}
	if watched && old != nil {
		seen.before = e.t.image(old.vals)
	}
	r, res := e.apply(w, old)
	if r == nil {
		return res, sight{}
	}
	e.app.writes++
	seen.id = r.id
	if watched && w.Op != connectors.Delete {
		seen.after = e.t.image(r.vals)
	}
	return res, seen
}

// apply carries out one write on the record it is about, nil where there is
// none, and gives the record that it stored or deleted, nil where it did nothing.
func (e *entity) apply(w *connectors.Write, old *row) (*row, connectors.Result) {
	moved := connectors.Result{Outcome: connectors.Moved}
	conditional := w.If != "" && !e.app.opt.NoVersions
	switch {
	case w.Op == connectors.Delete && old == nil:
		return nil, connectors.Result{Outcome: connectors.Stored}
	case w.Op == connectors.Create && e.taken(w), w.Op == connectors.Update && old == nil:
		return nil, moved
	case old != nil && conditional && old.version != w.If:
		return nil, moved
	case w.Op == connectors.Delete:
		if err := e.app.remove(e.t, old, w.Mark); err != nil {
			return nil, connectors.Result{Outcome: connectors.Refused, Err: err}
		}
		return old, connectors.Result{Outcome: connectors.Stored}
	}
	all, err := e.assignments(w)
	if err != nil {
		return nil, connectors.Result{Outcome: connectors.Refused, Err: err}
	}
	r, err := e.app.store(e.t, old, all, e.company, w.Mark)
	if err != nil {
		return nil, connectors.Result{Outcome: connectors.Refused, Err: err}
	}
	return r, connectors.Result{Outcome: connectors.Stored, Record: e.record(r)}
}

// taken tells whether a record holds the alternate key that a create brings.
func (e *entity) taken(w *connectors.Write) (held bool) {
	vals := make(connectors.Row, len(e.key.at))
	for i, at := range e.key.at {
		if w.Fields[at] {
			vals[i] = w.Row[at]
		}
	}
	e.key.each(e.t, vals, func(*row) { held = true })
	return held
}

func (e *entity) assignments(w *connectors.Write) ([]assignment, *connectors.Error) {
	all := make([]assignment, 0, len(e.paths))
	for i, p := range e.paths {
		if !w.Fields[i] || w.Row[i].State() == connectors.Absent {
			continue
		}
		if p.field.ReadOnly {
			return nil, &connectors.Error{Kind: connectors.Invalid, Op: "write", Entity: e.t.schema.Name, Field: p.name,
				Value: w.Row[i].String(), Message: p.name + " is read-only"}
		}
		all = append(all, assignment{p, w.Row[i]})
	}
	return all, nil
}
