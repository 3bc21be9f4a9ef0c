package wire

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"dualwrite/connectors"
)

// target is the address of a path or link. What the service wrote is not
// encoded anew.
func (c *Client) target(path string) (*url.URL, error) {
	if u, err := url.Parse(path); err == nil && u.IsAbs() {
		if !c.own(u) {
			return nil, foreign(u)
		}
		return u, nil
	}
	u, err := url.Parse(c.root.String() + path)
	if err != nil {
		return nil, &connectors.Error{Kind: connectors.Internal, Message: "the path cannot be used", Err: err}
	}
	return u, nil
}

// own reports whether an address belongs to the configured origin, the only one
// that may see our credentials.
func (c *Client) own(u *url.URL) bool {
	return u.Scheme == c.root.Scheme && strings.EqualFold(u.Host, c.root.Host)
}

func foreign(u *url.URL) error {
	return &connectors.Error{Kind: connectors.Denied, Message: "the service points to another place, " + u.Scheme + "://" + u.Host + ", which gets no credentials"}
}

// hopsMost is how many redirections of one request are followed.
const hopsMost = 5

// redirected is where an answer sends a request. Only reads follow, and only
// within the same host; anything else is a sign-in page more often than not.
func redirected(r Request, from *url.URL, answer *http.Response, hops int) (*url.URL, error) {
	to, err := from.Parse(answer.Header.Get("Location"))
	switch {
	case err != nil || answer.Header.Get("Location") == "":
		return nil, &connectors.Error{Kind: connectors.Internal, Message: "the service redirects to nowhere"}
	case to.Scheme != from.Scheme || !strings.EqualFold(to.Host, from.Host):
		return nil, foreign(to)
	case r.Method != http.MethodGet:
		return nil, &connectors.Error{Kind: connectors.Denied, Message: "the service redirects a write, which is not followed"}
	case hops >= hopsMost:
		return nil, &connectors.Error{Kind: connectors.Internal, Message: "the service redirects without end"}
	}
	return to, nil
}

// lost is the error of a request without an answer. Where no connection was
// made, nothing was sent; otherwise the outcome is unknown.
func (c *Client) lost(ctx context.Context, r Request, err error) error {
	var op *net.OpError
	var resolve *net.DNSError
	switch {
	case ctx.Err() != nil:
		return c.ended(ctx, r, err)
	case errors.As(err, &resolve), errors.As(err, &op) && op.Op == "dial":
		return &connectors.Error{Kind: connectors.Unreachable, Message: "the service does not answer", Err: err}
	}
	return &connectors.Error{Kind: connectors.Transient, Message: "the service's answer was lost", Err: err}
}

// ended is the error of a call that was given up.
func (c *Client) ended(ctx context.Context, r Request, err error) error {
	if c.life.Err() != nil {
		kind := connectors.Unreachable
		if !repeatable(r) {
			kind = connectors.Transient
		}
		return &connectors.Error{Kind: kind, Message: "the connection is closed", Err: net.ErrClosed}
	}
	if cause := ctx.Err(); cause != nil {
		err = cause
	}
	return &connectors.Error{Kind: connectors.Transient, Err: err}
}

// hide takes our credentials out of an error's texts. A Failure holds none.
func (c *Client) hide(err error) error {
	hidden := c.tokens.hidden()
	var e *connectors.Error
	if len(hidden) == 0 || !errors.As(err, &e) {
		return err
	}
	clean := *e
	clean.Message, clean.Value = redact(e.Message, hidden), redact(e.Value, hidden)
	if e.Err != nil && redact(e.Err.Error(), hidden) != e.Err.Error() {
		clean.Err = errors.New(redact(e.Err.Error(), hidden))
	}
	return &clean
}

// redact puts a mark in the place of what is hidden.
func redact(text string, hidden []string) string {
	for _, s := range hidden {
		text = strings.ReplaceAll(text, s, "[hidden]")
	}
	return text
}
