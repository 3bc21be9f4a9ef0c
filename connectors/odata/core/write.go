package core

import (
	"context"
	"errors"
	"slices"
	"sync"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// batch is one call of Write.
type batch struct {
	e     *Entity
	items []*item
	sent  bool // something may have been stored
	apart bool // the service does not create these records together
}

// Write stores a batch. Writes that may depend on one another go one after the
// other, the rest together. What a batch of the service did not execute is sent
// again. An answer that was lost makes the call fail as Transient; where the
// service turned us away after something was stored, the writes that were not
// are refused one by one with that kind, if what was stored is known.
func (e *Entity) Write(ctx context.Context, writes []connectors.Write) ([]connectors.Result, error) {
	b := &batch{e: e}
	for _, w := range writes {
		b.items = append(b.items, &item{w: w, parents: map[*Field]string{}})
	}
	if err := b.run(ctx); err != nil {
		if !b.sent || !turnedAway(err) {
			return nil, Fault("write", e.set.Name, err)
		}
		if unread := b.readBack(ctx); unread != nil {
			return nil, Fault("write", e.set.Name, unread)
		}
		var refusal *connectors.Error
		errors.As(err, &refusal)
		for _, it := range b.items {
			it.refuse(refusal)
		}
	}
	out := make([]connectors.Result, len(b.items))
	for i, it := range b.items {
		if out[i] = it.result; out[i].Err != nil {
			fault := *out[i].Err
			fault.Op, fault.Entity = "write", e.set.Name
			out[i].Err = &fault
		}
	}
	return out, nil
}

// turnedAway reports whether an error means that what was asked last was not
// executed.
func turnedAway(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.Throttled, connectors.Denied, connectors.Unreachable:
		return true
	}
	return false
}

func (b *batch) run(ctx context.Context) error {
	if len(b.items) == 0 {
		return nil
	}
	if err := b.parents(ctx); err != nil {
		return err
	}
	for _, it := range b.items {
		b.e.compose(it)
	}
	last := b.order()
	for wave := 0; wave <= last; wave++ {
		var now []*item
		for _, it := range b.items {
			if it.wave == wave && !it.done {
				now = append(now, it)
			}
		}
		if err := b.wave(ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// order puts writes into waves: the same record twice, a key that is held twice,
// and what takes a key after a write that may have freed it, one after the other.
func (b *batch) order() (last int) {
	byID, byKey, freed := map[string]int{}, map[string]int{}, 0
	for _, it := range b.items {
		if it.done {
			continue
		}
		takes := it.w.Op == connectors.Create || it.w.Op == connectors.Update && slices.ContainsFunc(b.e.sel.Key, it.writes)
		if takes {
			it.wave = freed
		}
		if it.w.Op == connectors.Create {
			it.key = b.e.createKey(it.w.Row)
			it.wave = max(it.wave, byKey[it.key])
			byKey[it.key] = it.wave + 1
		} else {
			it.wave = max(it.wave, byID[it.w.ID])
			byID[it.w.ID] = it.wave + 1
		}
		if it.w.Op == connectors.Delete || it.w.Op == connectors.Update && takes {
			freed = max(freed, it.wave+1)
		}
		last = max(last, it.wave)
	}
	return last
}

// createKey is the alternate key of a row, folded.
func (e *Entity) createKey(row connectors.Row) string {
	paths := make([]*Path, len(e.sel.Key))
	for i, at := range e.sel.Key {
		paths[i] = e.paths[at]
	}
	converted, _ := convertRow(paths, e.keyOf(row))
	return keyText(converted, e.fold)
}

func (b *batch) wave(ctx context.Context, items []*item) error {
	if err := b.holdBack(ctx, items); err != nil {
		return err
	}
	for losses := 0; ; {
		if items = open(items); len(items) == 0 {
			break
		}
		before := len(items)
		lost, err := b.send(ctx, items)
		if err != nil {
			return err
		}
		items = open(items)
		switch {
		case len(items) < before:
			losses = 0
		case lost == nil:
			return &connectors.Error{Kind: connectors.Transient, Message: "the service executes nothing of a batch"}
		default:
			if losses++; losses == lossesMost {
				return lost
			}
		}
	}
	return b.readBack(ctx)
}

// open are the items that were not executed.
func open(items []*item) (out []*item) {
	for _, it := range items {
		if !it.done && !it.stored {
			out = append(out, it)
		}
	}
	return out
}

// holdBack moves creates whose key somebody holds already. Where the service
// refuses them itself there is no need to ask.
func (b *batch) holdBack(ctx context.Context, items []*item) error {
	if len(b.e.sel.Key) == 0 || b.e.guarded() && b.e.fold == b.e.own {
		return nil
	}
	var keys []connectors.Row
	for _, it := range items {
		if it.w.Op == connectors.Create {
			keys = append(keys, b.e.keyOf(it.w.Row))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	held, err := b.e.Find(ctx, keys)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, r := range held {
		taken[keyText(b.e.keyOf(r.Row), b.e.fold)] = true
	}
	for _, it := range items {
		if it.w.Op == connectors.Create && taken[it.key] {
			it.settle(connectors.Moved)
		}
	}
	return nil
}

// send executes items together and notes what became of each. lost is why the
// answers to some did not come; what they hold by now is known all the same.
func (b *batch) send(ctx context.Context, items []*item) (lost, err error) {
	if err := ctx.Err(); err != nil {
		return nil, &connectors.Error{Kind: connectors.Transient, Err: err}
	}
	if lost, err := b.together(ctx, items); lost != nil || err != nil {
		return lost, err
	}
	items = open(items)
	ops := make([]wire.Operation, len(items))
	for i, it := range items {
		if ops[i], err = b.e.operation(it); err != nil {
			return nil, err
		}
	}
	answers, errs := b.e.app.exchange(ctx, ops)
	var puzzles, unknown []*item
	for i, it := range items {
		r := answers[i]
		if r == nil {
			if unanswered(errs[i]) {
				unknown = append(unknown, it)
			}
			continue
		}
		b.sent = true
		f := r.Failure()
		if f == nil {
			b.e.accept(it, r)
			continue
		}
		if !b.e.rule(it, f) {
			it.result.Err = b.e.refusal(it, f)
			puzzles = append(puzzles, it)
		}
	}
	if err := worst(errs); err != nil && (!unanswered(err) || b.e.app.Client.Life().Err() != nil || ctx.Err() != nil) {
		return nil, err
	} else if len(unknown) > 0 {
		b.sent, lost = true, err
		if err := b.settleLost(ctx, unknown, err); err != nil {
			return nil, err
		}
	}
	return lost, b.solve(ctx, puzzles)
}

// unanswered reports whether an error means that something was sent and no answer
// came.
func unanswered(err error) bool {
	return err != nil && connectors.KindOf(err) == connectors.Transient
}

// exchange sends operations as the service takes them: in batches, several at a
// time, each operation answered once. What was not executed, or is not known to
// be, is nil, with the error of its batch, if that had one.
func (a *App) exchange(ctx context.Context, ops []wire.Operation) ([]*wire.Response, []error) {
	size := max(1, a.Dialect.Batching.Most)
	if a.Dialect.Batching.Form == wire.NoBatch {
		size = 1
	}
	out, errs := make([]*wire.Response, len(ops)), make([]error, len(ops))
	var wg sync.WaitGroup
	for from := 0; from < len(ops); from += size {
		wg.Go(func() {
			to := min(len(ops), from+size)
			answers, err := a.Client.Batch(ctx, a.Dialect.Batching, ops[from:to])
			copy(out[from:to], answers)
			for i := from; i < to; i++ {
				errs[i] = err
			}
		})
	}
	wg.Wait()
	return out, errs
}

// worst prefers an error that leaves outcomes unknown to one that says that
// nothing was executed.
func worst(errs []error) (out error) {
	for _, err := range errs {
		if err != nil && (out == nil || turnedAway(out) && !turnedAway(err)) {
			out = err
		}
	}
	return out
}
