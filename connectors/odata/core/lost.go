package core

import (
	"context"
	"slices"

	"dualwrite/connectors"
)

// lossesMost is how often in a row the answers to the same writes may be lost
// before the call gives up.
const lossesMost = 4

// settleLost finds out by reading what became of writes whose answer was lost:
// those that the service executed are settled, those that it did not stay open
// and are sent again. Where neither can be told, the write is refused as
// Transient, and it is for the caller to look.
func (b *batch) settleLost(ctx context.Context, items []*item, lost error) error {
	var ids []string
	var keys []connectors.Row
	for _, it := range items {
		switch {
		case it.w.Op != connectors.Create:
			if ids = append(ids, it.w.ID); b.e.renamed(it) != it.w.ID {
				ids = append(ids, b.e.renamed(it))
			}
		case b.e.keyed(it):
			keys = append(keys, b.e.keyOf(it.w.Row))
		}
	}
	records, err := b.e.Get(ctx, ids)
	if err != nil {
		return lostError(err)
	}
	byID := map[string]connectors.Record{}
	for _, r := range records {
		byID[r.ID] = r
	}
	holders := map[string][]connectors.Record{}
	if records, err = b.e.Find(ctx, keys); err != nil {
		return lostError(err)
	}
	for _, r := range records {
		key := keyText(b.e.keyOf(r.Row), b.e.fold)
		holders[key] = append(holders[key], r)
	}
	for _, it := range items {
		switch it.w.Op {
		case connectors.Create:
			b.e.settleCreate(it, holders[it.key], lost)
		case connectors.Delete:
			now, there := byID[it.w.ID]
			b.e.settleDelete(it, now, there)
		default:
			b.e.settleUpdate(it, byID, lost)
		}
	}
	return nil
}

// lostError leaves the outcome of what was sent unknown, whatever kept it from
// being looked at.
func lostError(err error) error {
	return &connectors.Error{Kind: connectors.Transient, Message: "an answer was lost, and what was written cannot be read", Err: err}
}

// keyed reports whether a create names the whole alternate key, so that what it
// made is found by it. Otherwise the app may have numbered the record.
func (e *Entity) keyed(it *item) bool {
	return len(e.sel.Key) > 0 && !slices.ContainsFunc(e.sel.Key, func(at int) bool { return !it.writes(at) || it.w.Row[at].IsEmpty() })
}

func (e *Entity) settleCreate(it *item, holders []connectors.Record, lost error) {
	switch {
	case e.keyed(it) && len(holders) == 0: // not executed
	case len(holders) == 1 && e.asSent(it, holders[0]):
		it.settled(holders[0])
	default:
		it.unsure(lost)
	}
}

func (e *Entity) settleDelete(it *item, now connectors.Record, there bool) {
	switch {
	case !there:
		it.settle(connectors.Stored)
	case it.w.If != "" && now.Version != it.w.If:
		it.settle(connectors.Moved)
	}
}

func (e *Entity) settleUpdate(it *item, byID map[string]connectors.Record, lost error) {
	now, there := byID[it.w.ID]
	if !there {
		if now, there = byID[e.renamed(it)]; !there {
			it.settle(connectors.Moved)
			return
		}
	}
	switch {
	case it.w.If != "" && now.Version == it.w.If: // not executed
	case e.asSent(it, now):
		it.settled(now)
	case it.w.If != "":
		it.unsure(lost)
	}
}

// asSent reports whether a record holds what a write sent, as an app may have
// changed it in storing.
func (e *Entity) asSent(it *item, now connectors.Record) bool {
	for i := range e.sel.Fields {
		if it.writes(i) && !e.kept(it, i, now.Row[i]) {
			return false
		}
	}
	return true
}

// kept is asSent of one field.
func (e *Entity) kept(it *item, i int, now connectors.Value) bool {
	end := e.paths[i].End()
	sent, refusal := end.Convert(it.w.Row[i])
	switch {
	case refusal != nil:
		return false
	case !sent.IsSet() && (it.w.Op == connectors.Create || end.blank(now)): // an app fills in what a create leaves open
		return true
	}
	return connectors.Loosely(sent, now)
}

// blank reports whether a value is what the field reads as after no value was
// written to it.
func (f *Field) blank(v connectors.Value) bool {
	return !v.IsSet() || f.Empty == AsZero && connectors.Loosely(connectors.IntValue(0), v) || f.Empty == AsFalse && !v.Bool()
}

// settled notes what a write is known to have stored.
func (it *item) settled(now connectors.Record) {
	it.done, it.stored, it.result = true, false, connectors.Result{Outcome: connectors.Stored, Record: now}
}

// unsure refuses a write of which nobody can say whether it was executed.
func (it *item) unsure(lost error) {
	it.refuse(&connectors.Error{Kind: connectors.Transient, Message: "the answer to the write was lost, and the record holds something else by now", Err: lost})
}
