package core

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// together creates records by the service's own message for many at once, where
// it has one and a batch would not take them all. That stores all of them or
// none: where it is refused, nobody knows for whose sake, so they go the ordinary
// way then, which tells each its own outcome. lost is as of send.
func (b *batch) together(ctx context.Context, items []*item) (lost, err error) {
	d := &b.e.app.Dialect
	if d.CreateAll == nil || b.apart {
		return nil, nil
	}
	creates := slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return it.w.Op != connectors.Create })
	if len(creates) <= d.Batching.Most {
		return nil, nil
	}
	bodies := make([]map[string]any, len(creates))
	for i, it := range creates {
		bodies[i] = it.body
	}
	ids, err := d.CreateAll(ctx, b.e.set, bodies)
	switch {
	case refused(err) || err == nil && len(ids) != len(creates):
		b.apart = true
		return nil, nil
	case unanswered(err) && b.e.app.Client.Life().Err() == nil && ctx.Err() == nil:
		b.sent = true
		return err, b.settleLost(ctx, creates, err)
	case err != nil:
		return nil, err
	}
	b.sent = true
	for i, it := range creates {
		it.stored, it.id = true, ids[i]
	}
	return nil, nil
}

// refused reports whether a service answered that it does not do what was asked,
// for a reason that need not hold for each record by itself.
func refused(err error) bool {
	var f *wire.Failure
	return errors.As(err, &f) && !unanswered(err) && f.Status != http.StatusTooManyRequests && f.Status != http.StatusUnauthorized
}
