package mysql

import (
	"context"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// comparison goes through a view and its image, a page at a time.
type comparison struct {
	*plan
	l    *link
	view string
}

// page compares the records after one; next is nil behind the last.
func (c *comparison) page(ctx context.Context, after []any) (found []sqlcore.Difference, next []any, err error) {
	var records []connectors.Record
	q := c.Page(after, sqlcore.ComparePage)
	err = c.l.query(ctx, q.SQL, q.Args, func(raw []any) error {
		records = append(records, c.record(raw))
		return nil
	})
	if err != nil || len(records) == 0 {
		return nil, nil, err
	}
	ids, image := make([]any, len(records)), map[string]string{}
	for i, r := range records {
		ids[i] = r.ID
	}
	text := "SELECT id, version FROM " + quote(imageName(c.view)) + " WHERE id IN (" + sqlcore.Marks(len(ids)) + ")"
	err = c.l.query(ctx, text, ids, func(raw []any) error {
		image[str(raw[0])] = str(raw[1])
		return nil
	})
	if len(records) == sqlcore.ComparePage {
		next, _ = c.idArgs(records[len(records)-1].ID)
	}
	return sqlcore.Changed(records, image), next, err
}

// gone looks for records of the image, after one, that the view shows no more;
// next is nil behind the last.
func (c *comparison) gone(ctx context.Context, after []any) (found []sqlcore.Difference, next []any, err error) {
	var ids []string
	text := "SELECT id FROM " + quote(imageName(c.view)) + " WHERE id > " + sqlcore.Mark + " ORDER BY id LIMIT " + sqlcore.Mark
	err = c.l.query(ctx, text, append(after, sqlcore.ComparePage), func(raw []any) error {
		ids = append(ids, str(raw[0]))
		return nil
	})
	var shown []connectors.Record
	if err == nil {
		err = c.get(ctx, c.l, ids, func(r connectors.Record) { shown = append(shown, r) })
	}
	if len(ids) == sqlcore.ComparePage {
		next = []any{ids[len(ids)-1]}
	}
	return sqlcore.Gone(ids, shown), next, err
}

// note makes the image say what the view shows and, unless that is how it
// begins, logs the difference.
func (c *comparison) note(ctx context.Context, found []sqlcore.Difference, begins bool) error {
	var ids, image, log []any
	for _, d := range found {
		ids, log = append(ids, d.ID), append(log, string(d.Op), d.ID)
		if d.Op != connectors.Delete {
			image = append(image, d.ID, d.Version)
		}
	}
	if len(found) == 0 {
		return nil
	}
	table := quote(imageName(c.view))
	if _, err := c.l.exec(ctx, "DELETE FROM "+table+" WHERE id IN ("+sqlcore.Marks(len(ids))+")", ids...); err != nil {
		return err
	}
	if len(image) > 0 {
		if _, err := c.l.exec(ctx, "INSERT INTO "+table+" (id, version) VALUES "+sqlcore.Tuples(len(image)/2, 2), image...); err != nil {
			return err
		}
	}
	if begins {
		return nil
	}
	_, err := c.l.exec(ctx, "INSERT INTO "+quote(logName(c.view))+" (op, id, at) VALUES "+strings.TrimSuffix(strings.Repeat("("+sqlcore.Marks(2)+", UTC_TIMESTAMP(3)), ", len(found)), ", "), log...)
	return err
}

// locked notes, within a transaction, what a second look finds while nobody else
// of our kind compares.
func (c *comparison) locked(ctx context.Context, look look, after []any, begins bool) (next []any, err error) {
	if err = c.l.begin(ctx); err != nil {
		return nil, err
	}
	if _, err = c.l.row(ctx, "SELECT entity FROM "+captureName+" WHERE entity = "+sqlcore.Mark+" FOR UPDATE", c.view); err != nil {
		return nil, err
	}
	found, next, err := look(c, ctx, after)
	if err == nil {
		err = c.note(ctx, found, begins)
	}
	if err != nil {
		return nil, err
	}
	return next, c.l.commit(ctx)
}

// look finds the differences of one page.
type look func(c *comparison, ctx context.Context, after []any) (found []sqlcore.Difference, next []any, err error)

// through looks page by page from a beginning to the end, and once more where
// there is something to note.
func (c *comparison) through(ctx context.Context, look look, after []any, begins bool) error {
	for {
		found, next, err := look(c, ctx, after)
		if err == nil && len(found) > 0 {
			next, err = c.locked(ctx, look, after, begins)
		}
		if after = next; err != nil || next == nil {
			return err
		}
	}
}

// compare notes in the log of a view what has become different, or, as it
// begins, only in the image.
func (c *catalog) compare(ctx context.Context, l *link, view string, begins bool) error {
	p, err := c.compile(connectors.Selection{Entity: view, Company: -1})
	if err != nil {
		return err
	}
	each := &comparison{p, l, view}
	if err := each.through(ctx, (*comparison).page, nil, begins); err != nil || begins {
		return err
	}
	return each.through(ctx, (*comparison).gone, []any{""}, false)
}

// compareAt compares when the entity is a view whose log holds nothing after a
// cursor.
func (f *feed) compareAt(ctx context.Context, since cursor) error {
	return f.c.do(ctx, "compare", f.table, func(ctx context.Context, l *link) error {
		cat, err := f.c.current(ctx, l)
		if err != nil || !cat.isView(f.table) {
			return err
		}
		there, err := beyond(ctx, l, []*waiter{{table: f.table, since: since}}, func(*waiter) {})
		if err != nil || there {
			return err
		}
		err = cat.compare(ctx, l, f.table, false)
		if number(err) == noSuchTable || number(err) == unknownColumn {
			return f.expired(connectors.Cursor(since.String()))
		}
		return err
	})
}
