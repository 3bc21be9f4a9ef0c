package memory

import (
	"context"
	"slices"
	"strconv"

	"dualwrite/connectors"
)

// feed is the append-only log of changes of one table. A cursor is the number
// of changes before it. A stopped feed captures nothing, and forgets.
type feed struct {
	started bool
	first   int64 // number of the first change in log
	log     []connectors.Change
	visible int64         // no change from this number on is shown, unless the lag allows it
	changed chan struct{} // closed at the next change; nil while nobody waits
}

func (f *feed) end() int64 { return f.first + int64(len(f.log)) }

// shown is the number of the first change that the lag hides.
func (f *feed) shown(lag int) int64 {
	f.visible = max(f.visible, f.end()-int64(lag))
	return f.visible
}

func (f *feed) append(c connectors.Change) {
	if !f.started {
		return
	}
	f.log = append(f.log, c)
	f.wake()
}

func (f *feed) wake() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// forget makes every cursor up to now expire.
func (f *feed) forget() {
	f.first = f.end() + 1
	f.log, f.visible = nil, f.first
	f.wake()
}

type feedHandle struct {
	conn *connection
	t    *table
}

// Expire makes the app forget the changes of an entity so far: a cursor from
// before fails with CursorExpired.
func (a *App) Expire(entity string) error {
	return a.locked(func() error {
		t := a.tables[entity]
		if t == nil {
			return noEntity("expire", entity)
		}
		t.forget()
		return nil
	})
}

func (h *feedHandle) call(ctx context.Context, op string, items int, work func() error) error {
	return h.conn.do(ctx, Call{Op: op, Entity: h.t.schema.Name, Items: items}, work)
}

func (h *feedHandle) Start(ctx context.Context) (end connectors.Cursor, err error) {
	err = h.call(ctx, "start", 0, func() error {
		h.t.started = true
		end = cursorAt(h.t.end())
		return nil
	})
	if err != nil {
		return "", err
	}
	return end, nil
}

func (h *feedHandle) Stop(ctx context.Context) error {
	return h.call(ctx, "stop", 0, func() error {
		h.t.started = false
		h.t.forget()
		return nil
	})
}

func (h *feedHandle) Changes(ctx context.Context, since connectors.Cursor, most int) (
	batch []connectors.Change, next connectors.Cursor, caughtUp bool, err error) {
	err = h.call(ctx, "changes", most, func() error {
		from, err := h.position("changes", since)
		if err != nil {
			return err
		}
		shown := h.t.shown(h.conn.app.opt.Lag)
		to := max(from, min(shown, from+int64(most)))
		batch = slices.Clone(h.t.log[from-h.t.first : to-h.t.first])
		next, caughtUp = cursorAt(to), to >= shown
		return nil
	})
	if err != nil {
		return nil, "", false, err
	}
	return batch, next, caughtUp, nil
}

func (h *feedHandle) Wait(ctx context.Context, since connectors.Cursor) error {
	for {
		var ready bool
		var changed chan struct{}
		err := h.call(ctx, "wait", 0, func() error {
			from, err := h.position("wait", since)
			if err != nil {
				return err
			}
			ready = h.t.shown(h.conn.app.opt.Lag) > from
			if h.t.changed == nil {
				h.t.changed = make(chan struct{})
			}
			changed = h.t.changed
			return nil
		})
		if err != nil || ready {
			return err
		}
		select {
		case <-changed:
		case <-h.conn.ended:
			return h.conn.check("wait")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *feedHandle) Confirm(ctx context.Context, upTo connectors.Cursor) error {
	return h.call(ctx, "confirm", 0, func() error {
		_, err := h.position("confirm", upTo)
		return err
	})
}

// position reads a cursor; it fails with CursorExpired where the feed cannot go
// on from it.
func (h *feedHandle) position(op string, c connectors.Cursor) (int64, error) {
	n, err := strconv.ParseInt(string(c), 10, 64)
	if err != nil || !h.t.started || n < h.t.first || n > h.t.end() {
		return 0, &connectors.Error{Kind: connectors.CursorExpired, Op: op, Entity: h.t.schema.Name,
			Message: "the changes after " + strconv.Quote(string(c)) + " are not kept", Err: err}
	}
	return n, nil
}

func cursorAt(n int64) connectors.Cursor { return connectors.Cursor(strconv.FormatInt(n, 10)) }
