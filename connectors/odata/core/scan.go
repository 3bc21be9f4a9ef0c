package core

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// A position of a scan begins with how it goes on.
const (
	afterKey    = "k" // how many records were read, a colon, and the id of the last
	afterOffset = "o" // how many records were read
	afterLink   = "l" // the service's link, from its root on
)

func maxPageSize(size int) string { return "odata.maxpagesize=" + strconv.Itoa(size) }

// Scan returns one page. Records that the service passes but the filter does
// not are left out, so a page may be empty before the end.
func (e *Entity) Scan(ctx context.Context, after connectors.Position, size int) ([]connectors.Record, connectors.Position, error) {
	page, next, err := e.scan(ctx, string(after), size)
	if refusesQuery(err) && e.push.text != "" && e.plain.CompareAndSwap(false, true) {
		page, next, err = e.scan(ctx, string(after), size)
	}
	if refusesQuery(err) && !e.app.Dialect.ByLink && e.offset.CompareAndSwap(false, true) {
		page, next, err = e.scan(ctx, string(after), size)
	}
	return page, connectors.Position(next), Fault("scan", e.set.Name, err)
}

// refusesQuery reports whether a service does not understand what it was asked.
func refusesQuery(err error) bool {
	var f *wire.Failure
	return errors.As(err, &f) && (f.Status == http.StatusBadRequest || f.Status == http.StatusNotImplemented)
}

func (e *Entity) condition() string {
	if e.plain.Load() {
		return ""
	}
	return e.push.text
}

func (e *Entity) scan(ctx context.Context, after string, size int) ([]connectors.Record, string, error) {
	path, skipped, err := e.pagePath(after, size)
	if err != nil {
		return nil, "", err
	}
	var out []connectors.Record
	seen := map[string]bool{}
	for {
		page, err := e.page(ctx, path, size)
		if err != nil {
			return nil, "", err
		}
		records := page.Records
		if !e.app.Dialect.ByLink && len(records) > size {
			records, page.Next = records[:size], "" // a service may ignore $top
		}
		var last found
		for _, o := range records {
			if last, err = e.decode(o); err != nil {
				return nil, "", err
			}
			if e.passes(last) {
				out = append(out, last.Record)
			}
		}
		switch {
		case e.app.Dialect.ByLink:
			return out, e.linkPosition(page.Next), nil
		case len(records) > 0 && (page.Next != "" || len(records) == size):
			return out, e.nextPosition(last.ID, skipped+len(records)), nil
		case page.Next == "":
			return out, "", nil
		case seen[page.Next]:
			return nil, "", endless()
		}
		path, seen[page.Next] = page.Next, true
	}
}

// passes applies the filter and the companies to what was read.
func (e *Entity) passes(r found) bool {
	if !e.match(r.all) {
		return false
	}
	if len(e.sel.Companies) == 0 || e.sel.Company < 0 {
		return true
	}
	loose := connectors.Fold{Case: true, Space: true}
	own := loose.Apply(r.all[e.sel.Company])
	for _, c := range e.sel.Companies {
		if loose.Apply(connectors.TextValue(c)) == own {
			return true
		}
	}
	return false
}

func (e *Entity) linkPosition(next string) string {
	if next == "" {
		return ""
	}
	return afterLink + strings.TrimPrefix(next, e.app.Client.Root().String())
}

func (e *Entity) nextPosition(id string, count int) string {
	if e.offset.Load() {
		return afterOffset + strconv.Itoa(count)
	}
	return afterKey + strconv.Itoa(count) + ":" + id
}

// pagePath is the request for the page after a position.
func (e *Entity) pagePath(after string, size int) (path string, skipped int, err error) {
	if link, ok := strings.CutPrefix(after, afterLink); ok {
		return link, 0, nil
	}
	q := append(wire.Query{}, e.app.Dialect.Options...)
	q = append(q, e.read...)
	condition := e.condition()
	if e.app.Dialect.ByLink {
		return q.With("$filter", condition).On(e.set.Name), 0, nil
	}
	count, id, byKey := strings.Cut(strings.TrimPrefix(after, afterKey), ":")
	byKey = byKey && strings.HasPrefix(after, afterKey)
	if !byKey {
		count = strings.TrimPrefix(after, afterOffset)
	}
	if after != "" {
		if skipped, err = strconv.Atoi(count); err != nil {
			return "", 0, noPosition()
		}
	}
	if byKey && !e.offset.Load() {
		row, ok := e.set.parseID(id)
		if !ok {
			return "", 0, noPosition()
		}
		if condition != "" {
			condition = "(" + condition + ") and "
		}
		condition += e.set.beyond(row)
	} else if after != "" {
		e.offset.Store(true)
		q = q.With("$skip", count)
	}
	order := make([]string, len(e.set.ID))
	for i, f := range e.set.ID {
		order[i] = f.Wire
	}
	q = q.With("$filter", condition).With("$orderby", strings.Join(order, ",")).With("$top", strconv.Itoa(size))
	return q.On(e.set.Name), skipped, nil
}

func noPosition() error {
	return &connectors.Error{Kind: connectors.Invalid, Message: "the position of the scan cannot be read"}
}

// beyond is the condition that a record comes after a key, in the order of the
// key's properties.
func (s *Set) beyond(row connectors.Row) string {
	var any []string
	for i := range s.ID {
		var all []string
		for j, f := range s.ID[:i] {
			all = append(all, f.Wire+" eq "+f.literal(row[j]))
		}
		all = append(all, s.ID[i].Wire+" gt "+s.ID[i].literal(row[i]))
		any = append(any, strings.Join(all, " and "))
	}
	if len(any) == 1 {
		return any[0]
	}
	return "((" + strings.Join(any, ") or (") + "))"
}

// Count asks the service. The number is exact when the service evaluates all of
// the filter and counts as far.
func (e *Entity) Count(ctx context.Context) (n int64, exact bool, err error) {
	q := append(wire.Query{}, e.app.Dialect.Options...).With("$filter", e.condition())
	answer, err := e.app.Client.Read(ctx, e.app.Dialect.Batching, wire.Reading{Path: q.On(e.set.Name + "/$count"), Header: map[string]string{"Accept": "text/plain"}})
	if err == nil {
		text := strings.TrimSpace(string(bytes.TrimPrefix(answer.Body, []byte("\ufeff"))))
		if n, err = strconv.ParseInt(text, 10, 64); err != nil {
			err = &connectors.Error{Kind: connectors.Internal, Message: "the service's count is no number", Err: err}
		}
	} else if k := connectors.KindOf(err); k == connectors.Invalid || k == connectors.NoEntity {
		var page wire.Page
		page, err = e.page(ctx, q.With("$count", "true").With("$top", "1").On(e.set.Name), 1)
		n = page.Count
	}
	if err != nil {
		return 0, false, Fault("count", e.set.Name, err)
	}
	most := e.app.Dialect.CountMost
	return max(n, 0), n >= 0 && e.push.exact && !e.plain.Load() && (most == 0 || n < most), nil
}

// encode is JSON as services take it: no letter is escaped that need not be.
func encode(x any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
