package models

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
)

// declare keeps, as one row, the links of a batch that is about to be written.
// There is at most one such batch a map.
func (w *commitWriter) declare() error {
	if len(w.c.Intents) == 0 {
		return nil
	}
	var b []byte
	for _, l := range w.c.Intents {
		b = l.append(b)
	}
	_, err := w.exec("INSERT INTO intents (map_id, links) VALUES (?, ?)", w.c.MapID, b)
	return err
}

// settle forgets the batch: what came of it is in this commit.
func (w *commitWriter) settle() error {
	if !w.c.Settled {
		return nil
	}
	_, err := w.exec("DELETE FROM intents WHERE map_id = ?", w.c.MapID)
	return err
}

// RestoreIntents makes links of the batch that a program, or a failed call,
// left without an outcome. They carry their open intents, by which the next
// look at their records settles them. Without such a batch it does nothing.
func (s *Store) RestoreIntents(ctx context.Context, lease Lease, mapID int64) error {
	var b []byte
	err := s.writes.QueryRowContext(ctx, s.rebind("SELECT links FROM intents WHERE map_id = ?"), mapID).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return storeError(err)
	}
	c := &Commit{MapID: mapID, Settled: true}
	for len(b) > 0 {
		l := &Link{MapID: mapID}
		if b, err = l.parse(b); err != nil {
			return fmt.Errorf("intents of map %d: %w", mapID, err)
		}
		c.Links = append(c.Links, l)
	}
	return s.Apply(ctx, lease, c)
}

// append encodes a whole link but for its map.
func (l *Link) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(l.ID))
	b = binary.AppendUvarint(b, uint64(l.flags()))
	b = binary.AppendUvarint(b, uint64(l.Revision))
	for _, text := range []string{l.Key, l.Sides[0].ID, l.Sides[0].Version, l.Sides[1].ID, l.Sides[1].Version} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	image := l.image()
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
func (r *imageReader) bytes() []byte {
	n := r.uvarint()
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}
