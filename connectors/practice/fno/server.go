// Package fno serves a practice app in the dialect of Finance and Operations:
// data entities below /data/, keys with the company in them, enums by the names
// of their members, empty values instead of nulls, no upsert and no delta.
package fno

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"dualwrite/connectors/practice/service"
)

// Root is the path below which data entities are served.
const Root = "/data/"

const (
	defaultPage = 10_000 // records
	maxBatch    = 5000   // requests
	userID      = "dualwrite"
)

// Options are how a server is set up.
type Options struct {
	ClientID     string
	ClientSecret string
	Company      string           // default legal entity of the user that calls are made as
	PageSize     int              // most records in one answer; 0 is 10,000
	Now          func() time.Time // nil is the clock of the machine
}

// Server is one environment.
type Server struct {
	*service.Gate
	store   *service.Store
	company string
	page    int
}

// Open makes a server over an app's file. The model must be its own; it must
// have EmptyForNull, and of every entity exactly one key. Close it when done.
func Open(ctx context.Context, path string, m *service.Model, o Options) (*Server, error) {
	for _, e := range m.Entities {
		if len(e.Keys) != 1 || !m.EmptyForNull {
			return nil, fmt.Errorf("the entity %s has %d keys, where one is needed", e.Set, len(e.Keys))
		}
	}
	store, err := service.Open(ctx, path, m)
	if err != nil {
		return nil, err
	}
	s := &Server{store: store, company: o.Company, page: o.PageSize}
	if s.page <= 0 {
		s.page = defaultPage
	}
	s.Gate = service.NewGate(service.Settings{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Root: "/", Events: service.NewEvents(store), Now: o.Now}, s)
	return s, nil
}

// Close frees the file. Calls that are still running fail.
func (s *Server) Close() error { return s.store.Close() }

// Store is the app's file as the server uses it.
func (s *Server) Store() *service.Store { return s.store }

// call is one request on its way through the server.
type call struct {
	*service.Request
	server   *Server
	base     string // "http://…/data/"
	segments []service.Segment
	options  service.Options
}

// Respond answers a call that has passed the gate, or is part of a batch.
func (s *Server) Respond(ctx context.Context, r *service.Request) *service.Response {
	c := &call{Request: r, server: s, base: r.Origin + Root}
	response, err := c.route(ctx)
	if err != nil {
		return c.failure(err)
	}
	response.Header.Set("OData-Version", "4.0")
	return response
}

// route finds what a path asks for.
func (c *call) route(ctx context.Context) (_ *service.Response, err error) {
	if c.segments, err = service.ParsePath(c.Path); err != nil {
		return nil, err
	}
	if c.options, err = service.ParseOptions(c.Query); err != nil {
		return nil, err
	}
	switch {
	case len(c.segments) == 2 && strings.EqualFold(c.segments[0].Name, "metadata") && strings.EqualFold(c.segments[1].Name, "DataEntities"):
		return c.dataEntities()
	case len(c.segments) == 0 || c.segments[0].Name != "data":
		return nil, c.noResource()
	}
	if c.segments = c.segments[1:]; len(c.segments) == 0 {
		return c.serviceDocument()
	}
	switch c.segments[0].Name {
	case "$metadata":
		return c.metadata()
	case "$batch":
		return c.batch(ctx)
	}
	return c.entity(ctx)
}

// entity answers calls to records.
func (c *call) entity(ctx context.Context) (*service.Response, error) {
	e := c.server.store.Model.Entity(c.segments[0].Name)
	if e == nil {
		return nil, c.noResource()
	}
	first := c.segments[0]
	switch {
	case len(c.segments) == 2 && first.Key == nil && c.segments[1].Name == "$count" && c.Method == http.MethodGet:
		return c.count(ctx, e)
	case len(c.segments) > 1:
		return nil, c.noResource()
	case first.Key == nil && c.Method == http.MethodGet:
		return c.collection(ctx, e)
	case first.Key == nil && c.Method == http.MethodPost:
		return c.create(ctx, e)
	case first.Key != nil && c.Method == http.MethodGet:
		return c.retrieve(ctx, e, first)
	case first.Key != nil && c.Method == http.MethodPatch:
		return c.patch(ctx, e, first)
	case first.Key != nil && c.Method == http.MethodDelete:
		return c.delete(ctx, e, first)
	}
	return nil, &problem{status: http.StatusMethodNotAllowed, text: "The requested resource does not support http method '" + c.Method + "'."}
}

// batch answers POST of $batch.
func (c *call) batch(ctx context.Context) (*service.Response, error) {
	if c.Method != http.MethodPost {
		return nil, c.noResource()
	}
	b := &service.Batch{Store: c.server.store, Respond: c.server.Respond, Who: userID, Base: c.base, Root: "/", Max: maxBatch}
	return b.Run(ctx, c.Request)
}

func (c *call) json(status int, body []byte) *service.Response {
	return service.Reply(status, body, "Content-Type", "application/json; odata.metadata=minimal; odata.streaming=true")
}

func (c *call) serviceDocument() (*service.Response, error) {
	type set struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
		URL  string `json:"url"`
	}
	var sets []set
	for _, e := range c.server.store.Model.Entities {
		sets = append(sets, set{e.Set, "EntitySet", e.Set})
	}
	encoded, err := json.Marshal(map[string]any{"@odata.context": c.base + "$metadata", "value": sets})
	return c.json(http.StatusOK, encoded), err
}

// within runs f in the transaction of the change set, or else in one of its own.
func (c *call) within(ctx context.Context, f func(*service.Tx) error) error {
	if c.Tx != nil {
		return f(c.Tx)
	}
	return c.server.store.Write(ctx, userID, f)
}

// reading runs f on one state of the app's file.
func (c *call) reading(ctx context.Context, f func(*service.Tx) error) error {
	if c.Tx != nil {
		return f(c.Tx)
	}
	return c.server.store.Read(ctx, f)
}
