package cds

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dualwrite/connectors/practice/service"
)

// grammar is what $filter may hold.
func grammar() service.Grammar { return service.Grammar{Functions: true} }

// retrieve answers GET of one record.
func (c *call) retrieve(ctx context.Context, e *service.Entity, at service.Segment) (*service.Response, error) {
	sh, err := shapeOf(c.server.store.Model, e, c.options["$select"], c.options["$expand"])
	if err != nil {
		return nil, err
	}
	var found *service.Record
	err = c.reading(ctx, func(tx *service.Tx) error {
		a, err := there(ctx, tx, e, at)
		if err != nil {
			return err
		}
		found, err = one(ctx, tx, sh, a.id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.Header.Get("If-None-Match") == etag(found.Version) {
		return service.Reply(http.StatusNotModified, nil, "ETag", etag(found.Version)), nil
	}
	return c.oneRecord(http.StatusOK, sh, found)
}

// one reads a record by its native id.
func one(ctx context.Context, tx *service.Tx, sh *shape, id string) (*service.Record, error) {
	found, err := tx.Select(ctx, &service.Select{Entity: sh.entity, Fields: sh.fields, Expand: sh.expands(),
		Filter: service.Equals(sh.entity.Primary().Name, service.GUIDLiteral, id), Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notThere(sh.entity, id)
	}
	return found[0], nil
}

// oneRecord is an answer that holds one record.
func (c *call) oneRecord(status int, sh *shape, r *service.Record) (*service.Response, error) {
	w := c.writer()
	w.record(sh, r, fmt.Sprintf(`"@odata.context":%q,`, c.base+"$metadata#"+sh.entity.Set+sh.context()+"/$entity"))
	answer, err := c.json(status, w.buf)
	answer.Header.Set("ETag", etag(r.Version))
	return answer, err
}

// property answers GET of one value, and DELETE, which clears it.
func (c *call) property(ctx context.Context, e *service.Entity, at service.Segment, name string) (*service.Response, error) {
	f := e.Property(name)
	if f == nil {
		f = e.Navigation(name)
	}
	if f == nil {
		return nil, notFoundSegment(name)
	}
	switch c.Method {
	case http.MethodDelete:
		err := c.within(ctx, func(tx *service.Tx) error {
			a, err := there(ctx, tx, e, at)
			if err != nil {
				return err
			}
			return c.update(ctx, tx, e, a.id, service.Values{f: nil})
		})
		return service.Reply(http.StatusNoContent, nil), err
	case http.MethodGet:
		return c.oneValue(ctx, e, at, f, name)
	}
	return nil, &wireError{http.StatusMethodNotAllowed, codeGeneral, "The HTTP method '" + c.Method + "' is not supported for this resource."}
}

// oneValue answers GET of one value.
func (c *call) oneValue(ctx context.Context, e *service.Entity, at service.Segment, f *service.Field, name string) (*service.Response, error) {
	var found *service.Record
	err := c.reading(ctx, func(tx *service.Tx) error {
		a, err := there(ctx, tx, e, at)
		if err != nil {
			return err
		}
		found, err = one(ctx, tx, &shape{entity: e, fields: []*service.Field{f}}, a.id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if found.Values[0] == nil {
		return service.Reply(http.StatusNoContent, nil), nil
	}
	w := c.writer()
	w.raw(fmt.Sprintf(`{"@odata.context":%q,"value":`, c.base+"$metadata#"+e.Set+"("+found.ID+")/"+name))
	w.value(f, found.Values[0])
	w.raw("}")
	return c.json(http.StatusOK, w.buf)
}

// page is how far one answer of a collection goes.
type page struct {
	size   int
	paged  bool // the client asked for pages of a size
	number int
}

func (c *call) pageSize() (page, error) {
	p := page{size: maxPage, number: 1}
	if wanted, ok := c.Preference("odata.maxpagesize"); ok {
		n, err := strconv.Atoi(wanted)
		if err != nil || n < 1 {
			return p, &wireError{http.StatusBadRequest, codeGeneral, "The preference odata.maxpagesize needs a whole number above zero."}
		}
		p.size, p.paged = min(n, maxPage), true
	}
	return p, nil
}

// collection answers GET of an entity set.
func (c *call) collection(ctx context.Context, e *service.Entity) (*service.Response, error) {
	if err := c.allow("$select", "$filter", "$orderby", "$top", "$expand", "$count", "$skiptoken", "$deltatoken"); err != nil {
		return nil, err
	}
	if _, has := c.options["$deltatoken"]; has {
		return c.delta(ctx, e)
	}
	if _, wanted := c.Preference("odata.track-changes"); wanted {
		return c.tracked(ctx, e)
	}
	sh, sel, err := c.selection(e)
	if err != nil {
		return nil, err
	}
	p, err := c.pageSize()
	if err != nil {
		return nil, err
	}
	at, err := readCookie(c.options["$skiptoken"])
	if err != nil {
		return nil, err
	}
	limit := p.size
	top := c.top()
	if top >= 0 && !p.paged { // with pages of a size, $top does not count
		limit = min(limit, top)
	}
	sel.After, sel.Limit = at.After, limit+1
	found, total, err := c.read(ctx, sel)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		if limit > 0 && (top < 0 || p.paged || top > limit) {
			next = c.link(e, cookie{Page: at.Page + 1, After: found[limit-1].Position})
		}
	}
	return c.records(sh, found, total, next)
}

// read reads records and, where $count asks for it, how many there are; -1
// where it does not. The count ends just beyond the most that is told.
func (c *call) read(ctx context.Context, sel *service.Select) (found []*service.Record, total int64, err error) {
	total = -1
	err = c.reading(ctx, func(tx *service.Tx) (err error) {
		if c.options["$count"] == "true" {
			if total, err = tx.Count(ctx, sel, maxPage+1); err != nil {
				return err
			}
		}
		found, err = tx.Select(ctx, sel)
		return err
	})
	return found, total, err
}

// selection reads the query options of a collection.
func (c *call) selection(e *service.Entity) (*shape, *service.Select, error) {
	sh, err := shapeOf(c.server.store.Model, e, c.options["$select"], c.options["$expand"])
	if err != nil {
		return nil, nil, err
	}
	sel := &service.Select{Entity: e, Grammar: grammar(), Fields: sh.fields, Expand: sh.expands()}
	if text, has := c.options["$filter"]; has {
		if sel.Filter, err = service.ParseFilter(text, c.options.Aliases(), grammar()); err != nil {
			return nil, nil, err
		}
	}
	sel.Order, err = orderOf(c.options["$orderby"])
	return sh, sel, err
}

// records is an answer that holds a page of records.
func (c *call) records(sh *shape, found []*service.Record, total int64, next string) (*service.Response, error) {
	w := c.writer()
	w.raw(fmt.Sprintf(`{"@odata.context":%q`, c.base+"$metadata#"+sh.entity.Set+sh.context()))
	if total >= 0 {
		w.raw(fmt.Sprintf(`,"@odata.count":%d`, min(total, maxPage)))
		if w.annotated {
			w.raw(fmt.Sprintf(`,"@Microsoft.Dynamics.CRM.totalrecordcount":%d,"@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded":%t`, min(total, maxPage), total > maxPage))
		}
	}
	w.list(sh, found)
	if next != "" {
		w.raw(`,"@odata.nextLink":`)
		w.text(next)
	}
	w.raw("}")
	answer, err := c.json(http.StatusOK, w.buf)
	if wanted, ok := c.Preference("odata.maxpagesize"); ok {
		answer.Header.Set("Preference-Applied", "odata.maxpagesize="+wanted)
	}
	return answer, err
}

// list writes the member "value", leaving its brackets closed.
func (w *writer) list(sh *shape, found []*service.Record) {
	w.raw(`,"value":[`)
	for i, r := range found {
		if i > 0 {
			w.raw(",")
		}
		w.record(sh, r, "")
	}
	w.raw("]")
}

// top is $top, or -1.
func (c *call) top() int {
	n, err := strconv.Atoi(c.options["$top"])
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// allow refuses query options that are not among those of a resource.
func (c *call) allow(names ...string) error {
	for name := range c.options {
		if strings.HasPrefix(name, "$") && !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
			if name == "$skip" {
				return &wireError{http.StatusBadRequest, codeGeneral, "Skip Clause is not supported in CRM"}
			}
			return &wireError{http.StatusBadRequest, codeGeneral, "The query parameter " + name + " is not supported"}
		}
	}
	return nil
}

// count answers /$count: a number behind a byte order mark.
func (c *call) count(ctx context.Context, e *service.Entity) (*service.Response, error) {
	if err := c.allow("$filter", "$deltatoken"); err != nil {
		return nil, err
	}
	var n int64
	err := c.reading(ctx, func(tx *service.Tx) (err error) {
		if _, has := c.options["$deltatoken"]; has {
			n, err = c.countChanges(ctx, tx, e)
			return err
		}
		_, sel, err := c.selection(e)
		if err == nil {
			n, err = tx.Count(ctx, sel, maxPage)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return service.Reply(http.StatusOK, []byte("\ufeff"+strconv.FormatInt(n, 10)), "Content-Type", "text/plain"), nil
}
