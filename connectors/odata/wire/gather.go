package wire

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dualwrite/connectors"
)

// gather collects reads that are asked for at the same time while the service
// wants fewer calls. They travel as one batch, which counts as one call.
type gather struct {
	mu      sync.Mutex
	waiting []*reading
	group   int         // how many groups left so far
	hurry   time.Time   // when the last read came that was not patient
	alone   atomic.Bool // the service takes no reads in a batch
}

// reading is one read that waits for company.
type reading struct {
	request Request
	inner   string // its path from the service's root on
	patient bool
	answer  *Response
	err     error
	done    chan struct{}
}

func (r *reading) finish(answer *Response, err error) {
	r.answer, r.err = answer, err
	close(r.done)
}

// How long a read waits for others to travel with: as long as it takes others of
// the same moment to come. A patient one waits for all that is patient, and while
// others come all the time, until the next of them does.
const (
	company = 5 * time.Millisecond
	crowd   = 200 * time.Millisecond
	lull    = 3 * time.Second
)

// Reading is a GET that need not be a call of its own.
type Reading struct {
	Path    string // as of Request
	Header  map[string]string
	Patient bool // it may wait for another one to travel with
}

// Read is Do for reads that may share a call: while the service asks for fewer
// calls, those that wait at the same time travel as one batch of the given form.
// A service that takes no such batch is asked for each.
func (c *Client) Read(ctx context.Context, form Batching, r Reading) (*Response, error) {
	one := &reading{request: Request{Method: http.MethodGet, Path: r.Path, Header: r.Header}, patient: r.Patient, done: make(chan struct{})}
	own := true
	if one.inner = r.Path; strings.Contains(r.Path, "://") {
		one.inner, own = strings.CutPrefix(r.Path, c.root.String())
	}
	if !own || form.Form == NoBatch || c.gather.alone.Load() || !c.limit.underPressure(c.opt.Now()) {
		return c.Do(ctx, one.request)
	}
	if group, wait := c.gather.join(one, c.opt.Now()); wait > 0 {
		go c.fetch(form, group, wait) // ends with the client
	}
	select {
	case <-one.done:
		return one.answer, one.err
	case <-ctx.Done():
		c.gather.leave(one)
		return nil, c.ended(ctx, one.request, ctx.Err())
	}
}

// join queues a read for the group that leaves next. Where somebody has to fetch
// for it, since nobody does yet, or only for patient ones while it is in a hurry,
// wait is how long to wait for company before that; otherwise 0.
func (g *gather) join(one *reading, now time.Time) (group int, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !one.patient {
		g.hurry = now
	}
	hurried := slices.ContainsFunc(g.waiting, func(r *reading) bool { return !r.patient })
	switch g.waiting = append(g.waiting, one); {
	case one.patient && len(g.waiting) == 1 && now.Sub(g.hurry) < lull:
		wait = lull
	case one.patient && len(g.waiting) == 1:
		wait = crowd
	case !one.patient && !hurried:
		wait = company
	}
	return g.group, wait
}

// leave takes a read out of the queue, if it is still there.
func (g *gather) leave(one *reading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.waiting, one); at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
	}
}

// left reports whether a group has left, or nobody waits for it any more.
func (g *gather) left(group int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.group != group || len(g.waiting) == 0
}

// take has the group leave: those that wait, at most so many. The number of the
// next one is given if somebody is left to wait for it.
func (g *gather) take(most int) (out []*reading, next int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(most, len(g.waiting))
	out, g.waiting = g.waiting[:n:n], g.waiting[n:]
	if g.group++; len(g.waiting) > 0 {
		next = g.group
	}
	return out, next
}

// fetch waits until the service may be asked, and asks for all that is wanted by
// then, unless the group has left with somebody else.
func (c *Client) fetch(form Batching, group int, wait time.Duration) {
	err := c.opt.Sleep(c.life, wait)
	if c.gather.left(group) {
		return
	}
	if err == nil {
		if err = c.limit.enter(c.life); err == nil {
			defer c.limit.leave()
		}
	}
	if away := c.limit.away(c.opt.Now()); err == nil && away > 0 && away <= c.opt.Patience {
		err = c.opt.Sleep(c.life, away)
	}
	all, next := c.gather.take(orElse(form.Most, mostOperations))
	if next > 0 {
		go c.fetch(form, next, company)
	}
	switch {
	case len(all) == 0:
	case err != nil:
		for _, one := range all {
			one.finish(nil, c.ended(c.life, one.request, err))
		}
	case len(all) == 1:
		answer, err := c.persist(c.life, all[0].request)
		all[0].finish(answer, c.hide(err))
	default:
		c.share(form, all)
	}
}

// share asks for several reads in one call. What the service did not execute, or
// may well execute a little later, is asked for by itself.
func (c *Client) share(form Batching, group []*reading) {
	ops := make([]Operation, len(group))
	for i, one := range group {
		header := map[string]string{}
		for name, values := range c.opt.Header {
			header[name] = values[0]
		}
		maps.Copy(header, one.request.Header)
		ops[i] = Operation{Method: http.MethodGet, Path: one.inner, Header: header}
	}
	answers := make([]*Response, len(group))
	request, err := c.pack(form, ops)
	if err == nil {
		var whole *Response
		if whole, err = c.persist(c.life, request); err == nil && c.unpack(whole, form, ops, answers) != nil || refusesBatch(err) {
			c.gather.alone.Store(true)
			clear(answers)
			err = nil
		}
	}
	for i, one := range group {
		c.tell(one, answers[i], err)
	}
}

// refusesBatch reports whether a service does not take reads in a batch: it
// refuses what it may well answer one by one.
func refusesBatch(err error) bool {
	var f *Failure
	return errors.As(err, &f) && !passing(err) && f.Status != http.StatusTooManyRequests && f.Status != http.StatusUnauthorized
}

// tell gives a read its part of a shared answer, or asks again for it alone.
func (c *Client) tell(one *reading, part *Response, err error) {
	if err != nil {
		one.finish(nil, c.hide(err))
		return
	}
	if part != nil && part.Status < http.StatusMultipleChoices {
		part.URL, err = c.target(one.request.Path)
		one.finish(part, err)
		return
	}
	if part != nil && part.Status >= http.StatusBadRequest {
		f := part.Failure().fault()
		if !passing(f) && f.Kind != connectors.Throttled && f.Kind != connectors.Denied {
			one.finish(nil, c.hide(f))
			return
		}
	}
	go func() { one.finish(c.Do(c.life, one.request)) }()
}
