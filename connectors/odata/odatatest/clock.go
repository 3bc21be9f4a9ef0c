package odatatest

import (
	"context"
	"sync"
	"time"

	"dualwrite/connectors/odata/wire"
)

// Clock is a clock that only waiting moves, so that nobody waits for an app that
// asks to stay away.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock begins at the present.
func NewClock() *Clock { return &Clock{now: time.Now()} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock instead of waiting.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// Give has a client live by the clock, and be patient.
func (c *Clock) Give(o *wire.Options) { o.Now, o.Sleep, o.Patience = c.Now, c.Sleep, time.Minute }
