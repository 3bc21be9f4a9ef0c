// Package wire is a small, strict client of OData 4.0 and 4.01 over net/http:
// addresses and literals, authentication, retries, paging links, batches, and
// the metadata of a service. It knows requests and answers, not records.
package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dualwrite/connectors"
)

// Options say where a service is and how to speak to it.
type Options struct {
	Root        string // address of the service, with or without a slash at the end
	Auth        Auth
	Header      http.Header       // sent with every request
	Transport   http.RoundTripper // nil means one of its own
	Concurrency int               // most requests at once; 0 means 8
	Patience    time.Duration     // how long a call may wait for a busy service; 0 means 5 s
	Timeout     time.Duration     // of one request; 0 means 2 minutes
	DefaultWait time.Duration     // after a 429 that names no time; 0 means 2 s
	Now         func() time.Time
	Sleep       func(ctx context.Context, d time.Duration) error
}

// Client speaks to one service. It is safe for concurrent use.
type Client struct {
	opt    Options
	root   *url.URL
	http   *http.Client
	tokens *tokens
	limit  *limit
	gather gather
	life   context.Context // ends with Close
	end    context.CancelFunc
	calls  atomic.Int64
	skew   atomic.Int64

	seen struct {
		sync.Mutex
		digest   [sha256.Size]byte
		metadata *Metadata
	}
}

// New checks the options. It sends nothing.
func New(opt Options) (*Client, error) {
	root, err := url.Parse(opt.Root)
	if err != nil || root.Host == "" || root.Scheme != "http" && root.Scheme != "https" {
		return nil, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "url", Message: "the address of the service must begin with https:// or http:// and name a host"}
	}
	if root.User != nil {
		return nil, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "url", Message: "the address must not hold a password; there is a setting for it"}
	}
	root.RawQuery, root.Fragment = "", ""
	root = root.JoinPath("/")
	opt.Concurrency, opt.Patience = orElse(opt.Concurrency, 8), orElse(opt.Patience, 5*time.Second)
	opt.Timeout, opt.DefaultWait = orElse(opt.Timeout, 2*time.Minute), orElse(opt.DefaultWait, 2*time.Second)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Sleep == nil {
		opt.Sleep = sleep
	}
	if opt.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = opt.Concurrency
		opt.Transport = t
	}
	c := &Client{opt: opt, root: root, limit: newLimit(opt.Concurrency)}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &http.Client{Transport: opt.Transport, CheckRedirect: stay, Timeout: opt.Timeout}
	c.tokens = &tokens{auth: opt.Auth, http: c.http, now: opt.Now}
	c.life, c.end = context.WithCancel(context.Background())
	return c, nil
}

func orElse[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends running calls, which then fail, and drops idle connections.
func (c *Client) Close() {
	c.end()
	c.http.CloseIdleConnections()
}

// Life ends when the client is closed.
func (c *Client) Life() context.Context { return c.life }

// Calls is how many requests were sent so far.
func (c *Client) Calls() int64 { return c.calls.Load() }

// Skew is the service's clock minus ours, by its last answer, to the second.
func (c *Client) Skew() time.Duration { return time.Duration(c.skew.Load()) }

// Now is the client's clock.
func (c *Client) Now() time.Time { return c.opt.Now() }

// Root is the service's address, with a slash at the end.
func (c *Client) Root() *url.URL { return c.root }

// Request is one call. Path is relative to the service's root and already
// escaped, or a link that the service gave.
type Request struct {
	Method string
	Path   string
	Header map[string]string
	Body   []byte // nil for none; sent as JSON unless Header says otherwise
	// Repeatable: sending it twice does no harm, as with a batch of reads.
	// Requests by GET always are.
	Repeatable bool
}

// Response is an answer that was not a refusal, or one part of a batch, which
// may be one.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	URL    *url.URL

	refusal *Failure  // of a request that was sent by itself
	at      time.Time // when it came
	hidden  []string  // what a refusal must not repeat
}

// Do sends a request and obeys the service: it comes back when told to, within
// the patience of the options, renews its token once, and repeats what may be
// repeated. Errors are *connectors.Error; of a refusal they wrap a *Failure.
// Unreachable, Denied and Throttled mean that nothing was executed.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	if err := c.limit.enter(ctx); err != nil {
		return nil, c.ended(ctx, r, err)
	}
	defer c.limit.leave()
	answer, err := c.persist(ctx, r)
	if err != nil {
		return nil, c.hide(err)
	}
	return answer, nil
}

// within is a context that also ends when the client is closed.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.life, func() { cancel(net.ErrClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// persist sends until there is an answer, a refusal that will stand, or no
// patience left.
func (c *Client) persist(ctx context.Context, r Request) (*Response, error) {
	patience, renewed := c.opt.Patience, false
	pause := func(d time.Duration) bool {
		if d > patience || c.opt.Sleep(ctx, d) != nil {
			return false
		}
		patience -= d
		return true
	}
	for try := 0; ; try++ {
		if away := c.limit.away(c.opt.Now()); away > 0 && !pause(away) {
			return nil, &connectors.Error{Kind: connectors.Throttled, RetryAfter: away, Message: "the service asks for fewer calls"}
		}
		answer, token, err := c.send(ctx, r)
		if err == nil {
			c.limit.succeeded()
			return answer, nil
		}
		var f *Failure
		again := repeatable(r)
		switch isFailure := errors.As(err, &f); {
		case isFailure && f.Status == http.StatusUnauthorized && !renewed && c.tokens.reject(token):
			renewed = true
			continue
		case isFailure && f.Status == http.StatusTooManyRequests:
			if !f.HasWait {
				f.After = c.opt.DefaultWait
			}
			c.limit.throttled(c.opt.Now().Add(f.After))
			if try < tries {
				continue
			}
			return nil, f.fault()
		case isFailure && f.HasWait && f.Status == http.StatusServiceUnavailable:
			again = true // turned away at the door: nothing was executed
		}
		if !again || try >= tries || !passing(err) || ctx.Err() != nil {
			return nil, silent(ctx, r, err)
		}
		if !pause(c.backOff(try, f)) {
			return nil, err
		}
	}
}

// silent makes an error of a read that got no answer in all its tries one of a
// service that is not there.
func silent(ctx context.Context, r Request, err error) error {
	var f *Failure
	if !repeatable(r) || !passing(err) || errors.As(err, &f) || ctx.Err() != nil {
		return err
	}
	return &connectors.Error{Kind: connectors.Unreachable, Message: "the service takes connections and does not answer", Err: err}
}

// tries is how often a request is repeated.
const tries = 4

func repeatable(r Request) bool {
	return r.Repeatable || r.Method == http.MethodGet
}

// passing reports whether the same request may well succeed a little later.
func passing(err error) bool {
	return connectors.KindOf(err) == connectors.Transient
}

func (c *Client) backOff(try int, f *Failure) time.Duration {
	if f != nil && f.HasWait {
		return f.After
	}
	base := 50 * time.Millisecond << try
	return base/2 + rand.N(base)
}

// send sends once and tells refusals apart from answers.
func (c *Client) send(ctx context.Context, r Request) (answer *Response, token string, err error) {
	target, err := c.target(r.Path)
	if err != nil {
		return nil, "", err
	}
	for hops := 0; ; hops++ {
		var raw *http.Response
		if raw, token, err = c.exchange(ctx, r, target); err != nil {
			return nil, token, err
		}
		body, err := readBody(raw, bodyMost)
		if err != nil {
			return nil, token, c.lost(ctx, r, err)
		}
		if raw.StatusCode >= 300 && raw.StatusCode < 400 && raw.StatusCode != http.StatusNotModified {
			if target, err = redirected(r, target, raw, hops); err != nil {
				return nil, token, err
			}
			continue
		}
		if raw.StatusCode >= 400 {
			return nil, token, failureOf(raw.StatusCode, raw.Header, body, c.opt.Now(), c.tokens.hidden()).fault()
		}
		if strings.HasPrefix(raw.Header.Get("Content-Type"), "text/html") {
			return nil, token, &connectors.Error{Kind: connectors.Denied, Message: "the service answers with a page for people, such as a sign-in"}
		}
		return &Response{Status: raw.StatusCode, Header: raw.Header, Body: body, URL: target, at: c.opt.Now()}, token, nil
	}
}

// bodyMost is the longest answer that is read, in bytes.
const bodyMost = 256 << 20

func readBody(r *http.Response, most int64) ([]byte, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("the answer is longer than %d bytes", most)
	}
	return body, err
}

// exchange sends one HTTP request.
func (c *Client) exchange(ctx context.Context, r Request, target *url.URL) (*http.Response, string, error) {
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target.String(), body)
	if err != nil {
		return nil, "", &connectors.Error{Kind: connectors.Internal, Message: "the request cannot be made", Err: err}
	}
	req.URL = target // String may spell the path in another way
	req.Header.Set("Accept", "application/json")
	req.Header.Set("OData-Version", "4.0")
	req.Header.Set("OData-MaxVersion", "4.0")
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.opt.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	if !c.own(target) {
		return nil, "", foreign(target)
	}
	token, err := c.tokens.authorize(ctx, req)
	if err != nil {
		return nil, token, err
	}
	req.GetBody = nil // net/http must not repeat a write by itself
	c.calls.Add(1)
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, token, c.lost(ctx, r, err)
	}
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		c.skew.Store(int64(at.Sub(c.opt.Now().Truncate(time.Second))))
	}
	return answer, token, nil
}
