package fno

import (
	"context"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"dualwrite/connectors/practice/service"
)

// grammar is what $filter may hold.
func grammar() service.Grammar { return service.Grammar{Wildcards: true} }

// scope narrows a call to the user's own company unless it asks for all.
func (c *call) scope(e *service.Entity) service.Filter {
	if e.Company == "" || c.options["cross-company"] == "true" {
		return nil
	}
	return service.Equals(e.Company, service.TextLiteral, c.server.company)
}

// fields reads $select.
func (c *call) fields(e *service.Entity) ([]*service.Field, error) {
	if c.options["$expand"] != "" {
		return nil, &service.Refusal{Kind: service.UnknownField, Entity: e, Value: c.options["$expand"]}
	}
	selected := c.options["$select"]
	if selected == "" || selected == "*" {
		return e.Fields, nil
	}
	var out []*service.Field
	for _, name := range strings.Split(selected, ",") {
		f := e.Field(strings.TrimSpace(name))
		if f == nil {
			return nil, &service.Refusal{Kind: service.UnknownField, Entity: e, Value: name}
		}
		out = append(out, f)
	}
	return out, nil
}

// locate finds the record of a key, which must be whole, nil if there is none.
func (c *call) locate(ctx context.Context, tx *service.Tx, e *service.Entity, at service.Segment, fields []*service.Field) (*service.Record, error) {
	var names []string
	parts := []service.Filter{c.scope(e)}
	for _, p := range at.Key {
		if p.Name == "" && len(at.Key) == 1 {
			p.Name = e.Keys[0].Fields[0]
		}
		names = append(names, p.Name)
		parts = append(parts, &service.Comparison{Path: []string{p.Name}, Op: "eq", Value: p.Value})
	}
	if e.Key(names) == nil {
		return nil, c.noResource()
	}
	found, err := tx.Select(ctx, &service.Select{Entity: e, Fields: fields, Filter: service.And(parts...), Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// retrieve answers GET of one record.
func (c *call) retrieve(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	fields, err := c.fields(e)
	if err != nil {
		return nil, err
	}
	var found *service.Record
	err = c.reading(ctx, func(tx *service.Tx) (err error) {
		found, err = c.locate(ctx, tx, e, at, fields)
		return err
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, c.noResource()
	}
	return c.one(http.StatusOK, e, fields, found), nil
}

// one is an answer that holds one record.
func (c *call) one(status int, e *service.Entity, fields []*service.Field, r *service.Record) *service.Response {
	w := &writer{}
	w.record(fields, r, fmt.Sprintf(`"@odata.context":%q,`, c.base+"$metadata#"+e.Set+"/$entity"))
	answer := c.json(status, w.buf)
	answer.Header.Set("ETag", etag(r))
	return answer
}

// selection reads the query options of a collection.
func (c *call) selection(e *service.Entity) (*service.Select, error) {
	fields, err := c.fields(e)
	if err != nil {
		return nil, err
	}
	sel := &service.Select{Entity: e, Grammar: grammar(), Fields: fields, Filter: c.scope(e)}
	if text, has := c.options["$filter"]; has {
		f, err := service.ParseFilter(text, nil, grammar())
		if err != nil {
			return nil, err
		}
		sel.Filter = service.And(sel.Filter, f)
	}
	for _, term := range strings.FieldsFunc(c.options["$orderby"], func(r rune) bool { return r == ',' }) {
		words := strings.Fields(term)
		if len(words) == 0 || len(words) == 2 && words[1] != "asc" && words[1] != "desc" || len(words) > 2 {
			return nil, &service.Refusal{Kind: service.BadFilter, Message: "Syntax error in $orderby."}
		}
		sel.Order = append(sel.Order, service.Order{Path: words[:1], Desc: len(words) == 2 && words[1] == "desc"})
	}
	return sel, nil
}

// number reads a query option that is a whole number; other where it is not given.
func (c *call) number(name string, other int) (int, error) {
	text, has := c.options[name]
	if !has {
		return other, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, &service.Refusal{Kind: service.BadFilter, Message: "Invalid value '" + text + "' for " + name + " query option found."}
	}
	return n, nil
}

// collection answers GET of an entity set, a page at most. The next page is
// found by counting records, as the service does it.
func (c *call) collection(ctx context.Context, e *service.Entity) (*service.Response, error) {
	sel, err := c.selection(e)
	if err != nil {
		return nil, err
	}
	top, err := c.number("$top", -1)
	if err != nil {
		return nil, err
	}
	if sel.Skip, err = c.number("$skip", 0); err != nil {
		return nil, err
	}
	limit := c.server.page
	if top >= 0 {
		limit = min(limit, top)
	}
	sel.Limit = limit + 1
	found, total, err := c.read(ctx, sel)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		if limit == c.server.page {
			next = c.next(e, sel.Skip+limit, limit)
		}
	}
	return c.records(e, sel.Fields, found, total, next), nil
}

// read reads records and, where $count asks for it, how many there are; -1
// where it does not.
func (c *call) read(ctx context.Context, sel *service.Select) (found []*service.Record, total int64, err error) {
	total = -1
	err = c.reading(ctx, func(tx *service.Tx) (err error) {
		if c.options["$count"] == "true" {
			if total, err = tx.Count(ctx, sel, 1<<62); err != nil {
				return err
			}
		}
		found, err = tx.Select(ctx, sel)
		return err
	})
	return found, total, err
}

// records is an answer that holds a page of records.
func (c *call) records(e *service.Entity, fields []*service.Field, found []*service.Record, total int64, next string) *service.Response {
	w := &writer{}
	w.raw(fmt.Sprintf(`{"@odata.context":%q`, c.base+"$metadata#"+e.Set+c.selected()))
	if total >= 0 {
		w.raw(fmt.Sprintf(`,"@odata.count":%d`, total))
	}
	w.raw(`,"value":[`)
	for i, r := range found {
		if i > 0 {
			w.raw(",")
		}
		w.record(fields, r, "")
	}
	w.raw("]")
	if next != "" {
		w.raw(`,"@odata.nextLink":`)
		w.text(next)
	}
	w.raw("}")
	return c.json(http.StatusOK, w.buf)
}

func (c *call) selected() string {
	if s := c.options["$select"]; s != "" && s != "*" {
		return "(" + strings.ReplaceAll(s, " ", "") + ")"
	}
	return ""
}

// next is the address of the page that begins after so many records.
func (c *call) next(e *service.Entity, skip, top int) string {
	var names []string
	for name := range c.options {
		if name != "$skip" && name != "$top" && name != "$count" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var parts []string
	for _, name := range names {
		parts = append(parts, name+"="+service.Escape(c.options[name]))
	}
	parts = append(parts, fmt.Sprintf("$skip=%d", skip), fmt.Sprintf("$top=%d", top))
	return c.base + e.Set + "?" + strings.Join(parts, "&")
}

// count answers /$count.
func (c *call) count(ctx context.Context, e *service.Entity) (*service.Response, error) {
	sel, err := c.selection(e)
	if err != nil {
		return nil, err
	}
	var n int64
	err = c.reading(ctx, func(tx *service.Tx) (err error) {
		n, err = tx.Count(ctx, sel, 1<<62)
		return err
	})
	return service.Reply(http.StatusOK, strconv.AppendInt(nil, n, 10), "Content-Type", "text/plain"), err
}
