package core

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Delta is a change feed by delta links: the service's own change tracking. A
// change is told by the state that it led to, so several of one record may come
// as one, and which of our own writes caused it is not known.
type Delta struct {
	feeds *Feeds
	set   *Set
	state *feedState
	query wire.Query // of the request that begins to track
	note  []*Field   // what a change tells besides the key: when, and by which key
}

var _ connectors.Feed = (*Delta)(nil)

// Delta makes the feed of a set whose changes the service tracks. at names the
// field of the last change, "" where there is none.
func (f *Feeds) Delta(s *Set, at string) *Delta {
	d := &Delta{feeds: f, set: s, state: f.of(s.Name)}
	names := make([]string, 0, len(s.ID)+2)
	for _, id := range s.ID {
		names = append(names, id.Wire)
	}
	if field, ok := s.Field(at); ok {
		d.note = append(d.note, field)
		names = append(names, field.Wire)
	}
	if len(s.Keys) > 0 {
		for _, path := range s.Keys[0].Fields {
			if field, ok := s.Field(path); ok && field.Lookup == "" {
				d.note = append(d.note, field)
				names = append(names, field.Wire)
			}
		}
	}
	d.query = wire.Query(nil).With("$select", strings.Join(names, ","))
	return d
}

// deltaCursor is where a delta feed goes on: a link, from the service's root on,
// and when its token was given.
type deltaCursor struct {
	Link string `json:"link"`
	At   int64  `json:"at"`             // of the token, in milliseconds
	Rest string `json:"rest,omitempty"` // name and place of an answer that is held in memory
}

func (c deltaCursor) text() connectors.Cursor {
	b, _ := json.Marshal(c) // a struct of texts and a number cannot fail
	return connectors.Cursor(b)
}

// rest is an answer of which not all was asked for.
type rest struct {
	name    string
	changes []connectors.Change
	next    deltaCursor
	last    bool
}

// startSize is how many records a page holds while a feed begins.
const startSize = 5000

// Start reads the set's keys to the link that stands at their end. A feed that
// was begun before goes on from the link it has.
func (d *Delta) Start(ctx context.Context) (connectors.Cursor, error) {
	path := d.query.On(d.set.Name)
	for seen := map[string]bool{}; ; seen[path] = true {
		if seen[path] {
			return "", Fault("start", d.set.Name, endless())
		}
		page, err := d.get(ctx, path, startSize, false)
		if err != nil {
			return "", Fault("start", d.set.Name, err)
		}
		if page.Delta != "" {
			return deltaCursor{Link: d.short(page.Delta), At: d.began()}.text(), nil
		}
		if page.Next == "" {
			return "", &connectors.Error{Kind: connectors.Invalid, Op: "start", Entity: d.set.Name, Message: "the service does not track the changes of " + d.set.Name + "; switch change tracking on for it"}
		}
		path = page.Next
	}
}

// began notes that a token was given now, and after the last stop, in milliseconds.
func (d *Delta) began() int64 {
	d.state.mu.Lock()
	defer d.state.mu.Unlock()
	now := d.feeds.App.Client.Now()
	if after := d.state.stopped.Add(time.Millisecond); now.Before(after) {
		now = after
	}
	d.state.oldest, d.state.polled = now, now
	return now.UnixMilli()
}

func (d *Delta) short(link string) string {
	return strings.TrimPrefix(link, d.feeds.App.Client.Root().String())
}

func (d *Delta) get(ctx context.Context, path string, size int, patient bool) (wire.Page, error) {
	app := d.feeds.App
	answer, err := app.Client.Read(ctx, app.Dialect.Batching, wire.Reading{Path: path, Patient: patient,
		Header: map[string]string{"Prefer": "odata.track-changes," + maxPageSize(size)}})
	if err != nil {
		return wire.Page{}, err
	}
	page, err := wire.DecodePage(answer)
	if err != nil {
		return wire.Page{}, &connectors.Error{Kind: connectors.Internal, Message: err.Error(), Err: err}
	}
	return page, nil
}

// Stop leaves nothing in the service, where we have installed nothing. Cursors
// that were given before end here.
func (d *Delta) Stop(context.Context) error {
	d.state.mu.Lock()
	defer d.state.mu.Unlock()
	d.state.stopped, d.state.rest, d.state.oldest = d.feeds.App.Client.Now(), nil, time.Time{}
	return nil
}

// Changes follows the link of a cursor.
func (d *Delta) Changes(ctx context.Context, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
	at, err := d.parse(since)
	if err != nil {
		return nil, "", false, err
	}
	if batch, next, last, ok := d.held(at, most); ok {
		return batch, next, last, nil
	}
	begun := d.state.begin()
	page, err := d.get(ctx, at.Link, most, true)
	if err != nil {
		if deltaRefused(err) {
			err = expired(d.set.Name, "the service does not keep the changes since "+time.UnixMilli(at.At).UTC().Format(time.DateTime), err)
		}
		return nil, "", false, Fault("changes", d.set.Name, err)
	}
	r := &rest{name: string(since), next: deltaCursor{Link: d.short(page.Next), At: at.At}}
	for _, o := range page.Records {
		c, err := d.change(o)
		if err != nil {
			return nil, "", false, Fault("changes", d.set.Name, err)
		}
		r.changes = append(r.changes, c)
	}
	now := d.feeds.App.Client.Now()
	if page.Next == "" {
		if page.Delta == "" {
			return nil, "", false, expired(d.set.Name, "the service answered without saying where its changes go on", nil)
		}
		r.last, r.next = true, deltaCursor{Link: d.short(page.Delta), At: now.UnixMilli()}
	}
	if r.last {
		d.state.caughtUp(begun, now)
	}
	return d.serve(r, at, since, most, now)
}

// fresh is how old a token may grow before an answer without changes replaces
// it: a cursor that stays the same need not be stored again.
const fresh = time.Hour

func (d *Delta) serve(r *rest, at deltaCursor, since connectors.Cursor, most int, now time.Time) ([]connectors.Change, connectors.Cursor, bool, error) {
	d.state.mu.Lock()
	defer d.state.mu.Unlock()
	if r.last {
		d.state.oldest = now
	}
	if len(r.changes) == 0 && r.last && now.Sub(time.UnixMilli(at.At)) < fresh {
		d.state.oldest = time.UnixMilli(at.At)
		return nil, since, true, nil
	}
	d.state.rest = nil
	if len(r.changes) > most {
		out := r.changes[:most]
		r.changes, d.state.rest = r.changes[most:], r
		r.name = string(deltaCursor{Link: at.Link, At: at.At, Rest: nextRest(at.Rest)}.text())
		return out, connectors.Cursor(r.name), false, nil
	}
	return r.changes, r.next.text(), r.last, nil
}

func nextRest(name string) string { return name + "+" }

// held serves what is left of an answer. After a restart it is gone, and the
// link is read again from its beginning: a change may come twice, none is lost.
func (d *Delta) held(at deltaCursor, most int) ([]connectors.Change, connectors.Cursor, bool, bool) {
	d.state.mu.Lock()
	defer d.state.mu.Unlock()
	r := d.state.rest
	if r == nil || at.Rest == "" || r.name != string(at.text()) {
		return nil, "", false, false
	}
	if len(r.changes) <= most {
		return r.changes, r.next.text(), r.last, true
	}
	next := &rest{changes: r.changes[most:], next: r.next, last: r.last}
	next.name = string(deltaCursor{Link: at.Link, At: at.At, Rest: nextRest(at.Rest)}.text())
	d.state.rest = next
	return r.changes[:most], connectors.Cursor(next.name), false, true
}

func (d *Delta) parse(since connectors.Cursor) (deltaCursor, error) {
	var at deltaCursor
	if err := json.Unmarshal([]byte(since), &at); err != nil || at.Link == "" {
		return at, expired(d.set.Name, "the cursor is none of this feed", err)
	}
	d.state.mu.Lock()
	defer d.state.mu.Unlock()
	given := time.UnixMilli(at.At)
	if at.At <= d.state.stopped.UnixMilli() && !d.state.stopped.IsZero() {
		return at, expired(d.set.Name, "the feed was stopped", nil)
	}
	if d.state.oldest.IsZero() {
		d.state.oldest = given
	}
	return at, nil
}

// deltaRefused tells a service's answers to a token that it does not know any
// more. Which one it gives is not documented; all of them mean that both sides
// have to be compared.
func deltaRefused(err error) bool {
	var f *wire.Failure
	if !errors.As(err, &f) {
		return false
	}
	switch f.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusPreconditionFailed, http.StatusNotImplemented:
		return true
	}
	return false
}

func (d *Delta) change(o wire.Object) (connectors.Change, error) {
	c := connectors.Change{Op: connectors.Update, At: d.feeds.App.Client.Now()}
	if id, deleted := o.Deleted(); deleted {
		c.Op = connectors.Delete
		return d.deleted(c, o, id)
	}
	var err error
	if c.ID, err = d.set.idOf(o); err != nil {
		return c, err
	}
	var key []string
	for _, f := range d.note {
		v, err := f.read(o[f.Wire])
		switch {
		case err != nil || !v.IsSet():
		case v.Type() == connectors.DateTime:
			c.At = v.Time()
		default:
			key = append(key, v.String())
		}
	}
	c.Key = strings.Join(key, " ")
	return c, nil
}

// deleted reads which record went: by its key's properties, its address, or its
// bare id.
func (d *Delta) deleted(c connectors.Change, o wire.Object, id string) (connectors.Change, error) {
	if own, err := d.set.idOf(o); err == nil {
		c.ID = own
		return c, nil
	}
	text, ok := wire.PredicateOf(id)
	if !ok {
		text = id
	}
	row, ok := d.set.parseID(text)
	if !ok {
		return c, &connectors.Error{Kind: connectors.Internal, Message: "the service tells a deletion of " + id + ", which is no key of " + d.set.Name}
	}
	c.ID = d.set.id(row)
	return c, nil
}

// Wait returns when it is time to look again.
func (d *Delta) Wait(ctx context.Context, since connectors.Cursor) error {
	at, err := d.parse(since)
	if err != nil {
		return err
	}
	d.state.mu.Lock()
	pending := at.Rest != "" && d.state.rest != nil
	d.state.mu.Unlock()
	return d.feeds.wait(ctx, d.state, pending)
}

// Confirm has nothing to forget: the service lets its tokens expire by itself.
func (d *Delta) Confirm(_ context.Context, upTo connectors.Cursor) error {
	_, err := d.parse(upTo)
	return err
}
