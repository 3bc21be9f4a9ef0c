package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"dualwrite/connectors"
	"dualwrite/models"
)

// apps keeps one open connector a connection, and the schema it described.
type apps struct {
	store   *models.Store
	openers connectors.Openers
	mu      sync.Mutex
	open    map[int64]*app
}

type app struct {
	connectors.Connector
	schema *connectors.Schema
}

// connector opens a connection on first use.
func (a *apps) connector(ctx context.Context, id int64) (connectors.Connector, error) {
	got, err := a.get(ctx, id)
	if err != nil {
		return nil, err
	}
	return got.Connector, nil
}

// schema is what the connection described when it was last refreshed.
func (a *apps) schema(ctx context.Context, id int64) (*connectors.Schema, error) {
	got, err := a.get(ctx, id)
	if err != nil {
		return nil, err
	}
	return got.schema, nil
}

func (a *apps) get(ctx context.Context, id int64) (*app, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if got := a.open[id]; got != nil {
		return got, nil
	}
	conn, err := a.store.ConnectionByID(ctx, id)
	if err != nil {
		return nil, err
	}
	open := a.openers[conn.Kind]
	if open == nil {
		return nil, models.Errorf(models.Invalid, "the connection %s is of kind %q, which this program does not know", conn.Name, conn.Kind)
	}
	settings, err := a.store.OpenSettings(ctx, &conn)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", conn.Name, err)
	}
	c, err := open(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", conn.Name, err)
	}
	schema, err := c.Describe(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("describe %s: %w", conn.Name, err), c.Close())
	}
	got := &app{c, schema}
	a.open[id] = got
	return got, nil
}

// refresh describes a connection anew.
func (a *apps) refresh(ctx context.Context, id int64) (*connectors.Schema, error) {
	got, err := a.get(ctx, id)
	if err != nil {
		return nil, err
	}
	schema, err := got.Describe(ctx)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	got.schema = schema
	a.mu.Unlock()
	return schema, nil
}

func (a *apps) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for id, got := range a.open {
		errs = append(errs, got.Close())
		delete(a.open, id)
	}
	return errors.Join(errs...)
}
