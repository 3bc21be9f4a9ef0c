package models

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Links that are new together are stored as packs: a row of the store, with its
// entries in three indexes, costs more than all that is decided about a record.
// A link of a pack that changes gets a row of its own, under its id, and that
// stands from then on; the pack stays as it is.

// packSize is how many links a pack has at most. The id of a pack, which is that
// of its first link, is a multiple of it.
const packSize = 32

// packOf is the id of the pack that a link would be in.
func packOf(id int64) int64 { return id &^ (packSize - 1) }

// packFormat is the first byte of a pack.
const packFormat = 1

// packable reports whether a new link may be stored in a pack: a pair in step
// that nothing is open of.
func (l *Link) packable() bool {
	a, b := &l.Sides[0], &l.Sides[1]
	return l.ID == 0 && l.Counts() && l.Key != "" && a.ID != "" && b.ID != "" && !a.Intent && !b.Intent && a.Owed.Empty() && b.Owed.Empty()
}

// appendIdent encodes what a link is found by. A native id that is the key, as
// is common, takes a byte.
func (l *Link) appendIdent(b []byte) []byte {
	b = appendText(b, l.Key)
	for i := range l.Sides {
		id := l.Sides[i].ID
		if id == l.Key {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(id))+1)
		b = append(b, id...)
	}
	return b
}

func (r *imageReader) ident(l *Link) {
	l.Key = string(r.bytes())
	for i := range l.Sides {
		if n := r.uvarint(); n == 0 {
			l.Sides[i].ID = l.Key
		} else {
			l.Sides[i].ID = string(r.take(n - 1))
		}
	}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendPacked encodes a link of a pack.
func (l *Link) appendPacked(b, scratch []byte) (pack, scratched []byte) {
	scratch = l.appendIdent(scratch[:0])
	scratch = binary.AppendUvarint(scratch, uint64(l.flags()))
	scratch = binary.AppendUvarint(scratch, uint64(l.Revision))
	for i := range l.Sides {
		scratch = appendText(scratch, l.Sides[i].Version)
	}
	scratch = l.appendImage(scratch)
	return append(binary.AppendUvarint(b, uint64(len(scratch))), scratch...), scratch
}

// parsePacked fills a link from what appendPacked wrote, but for the length.
func (l *Link) parsePacked(b []byte) error {
	r := &imageReader{b: b}
	r.ident(l)
	flags := int64(r.word())
	l.Revision = r.uvarint()
	for i := range l.Sides {
		l.Sides[i].Version = string(r.bytes())
	}
	if r.bad {
		return fmt.Errorf("link %d: %w", l.ID, errImage)
	}
	if err := l.restore(flags, r.b); err != nil {
		return err
	}
	l.was = storedLink{key: l.Key, ids: l.ids(), flags: flags, place: inPack}
	return nil
}

// packLinks stores new links as packs, and what they are found by.
func (w *commitWriter) packLinks(links []*Link) error {
	if len(links) == 0 {
		return nil
	}
	next, err := w.nextID()
	if err != nil {
		return err
	}
	next = packOf(next + packSize - 1)
	var pack, scratch []byte
	for some := range slices.Chunk(links, packSize) {
		pack = append(pack[:0], packFormat)
		for i, l := range some {
			l.ID = next + int64(i)
			pack, scratch = l.appendPacked(pack, scratch)
			l.was = storedLink{key: l.Key, ids: l.ids(), flags: l.flags(), place: inPack}
		}
		if _, err := w.exec("INSERT INTO link_packs (id, map_id, links) VALUES (?, ?, ?)", next, w.c.MapID, pack); err != nil {
			return err
		}
		next += packSize
	}
	return w.addRun(links)
}

// nextID is an id above those of all links.
func (w *commitWriter) nextID() (next int64, err error) {
	err = w.tx.QueryRowContext(w.ctx, "SELECT coalesce(max(id), 0) + 1 FROM links").Scan(&next)
	if err != nil {
		return 0, err
	}
	var packed int64
	err = w.tx.QueryRowContext(w.ctx, "SELECT coalesce(max(id), 0) FROM link_packs").Scan(&packed)
	if packed > 0 {
		packed += packSize
	}
	return max(next, packed), err
}

// packed reports whether a link was stored in a pack once.
func (w *commitWriter) packed(id int64) (yes bool, err error) {
	err = w.tx.QueryRowContext(w.ctx, w.rebind("SELECT EXISTS (SELECT 1 FROM link_packs WHERE id = ?)"), packOf(id)).Scan(&yes)
	return yes, err
}

// packedLinks reads links from their packs.
func packedLinks(ctx context.Context, s *Store, from querier, mapID int64, ids []int64) (out []*Link, err error) {
	wanted := map[int64]uint32{} // by pack, a bit a link
	for _, id := range ids {
		wanted[packOf(id)] |= 1 << (id - packOf(id))
	}
	packs := make([]int64, 0, len(wanted))
	for id := range wanted {
		packs = append(packs, id)
	}
	slices.Sort(packs)
	var id int64
	var links sql.RawBytes
	err = inLists(packs, func(in string, list []any) error {
		return eachRow(ctx, from, s.rebind("SELECT id, links FROM link_packs WHERE map_id = ? AND id"+in), append([]any{mapID}, list...), func(rows *sql.Rows) error {
			if err := rows.Scan(&id, &links); err != nil {
				return err
			}
			got, err := unpack(mapID, id, links, wanted[id])
			out = append(out, got...)
			return err
		})
	})
	return out, err
}

var errPack = errors.New("a pack of links is damaged")

// unpack gives the links of a pack that have their bit in wanted.
func unpack(mapID, id int64, pack []byte, wanted uint32) (out []*Link, err error) {
	if len(pack) == 0 || pack[0] != packFormat {
		return nil, fmt.Errorf("pack %d: %w", id, errPack)
	}
	r := &imageReader{b: pack[1:]}
	for at := int64(0); wanted != 0 && len(r.b) > 0; at++ {
		body := r.bytes()
		if r.bad {
			return nil, fmt.Errorf("pack %d: %w", id, errPack)
		}
		if wanted&1 != 0 {
			l := &Link{ID: id + at, MapID: mapID}
			if err := l.parsePacked(body); err != nil {
				return nil, err
			}
			out = append(out, l)
		}
		wanted >>= 1
	}
	return out, nil
}
