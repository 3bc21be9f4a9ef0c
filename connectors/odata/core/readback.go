package core

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// accept notes a success.
func (e *Entity) accept(it *item, r *wire.Response) {
	if it.w.Op == connectors.Delete {
		it.settle(connectors.Stored)
		return
	}
	it.stored, it.version = true, r.Header.Get("ETag")
	if len(r.Body) > 0 {
		if o, err := wire.DecodeObject(r.Body); err == nil {
			if rec, err := e.decode(o); err == nil {
				it.rec, it.id = rec, rec.ID
				if rec.Version == "" {
					it.rec.Version = it.version
				}
				it.version = it.rec.Version
				return
			}
		}
	}
	switch it.w.Op {
	case connectors.Create:
		it.id = e.set.idFromHeader(r)
	default:
		it.id = e.renamed(it)
	}
}

// renamed is the native id after an update, which may have changed the key that
// it is made of.
func (e *Entity) renamed(it *item) string {
	row, ok := e.set.parseID(it.w.ID)
	if !ok {
		return it.w.ID
	}
	for i, p := range e.paths[:len(e.sel.Fields)] {
		if at := slices.Index(e.set.ID, p.Own()); at >= 0 && p.Plain() && it.writes(i) {
			if v, refusal := p.Own().Fit(it.w.Row[i]); refusal == nil {
				row[at] = v
			}
		}
	}
	return e.set.id(row)
}

// readBack reads what the app holds after writes whose answers did not tell it.
// What an answer told is kept: it belongs to the version that we wrote.
func (b *batch) readBack(ctx context.Context) error {
	var ids []string
	var keys []connectors.Row
	var unread []*item
	for _, it := range b.items {
		switch {
		case it.done || !it.stored:
		case it.rec.full && (it.rec.Version != "" || !b.e.versions()):
			it.done, it.result = true, connectors.Result{Outcome: connectors.Stored, Record: it.rec.Record}
		default:
			unread = append(unread, it)
			if it.id != "" {
				ids = append(ids, it.id)
			} else {
				keys = append(keys, b.e.keyOf(it.w.Row))
			}
		}
	}
	if len(unread) == 0 {
		return nil
	}
	byID, byKey, err := b.e.both(ctx, ids, keys)
	if err != nil {
		return &connectors.Error{Kind: connectors.Transient, Message: "what was written cannot be read back", Err: err}
	}
	for _, it := range unread {
		now, ok := byID[it.id]
		if it.id == "" {
			now, ok = byKey[it.key]
		}
		b.e.merge(it, now, ok)
	}
	return nil
}

// both reads records by id and by key.
func (e *Entity) both(ctx context.Context, ids []string, keys []connectors.Row) (byID, byKey map[string]connectors.Record, err error) {
	byID, byKey = map[string]connectors.Record{}, map[string]connectors.Record{}
	if len(ids) > 0 {
		records, err := e.Get(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range records {
			byID[r.ID] = r
		}
	}
	if len(keys) > 0 {
		records, err := e.Find(ctx, keys)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range records {
			byKey[keyText(e.keyOf(r.Row), e.fold)] = r
		}
	}
	return byID, byKey, nil
}

// merge makes the result of a stored write from what was read after it. Where
// the answer told another version than was read, somebody wrote in between: then
// what the answer told and what we sent goes before what was read, under the
// version that is ours, so that the other write is noticed. Where the answer told
// no version, somebody may have written in between: then a value that is not what
// an app may have made of ours goes for somebody's, and the record has no version
// that would keep it from being looked at again.
func (e *Entity) merge(it *item, now connectors.Record, there bool) {
	switch {
	case !there && it.w.Op == connectors.Update && it.id != it.w.ID:
		it.settle(connectors.Refused)
		it.result.Err = &connectors.Error{Kind: connectors.Invalid, Message: "the app does not let the key of a record be changed"}
		return
	case !there:
		it.settle(connectors.Moved) // somebody took it away in between
		return
	case it.version != "" && it.version != now.Version:
		now.Version = it.version
		for i := range e.sel.Fields {
			if it.rec.told != nil && it.rec.told[i] {
				now.Row[i] = it.rec.Row[i]
			} else if v, ok := e.sent(it, i); ok {
				now.Row[i] = v
			}
		}
	case it.version == "":
		for i := range e.sel.Fields {
			if v, ok := e.sent(it, i); ok && !e.kept(it, i, now.Row[i]) {
				now.Row[i], now.Version = v, ""
			}
		}
	}
	it.done, it.stored, it.result = true, false, connectors.Result{Outcome: connectors.Stored, Record: now}
}

// sent is the value of a field as we wrote it, if we did.
func (e *Entity) sent(it *item, i int) (connectors.Value, bool) {
	if !it.writes(i) {
		return connectors.Value{}, false
	}
	v, refusal := e.paths[i].End().Fit(it.w.Row[i])
	return v, refusal == nil
}
