package models

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
)

const linkColumns = "id, map_id, record_key, left_id, right_id, left_version, right_version, flags, revision, image"

// LinksByID reads the links of a map that hold one of the native ids on a side.
func (s *Store) LinksByID(ctx context.Context, mapID int64, side Side, ids []string) ([]*Link, error) {
	column := string(side) + "_id"
	return linksWhere(ctx, s, mapID, column+" <> '' AND "+column, ids) // the words of the partial index, or it is not used
}

// LinksByKey reads the links of a map under one of the match keys, tombstones
// included.
func (s *Store) LinksByKey(ctx context.Context, mapID int64, keys []string) ([]*Link, error) {
	return linksWhere(ctx, s, mapID, "record_key", keys)
}

// Linkless reports whether a map has no links at all.
func (s *Store) Linkless(ctx context.Context, mapID int64) (bool, error) {
	var some bool
	err := s.writes.QueryRowContext(ctx, s.rebind("SELECT EXISTS (SELECT 1 FROM links WHERE map_id = ?)"), mapID).Scan(&some)
	return !some, storeError(err)
}

// LinksByLinkID reads links of a map by their own ids.
func (s *Store) LinksByLinkID(ctx context.Context, mapID int64, ids []int64) ([]*Link, error) {
	return linksWhere(ctx, s, mapID, "id", ids)
}

// linksWhere reads from the writing connection: a worker must see what it has
// just committed, and nothing of what somebody else has not.
func linksWhere[T any](ctx context.Context, s *Store, mapID int64, column string, values []T) (out []*Link, err error) {
	err = inLists(values, func(in string, list []any) error {
		rows, err := s.writes.QueryContext(ctx, s.rebind("SELECT "+linkColumns+" FROM links WHERE map_id = ? AND "+column+in), append([]any{mapID}, list...)...)
		if err != nil {
			return err
		}
		out, err = scanLinks(rows, out)
		return err
	})
	return out, storeError(err)
}

func scanLinks(rows *sql.Rows, out []*Link) ([]*Link, error) {
	defer rows.Close()
	var image []byte
	for rows.Next() {
		l, flags := &Link{}, int64(0)
		if err := rows.Scan(&l.ID, &l.MapID, &l.Key, &l.Sides[0].ID, &l.Sides[1].ID, &l.Sides[0].Version, &l.Sides[1].Version,
			&flags, &l.Revision, &image); err != nil {
			return nil, err
		}
		if err := l.restore(flags, image); err != nil {
			return nil, err
		}
		l.was = storedLink{l.Key, [2]string{l.Sides[0].ID, l.Sides[1].ID}, flags}
		out = append(out, l)
	}
	return out, rows.Err()
}

// saveLinks inserts or updates links, giving new ones their id, and returns by
// how many pairs in step the map has grown. Only a worker, under its lease,
// changes the links of a map that runs, so they are stored as they were read.
func (w *commitWriter) saveLinks(links []*Link) (grown int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	disown(links)
	if !w.c.Linkless {
		if err := w.recall(links); err != nil {
			return 0, err
		}
		if err := w.releaseIDs(links); err != nil {
			return 0, err
		}
	}
	var fresh []*Link
	for _, l := range links {
		if l.Counts() {
			grown++
		}
		if l.was.counts() {
			grown--
		}
		if l.ID == 0 {
			fresh = append(fresh, l)
		} else if err := w.updateLink(l); err != nil {
			return 0, err
		}
	}
	if err := w.insertLinks(fresh); err != nil {
		return 0, err
	}
	for _, l := range links {
		l.was = storedLink{l.Key, [2]string{l.Sides[0].ID, l.Sides[1].ID}, l.flags()}
	}
	return grown, nil
}

// disown takes a native id that several of the links claim off all but the last.
func disown(links []*Link) {
	var owners [2]map[string]*Link
	for i := range owners {
		owners[i] = make(map[string]*Link, len(links))
		for _, l := range links {
			id := l.Sides[i].ID
			if id == "" {
				continue
			}
			if former := owners[i][id]; former != nil {
				former.Sides[i].ID = ""
			}
			owners[i][id] = l
		}
	}
}

// updateLink leaves columns with an index alone where they stay the same:
// SQLite would write their index entries anew.
func (w *commitWriter) updateLink(l *Link) error {
	a, b := &l.Sides[0], &l.Sides[1]
	set, args := "", []any{}
	if l.was.key != l.Key || l.was.ids != [2]string{a.ID, b.ID} {
		set, args = "record_key = ?, left_id = ?, right_id = ?, ", []any{l.Key, a.ID, b.ID}
	}
	args = append(args, a.Version, b.Version, l.flags(), l.Revision, l.image(), l.ID)
	n, err := w.exec("UPDATE links SET "+set+"left_version = ?, right_version = ?, flags = ?, revision = ?, image = ? WHERE id = ?", args...)
	if err == nil && n == 0 {
		err = Errorf(NotFound, "a link of the map is gone")
	}
	return err
}

// linksPerInsert is how many links one statement inserts.
const linksPerInsert = 40

func (w *commitWriter) insertLinks(links []*Link) error {
	if len(links) == 0 {
		return nil
	}
	var last int64
	if err := w.tx.QueryRowContext(w.ctx, "SELECT coalesce(max(id), 0) FROM links").Scan(&last); err != nil {
		return err
	}
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	insert := func(links []*Link) error {
		args := make([]any, 0, 10*len(links))
		for _, l := range links {
			last++
			l.ID = last
			a, b := &l.Sides[0], &l.Sides[1]
			args = append(args, l.ID, l.MapID, l.Key, a.ID, b.ID, a.Version, b.Version, l.flags(), l.Revision, l.image())
		}
		_, err := w.exec("INSERT INTO links ("+linkColumns+") VALUES "+row+strings.Repeat(", "+row, len(links)-1), args...)
		return err
	}
	for len(links) >= linksPerInsert {
		if err := insert(links[:linksPerInsert]); err != nil {
			return err
		}
		links = links[linksPerInsert:]
	}
	for i := range links {
		if err := insert(links[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

// storedLink is what saving a link has to know of it as it is stored.
type storedLink struct {
	key   string
	ids   [2]string
	flags int64
}

func (l storedLink) counts() bool {
	const inStep = flagAgreed | flagLeftPresent | flagRightPresent
	return l.flags&inStep == inStep
}

// recall reads how links are stored that were not read but restored from
// intents. Fails with kind NotFound when one is gone.
func (w *commitWriter) recall(links []*Link) error {
	unknown := map[int64]*Link{}
	for _, l := range links {
		if l.ID != 0 && l.was == (storedLink{}) {
			unknown[l.ID] = l
		}
	}
	found := 0
	err := inLists(slices.Collect(maps.Keys(unknown)), func(in string, list []any) error {
		return eachRow(w.ctx, w.tx, w.rebind("SELECT id, record_key, left_id, right_id, flags FROM links WHERE id"+in), list, func(rows *sql.Rows) error {
			var id int64
			var l storedLink
			err := rows.Scan(&id, &l.key, &l.ids[0], &l.ids[1], &l.flags)
			unknown[id].was = l
			found++
			return err
		})
	})
	if err == nil && found < len(unknown) {
		err = Errorf(NotFound, "a link of the map is gone")
	}
	return err
}

// releaseIDs takes native ids that move from one link to another off the old one.
func (w *commitWriter) releaseIDs(links []*Link) error {
	ours := map[int64]*Link{}
	for i, side := range Sides {
		column := string(side) + "_id"
		to := map[string]int64{}
		for _, l := range links {
			if id := l.Sides[i].ID; id != "" && id != l.was.ids[i] {
				to[id] = l.ID
			}
			if l.ID != 0 {
				ours[l.ID] = l
			}
		}
		var owners []int64
		err := inLists(slices.Collect(maps.Keys(to)), func(in string, list []any) error {
			return eachRow(w.ctx, w.tx, w.rebind("SELECT id, "+column+" FROM links WHERE map_id = ? AND "+column+" <> '' AND "+column+in), append([]any{w.c.MapID}, list...), func(rows *sql.Rows) error {
				var owner int64
				var id string
				err := rows.Scan(&owner, &id)
				if to[id] != owner {
					owners = append(owners, owner)
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, owner := range owners {
			if _, err := w.exec("UPDATE links SET "+column+" = '' WHERE id = ?", owner); err != nil {
				return err
			}
			if l := ours[owner]; l != nil {
				l.was.ids[i] = ""
			}
		}
	}
	return nil
}

// querier is a transaction or a pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// eachRow calls f for every row of a query.
func eachRow(ctx context.Context, tx querier, query string, args []any, f func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
