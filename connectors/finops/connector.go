// Package finops connects to a Finance and Operations app by its OData service.
// The app has neither upsert nor change tracking there: a record's native id is
// its entity key, its version the etag, and changes are found by comparing keys
// and etags at an interval.
package finops

import (
	"context"
	"sync"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// Open connects to the app that the settings name; see parse for them. It signs
// in, and reads the metadata when it is first needed: that takes a while.
func Open(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
	cfg, err := parse(settings)
	if err != nil {
		return nil, core.Fault("open", "", err)
	}
	return open(ctx, cfg)
}

func open(ctx context.Context, cfg config) (connectors.Connector, error) {
	client, err := wire.New(cfg.options)
	if err != nil {
		return nil, core.Fault("open", "", err)
	}
	c := &connector{App: &core.App{Client: client, Dialect: dialect(cfg)}, account: cfg.options.Auth.ClientID}
	c.Load = c.load
	c.feeds = &core.Feeds{App: c.App, Interval: cfg.interval}
	if _, err := client.Do(ctx, wire.Request{Method: "GET"}); err != nil {
		client.Close()
		return nil, core.Fault("open", "", err)
	}
	return c, nil
}

// dialect is how Finance and Operations differs from other services: every
// request names all companies, text compares without regard to case and trailing
// blanks, a key is part of the id, and each write has a change set of its own.
func dialect(cfg config) core.Dialect {
	return core.Dialect{
		Fold: connectors.Fold{Case: true, Space: true}, Returns: true, Sequences: true,
		Options: wire.Query{"cross-company=true"},
		FindMax: 20, URLMost: 1800, WriteMax: 200,
		Batching: wire.Batching{Form: wire.MultipartSets, Absolute: true, Most: cfg.batch, Bytes: 2 << 20},
		Judge:    judge, Words: words,
	}
}

// connector is one app.
type connector struct {
	*core.App
	feeds   *core.Feeds
	account string

	mu     sync.Mutex
	probed bool // how the app compares texts
}

// Open prepares a selection. The first one that finds a record also finds out
// whether the app compares keys without regard to case, as its database is set
// up to in most places.
func (c *connector) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	if err := c.probe(ctx, sel.Entity); err != nil {
		return nil, core.Fault("open", sel.Entity, err)
	}
	return c.App.Open(ctx, sel)
}

func (c *connector) probe(ctx context.Context, entity string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, s, err := c.Set(ctx, entity)
	if err != nil || c.probed {
		return err
	}
	exact, told, err := c.Exact(ctx, s)
	if c.probed = told; exact {
		c.SetFold(connectors.Fold{})
	}
	return err
}

// Feed gives the change feed of a data entity, by comparing keys and etags.
func (c *connector) Feed(ctx context.Context, entity string) (connectors.Feed, error) {
	m, s, err := c.Set(ctx, entity)
	if err != nil {
		return nil, core.Fault("feed", entity, err)
	}
	w, err := c.feeds.Watch(ctx, m, s)
	if err != nil {
		return nil, core.Fault("feed", entity, err)
	}
	return w, nil
}

var _ connectors.Waker = (*connector)(nil)

// Notify has the feed of an entity, of all if it is "", look for changes now: a
// data event told that there is something. What it told is not looked at.
func (c *connector) Notify(entity string) { c.feeds.Notify(entity) }

// Health asks for the list of data entities.
func (c *connector) Health(ctx context.Context) (connectors.Health, error) {
	begin := time.Now()
	if _, err := c.Client.Do(ctx, wire.Request{Method: "GET"}); err != nil {
		return connectors.Health{}, core.Fault("health", "", err)
	}
	return connectors.Health{Account: c.account, Product: "Finance and Operations at " + c.Client.Root().Host, Latency: time.Since(begin), Skew: c.Client.Skew()}, nil
}

// Close ends running calls, which then fail.
func (c *connector) Close() error {
	c.Client.Close()
	return nil
}
