package service

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Dialect is what a server speaks once a call has passed the gate.
type Dialect interface {
	// Respond answers a call.
	Respond(ctx context.Context, r *Request) *Response
	// Refuse answers with an error of the server itself: 404, 413, 429, 503.
	Refuse(status int) *Response
}

// Settings are what every server is started with.
type Settings struct {
	ClientID     string
	ClientSecret string
	// Root is the path below which the dialect is spoken: "/data/".
	Root string
	// Events tells subscribers of writes; nil for a server that tells none.
	Events *Events
	// MaxURL is the length of the longest address, in bytes; 0 for no limit.
	MaxURL int
	// Now is the clock of tokens and cursors; nil is the clock of the machine.
	Now func() time.Time
}

// Gate is the HTTP side of a server: tokens, faults, limits, counters. It is
// safe for concurrent use.
type Gate struct {
	settings Settings
	dialect  Dialect
	tokens   *tokens

	mu     sync.Mutex
	faults Faults
	since  int64 // calls since the faults were set
	inside int   // calls that are being answered
	calls  Calls
	away   time.Time // when a 429 last asked to stay away
	back   time.Time // until when it did
}

// NewGate makes the gate of a dialect.
func NewGate(s Settings, d Dialect) *Gate {
	if s.Now == nil {
		s.Now = time.Now
	}
	return &Gate{settings: s, dialect: d, tokens: newTokens(s.ClientID, s.ClientSecret)}
}

// SetFaults switches the faults and begins to count calls anew.
func (g *Gate) SetFaults(f Faults) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults, g.since = f, 0
}

// Faults are the faults that are switched on.
func (g *Gate) Faults() Faults {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.faults
}

// Calls are the counters.
func (g *Gate) Calls() Calls {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// Now is the time by the server's clock.
func (g *Gate) Now() time.Time { return g.settings.Now() }

// verdict is what the faults make of one call.
type verdict struct {
	refuse int // status, 0 for none
	drop   bool
	faults Faults
}

// judge counts a call and decides what becomes of it.
func (g *Gate) judge() verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.since++
	g.inside++
	g.calls.All++
	now := g.settings.Now()
	if now.After(g.away.Add(underWay)) && now.Before(g.back) {
		g.calls.Early++
	}
	v := verdict{faults: g.faults}
	switch {
	case g.faults.MostAtOnce > 0 && g.inside > g.faults.MostAtOnce:
		g.calls.Throttled++
		v.refuse = http.StatusTooManyRequests
	case every(g.faults.ThrottleEvery, g.since):
		g.calls.Throttled++
		v.refuse = http.StatusTooManyRequests
	case every(g.faults.UnavailableEvery, g.since):
		g.calls.Unavailable++
		v.refuse = http.StatusServiceUnavailable
	case every(g.faults.DropEvery, g.since):
		g.calls.Dropped++
		v.drop = true
	}
	if v.refuse == http.StatusTooManyRequests {
		g.away, g.back = now, now.Add(g.faults.retryAfter())
	}
	return v
}

// leave notes that a call has been answered.
func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
}

func (g *Gate) count(c func(*Calls)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c(&g.calls)
}

// ServeHTTP answers one call.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	faults := g.Faults()
	if faults.Down {
		panic(http.ErrAbortHandler) // the server of net/http cuts the connection
	}
	if strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") {
		g.count(func(c *Calls) { c.Tokens++ })
		g.tokens.issue(w, r, g.Now(), faults.TokenLife)
		return
	}
	if problem := g.tokens.valid(r, g.Now(), faults.TokenLife); problem != "" {
		g.count(func(c *Calls) { c.Denied++ })
		g.deny(w, r, problem)
		return
	}
	v := g.judge()
	defer g.leave()
	if v.refuse != 0 {
		refused := g.dialect.Refuse(v.refuse)
		refused.Header.Set("Retry-After", seconds(v.faults.retryAfter()))
		refused.write(w)
		return
	}
	var answer *Response
	switch {
	case r.URL.Path == Subscriptions:
		answer = g.subscribe(r)
	case g.settings.MaxURL > 0 && len(r.RequestURI) > g.settings.MaxURL:
		answer = g.dialect.Refuse(http.StatusRequestURITooLong)
	default:
		answer = g.answer(w, r, v.faults)
	}
	if v.drop {
		panic(http.ErrAbortHandler)
	}
	answer.write(w)
}

// Subscriptions is the path to which {"url": "…"} is posted by who wants to be
// told of writes.
const Subscriptions = "/practice/subscriptions"

func (g *Gate) subscribe(r *http.Request) *Response {
	var wanted struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&wanted); err != nil || wanted.URL == "" || g.settings.Events == nil {
		return g.dialect.Refuse(http.StatusBadRequest)
	}
	if err := g.settings.Events.Subscribe(r.Context(), wanted.URL); err != nil {
		return g.dialect.Refuse(http.StatusInternalServerError)
	}
	return Reply(http.StatusNoContent, nil)
}

// Events tells subscribers of writes.
func (g *Gate) Events() *Events { return g.settings.Events }

// answer reads the body and lets the dialect speak.
func (g *Gate) answer(w http.ResponseWriter, r *http.Request, f Faults) *Response {
	limit := f.BodyLimit
	if limit <= 0 {
		limit = defaultBodyLimit
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return g.dialect.Refuse(http.StatusRequestEntityTooLarge)
	case err != nil:
		return g.dialect.Refuse(http.StatusBadRequest)
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), strings.TrimSuffix(g.settings.Root, "/"))
	if !ok {
		return g.dialect.Refuse(http.StatusNotFound)
	}
	return g.dialect.Respond(r.Context(), &Request{Method: r.Method, Origin: "http://" + r.Host, Path: path, Query: r.URL.RawQuery, Header: r.Header, Body: body})
}

// deny answers a call without a valid token: 401 and where to get one.
func (g *Gate) deny(w http.ResponseWriter, r *http.Request, problem string) {
	challenge := `Bearer authorization_uri="http://` + r.Host + `/common/oauth2/authorize", resource_id="http://` + r.Host + `/"`
	if problem == "invalid_token" {
		challenge += `, error="invalid_token", error_description="The token has expired or is not one of this server."`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	w.WriteHeader(http.StatusUnauthorized)
}

func (r *Response) write(w http.ResponseWriter) {
	for name, values := range r.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.Status)
	if len(r.Body) > 0 {
		_, _ = w.Write(r.Body) // the caller has gone: nobody is left to tell
	}
}
