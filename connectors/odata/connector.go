// Package odata connects to any service that speaks OData 4.0 or 4.01. What the
// service offers is taken from its metadata and found out by asking.
package odata

import (
	"context"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// Open connects to the service that the settings name; see parse for them. It
// reads the metadata, and fails where that cannot be had.
func Open(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
	cfg, err := parse(settings)
	if err != nil {
		return nil, core.Fault("open", "", err)
	}
	return open(ctx, cfg)
}

// limits of services in general: web servers refuse addresses of some length,
// and parsers of filters count their nodes.
const (
	findMost  = 20
	urlMost   = 3000
	writeMost = 100
)

func open(ctx context.Context, cfg config) (*connector, error) {
	cfg.options.Header = map[string][]string{"Accept": {"application/json;IEEE754Compatible=true"}}
	client, err := wire.New(cfg.options)
	if err != nil {
		return nil, core.Fault("open", "", err)
	}
	app := &core.App{Client: client, Dialect: core.Dialect{
		StableID: true, Functions: true, Returns: true,
		FindMax: findMost, URLMost: urlMost, WriteMax: writeMost, Batching: cfg.batching,
	}}
	c := &connector{App: app, feeds: &core.Feeds{App: app, Interval: cfg.interval}}
	app.Load = func(ctx context.Context) (*core.Model, error) {
		md, err := client.Metadata(ctx)
		if err != nil {
			return nil, err
		}
		m := core.FromMetadata(md, cfg.company)
		for _, s := range m.Sets {
			if !s.Tracked {
				s.Blind = []string{core.WatchBlind}
			}
		}
		return m, nil
	}
	if cfg.probe {
		md, err := client.Metadata(ctx)
		if err != nil {
			client.Close()
			return nil, core.Fault("open", "", err)
		}
		app.Dialect.Batching.Form = batchForm(md)
	}
	if _, err := app.Model(ctx); err != nil {
		client.Close()
		return nil, core.Fault("open", "", err)
	}
	return c, nil
}

// batchForm is the form of batches that a service says it takes; without a word
// every operation goes by itself, which all services take.
func batchForm(md *wire.Metadata) wire.BatchForm {
	if n, ok := md.Notes.Find("Org.OData.Capabilities.V1.BatchSupport"); ok && n.Fields.Says("Supported") == "true" {
		if formats, ok := n.Fields.Find("SupportedFormats"); ok && strings.Contains(formats.Value, "json") {
			return wire.JSONBatch
		}
		return wire.Multipart
	}
	if md.Notes.Says("Org.OData.Capabilities.V1.BatchSupported") == "true" {
		return wire.Multipart
	}
	return wire.NoBatch
}

// connector is one service.
type connector struct {
	*core.App
	feeds *core.Feeds
}

// Feed gives the change feed of an entity set: by the service's delta links
// where it tracks changes, otherwise by comparing keys and etags.
func (c *connector) Feed(ctx context.Context, entity string) (connectors.Feed, error) {
	m, s, err := c.Set(ctx, entity)
	if err != nil {
		return nil, core.Fault("feed", entity, err)
	}
	if s.Tracked {
		return c.feeds.Delta(s, ""), nil
	}
	w, err := c.feeds.Watch(ctx, m, s)
	if err != nil {
		return nil, core.Fault("feed", entity, err)
	}
	return w, nil
}

var _ connectors.Waker = (*connector)(nil)

// Notify has the feed of an entity set, of all if it is "", look for changes now.
func (c *connector) Notify(entity string) { c.feeds.Notify(entity) }

// Health asks for the service document.
func (c *connector) Health(ctx context.Context) (connectors.Health, error) {
	begin := time.Now()
	answer, err := c.Client.Do(ctx, wire.Request{Method: "GET"})
	if err != nil {
		return connectors.Health{}, core.Fault("health", "", err)
	}
	h := connectors.Health{Product: "OData service at " + c.Client.Root().Host, Latency: time.Since(begin), Skew: c.Client.Skew()}
	if v := answer.Header.Get("OData-Version"); v != "" {
		h.Product = "OData " + v + " service at " + c.Client.Root().Host
	}
	return h, nil
}

// Close ends running calls, which then fail.
func (c *connector) Close() error {
	c.Client.Close()
	return nil
}
