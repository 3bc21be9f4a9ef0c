// Package dataverse connects to an environment of Dataverse by its Web API. A
// record's native id is its GUID and its version the etag; changes are told by
// the environment's own change tracking.
//
// Of the messages for many records at once only CreateMultiple is used, where a
// table offers it. UpsertMultiple would overwrite a record that somebody else has
// created under the same key meanwhile, and UpdateMultiple takes no condition on
// the version that was read.
package dataverse

import (
	"context"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// Open connects to the environment that the settings name; see parse for them.
// It signs in and reads the definitions of tables.
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
	c := &connector{App: &core.App{Client: client, Dialect: dialect(cfg)}, bulk: map[string]bool{}}
	c.Load, c.Dialect.CreateAll = c.load, c.createMultiple
	c.feeds = &core.Feeds{App: c.App, Interval: cfg.interval, Life: cfg.life}
	if _, err := c.who(ctx); err != nil {
		client.Close()
		return nil, core.Fault("open", "", err)
	}
	return c, nil
}

// dialect is how Dataverse differs from other services: text compares without
// regard to case and trailing blanks, pages are followed by cookies that hold a
// key, the id is a GUID that stays, and $count stops at 5,000.
func dialect(cfg config) core.Dialect {
	return core.Dialect{
		Fold: connectors.Fold{Case: true, Space: true}, StableID: true, ByLink: true, Returns: true, Selects: true,
		FindMax: 100, URLMost: 8000, CountMost: 5000, WriteMax: 500,
		Batching: wire.Batching{Form: wire.Multipart, Absolute: true, Most: cfg.batch, Bytes: 4 << 20},
		ByKey:    byKey, Judge: judge, Words: words,
	}
}

// awkward are the letters that the service does not find an alternate key by.
const awkward = "/<>*%&:\\?+"

// byKey creates by alternate key: an upsert that takes place only while nobody
// holds the key. Where the address cannot carry a value, the record is created
// by POST; the key's index refuses a second holder then as well.
func byKey(s *core.Set, parts []wire.KeyPart) (string, map[string]string, bool) {
	var named []string
	for _, p := range parts {
		if strings.ContainsAny(p.Literal, awkward) {
			return "", nil, false
		}
		named = append(named, p.Name+"="+p.Literal)
	}
	return s.Name + "(" + wire.EscapePath(strings.Join(named, ",")) + ")", map[string]string{"If-None-Match": "*"}, true
}

// The codes of refusals that mean something of their own. Others are told apart
// by their status.
const (
	codeDuplicateKey      = "0x80040237"
	codeDuplicateRecord   = "0x80040333"
	codeVersionMismatch   = "0x80060882"
	codeNoRecord          = "0x80040217"
	codeTooManyRequests   = "0x80072322"
	codeTooMuchTime       = "0x80072321"
	codeTooManyConcurrent = "0x80072326"
	codeDeadlock          = "0x80044151"
	codeTimeout           = "0x80040218"
)

func judge(f *wire.Failure) core.Verdict {
	switch strings.ToLower(f.Code) {
	case codeDuplicateKey, codeDuplicateRecord:
		return core.Duplicate
	case codeVersionMismatch:
		return core.Stale
	case codeNoRecord:
		return core.Gone
	case codeTooManyRequests, codeTooMuchTime, codeTooManyConcurrent, codeDeadlock, codeTimeout:
		return core.Busy
	}
	return core.Plain
}

func words(f *wire.Failure) string { return f.Message }

// connector is one environment.
type connector struct {
	*core.App
	feeds *core.Feeds

	mu      sync.Mutex
	catalog *catalog
	bulk    map[string]bool // tables that are known to offer CreateMultiple, or not to
}

// Feed gives the change tracking of a table.
func (c *connector) Feed(ctx context.Context, entity string) (connectors.Feed, error) {
	_, s, err := c.Set(ctx, entity)
	if err != nil {
		return nil, core.Fault("feed", entity, err)
	}
	return c.feeds.Delta(s, "modifiedon"), nil
}

var _ connectors.Waker = (*connector)(nil)

// Notify has the feed of a table, of all if it is "", look for changes now: a
// webhook told that there is something. What it told is not looked at.
func (c *connector) Notify(entity string) { c.feeds.Notify(entity) }

// identity is the answer to WhoAmI.
type identity struct{ user, organization string }

func (c *connector) who(ctx context.Context) (identity, error) {
	answer, err := c.Client.Do(ctx, wire.Request{Method: http.MethodGet, Path: "WhoAmI"})
	if err != nil {
		return identity{}, err
	}
	o, err := wire.DecodeObject(answer.Body)
	if err != nil {
		return identity{}, &connectors.Error{Kind: connectors.Internal, Message: "this is no Dataverse environment", Err: err}
	}
	return identity{o.Text("UserId"), o.Text("OrganizationId")}, nil
}

// Health asks who we are, and tells change cursors that are about to expire.
func (c *connector) Health(ctx context.Context) (connectors.Health, error) {
	begin := time.Now()
	me, err := c.who(ctx)
	if err != nil {
		return connectors.Health{}, core.Fault("health", "", err)
	}
	h := connectors.Health{Account: me.user, Product: "Dataverse " + apiVersion + " at " + c.Client.Root().Host, Latency: time.Since(begin), Skew: c.Client.Skew()}
	for set, age := range c.feeds.Ageing() {
		h.Missing = append(h.Missing, fmt.Sprintf("changes of %s, which were last read %d hours ago: the environment keeps them for %d days, and then both sides must be compared",
			set, int(age.Hours()), int(c.feeds.Life.Hours()/24)))
	}
	sort.Strings(h.Missing)
	return h, nil
}

// Close ends running calls, which then fail.
func (c *connector) Close() error {
	c.Client.Close()
	return nil
}
