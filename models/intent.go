package models

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
)

// declare keeps, as one row, the links of a part of a batch that is about to be
// written. There is at most one such batch a map.
func (w *commitWriter) declare() error {
	if len(w.c.Intents) == 0 {
		return nil
	}
	var image []byte
	b := make([]byte, 0, 256*len(w.c.Intents))
	for _, l := range w.c.Intents {
		image = l.appendImage(image[:0])
		b = l.append(b, image)
	}
	_, err := w.exec("INSERT INTO intents (map_id, part, links) VALUES (?, ?, ?)", w.c.MapID, w.c.Part, b)
	return err
}

// settle forgets parts of the batch: what came of them is in this commit.
func (w *commitWriter) settle() error {
	for _, part := range w.c.Settled {
		if _, err := w.exec("DELETE FROM intents WHERE map_id = ? AND part = ?", w.c.MapID, part); err != nil {
			return err
		}
	}
	return nil
}

// RestoreIntents makes links of what a program, or a failed call, left of a batch
// without an outcome. They carry their open intents, by which the next look at
// their records settles them. Without such a batch it does nothing.
func (s *Store) RestoreIntents(ctx context.Context, lease Lease, mapID int64) error {
	c := &Commit{MapID: mapID}
	err := eachRow(ctx, s.writes, s.rebind("SELECT part, links FROM intents WHERE map_id = ? ORDER BY part"), []any{mapID}, func(rows *sql.Rows) error {
		var part int
		var b []byte
		if err := rows.Scan(&part, &b); err != nil {
			return err
		}
		c.Settled = append(c.Settled, part)
		for len(b) > 0 {
			l := &Link{MapID: mapID}
			rest, err := l.parse(b)
			if err != nil {
				return fmt.Errorf("intents of map %d: %w", mapID, err)
			}
			c.Links, b = append(c.Links, l), rest
		}
		return nil
	})
	if err != nil || len(c.Settled) == 0 {
		return storeError(err)
	}
	return s.Apply(ctx, lease, c)
}

// append encodes a whole link, whose image is given, but for its map.
func (l *Link) append(b, image []byte) []byte {
	b = binary.AppendUvarint(b, uint64(l.ID))
	b = binary.AppendUvarint(b, uint64(l.flags()))
	b = binary.AppendUvarint(b, uint64(l.Revision))
	for _, text := range []string{l.Key, l.Sides[0].ID, l.Sides[0].Version, l.Sides[1].ID, l.Sides[1].Version} {
		b = appendText(b, text)
	}
	b = binary.AppendUvarint(b, uint64(len(image)))
	return append(b, image...)
}

// parse reads what append wrote and returns what follows it.
func (l *Link) parse(b []byte) ([]byte, error) {
	r := &imageReader{b: b}
	l.ID = int64(r.word())
	flags := int64(r.word())
	l.Revision = r.uvarint()
	for _, text := range []*string{&l.Key, &l.Sides[0].ID, &l.Sides[0].Version, &l.Sides[1].ID, &l.Sides[1].Version} {
		*text = string(r.bytes())
	}
	image := r.bytes()
	if r.bad {
		return nil, errImage
	}
	return r.b, l.restore(flags, image)
}

// bytes reads a length and so many bytes.
func (r *imageReader) bytes() []byte { return r.take(r.uvarint()) }

// take reads so many bytes.
func (r *imageReader) take(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}
