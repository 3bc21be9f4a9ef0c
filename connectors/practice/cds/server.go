// Package cds serves a practice app in the dialect of the Dataverse Web API:
// entity sets below /api/data/v9.2/, alternate keys, upsert by PATCH, lookups by
// @odata.bind, change tracking with delta links, batches and bulk messages.
package cds

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"dualwrite/connectors/practice/service"
)

// Root is the path below which the Web API is spoken, before the version.
const Root = "/api/data/"

const (
	maxPage        = 5000 // records
	maxBatch       = 1000 // requests
	maxURL         = 32 << 10
	organizationID = "0d2f4a1c-5d7e-4c0b-9a63-0c6f8f3f2b10"
	businessUnitID = "2f1d8a94-3b7c-4e55-8a0d-6f1b9d2c7e31"
	// UserID is the application user that calls with a token are made as.
	UserID = "5b2c1e0f-8d34-4a6b-b7c9-1e0d2f3a4b5c"
	// PersonID is the user that what was written past the server counts as.
	PersonID = "9c7d6e5f-4a3b-4c2d-8e1f-0a1b2c3d4e5f"
)

// Options are how a server is set up.
type Options struct {
	ClientID     string
	ClientSecret string
	CursorLife   time.Duration    // how long a delta token is good for; 0 is seven days
	Now          func() time.Time // nil is the clock of the machine
}

// Server is one environment.
type Server struct {
	*service.Gate
	store   *service.Store
	life    time.Duration
	expired atomic.Int64 // delta tokens up to this row version have expired
}

// Open makes a server over an app's file. The model must be its own; the server
// adds what every entity of the dialect has. Close it when done.
func Open(ctx context.Context, path string, m *service.Model, o Options) (*Server, error) {
	for _, e := range m.Entities {
		e.Fields = append(e.Fields,
			&service.Field{Name: "modifiedon", Label: "Modified On", Type: service.DateTime, Computed: true, Stamp: service.TimeStamp},
			&service.Field{Name: "modifiedby", Label: "Modified By", Type: service.Lookup, Computed: true, Target: "systemusers", Navigation: "modifiedby",
				Stamp: "coalesce(" + service.WhoStamp + ", '" + PersonID + "')"},
			&service.Field{Name: "versionnumber", Label: "Version Number", Type: service.BigInt, Computed: true, Stamp: service.VersionStamp})
	}
	store, err := service.Open(ctx, path, m)
	if err != nil {
		return nil, err
	}
	s := &Server{store: store, life: o.CursorLife}
	if s.life <= 0 {
		s.life = 7 * 24 * time.Hour
	}
	s.Gate = service.NewGate(service.Settings{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Root: Root, MaxURL: maxURL, Events: service.NewEvents(store), Now: o.Now}, s)
	return s, nil
}

// Close frees the file. Calls that are still running fail.
func (s *Server) Close() error { return s.store.Close() }

// Store is the app's file as the server uses it.
func (s *Server) Store() *service.Store { return s.store }

// ExpireCursors makes every delta token that was given out so far expire.
func (s *Server) ExpireCursors(ctx context.Context) error {
	version, err := s.store.Advance(ctx)
	if err == nil {
		s.expired.Store(version - 1)
	}
	return err
}

// call is one request on its way through the server.
type call struct {
	*service.Request
	server   *Server
	base     string // "http://…/api/data/v9.2/"
	segments []service.Segment
	options  service.Options
}

// Respond answers a call that has passed the gate, or is part of a batch.
func (s *Server) Respond(ctx context.Context, r *service.Request) *service.Response {
	version, rest, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
	if !strings.HasPrefix(version, "v9.") {
		return s.Refuse(http.StatusNotFound)
	}
	c := &call{Request: r, server: s, base: r.Origin + Root + version + "/"}
	response, err := c.route(ctx, rest)
	if err != nil {
		return failure(err)
	}
	response.Header.Set("OData-Version", "4.0")
	return response
}

// route finds what a path asks for.
func (c *call) route(ctx context.Context, path string) (_ *service.Response, err error) {
	if c.segments, err = service.ParsePath(path); err != nil {
		return nil, err
	}
	if c.options, err = service.ParseOptions(c.Query); err != nil {
		return nil, err
	}
	if len(c.segments) == 0 {
		return c.serviceDocument()
	}
	switch name := c.segments[0].Name; name {
	case "$metadata":
		return c.metadata()
	case "$batch":
		return c.batch(ctx)
	case "WhoAmI":
		return c.json(http.StatusOK, fmt.Appendf(nil, `{"@odata.context":%q,"BusinessUnitId":%q,"UserId":%q,"OrganizationId":%q}`,
			c.base+"$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse", businessUnitID, UserID, organizationID))
	case "RetrieveVersion":
		return c.json(http.StatusOK, fmt.Appendf(nil, `{"@odata.context":%q,"Version":"9.2.24052.190"}`, c.base+"$metadata#Microsoft.Dynamics.CRM.RetrieveVersionResponse"))
	case "EntityDefinitions":
		return c.definitions()
	case "sdkmessagefilters":
		return c.messageFilters()
	case "organizations":
		return c.json(http.StatusOK, fmt.Appendf(nil, `{"@odata.context":%q,"value":[{"organizationid":%q,"expirechangetrackingindays":%d}]}`,
			c.base+"$metadata#organizations", organizationID, int(c.server.life.Hours()/24)))
	case "systemusers":
		return c.users()
	}
	return c.entitySet(ctx)
}

// entitySet answers calls to records.
func (c *call) entitySet(ctx context.Context) (*service.Response, error) {
	first := c.segments[0]
	e := c.server.store.Model.Entity(first.Name)
	if e == nil {
		return nil, notFoundSegment(first.Name)
	}
	last := c.segments[len(c.segments)-1].Name
	switch {
	case first.Key != nil && len(c.segments) == 1:
		return c.record(ctx, e, first)
	case first.Key != nil && len(c.segments) == 2:
		return c.property(ctx, e, first, last)
	case len(c.segments) == 1 && c.Method == http.MethodGet:
		return c.collection(ctx, e)
	case len(c.segments) == 1 && c.Method == http.MethodPost:
		return c.create(ctx, e)
	case len(c.segments) == 2 && last == "$count" && c.Method == http.MethodGet:
		return c.count(ctx, e)
	case len(c.segments) == 2 && strings.HasPrefix(last, "Microsoft.Dynamics.CRM.") && c.Method == http.MethodPost:
		return c.bulk(ctx, e, strings.TrimPrefix(last, "Microsoft.Dynamics.CRM."))
	case len(c.segments) == 1:
		return nil, &wireError{http.StatusMethodNotAllowed, "0x80060888", "The HTTP method '" + c.Method + "' is not supported for this resource."}
	}
	return nil, notFoundSegment(last)
}

// record answers calls to one record.
func (c *call) record(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	switch c.Method {
	case http.MethodGet:
		return c.retrieve(ctx, e, at)
	case http.MethodPatch:
		return c.patch(ctx, e, at)
	case http.MethodDelete:
		return c.delete(ctx, e, at)
	}
	return nil, &wireError{http.StatusMethodNotAllowed, "0x80060888", "The HTTP method '" + c.Method + "' is not supported for this resource."}
}

func (c *call) json(status int, body []byte) (*service.Response, error) {
	return service.Reply(status, body, "Content-Type", "application/json; odata.metadata=minimal"), nil
}

// within runs f in the transaction of the change set, or else in one of its own.
func (c *call) within(ctx context.Context, f func(*service.Tx) error) error {
	if c.Tx != nil {
		return f(c.Tx)
	}
	return c.server.store.Write(ctx, UserID, f)
}

// reading runs f on one state of the app's file.
func (c *call) reading(ctx context.Context, f func(*service.Tx) error) error {
	if c.Tx != nil {
		return f(c.Tx)
	}
	return c.server.store.Read(ctx, f)
}

func (c *call) serviceDocument() (*service.Response, error) {
	var sets []string
	for _, e := range c.server.store.Model.Entities {
		sets = append(sets, fmt.Sprintf(`{"name":%q,"kind":"EntitySet","url":%q}`, e.Set, e.Set))
	}
	return c.json(http.StatusOK, fmt.Appendf(nil, `{"@odata.context":%q,"value":[%s]}`, c.base+"$metadata", strings.Join(sets, ",")))
}
