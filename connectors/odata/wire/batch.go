package wire

import (
	"context"
	"errors"
	"net/http"

	"dualwrite/connectors"
)

// BatchForm is how several operations travel in one request.
type BatchForm uint8

// The forms of a batch.
const (
	NoBatch       BatchForm = iota // one request each
	Multipart                      // each operation for itself, errors do not stop the rest
	MultipartSets                  // each write in a change set of its own
	JSONBatch                      // JSON, as of 4.01
)

// Operation is one request within a batch.
type Operation struct {
	Method string
	Path   string // relative to the service's root, escaped
	Header map[string]string
	Body   []byte
	Group  string // operations of the same group are stored together or not at all
}

// Batching says how a service takes batches.
type Batching struct {
	Form     BatchForm
	Absolute bool // inner addresses are paths from the host on, not relative to the service
	Most     int  // operations in one batch; 0 means mostOperations
	Bytes    int  // of one batch; 0 means 1 MiB
}

const mostOperations = 100

// Batch sends operations, split by count and by size, and answers one Response
// each, in order; a nil one was not executed. A refused operation is a Response
// with its status. An error means that the outcome of what was sent is unknown,
// unless its kind is Unreachable, Denied or Throttled.
func (c *Client) Batch(ctx context.Context, form Batching, ops []Operation) ([]*Response, error) {
	most, bytes := orElse(form.Most, mostOperations), orElse(form.Bytes, 1<<20)
	out := make([]*Response, len(ops))
	for start := 0; start < len(ops); {
		end, size := start, 0
		for end < len(ops) && end-start < most && (end == start || size+weight(ops[end]) <= bytes) {
			size += weight(ops[end])
			end++
		}
		if err := c.batch(ctx, form, ops[start:end], out[start:end]); err != nil {
			return out, err
		}
		start = end
	}
	return out, nil
}

// weight is about how many bytes an operation adds to a batch.
func weight(o Operation) int { return 200 + len(o.Path) + len(o.Body) }

// batch sends one batch, in halves where the service finds it too long.
func (c *Client) batch(ctx context.Context, form Batching, ops []Operation, out []*Response) error {
	err := c.batchOnce(ctx, form, ops, out)
	var f *Failure
	if !errors.As(err, &f) || f.Status != http.StatusRequestEntityTooLarge {
		return err
	}
	if len(ops) == 1 {
		out[0] = &Response{Status: f.Status, Header: http.Header{}, Body: []byte(`{"error":{"message":"the record is larger than the service takes"}}`), URL: c.root}
		return nil
	}
	half := len(ops) / 2
	if err := c.batch(ctx, form, ops[:half], out[:half]); err != nil {
		return err
	}
	return c.batch(ctx, form, ops[half:], out[half:])
}

func (c *Client) batchOnce(ctx context.Context, form Batching, ops []Operation, out []*Response) error {
	switch {
	case len(ops) == 0:
		return nil
	case form.Form == NoBatch || len(ops) == 1 && ops[0].Group == "":
		return c.oneByOne(ctx, ops, out)
	}
	r, err := c.pack(form, ops)
	if err != nil {
		return err
	}
	answer, err := c.Do(ctx, r)
	if err != nil {
		return err
	}
	return c.unpack(answer, form, ops, out)
}

// pack is the request that carries operations.
func (c *Client) pack(form Batching, ops []Operation) (Request, error) {
	if form.Form == JSONBatch {
		return jsonOf(ops)
	}
	return c.multipartOf(form, ops), nil
}

// unpack spreads the answer to a batch over its operations.
func (c *Client) unpack(answer *Response, form Batching, ops []Operation, out []*Response) (err error) {
	if form.Form == JSONBatch {
		err = readResponses(answer, out)
	} else {
		err = readParts(answer, ops, out, form.Form)
	}
	if err != nil {
		return &connectors.Error{Kind: connectors.Transient, Message: "the answer to a batch cannot be read", Err: err}
	}
	hidden := c.tokens.hidden()
	for _, r := range out {
		if r != nil {
			r.URL, r.at, r.hidden = c.root, c.opt.Now(), hidden
		}
	}
	settleGroups(ops, out)
	return nil
}

// oneByOne sends each operation as a request of its own. What follows one that
// was not sent is not executed either.
func (c *Client) oneByOne(ctx context.Context, ops []Operation, out []*Response) error {
	for i, o := range ops {
		r, err := c.Do(ctx, Request{Method: o.Method, Path: o.Path, Header: o.Header, Body: o.Body})
		var f *Failure
		switch {
		case err == nil:
			out[i] = r
		case errors.As(err, &f) && connectors.KindOf(err) != connectors.Throttled && connectors.KindOf(err) != connectors.Transient && f.Status != http.StatusUnauthorized:
			out[i] = &Response{Status: f.Status, Header: http.Header{}, URL: c.root, refusal: f}
		default:
			return err
		}
	}
	return nil
}

// Failure reads the refusal of an operation; nil for a success.
func (r *Response) Failure() *Failure {
	switch {
	case r.refusal != nil:
		return r.refusal
	case r.Status >= 400 || r.Status == 0:
		return failureOf(r.Status, r.Header, r.Body, r.at, r.hidden)
	}
	return nil
}

// allReads reports whether a batch may be sent twice.
func allReads(ops []Operation) bool {
	for _, o := range ops {
		if o.Method != http.MethodGet {
			return false
		}
	}
	return true
}

// settleGroups spreads a failure to its whole group: a success that is told for
// another member was rolled back.
func settleGroups(ops []Operation, out []*Response) {
	failed := map[string]*Response{}
	for i, o := range ops {
		if o.Group != "" && out[i] != nil && out[i].Status >= 400 && (failed[o.Group] == nil || failed[o.Group].Status == http.StatusFailedDependency) {
			failed[o.Group] = out[i]
		}
	}
	for i, o := range ops {
		if culprit := failed[o.Group]; culprit != nil && (out[i] == nil || out[i].Status < 400) {
			out[i] = &Response{Status: http.StatusFailedDependency, Header: culprit.Header, Body: culprit.Body, URL: culprit.URL, at: culprit.at, hidden: culprit.hidden}
		}
	}
}
