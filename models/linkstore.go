package models

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const linkColumns = "id, map_id, record_key, left_id, right_id, ident, left_version, right_version, flags, revision, image"

// LinksByID reads the links of a map that hold one of the native ids on a side.
func (s *Store) LinksByID(ctx context.Context, mapID int64, side Side, ids []string) ([]*Link, error) {
	links, err := s.findLinks(ctx, s.writes, mapID, idFinder(side), ids)
	return links, storeError(err)
}

// LinksByKey reads the links of a map under one of the match keys, tombstones
// included.
func (s *Store) LinksByKey(ctx context.Context, mapID int64, keys []string) ([]*Link, error) {
	links, err := s.findLinks(ctx, s.writes, mapID, byKey, keys)
	return links, storeError(err)
}

// LinksByLinkID reads links of a map by their own ids.
func (s *Store) LinksByLinkID(ctx context.Context, mapID int64, ids []int64) ([]*Link, error) {
	links, err := s.linksOf(ctx, s.writes, mapID, ids)
	return links, storeError(err)
}

// Linkless reports whether a map has no links at all.
func (s *Store) Linkless(ctx context.Context, mapID int64) (bool, error) {
	var some bool
	err := s.writes.QueryRowContext(ctx, s.rebind(anyLinks), mapID, mapID).Scan(&some)
	return !some, storeError(err)
}

const anyLinks = "SELECT EXISTS (SELECT 1 FROM links WHERE map_id = ?) OR EXISTS (SELECT 1 FROM link_packs WHERE map_id = ?)"

// findLinks finds links by texts. What is outside of a transaction reads from the
// writing connection: a worker must see what it has just committed, and nothing
// of what somebody else has not.
func (s *Store) findLinks(ctx context.Context, from querier, mapID int64, f finder, texts []string) (out []*Link, err error) {
	column := f.column()
	err = inLists(texts, func(in string, list []any) error {
		// The first words are those of the partial index, or it is not used.
		out, err = s.scanLinks(ctx, from, out, "map_id = ? AND "+column+" <> '' AND "+column+in, append([]any{mapID}, list...))
		return err
	})
	if err != nil {
		return nil, err
	}
	ids, err := s.candidates(ctx, from, mapID, f, texts)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	wanted := make(map[string]bool, len(texts))
	for _, text := range texts {
		wanted[text] = true
	}
	links, err := s.linksOf(ctx, from, mapID, ids)
	for _, l := range links {
		if wanted[f.of(l)] && l.was.place != inRow { // those were found above
			out = append(out, l)
		}
	}
	return out, err
}

// linksOf reads links by their ids.
func (s *Store) linksOf(ctx context.Context, from querier, mapID int64, ids []int64) (out []*Link, err error) {
	err = inLists(ids, func(in string, list []any) error {
		out, err = s.scanLinks(ctx, from, out, "map_id = ? AND id"+in, append([]any{mapID}, list...))
		return err
	})
	if err != nil || len(out) == len(ids) {
		return present(out), err
	}
	own := make(map[int64]bool, len(out))
	for _, l := range out {
		own[l.ID] = true
	}
	packed, err := packedLinks(ctx, s, from, mapID, slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return own[id] }))
	return append(present(out), packed...), err
}

// present leaves links out that are marked as gone.
func present(links []*Link) []*Link {
	return slices.DeleteFunc(links, func(l *Link) bool { return l.was.flags&flagGone != 0 })
}

func (s *Store) scanLinks(ctx context.Context, from querier, out []*Link, where string, args []any) ([]*Link, error) {
	var ident, image sql.RawBytes
	err := eachRow(ctx, from, s.rebind("SELECT "+linkColumns+" FROM links WHERE "+where), args, func(rows *sql.Rows) error {
		l, flags, place := &Link{}, int64(0), inRow
		if err := rows.Scan(&l.ID, &l.MapID, &l.Key, &l.Sides[0].ID, &l.Sides[1].ID, &ident, &l.Sides[0].Version, &l.Sides[1].Version,
			&flags, &l.Revision, &image); err != nil {
			return err
		}
		if len(ident) > 0 {
			r := &imageReader{b: ident}
			if r.ident(l); r.bad {
				return fmt.Errorf("link %d: %w", l.ID, errImage)
			}
			place = beforePack
		}
		if flags&flagGone == 0 {
			if err := l.restore(flags, image); err != nil {
				return err
			}
		}
		l.was = storedLink{l.Key, l.ids(), flags, place}
		out = append(out, l)
		return nil
	})
	return out, err
}

// packFrom is how many new links of one commit are worth to be packed.
const packFrom = 64

// saveLinks inserts or updates links, giving new ones their id, and returns by
// how many pairs in step the map has grown. Only a worker, under its lease,
// changes the links of a map that runs, so they are stored as they were read.
func (w *commitWriter) saveLinks(links []*Link) (grown int64, err error) {
	if len(links) == 0 {
		return 0, nil
	}
	if !w.c.Linkless {
		disown(links)
		if err := w.recall(links); err != nil {
			return 0, err
		}
		if err := w.releaseIDs(links); err != nil {
			return 0, err
		}
	}
	var pack, rows []*Link
	for _, l := range links {
		if l.Counts() {
			grown++
		}
		if l.was.counts() {
			grown--
		}
		switch {
		case l.packable():
			pack = append(pack, l)
		case l.ID == 0:
			rows = append(rows, l)
		default:
			if err := w.updateLink(l); err != nil {
				return 0, err
			}
		}
	}
	if len(pack) < w.packFrom {
		pack, rows = nil, append(rows, pack...)
	}
	if err := w.insertLinks(rows); err != nil {
		return 0, err
	}
	return grown, w.packLinks(pack)
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
// SQLite would write their index entries anew. A link that was in a pack only
// gets its row, which is found as the pack has it found while that is the same.
func (w *commitWriter) updateLink(l *Link) error {
	same := l.was.key == l.Key && l.was.ids == l.ids()
	if l.was.place == inPack {
		as := inRow
		if same {
			as = beforePack
		}
		if n, err := w.insertRows([]*Link{l}, as); err != nil || n == 1 {
			return err
		}
		l.was.place = as // it got its row since it was read
	}
	a, b := &l.Sides[0], &l.Sides[1]
	set, args := "", []any{}
	if !same {
		set, args = "record_key = ?, left_id = ?, right_id = ?, ident = NULL, ", []any{l.Key, a.ID, b.ID}
		l.was.place = inRow
	}
	args = append(args, a.Version, b.Version, l.flags(), l.Revision, l.image(), l.ID, flagGone)
	n, err := w.exec("UPDATE links SET "+set+"left_version = ?, right_version = ?, flags = ?, revision = ?, image = ? WHERE id = ? AND flags & ? = 0", args...)
	if err == nil && n == 0 {
		err = errLinkGone
	}
	l.was.saved(l)
	return err
}

var errLinkGone = Errorf(NotFound, "a link of the map is gone")

// linksPerInsert is how many links one statement inserts.
const linksPerInsert = 40

// insertLinks stores new links in rows of their own.
func (w *commitWriter) insertLinks(links []*Link) error {
	if len(links) == 0 {
		return nil
	}
	next, err := w.nextID()
	if err != nil {
		return err
	}
	for _, l := range links {
		l.ID = next
		next++
	}
	for len(links) >= linksPerInsert {
		if _, err := w.insertRows(links[:linksPerInsert], inRow); err != nil {
			return err
		}
		links = links[linksPerInsert:]
	}
	for i := range links {
		if _, err := w.insertRows(links[i:i+1], inRow); err != nil {
			return err
		}
	}
	return nil
}

// insertRows inserts rows of links, but for those that have one, and tells how
// many it has inserted.
func (w *commitWriter) insertRows(links []*Link, as place) (n int64, err error) {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	args := make([]any, 0, 11*len(links))
	for _, l := range links {
		key, ids, ident := l.Key, l.ids(), []byte(nil)
		if as == beforePack {
			key, ids, ident = "", [2]string{}, l.appendIdent(nil)
		}
		args = append(args, l.ID, l.MapID, key, ids[0], ids[1], ident, l.Sides[0].Version, l.Sides[1].Version, l.flags(), l.Revision, l.image())
	}
	n, err = w.exec("INSERT INTO links ("+linkColumns+") VALUES "+row+strings.Repeat(", "+row, len(links)-1)+" ON CONFLICT (id) DO NOTHING", args...)
	if err != nil || n != int64(len(links)) {
		return n, err
	}
	for _, l := range links {
		l.was = storedLink{place: as}
		l.was.saved(l)
	}
	return n, nil
}

// unlink forgets a link and what is owed to it. Where a pack has it, a row says
// that it is gone.
func (w *commitWriter) unlink(id int64) error {
	links, err := w.linksOf(w.ctx, w.tx, w.c.MapID, []int64{id})
	if err != nil {
		return err
	}
	if len(links) == 0 {
		return errLinkGone
	}
	if links[0].Counts() {
		w.tally.Linked--
	}
	if _, err := w.exec("DELETE FROM links WHERE id = ?", id); err != nil { // with what is owed
		return err
	}
	if packed, err := w.packed(id); err != nil || !packed {
		return err
	}
	_, err = w.exec("INSERT INTO links (id, map_id, record_key, flags, revision, image) VALUES (?, ?, '', ?, 0, ?)", id, w.c.MapID, flagGone, []byte{})
	return err
}

// place is where a link is stored.
type place uint8

const (
	unknown    place = iota // nowhere, or not known
	inRow                   // in a row of its own, by which it is found
	inPack                  // in a pack
	beforePack              // in a row that takes the place of the pack's link, and is found as that was
)

// storedLink is what saving a link has to know of it as it is stored.
type storedLink struct {
	key   string
	ids   [2]string
	flags int64
	place place
}

// saved notes that a link was stored where it is.
func (s *storedLink) saved(l *Link) { s.key, s.ids, s.flags = l.Key, l.ids(), l.flags() }

func (s storedLink) counts() bool {
	const inStep = flagAgreed | flagLeftPresent | flagRightPresent
	return s.flags&inStep == inStep
}

// recall reads how links are stored that were not read but restored from
// intents. Fails with kind NotFound when one is gone.
func (w *commitWriter) recall(links []*Link) error {
	unread := map[int64]*Link{}
	for _, l := range links {
		if l.ID != 0 && l.was.place == unknown {
			unread[l.ID] = l
		}
	}
	have, err := w.linksOf(w.ctx, w.tx, w.c.MapID, slices.Collect(maps.Keys(unread)))
	if err != nil {
		return err
	}
	for _, l := range have {
		unread[l.ID].was = l.was
	}
	if len(have) < len(unread) {
		return errLinkGone
	}
	return nil
}

// releaseIDs takes native ids that move from one link to another off the old one.
func (w *commitWriter) releaseIDs(links []*Link) error {
	ours := map[int64]*Link{}
	for _, l := range links {
		if l.ID != 0 {
			ours[l.ID] = l
		}
	}
	for i, side := range Sides {
		to := map[string]int64{}
		for _, l := range links {
			if id := l.Sides[i].ID; id != "" && id != l.was.ids[i] {
				to[id] = l.ID
			}
		}
		owners, err := w.findLinks(w.ctx, w.tx, w.c.MapID, idFinder(side), slices.Collect(maps.Keys(to)))
		if err != nil {
			return err
		}
		for _, owner := range owners {
			if to[owner.Sides[i].ID] == owner.ID {
				continue
			}
			owner.Sides[i].ID = ""
			if err := w.updateLink(owner); err != nil {
				return err
			}
			if l := ours[owner.ID]; l != nil {
				l.was = owner.was
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
