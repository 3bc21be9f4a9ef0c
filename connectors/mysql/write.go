package mysql

import (
	"context"
	"math/rand/v2"
	"time"

	"dualwrite/connectors"
)

// tries is how often a batch is sent that deadlocks with the app's own users.
const tries = 5

// Write stores a batch in one transaction. When a record makes a statement fail,
// the statement's records are halved until that one is alone, and the rest is
// stored. A create succeeds only while no record holds its key: where no unique
// index of the app says so, that holds against every writer that goes through
// Dualwrite, but not against a user who enters the same key in the same moment.
func (e *entity) Write(ctx context.Context, writes []connectors.Write) (results []connectors.Result, err error) {
	if len(writes) == 0 {
		return nil, nil
	}
	err = e.planned(ctx, "write", func(ctx context.Context, l *link, p *plan) error {
		for try := 1; ; try++ {
			if results, err = p.attempt(ctx, l, writes); err == nil || !passing(err) || try == tries {
				return err
			}
			if err := l.rollback(ctx); err != nil {
				return err
			}
			if err := pause(ctx, time.Duration(rand.Int64N(int64(10*time.Millisecond)<<try))); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	e.c.watch.wake()
	return results, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *plan) attempt(ctx context.Context, l *link, writes []connectors.Write) ([]connectors.Result, error) {
	if results, err := p.bulkInsert(ctx, l, writes); err != nil || results != nil {
		return results, err
	}
	b := &batch{p: p, l: l}
	waves := map[string]int{}
	for _, w := range writes {
		it := p.prepare(w)
		it.wave = waves[it.touches()]
		if it.w.Op != connectors.Create || it.key != "" {
			waves[it.touches()]++
		}
		b.items = append(b.items, it)
		b.last = max(b.last, it.wave)
	}
	if err := l.begin(ctx); err != nil {
		return nil, err
	}
	unlock, err := b.keepApart(ctx)
	if err == nil {
		defer unlock()
		err = b.run(ctx)
	}
	if err == nil {
		err = l.commit(ctx)
	}
	if err != nil {
		return nil, err
	}
	results := make([]connectors.Result, len(b.items))
	for i, it := range b.items {
		results[i] = it.result(p.Table.Name)
	}
	return results, nil
}
