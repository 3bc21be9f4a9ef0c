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

// searchWindow is how many errors or changes one page looks through, so that
// each page of it comes soon. It goes on from there.
const searchWindow = 10_000

// cause is the part of a filter that an index answers, and rest the part that
// errors are looked through for.
func (f ErrorFilter) cause() (where string, args []any) {
	where, args = "map_id = ? AND "+f.Work.condition(), []any{f.MapID}
	if f.Kind != "" {
		where, args = where+" AND kind = ?", append(args, f.Kind)
		if f.ByField {
			where, args = where+" AND field = ?", append(args, f.Field)
		}
	}
	return where, args
}

func (f ErrorFilter) rest() (where string, args []any) {
	if f.Side != "" {
		where, args = where+" AND side = ?", append(args, string(f.Side))
	}
	if f.Company != "" {
		where, args = where+" AND company = ?", append(args, f.Company)
	}
	if f.Search != "" {
		like := likePattern(f.Search)
		where += ` AND (record_key LIKE ? ESCAPE '\' OR field LIKE ? ESCAPE '\' OR message LIKE ? ESCAPE '\')`
		args = append(args, like, like, like)
	}
	return where, args
}

// likePattern finds text anywhere, whatever characters it holds.
func likePattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// OpenErrorPage lists open errors after an id, oldest first. next is where the
// list goes on, 0 at its end. A filter that finds little in what one page looks
// through may return a short page with a next.
func (s *Store) OpenErrorPage(ctx context.Context, f ErrorFilter, after int64, size int) (page []RecordError, next int64, err error) {
	where, args := f.cause()
	rest, more := f.rest()
	window := size + 1
	if rest != "" {
		window = searchWindow
	}
	args = append(args, after, window)
	ids := "SELECT id FROM record_errors WHERE " + where + " AND id > ? ORDER BY id LIMIT ?"
	all := append(append(args[:len(args):len(args)], more...), size+1)
	if err := s.reader.WithContext(ctx).Raw("SELECT * FROM record_errors WHERE id IN ("+ids+")"+rest+" ORDER BY id LIMIT ?", all...).Scan(&page).Error; err != nil {
		return nil, 0, storeError(err)
	}
	if len(page) > size {
		return page[:size], page[size-1].ID, nil
	}
	if rest == "" {
		return page, 0, nil
	}
	var n, last int64
	err = s.reads.QueryRowContext(ctx, s.rebind("SELECT count(*), coalesce(max(id), 0) FROM ("+ids+") AS w"), args...).Scan(&n, &last)
	if n < searchWindow {
		last = 0
	}
	return page, last, storeError(err)
}

// Cause is what a group of open errors has in common.
type Cause struct {
	Kind  string
	Field string
	Count int64
}

// CausesOf groups the open errors of one of a map's lists, the most frequent
// first.
func (s *Store) CausesOf(ctx context.Context, mapID int64, work Work) ([]Cause, error) {
	var out []Cause
	err := s.reader.WithContext(ctx).Raw("SELECT kind, field, count(*) AS count FROM record_errors WHERE map_id = ? AND "+work.condition()+
		" GROUP BY kind, field ORDER BY count(*) DESC, kind, field", mapID).Scan(&out).Error
	return out, storeError(err)
}
