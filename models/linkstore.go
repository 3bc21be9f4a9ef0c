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

// OpenIntents reads links of a map with an unfinished write, after a given id.
func (s *Store) OpenIntents(ctx context.Context, mapID, after int64, limit int) ([]*Link, error) {
	rows, err := s.writes.QueryContext(ctx, s.rebind("SELECT "+linkColumns+" FROM links WHERE map_id = ? AND flags & 24 <> 0 AND id > ? ORDER BY id LIMIT ?"),
		mapID, after, limit)
	if err != nil {
		return nil, storeError(err)
	}
	out, err := scanLinks(rows, nil)
	return out, storeError(err)
}

// saveLinks inserts or updates links, giving new ones their id, and returns by
// how many pairs in step the map has grown.
func (s *Store) saveLinks(ctx context.Context, tx *sql.Tx, links []*Link) (grown int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	counted, err := s.releaseIDs(ctx, tx, links)
	if err != nil {
		return 0, err
	}
	insert := s.rebind("INSERT INTO links (map_id, record_key, left_id, right_id, left_version, right_version, flags, revision, image)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id")
	update := s.rebind("UPDATE links SET record_key = ?, left_id = ?, right_id = ?, left_version = ?, right_version = ?," +
		" flags = ?, revision = ?, image = ? WHERE id = ?")
	for _, l := range links {
		if l.Counts() {
			grown++
		}
		a, b := &l.Sides[0], &l.Sides[1]
		if l.ID == 0 {
			err = tx.QueryRowContext(ctx, insert, l.MapID, l.Key, a.ID, b.ID, a.Version, b.Version, l.flags(), l.Revision, l.image()).Scan(&l.ID)
		} else {
			_, err = tx.ExecContext(ctx, update, l.Key, a.ID, b.ID, a.Version, b.Version, l.flags(), l.Revision, l.image(), l.ID)
		}
		if err != nil {
			return 0, err
		}
	}
	return grown - counted, nil
}

// releaseIDs takes native ids that move from one link to another off the old
// one, and returns how many of the links were in step as they are stored now.
func (s *Store) releaseIDs(ctx context.Context, tx *sql.Tx, links []*Link) (counted int64, err error) {
	before := s.rebind("SELECT flags, left_id, right_id FROM links WHERE id = ?")
	var release [2]string
	for i, side := range Sides {
		release[i] = s.rebind("UPDATE links SET " + string(side) + "_id = '' WHERE map_id = ? AND " + string(side) + "_id = ? AND " + string(side) + "_id <> '' AND id <> ?")
	}
	const inStep = flagAgreed | flagLeftPresent | flagRightPresent
	for _, l := range links {
		var ids [2]string
		if l.ID != 0 {
			var flags int64
			if err := tx.QueryRowContext(ctx, before, l.ID).Scan(&flags, &ids[0], &ids[1]); err != nil {
				return 0, err
			}
			if flags&inStep == inStep {
				counted++
			}
		}
		for i := range release {
			if id := l.Sides[i].ID; id != "" && id != ids[i] {
				if _, err := tx.ExecContext(ctx, release[i], l.MapID, id, l.ID); err != nil {
					return 0, err
				}
			}
		}
	}
	return counted, nil
}
