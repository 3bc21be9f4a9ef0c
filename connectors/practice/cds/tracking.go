package cds

import (
	"context"
	"fmt"
	"net/http"

	"dualwrite/connectors/practice/service"
)

// trackedShape checks that an entity can be tracked with the call's options.
func (c *call) trackedShape(e *service.Entity) (*shape, error) {
	if !e.Tracked {
		return nil, &wireError{http.StatusBadRequest, codeGeneral, "Change tracking is not enabled for the entity '" + e.Name + "'."}
	}
	for _, name := range []string{"$filter", "$orderby", "$expand", "$top"} {
		if _, has := c.options[name]; has {
			return nil, &wireError{http.StatusBadRequest, codeGeneral, `The "` + name + `" query parameter isn't supported when Change Tracking is enabled.`}
		}
	}
	return shapeOf(c.server.store.Model, e, c.options["$select"], "")
}

// tracked answers the first call of change tracking: all records, and with the
// last page the link to what changed since the first.
func (c *call) tracked(ctx context.Context, e *service.Entity) (*service.Response, error) {
	sh, err := c.trackedShape(e)
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
	var found []*service.Record
	err = c.reading(ctx, func(tx *service.Tx) (err error) {
		if at.UpTo == 0 {
			if at.UpTo, err = tx.Version(ctx, c.server.Faults().Lag); err != nil {
				return err
			}
		}
		found, err = tx.Select(ctx, &service.Select{Entity: e, Fields: sh.fields, After: at.After, Limit: p.size + 1})
		return err
	})
	if err != nil {
		return nil, err
	}
	w := c.writer()
	w.raw(fmt.Sprintf(`{"@odata.context":%q`, c.base+"$metadata#"+e.Set+sh.context()))
	more := len(found) > p.size
	if more {
		found = found[:p.size]
	}
	w.list(sh, found)
	if more {
		w.link("@odata.nextLink", c.link(e, cookie{Page: at.Page + 1, After: found[p.size-1].Position, UpTo: at.UpTo}))
	} else {
		w.link("@odata.deltaLink", c.deltaLink(e, at.UpTo))
	}
	w.raw("}")
	answer, err := c.json(http.StatusOK, w.buf)
	answer.Header.Set("Preference-Applied", "odata.track-changes")
	return answer, err
}

func (c *call) deltaLink(e *service.Entity, version int64) string {
	return c.base + e.Set + "?" + c.queryWith("$deltatoken", deltaToken(version, c.server.Now()))
}

func (w *writer) link(name, address string) {
	w.raw(",")
	w.text(name)
	w.raw(":")
	w.text(address)
}

// delta answers a delta link: what was written since, in the order of versions,
// then what was deleted.
func (c *call) delta(ctx context.Context, e *service.Entity) (*service.Response, error) {
	sh, err := c.trackedShape(e)
	if err != nil {
		return nil, err
	}
	since, err := c.server.readDeltaToken(c.options["$deltatoken"])
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
	if at.UpTo == 0 {
		at.Since = since
	}
	w := c.writer()
	w.raw(fmt.Sprintf(`{"@odata.context":%q`, c.base+"$metadata#"+e.Set+sh.context()+"/$delta"))
	var next *cookie
	err = c.reading(ctx, func(tx *service.Tx) (err error) {
		if at.UpTo == 0 {
			if at.UpTo, err = tx.Version(ctx, c.server.Faults().Lag); err != nil {
				return err
			}
			at.UpTo = max(at.UpTo, since)
		}
		next, err = c.deltaPage(ctx, tx, w, sh, at, since, p.size)
		return err
	})
	if err != nil {
		return nil, err
	}
	if next != nil {
		w.link("@odata.nextLink", c.link(e, *next))
	} else {
		w.link("@odata.deltaLink", c.deltaLink(e, at.UpTo))
	}
	w.raw("}")
	return c.json(http.StatusOK, w.buf)
}

// deltaPage writes one page of changes and answers where the next one begins,
// nil after the last.
func (c *call) deltaPage(ctx context.Context, tx *service.Tx, w *writer, sh *shape, at cookie, since int64, size int) (*cookie, error) {
	var live []*service.Record
	var err error
	if !at.Gone {
		live, err = tx.Select(ctx, &service.Select{Entity: sh.entity, Fields: sh.fields, Changes: true, Since: at.Since, UpTo: at.UpTo, Limit: size + 1})
		if err != nil {
			return nil, err
		}
		if len(live) > size {
			w.list(sh, live[:size])
			return &cookie{Page: at.Page + 1, UpTo: at.UpTo, Since: live[size-1].Version}, nil
		}
		at.Since = since
	}
	room := size - len(live)
	gone, err := tx.Deleted(ctx, sh.entity, at.Since, at.UpTo, room+1)
	if err != nil {
		return nil, err
	}
	more := len(gone) > room
	gone = gone[:min(len(gone), room)]
	w.list(sh, live)
	w.buf = w.buf[:len(w.buf)-1] // open the list again
	for i, d := range gone {
		if i > 0 || len(live) > 0 {
			w.raw(",")
		}
		w.raw(fmt.Sprintf(`{"@odata.context":%q,"id":%q,"reason":"deleted"}`, c.base+"$metadata#"+sh.entity.Set+"/$deletedEntity", d.ID))
	}
	w.raw("]")
	if !more {
		return nil, nil
	}
	next := &cookie{Page: at.Page + 1, UpTo: at.UpTo, Since: at.Since, Gone: true}
	if len(gone) > 0 {
		next.Since = gone[len(gone)-1].Version
	}
	return next, nil
}

// countChanges counts what a delta link would tell.
func (c *call) countChanges(ctx context.Context, tx *service.Tx, e *service.Entity) (int64, error) {
	since, err := c.server.readDeltaToken(c.options["$deltatoken"])
	if err != nil {
		return 0, err
	}
	upTo, err := tx.Version(ctx, c.server.Faults().Lag)
	if err != nil {
		return 0, err
	}
	live, err := tx.Select(ctx, &service.Select{Entity: e, Changes: true, Since: since, UpTo: upTo, Limit: maxPage})
	if err != nil {
		return 0, err
	}
	gone, err := tx.Deleted(ctx, e, since, upTo, maxPage)
	return int64(min(len(live)+len(gone), maxPage)), err
}
