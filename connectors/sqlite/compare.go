package sqlite

import (
	"context"
	"database/sql"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// comparison goes through a view and its image, a page at a time.
type comparison struct {
	*plan
	view string
}

func (c *catalog) comparison(view string) (*comparison, error) {
	p, err := c.compile(connectors.Selection{Entity: view, Company: -1})
	if err != nil {
		return nil, err
	}
	return &comparison{p, view}, nil
}

// page compares the records after one; next is nil behind the last.
func (c *comparison) page(ctx context.Context, q querier, after []any) (found []sqlcore.Difference, next []any, err error) {
	var records []connectors.Record
	f := c.Page(after, sqlcore.ComparePage)
	if err = c.query(ctx, q, bound(f.SQL), f.Args, func(r connectors.Record) { records = append(records, r) }); err != nil {
		return nil, nil, err
	}
	image, err := c.image(ctx, q, records)
	if err != nil {
		return nil, nil, err
	}
	if len(records) == sqlcore.ComparePage {
		next, _ = parseID(c.Table, records[len(records)-1].ID)
	}
	return sqlcore.Changed(records, image), next, nil
}

func (c *comparison) image(ctx context.Context, q querier, records []connectors.Record) (map[string]string, error) {
	if len(records) == 0 {
		return nil, nil
	}
	ids := make([]any, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	image := map[string]string{}
	query := "SELECT id, version FROM " + from(imageName(c.view)) + " WHERE id IN (" + bound(sqlcore.Marks(len(ids))) + ")"
	return image, each(ctx, q, query, func(r *sql.Rows) error {
		var id, version string
		err := r.Scan(&id, &version)
		image[id] = version
		return err
	}, ids...)
}

// gone looks for records of the image, after one, that the view shows no more;
// next is nil behind the last.
func (c *comparison) gone(ctx context.Context, q querier, after []any) (found []sqlcore.Difference, next []any, err error) {
	var ids []string
	query := "SELECT id FROM " + from(imageName(c.view)) + " WHERE id > ? ORDER BY id LIMIT ?"
	err = each(ctx, q, query, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, append(after, sqlcore.ComparePage)...)
	var shown []connectors.Record
	if err == nil {
		err = c.get(ctx, q, ids, func(r connectors.Record) { shown = append(shown, r) })
	}
	if len(ids) == sqlcore.ComparePage {
		next = []any{ids[len(ids)-1]}
	}
	return sqlcore.Gone(ids, shown), next, err
}

// note makes the image say what the view shows and, unless that is how it
// begins, logs the difference.
func (c *comparison) note(s *session, found []sqlcore.Difference, begins bool) error {
	for _, d := range found {
		var err error
		if d.Op == connectors.Delete {
			_, err = s.exec("DELETE FROM "+from(imageName(c.view))+" WHERE id = ?", d.ID)
		} else {
			_, err = s.exec("INSERT OR REPLACE INTO "+from(imageName(c.view))+" (id, version) VALUES (?, ?)", d.ID, d.Version)
		}
		if err == nil && !begins {
			_, err = s.exec("INSERT INTO "+from(logName(c.view))+" (op, id, at) VALUES (?, ?, "+nowSQL+")", string(d.Op), d.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin fills the image within the transaction that installs the capture.
func (c *comparison) begin(ctx context.Context, s *session) error {
	var after []any
	for {
		found, next, err := c.page(ctx, s, after)
		if err == nil {
			err = c.note(s, found, true)
		}
		if after = next; err != nil || next == nil {
			return err
		}
	}
}

// refresh notes in the log of a view what has become different. It reads page by
// page and takes the write lock, which the app's users wait for, only where there
// is something to note.
func (f *feed) refresh(ctx context.Context) error {
	if err := f.through(ctx, (*comparison).page, nil); err != nil {
		return err
	}
	return f.through(ctx, (*comparison).gone, []any{""})
}

// look finds the differences of one page.
type look func(c *comparison, ctx context.Context, q querier, after []any) (found []sqlcore.Difference, next []any, err error)

// through looks page by page from a beginning to the end.
func (f *feed) through(ctx context.Context, look look, after []any) error {
	for {
		next, err := f.step(ctx, look, after)
		if after = next; err != nil || next == nil {
			return err
		}
	}
}

// compareAt compares when the entity is a view whose log holds nothing after a
// cursor.
func (f *feed) compareAt(ctx context.Context, since connectors.Cursor) error {
	compare := false
	err := f.c.read(ctx, "changes", f.table, func(ctx context.Context, q querier, cat *catalog) error {
		if !cat.isView(f.table) {
			return nil
		}
		seq, err := f.position(ctx, q, cat, since)
		if err == nil {
			err = q.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) = ? FROM "+quote(logName(f.table)), seq).Scan(&compare)
		}
		return err
	})
	if connectors.KindOf(err) == connectors.CursorExpired {
		return nil // Changes has something to say about this cursor
	}
	if err != nil || !compare {
		return err
	}
	return f.refresh(ctx)
}

// step looks for differences and, where there are any, looks again under the
// write lock and notes them.
func (f *feed) step(ctx context.Context, look look, after []any) (next []any, err error) {
	some := false
	within := func(ctx context.Context, q querier, cat *catalog, work func(*comparison, []sqlcore.Difference) error) error {
		if !cat.isView(f.table) || !cat.captures(f.table) {
			next, some = nil, false
			return nil
		}
		c, err := cat.comparison(f.table)
		if err != nil {
			return err
		}
		var found []sqlcore.Difference
		if found, next, err = look(c, ctx, q, after); err != nil {
			return err
		}
		some = len(found) > 0
		return work(c, found)
	}
	err = f.c.read(ctx, "compare", f.table, func(ctx context.Context, q querier, cat *catalog) error {
		return within(ctx, q, cat, func(*comparison, []sqlcore.Difference) error { return nil })
	})
	if err != nil || !some {
		return next, err
	}
	err = f.c.write(ctx, "compare", f.table, func(ctx context.Context, s *session, cat *catalog) error {
		return within(ctx, s, cat, func(c *comparison, found []sqlcore.Difference) error { return c.note(s, found, false) })
	})
	return next, err
}
