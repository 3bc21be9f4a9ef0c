package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// rows makes the writes that an item's verdict asks for. A value that cannot be
// carried over cancels the write to that side and becomes the item's fault.
func (w *worker) rows(it *item) {
	for side := range it.verdict.write {
		a := it.verdict.write[side]
		if a == leave {
			continue
		}
		if a == createRecord && it.taken[side] != nil {
			it.fault = it.taken[side]
			w.cancel(it, side)
			continue
		}
		out, f := w.build(it, side, a)
		if f == nil {
			it.pending[side] = out
			continue
		}
		if it.assumes() { // its error shows both records
			it.readAgain()
			return
		}
		it.fault = w.faultOf(it, side, f)
		w.cancel(it, side)
	}
}

// cancel takes a write back before or after it was refused; what is agreed
// stays owed to the side.
func (w *worker) cancel(it *item, side int) {
	it.verdict.write[side] = leave
	it.verdict.link.Sides[side].Intent = false
	if it.link == nil && it.rec[side] == nil && it.verdict.link.ID == 0 {
		it.out = failed // nothing to remember of a pair that never was
	}
}

// build makes one write from the record of the other side.
func (w *worker) build(it *item, side int, a action) (connectors.Write, *fault) {
	out := connectors.Write{ID: it.id(side), If: it.verdict.link.Sides[side].Version}
	if a == deleteRecord {
		out.Op = connectors.Delete
		return out, nil
	}
	from := it.rec[1-side]
	if a == createRecord && w.m.asIs(side, from.Row) {
		return connectors.Write{Op: connectors.Create, Row: from.Row, Fields: w.m.every}, nil
	}
	n := len(w.m.selection[side].Fields)
	out.Op, out.Row, out.Fields = connectors.Update, make(connectors.Row, n), make([]bool, n)
	if a == createRecord {
		out.Op, out.ID, out.If = connectors.Create, "", ""
		if at := w.m.company[side]; at >= 0 {
			out.Row[at], out.Fields[at] = from.Row[w.m.company[1-side]], true
		}
	}
	owed := it.verdict.link.Sides[side].Owed
	for i := range w.m.fields {
		f := &w.m.fields[i]
		if !f.flows(side) || !(f.constant() && a == createRecord) && !owed.Has(f.slot) {
			continue
		}
		v, err := f.project(1-side, from.Row)
		if err != nil {
			return out, err
		}
		out.Row[f.at[side]], out.Fields[f.at[side]] = v, true
	}
	return out, nil
}

// write sends the pending writes of a side, in batches that the app takes, and
// lets each item know what was stored. Lookups whose parent is missing are left
// out, where they may be, and written again without.
func (w *worker) write(ctx context.Context, side int, p *part) error {
	var todo []*item
	for _, it := range p.items {
		if it.out == inStep && !it.untouched() && it.verdict.write[side] != leave {
			todo = append(todo, it)
		}
	}
	for len(todo) > 0 {
		n := min(len(todo), max(1, w.caps[side].WriteMax))
		again, err := w.sendAll(ctx, side, p, todo[:n])
		if err != nil {
			return err
		}
		todo = append(again, todo[n:]...)
	}
	return nil
}

// sendAll writes one batch, by several calls at the same time where that is worth
// it and nothing in one may wait for another, and returns the items that are to be
// written once more.
func (w *worker) sendAll(ctx context.Context, side int, p *part, items []*item) (again []*item, err error) {
	most := w.caps[side].Parallel
	if most < 2 || len(items) < most || len(items) < w.e.cfg.PartSize/2 || !w.apart(side, items) {
		return w.send(ctx, side, w.outgoing(side, p, items))
	}
	var calls []func()
	var more [][]*item
	var failed []error
	for some := range slices.Chunk(items, (len(items)+most-1)/most) {
		n, out := len(calls), w.outgoing(side, p, some)
		more, failed = append(more, nil), append(failed, nil)
		calls = append(calls, func() { more[n], failed[n] = w.send(ctx, side, out) })
	}
	w.e.together(calls...)
	return slices.Concat(more...), cmp.Or(failed...)
}

// apart reports whether the writes of items have nothing to do with one another:
// new records that look nothing up.
func (w *worker) apart(side int, items []*item) bool {
	return !slices.ContainsFunc(w.m.fields, func(f field) bool { return f.lookup[side] }) &&
		!slices.ContainsFunc(items, func(it *item) bool { return it.verdict.write[side] != createRecord })
}

// outgoing is one call to an app.
type outgoing struct {
	items  []*item
	writes []connectors.Write
}

// outgoing makes the writes of items under a mark of their own.
func (w *worker) outgoing(side int, p *part, items []*item) outgoing {
	mark, id := w.e.echoes.begin(models.Use{MapID: w.id, Side: models.Sides[side]})
	p.sent = append(p.sent, id)
	writes := make([]connectors.Write, len(items))
	for i, it := range items {
		writes[i] = it.pending[side]
		writes[i].Mark = mark
		it.sent[side] = id
	}
	return outgoing{items, writes}
}

// send makes one call and returns the items that are to be written once more.
func (w *worker) send(ctx context.Context, side int, out outgoing) (again []*item, err error) {
	items := out.items
	results, err := w.entities[side].Write(ctx, out.writes)
	if err != nil {
		return nil, fmt.Errorf("write to %s: %w", w.m.entity[side], err)
	}
	for i, it := range items {
		switch r := results[i]; r.Outcome {
		case connectors.Stored:
			w.stored(it, side, r.Record)
		case connectors.Moved:
			it.out = moved
			it.verdict.link.Sides[side].Intent = false
		default:
			if w.leaveOut(it, side, r.Err) {
				if w.worthSending(it, side) {
					again = append(again, it)
				}
			} else if it.assumes() && !passes(r.Err) { // its error shows both records
				it.out = moved
				it.verdict.link.Sides[side].Intent = false
			} else if err := w.refused(it, side, r.Err); err != nil {
				return nil, err
			}
		}
	}
	return again, nil
}

// stored notes what a side holds after our write.
func (w *worker) stored(it *item, side int, r connectors.Record) {
	a := it.verdict.write[side]
	it.wrote[side] = a
	var now image
	if a != deleteRecord {
		now = image{present: true, id: r.ID, version: r.Version}
		if from := it.rec[1-side]; from != nil {
			now.sums = w.m.sumsBeside(side, r.Row, from.Row, it.verdict.link.Sides[1-side].Sums)
		} else {
			now.sums = w.m.sums(side, r.Row)
		}
	}
	stored(&it.verdict.link, side, a, now, w.owe(it, side), w.rules)
}

// owe makes debts of the lookups that were left out of a write.
func (w *worker) owe(it *item, side int) models.Slots {
	var owed models.Slots
	for _, d := range it.left[side] {
		owed.Add(d.slot)
		it.owes = append(it.owes, models.Debt{Link: &it.verdict.link, Side: models.Sides[side], Field: d.err.Field,
			ConnectionID: w.env.ConnectionID(models.Sides[side]), Parent: d.err.Parent, Others: d.err.Others, ParentKey: awaitedKey(d.err.ParentKey)})
	}
	return owed
}

// omission is a lookup that was left out of a write.
type omission struct {
	slot int
	err  *connectors.Error
}

// leaveOut takes a lookup whose parent is missing out of the pending write, if
// the record can do without.
func (w *worker) leaveOut(it *item, side int, err *connectors.Error) bool {
	if err.Kind != connectors.MissingParent {
		return false
	}
	for i := range w.m.fields {
		f := &w.m.fields[i]
		if f.path[side] != err.Field || f.key || !it.pending[side].Fields[f.at[side]] || w.required(side, err.Field) {
			continue
		}
		it.pending[side].Fields = slices.Clone(it.pending[side].Fields) // they may be every record's
		it.pending[side].Fields[f.at[side]] = false
		it.left[side] = append(it.left[side], omission{f.slot, err})
		return true
	}
	return false
}

// worthSending reports whether anything is left of a write from which a lookup
// was left out. An update of nothing is not sent, or a debt would cost a write
// each time it is tried.
func (w *worker) worthSending(it *item, side int) bool {
	if it.verdict.write[side] != updateRecord || slices.Contains(it.pending[side].Fields, true) {
		return true
	}
	it.verdict.link.Sides[side].Owed = w.owe(it, side)
	w.cancel(it, side)
	return false
}

// required reports whether the field that a path starts with must have a value.
func (w *worker) required(side int, path string) bool {
	head, _ := connectors.CutPath(path)
	e, _ := w.schemas[side].Entity(w.m.entity[side])
	f, ok := e.Field(head)
	return ok && f.Required
}

// refused makes the app's refusal the item's error. A refusal that passes by
// itself ends the batch instead: nothing of it gets a fate.
func (w *worker) refused(it *item, side int, err *connectors.Error) error {
	if passes(err) {
		return err
	}
	if n := len(it.left[side]); n > 0 {
		err = it.left[side][0].err // without its parent the record is not accepted either
	}
	e := w.newError(it, side, w.words(side, err))
	if err.Kind == connectors.MissingParent {
		at := w.e.store.Now().Add(w.e.cfg.Patience)
		e.Parent, e.Others = err.Parent, err.Others
		e.ParentKey, e.ParentConn, e.RetryAt = awaitedKey(err.ParentKey), w.env.ConnectionID(models.Sides[side]), &at
	}
	it.fault = e
	w.cancel(it, side)
	return nil
}

// passes reports whether a refusal passes by itself.
func passes(err *connectors.Error) bool {
	switch err.Kind {
	case connectors.Transient, connectors.Throttled, connectors.Unreachable, connectors.Denied:
		return true
	}
	return false
}

// words says what happened as a person reads it.
func (w *worker) words(side int, err *connectors.Error) *fault {
	app := w.e.label(models.Sides[side])
	message := err.Message
	switch err.Kind {
	case connectors.MissingParent:
		parents := strings.Join(append([]string{err.Parent}, err.Others...), " or ")
		message = fmt.Sprintf("%s looks up %q in %s, which does not exist in %s. %s", err.Field, err.ParentKey, parents, app, w.mendParent(side, err.Parent))
	case connectors.TooLarge:
		message = fmt.Sprintf("%s is %q, but %s holds %s", err.Field, shorten(err.Value), err.Field, err.Limit)
	case connectors.Duplicate:
		message = fmt.Sprintf("another record of %s in %s already holds this key", w.m.entity[side], app)
	case connectors.NoEntity, connectors.Internal, connectors.Invalid, connectors.CursorExpired:
	}
	if message == "" {
		message = err.Error()
	}
	return &fault{kind: err.Kind.String(), field: err.Field, message: message}
}

// mendParent names the map that would bring a missing parent.
func (w *worker) mendParent(side int, entity string) string {
	for _, name := range w.e.mapsOf(w.env.ID, side, entity) {
		return fmt.Sprintf("Run the entity map %s, or create the record there; this one is tried again when it arrives", name)
	}
	return "Create the record there; this one is tried again when it arrives"
}

// outage reports whether an error means that an app is out of reach, and for
// how long to stay away.
func outage(err error) (held bool, wait time.Duration) {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return false, 0
	}
	switch e.Kind {
	case connectors.Unreachable, connectors.Denied:
		return true, 0
	case connectors.Throttled:
		return false, e.RetryAfter
	default:
		return false, 0
	}
}
