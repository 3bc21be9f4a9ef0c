package models

import (
	"context"
	"strings"
)

// Work says which of a map's two lists of errors is meant.
type Work string

// The lists: errors of the initial write, and those of live writes and catch-up.
const (
	InitialWork Work = "initial"
	LaterWork   Work = "later"
)

// condition is literal, so that the partial index of each list is used.
func (w Work) condition() string {
	if w == InitialWork {
		return "state = 'open' AND stage = 'initial'"
	}
	return "state = 'open' AND stage <> 'initial'"
}

// ErrorFilter chooses open errors of a map.
type ErrorFilter struct {
	MapID   int64
	Work    Work
	Kind    string // "" for any
	Field   string // with Kind only; "" is an error without a field
	ByField bool   // Field counts
	Side    Side   // "" for any
	Company string // "" for any
	Search  string // in key, field and message
}

// Narrows reports whether the filter leaves errors out.
func (f ErrorFilter) Narrows() bool {
	return f.Kind != "" || f.Side != "" || f.Company != "" || f.Search != ""
}

// searchWindow is how many errors or changes one page of a search looks
// through, so that each page comes soon. The next goes on from there.
const searchWindow = 10_000

// listed is the part of a filter that the index of the list answers alone.
func (f ErrorFilter) listed() (where string, args []any) {
	where, args = "map_id = ? AND "+f.Work.condition(), []any{f.MapID}
	add := func(condition, value string) { where, args = where+" AND "+condition, append(args, value) }
	if f.Kind != "" {
		add("kind = ?", f.Kind)
		if f.ByField {
			add("field = ?", f.Field)
		}
	}
	if f.Side != "" {
		add("side = ?", string(f.Side))
	}
	if f.Company != "" {
		add("company = ?", f.Company)
	}
	return where, args
}

// likePattern finds text anywhere, whatever characters it holds.
func likePattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// OpenErrorPage lists open errors after an id, oldest first. next is where the
// list goes on, 0 at its end. A search that finds little in what one page looks
// through may return a short page with a next.
func (s *Store) OpenErrorPage(ctx context.Context, f ErrorFilter, after int64, size int) (page []RecordError, next int64, err error) {
	where, args := f.listed()
	ids := "SELECT id FROM record_errors WHERE " + where + " AND id > ? ORDER BY id LIMIT ?"
	args = append(args, after)
	if f.Search == "" {
		err = s.reader.WithContext(ctx).Raw("SELECT * FROM record_errors WHERE id IN ("+ids+") ORDER BY id", append(args, size+1)...).Scan(&page).Error
	} else {
		like := likePattern(f.Search)
		args = append(args, searchWindow)
		all := append(args[:len(args):len(args)], like, like, like, size+1)
		err = s.reader.WithContext(ctx).Raw("SELECT * FROM record_errors WHERE id IN ("+ids+`) AND (record_key LIKE ? ESCAPE '\' OR field LIKE ? ESCAPE '\' OR message LIKE ? ESCAPE '\')
			ORDER BY id LIMIT ?`, all...).Scan(&page).Error
	}
	switch {
	case err != nil:
		return nil, 0, storeError(err)
	case len(page) > size:
		return page[:size], page[size-1].ID, nil
	case f.Search == "":
		return page, 0, nil
	}
	next, err = s.windowEnd(ctx, ids, args)
	return page, next, err
}

// windowEnd is the last of the rows that a page of a search has looked through,
// 0 where there are no more after it. query gives their ids, one window at most.
func (s *Store) windowEnd(ctx context.Context, query string, args []any) (int64, error) {
	var n, last int64
	err := s.reads.QueryRowContext(ctx, s.rebind("SELECT count(*), coalesce(max(w.id), 0) FROM ("+query+") AS w"), args...).Scan(&n, &last)
	if n < searchWindow {
		last = 0
	}
	return last, storeError(err)
}

// ErrorByID reads one error, open or not.
func (s *Store) ErrorByID(ctx context.Context, id int64) (RecordError, error) {
	var e RecordError
	err := s.reader.WithContext(ctx).Take(&e, id).Error
	if KindOf(storeError(err)) == NotFound {
		return e, Errorf(NotFound, "there is no error %d", id)
	}
	return e, storeError(err)
}

// Cause is what a group of open errors has in common.
type Cause struct {
	Kind  string
	Field string
	Count int64
}

// CausesOf groups the open errors of one of a map's lists, the most frequent
// first. The counts are kept.
func (s *Store) CausesOf(ctx context.Context, mapID int64, work Work) ([]Cause, error) {
	var out []Cause
	err := s.reader.WithContext(ctx).Raw("SELECT kind, field, open AS count FROM error_causes WHERE map_id = ? AND work = ? ORDER BY open DESC, kind, field",
		mapID, string(work)).Scan(&out).Error
	return out, storeError(err)
}
