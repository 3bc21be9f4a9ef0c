package connectortest

import (
	"context"
	"errors"
	"time"

	"dualwrite/connectors"
)

var waitTests = []test{
	{promise: "wait answers at once when there are changes", lacks: noFeed, run: waitsNot},
	{promise: "a user's edit wakes who waits", lacks: noFeed, run: wakesForUsers},
	{promise: "our own write wakes who waits", lacks: noFeed, run: wakesForOurs},
	{promise: "wait ends with its context", lacks: noFeed, run: waitsInContext},
}

// patience is how long a wake may take before a test gives up on it.
const patience = 10 * time.Second

// waiting starts a Wait and gives the channel of its answer.
func waiting(ctx context.Context, f connectors.Feed, since connectors.Cursor) <-chan error {
	answer := make(chan error, 1)
	go func() { answer <- f.Wait(ctx, since) }()
	return answer
}

func (b *bench) woken(answer <-chan error) {
	b.Helper()
	select {
	case err := <-answer:
		if err != nil {
			b.Fatalf("wait: %v", err)
		}
	case <-time.After(patience):
		b.Fatal("nobody wakes who waits")
	}
}

func waitsNot(b *bench) {
	f, at := b.feed(Children)
	b.insert(Children, child("usmf", "1"))
	b.woken(waiting(b.Context(), f, at))
}

func wakesForUsers(b *bench) {
	f, at := b.feed(Children)
	one, two := waiting(b.Context(), f, at), waiting(b.Context(), f, at)
	b.insert(Children, child("usmf", "1"))
	b.woken(one)
	b.woken(two)
	all, end := b.changes(f, at, 10)
	if story(all) != "create" {
		b.Errorf("woken for %s", story(all))
	}
	again := waiting(b.Context(), f, end)
	b.insert(Children, child("usmf", "2"))
	b.woken(again)
}

func wakesForOurs(b *bench) {
	f, at := b.feed(Children)
	r := b.open(Children, nil)
	answer := waiting(b.Context(), f, at)
	r.stored(r.creates(child("usmf", "1")))
	b.woken(answer)
}

func waitsInContext(b *bench) {
	f, at := b.feed(Children)
	if err := f.Wait(b.cancelled(), at); !errors.Is(err, context.Canceled) {
		b.Errorf("with a cancelled context wait answers %v", err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	answer := waiting(ctx, f, at)
	cancel()
	select {
	case err := <-answer:
		if !errors.Is(err, context.Canceled) {
			b.Errorf("wait answers %v", err)
		}
	case <-time.After(patience):
		b.Fatal("wait does not end")
	}
}
