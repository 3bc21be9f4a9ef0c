package models

import (
	"context"
	"database/sql"
	"strings"
)

const linkColumns = "id, map_id, record_key, left_id, right_id, left_version, right_version, flags, revision, image"

// LinksByID reads the links of a map that hold one of the native ids on a side.
func (s *Store) LinksByID(ctx context.Context, mapID int64, side Side, ids []string) ([]*Link, error) {
	column := string(side) + "_id"
	return s.linksWhere(ctx, mapID, column+" <> '' AND "+column, ids) // the words of the partial index, or it is not used
}

// LinksByKey reads the links of a map under one of the match keys, tombstones
// included.
func (s *Store) LinksByKey(ctx context.Context, mapID int64, keys []string) ([]*Link, error) {
	return s.linksWhere(ctx, mapID, "record_key", keys)
}

// Linkless reports whether a map has no links at all.
func (s *Store) Linkless(ctx context.Context, mapID int64) (bool, error) {
	var any bool
	err := s.writes.QueryRowContext(ctx, s.rebind("SELECT EXISTS (SELECT 1 FROM links WHERE map_id = ?)"), mapID).Scan(&any)
	return !any, storeError(err)
}

// LinksByLinkID reads links of a map by their own ids.
func (s *Store) LinksByLinkID(ctx context.Context, mapID int64, ids []int64) ([]*Link, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return s.links(ctx, mapID, "id", args)
}

func (s *Store) linksWhere(ctx context.Context, mapID int64, column string, values []string) ([]*Link, error) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return s.links(ctx, mapID, column, args)
}

// mostParameters is how many values one statement binds at most.
const mostParameters = 500

// links reads from the writing connection: a worker must see what it has just
// committed, and nothing of what somebody else has not.
func (s *Store) links(ctx context.Context, mapID int64, column string, values []any) ([]*Link, error) {
	var out []*Link
	for len(values) > 0 {
		n := min(len(values), mostParameters)
		rows, err := s.writes.QueryContext(ctx, s.rebind("SELECT "+linkColumns+" FROM links WHERE map_id = ? AND "+column+
			" IN (?"+strings.Repeat(", ?", n-1)+")"), append([]any{mapID}, values[:n]...)...)
		if err != nil {
			return nil, storeError(err)
		}
		if out, err = scanLinks(rows, out); err != nil {
			return nil, storeError(err)
		}
		values = values[n:]
	}
	return out, nil
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
		out = append(out, l)
	}
	return out, rows.Err()
}

// saveLinks inserts or updates links, giving new ones their id, and returns by
// how many pairs in step the map has grown.
func (s *Store) saveLinks(ctx context.Context, tx *sql.Tx, links []*Link) (grown int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	disown(links)
	before, err := s.stored(ctx, tx, links)
	if err != nil {
		return 0, err
	}
	if err := s.releaseIDs(ctx, tx, links, before); err != nil {
		return 0, err
	}
	var fresh []*Link
	for _, l := range links {
		if l.Counts() {
			grown++
		}
		if l.ID == 0 {
			fresh = append(fresh, l)
			continue
		}
		was := before[l.ID]
		if was.counts() {
			grown--
		}
		if err := s.updateLink(ctx, tx, l, was); err != nil {
			return 0, err
		}
	}
	return grown, s.insertLinks(ctx, tx, fresh)
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
func (s *Store) updateLink(ctx context.Context, tx *sql.Tx, l *Link, was storedLink) error {
	a, b := &l.Sides[0], &l.Sides[1]
	if was.key == l.Key && was.ids == [2]string{a.ID, b.ID} {
		_, err := tx.ExecContext(ctx, s.rebind("UPDATE links SET left_version = ?, right_version = ?, flags = ?, revision = ?, image = ? WHERE id = ?"),
			a.Version, b.Version, l.flags(), l.Revision, l.image(), l.ID)
		return err
	}
	_, err := tx.ExecContext(ctx, s.rebind("UPDATE links SET record_key = ?, left_id = ?, right_id = ?, left_version = ?, right_version = ?, flags = ?, revision = ?, image = ? WHERE id = ?"),
		l.Key, a.ID, b.ID, a.Version, b.Version, l.flags(), l.Revision, l.image(), l.ID)
	return err
}

// linksPerInsert is how many links one statement inserts.
const linksPerInsert = 40

func (s *Store) insertLinks(ctx context.Context, tx *sql.Tx, links []*Link) error {
	if len(links) == 0 {
		return nil
	}
	var last int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM links").Scan(&last); err != nil {
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
		_, err := tx.ExecContext(ctx, s.rebind("INSERT INTO links ("+linkColumns+") VALUES "+row+strings.Repeat(", "+row, len(links)-1)), args...)
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

// storedLink is what saving a link has to know of it as it is stored now.
type storedLink struct {
	key   string
	ids   [2]string
	flags int64
}

func (l storedLink) counts() bool {
	const inStep = flagAgreed | flagLeftPresent | flagRightPresent
	return l.flags&inStep == inStep
}

// stored reads how links are stored now. Fails with kind NotFound when one is gone.
func (s *Store) stored(ctx context.Context, tx *sql.Tx, links []*Link) (map[int64]storedLink, error) {
	var ids []any
	for _, l := range links {
		if l.ID != 0 {
			ids = append(ids, l.ID)
		}
	}
	out := make(map[int64]storedLink, len(ids))
	for rest := ids; len(rest) > 0; {
		n := min(len(rest), mostParameters)
		err := eachRow(ctx, tx, s.rebind("SELECT id, record_key, left_id, right_id, flags FROM links WHERE id IN (?"+strings.Repeat(", ?", n-1)+")"), rest[:n], func(rows *sql.Rows) error {
			var id int64
			var l storedLink
			err := rows.Scan(&id, &l.key, &l.ids[0], &l.ids[1], &l.flags)
			out[id] = l
			return err
		})
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	if len(out) < len(ids) {
		return nil, Errorf(NotFound, "a link of the map is gone")
	}
	return out, nil
}

// releaseIDs takes native ids that move from one link to another off the old one.
func (s *Store) releaseIDs(ctx context.Context, tx *sql.Tx, links []*Link, before map[int64]storedLink) error {
	for i, side := range Sides {
		column := string(side) + "_id"
		var ids []any
		to := map[string]int64{}
		for _, l := range links {
			if id := l.Sides[i].ID; id != "" && id != before[l.ID].ids[i] {
				ids = append(ids, id)
				to[id] = l.ID
			}
		}
		var owners []int64
		for rest := ids; len(rest) > 0; {
			n := min(len(rest), mostParameters)
			err := eachRow(ctx, tx, s.rebind("SELECT id, "+column+" FROM links WHERE map_id = ? AND "+column+" <> '' AND "+column+" IN (?"+strings.Repeat(", ?", n-1)+")"),
				append([]any{links[0].MapID}, rest[:n]...), func(rows *sql.Rows) error {
					var owner int64
					var id string
					err := rows.Scan(&owner, &id)
					if to[id] != owner {
						owners = append(owners, owner)
					}
					return err
				})
			if err != nil {
				return err
			}
			rest = rest[n:]
		}
		for _, owner := range owners {
			if _, err := tx.ExecContext(ctx, s.rebind("UPDATE links SET "+column+" = '' WHERE id = ?"), owner); err != nil {
				return err
			}
			if was, ours := before[owner]; ours {
				was.ids[i] = ""
				before[owner] = was
			}
		}
	}
	return nil
}

// eachRow calls f for every row of a query.
func eachRow(ctx context.Context, tx *sql.Tx, query string, args []any, f func(*sql.Rows) error) error {
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
