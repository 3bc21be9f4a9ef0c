package postgres

import (
	"context"
	"time"

	"dualwrite/connectors"
)

const (
	// lookEvery is how often who sleeps looks without having been woken, in case
	// a notification was lost.
	lookEvery = time.Second
	// Who cannot lie down to sleep, because somebody is writing, looks again
	// after a while that grows from the first to the second.
	briskly, slowly = 5 * time.Millisecond, 50 * time.Millisecond
	// reconnectEvery is the longest time between two tries to listen again.
	reconnectEvery = 5 * time.Second
)

// Wait takes the sleep lock before it looks, so that a commit between looking
// and sleeping wakes it.
func (f *feed) Wait(ctx context.Context, since connectors.Cursor) error {
	at, ok := parseCursor(since)
	if !ok {
		return nil // Changes has something to say about this cursor
	}
	ctx, leave, err := f.c.enter(ctx)
	if err != nil {
		return f.c.fault("wait", f.entity, err)
	}
	defer leave()
	for nap := briskly; ; nap = min(2*nap, slowly) {
		changed := f.c.watch.join(at.oid)
		view := f.isView()
		asleep := !view && f.c.watch.lieDown(ctx, at.oid)
		batch, _, _, err := f.Changes(ctx, since, 1)
		switch {
		case connectors.KindOf(err) == connectors.CursorExpired || len(batch) > 0:
			return nil
		case err != nil:
			return err
		case view:
			nap = compareEvery
		case asleep:
			nap = lookEvery
		}
		select {
		case <-changed:
		case <-time.After(nap):
		case <-ctx.Done():
			return f.c.fault("wait", f.entity, ctx.Err())
		}
		if asleep || view {
			nap = briskly / 2
		}
	}
}
