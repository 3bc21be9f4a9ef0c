package memory

import (
	"context"

	"dualwrite/connectors"
)

// connection is one program's access to the app. What was opened through it
// fails once it is closed.
type connection struct {
	app   *App
	ended chan struct{} // closed by Close
}

func newConnection(a *App) *connection { return &connection{app: a, ended: make(chan struct{})} }

// Connect gives a connector of its own, whose Close leaves others alone.
func (a *App) Connect() connectors.Connector { return newConnection(a) }

func (a *App) connection() *connection {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.own
}

// Describe gives the schema that New was given.
func (a *App) Describe(ctx context.Context) (*connectors.Schema, error) {
	return a.connection().Describe(ctx)
}

// Open compiles a selection.
func (a *App) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	return a.connection().Open(ctx, sel)
}

// Feed gives the change feed of an entity.
func (a *App) Feed(ctx context.Context, entity string) (connectors.Feed, error) {
	return a.connection().Feed(ctx, entity)
}

// Health answers that all is well, unless a fault says otherwise.
func (a *App) Health(ctx context.Context) (connectors.Health, error) {
	return a.connection().Health(ctx)
}

// Close ends what was opened through the App itself; it can be opened anew.
func (a *App) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.own.ended)
	a.own = newConnection(a)
	return nil
}

func (c *connection) Describe(ctx context.Context) (*connectors.Schema, error) {
	var s connectors.Schema
	err := c.do(ctx, Call{Op: "describe"}, func() error {
		s = cloneSchema(c.app.schema)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &s, nil
}

func (c *connection) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	var e *entity
	err := c.do(ctx, Call{Op: "open", Entity: sel.Entity}, func() (err error) {
		e, err = c.open(sel)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (c *connection) Feed(ctx context.Context, entity string) (connectors.Feed, error) {
	h := &feedHandle{conn: c, t: c.app.tables[entity]}
	err := c.do(ctx, Call{Op: "feed", Entity: entity}, func() error {
		if h.t == nil {
			return noEntity("feed", entity)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (c *connection) Health(ctx context.Context) (connectors.Health, error) {
	if err := c.do(ctx, Call{Op: "health"}, func() error { return nil }); err != nil {
		return connectors.Health{}, err
	}
	return connectors.Health{Account: "engine", Product: "memory"}, nil
}

func (c *connection) Close() error {
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	if c.check("") == nil {
		close(c.ended)
	}
	return nil
}

// check fails once the connection is closed.
func (c *connection) check(op string) error {
	select {
	case <-c.ended:
		return &connectors.Error{Kind: connectors.Internal, Op: op, Message: "the connector is closed"}
	default:
		return nil
	}
}

// do carries out one call under the mutex, with the fault that is due.
func (c *connection) do(ctx context.Context, call Call, work func() error) error {
	v, err := c.verdict(ctx, call)
	if err != nil {
		return err
	}
	if err := c.app.locked(work); err != nil {
		return err
	}
	return v.reply(call)
}
