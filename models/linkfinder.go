package models

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"sort"

	"github.com/cespare/xxhash/v2"
)

// Links in packs are found by runs. A run is written once, for links that were
// stored together, and holds for the match key and for each native id the hashes
// of all its links, in ascending order, each with the link's id. It is cut into
// parts by the first bits of the hash, so that a look-up reads one part of each
// run. Runs of about one size are merged as they become many: a link is in one
// of few runs, however many pages an initial write has had.

// finder says by what a link is looked up.
type finder int

// The finders, in the order of a run's parts.
const (
	byKey finder = iota
	byLeftID
	byRightID
	finders
)

func idFinder(side Side) finder {
	if side == Left {
		return byLeftID
	}
	return byRightID
}

// column is the column of a link's row by which it is found there.
func (f finder) column() string { return [finders]string{"record_key", "left_id", "right_id"}[f] }

// of is the text that a link is found by.
func (f finder) of(l *Link) string {
	if f == byKey {
		return l.Key
	}
	return l.Sides[f-byLeftID].ID
}

// entry is one link in a run. The hash has 32 bits: what has the same by chance
// is read and found to be another.
type entry struct {
	hash uint32
	id   int64
}

func hashOf(text string) uint32 { return uint32(xxhash.Sum64String(text) >> 32) }

// entryBytes is how many bytes an entry takes: the hash, and 40 bits of the id.
const entryBytes = 9

func appendEntry(b []byte, e entry) []byte {
	b = binary.BigEndian.AppendUint32(b, e.hash)
	return append(b, byte(e.id>>32), byte(e.id>>24), byte(e.id>>16), byte(e.id>>8), byte(e.id))
}

func entryAt(b []byte, i int) entry {
	b = b[i*entryBytes:][:entryBytes]
	return entry{binary.BigEndian.Uint32(b), int64(b[4])<<32 | int64(binary.BigEndian.Uint32(b[5:]))}
}

// run is where a run stands in the store.
type run struct {
	first   int64 // id of its first part
	entries int64 // of each finder
	bits    int   // each finder has 1<<bits parts
}

// partEntries is about how many entries a part has: it fits into a page of the
// database.
const partEntries = 400

func newRun(first, entries int64) run {
	return run{first, entries, bits.Len64(uint64(entries) / partEntries)}
}

// part is the id of the part that a hash is in.
func (r run) part(f finder, hash uint32) int64 {
	return r.first + int64(f)<<r.bits + int64(hash>>(32-r.bits))
}

// The sizes at which runs are merged.
const (
	runsAlike  = 64      // so many runs of one size become one
	runEntries = 1 << 21 // and none becomes larger than this: whoever merges holds up every writer of the store
)

// size is alike for runs that are merged: each is 64 times the one before.
func (r run) size() int { return bits.Len64(uint64(r.entries)) / 6 }

// addRun makes links that are new in packs findable.
func (w *commitWriter) addRun(links []*Link) error {
	r, err := w.beginRun(int64(len(links)))
	if err != nil {
		return err
	}
	all, order := make([]entry, len(links)), make([]uint64, len(links))
	for f := range finders {
		for i, l := range links { // their ids ascend
			order[i] = uint64(hashOf(f.of(l)))<<32 | uint64(i)
		}
		slices.Sort(order)
		for i, o := range order {
			all[i] = entry{uint32(o >> 32), links[uint32(o)].ID}
		}
		if err := w.writeParts(r, f, 0, 1<<r.bits, all); err != nil {
			return err
		}
	}
	return w.mergeAlike()
}

func compareEntries(a, b entry) int {
	if a.hash != b.hash {
		return cmp.Compare(a.hash, b.hash)
	}
	return cmp.Compare(a.id, b.id)
}

// beginRun notes a run whose parts are to be written.
func (w *commitWriter) beginRun(entries int64) (run, error) {
	var first int64
	if err := w.tx.QueryRowContext(w.ctx, "SELECT coalesce(max(id), 0) + 1 FROM link_parts").Scan(&first); err != nil {
		return run{}, err
	}
	r := newRun(first, entries)
	_, err := w.exec("INSERT INTO link_runs (first, map_id, entries, bits) VALUES (?, ?, ?, ?)", r.first, w.c.MapID, r.entries, r.bits)
	return r, err
}

// writeParts writes some parts of a run, of which all are the entries, in order.
func (w *commitWriter) writeParts(r run, f finder, from, to uint32, all []entry) error {
	b := make([]byte, 0, entryBytes*(len(all)>>r.bits+partEntries))
	for n := from; n < to; n++ {
		b = b[:0]
		for len(all) > 0 && all[0].hash>>(32-r.bits) == n {
			b, all = appendEntry(b, all[0]), all[1:]
		}
		if _, err := w.exec("INSERT INTO link_parts (id, entries) VALUES (?, ?)", r.part(f, 0)+int64(n), b); err != nil {
			return err
		}
	}
	return nil
}

// mergeAlike merges runs of one size that have become many.
func (w *commitWriter) mergeAlike() error {
	runs, err := w.runs(w.ctx, w.tx, w.c.MapID)
	if err != nil {
		return err
	}
	for len(runs) >= w.mergeFrom {
		alike := slices.IndexFunc(runs, func(r run) bool { return r.size() != runs[0].size() })
		if alike < 0 {
			alike = len(runs)
		}
		if some := together(runs[:alike]); alike >= w.mergeFrom && some > 1 {
			return w.merge(runs[:some])
		}
		runs = runs[alike:]
	}
	return nil
}

// together is how many runs, from the first on, can become one.
func together(runs []run) (n int) {
	var sum int64
	for n < len(runs) && sum+runs[n].entries <= runEntries {
		sum += runs[n].entries
		n++
	}
	return n
}

// TidyLinks merges the runs by which the links of a map are found, once no more
// are to come. It does a part of it, of bounded length, and reports whether there
// is more to do.
func (s *Store) TidyLinks(ctx context.Context, lease Lease, mapID int64) (more bool, err error) {
	err = s.batch(ctx, func(tx *sql.Tx) error {
		if err := s.hold(ctx, tx, lease); err != nil {
			return err
		}
		runs, err := s.runs(ctx, tx, mapID)
		if err != nil {
			return err
		}
		some := together(runs)
		if more = some > 1; !more {
			return nil
		}
		w := &commitWriter{Store: s, ctx: ctx, tx: tx, c: &Commit{MapID: mapID}}
		return w.merge(runs[:some])
	})
	return more, err
}

// runs lists the runs of a map, the smallest first.
func (s *Store) runs(ctx context.Context, from querier, mapID int64) (out []run, err error) {
	err = eachRow(ctx, from, s.rebind("SELECT first, entries, bits FROM link_runs WHERE map_id = ? ORDER BY entries"), []any{mapID}, func(rows *sql.Rows) error {
		var r run
		err := rows.Scan(&r.first, &r.entries, &r.bits)
		out = append(out, r)
		return err
	})
	return out, err
}

// mergedAtOnce is, as bits, how many parts are merged at a time.
const mergedAtOnce = 8

// merge makes one run of several.
func (w *commitWriter) merge(runs []run) error {
	var sum int64
	for _, r := range runs {
		sum += r.entries
	}
	into, err := w.beginRun(sum)
	if err != nil {
		return err
	}
	cut := max(0, into.bits-mergedAtOnce)
	var all, spare []entry
	var ends []int
	for f := range finders {
		var found int64
		for slice := range uint32(1) << cut {
			all, ends = all[:0], ends[:0]
			for _, r := range runs {
				if all, err = w.entries(r, f, slice, cut, all); err != nil {
					return err
				}
				ends = append(ends, len(all))
				if r.bits < cut { // others need these parts too
					continue
				}
				low, high := bounds(slice, cut)
				if err := w.dropParts(r.part(f, low), r.part(f, high)); err != nil {
					return err
				}
			}
			found += int64(len(all))
			all, spare = inOrder(all, spare, ends)
			if err := w.writeParts(into, f, slice<<(into.bits-cut), (slice+1)<<(into.bits-cut), all); err != nil {
				return err
			}
		}
		if found != sum {
			return fmt.Errorf("%d of %d entries: %w", found, sum, errRun)
		}
	}
	for _, r := range runs {
		if err := w.dropParts(r.first, r.first+int64(finders)<<r.bits-1); err != nil {
			return err
		}
		if _, err := w.exec("DELETE FROM link_runs WHERE first = ?", r.first); err != nil {
			return err
		}
	}
	return nil
}

// dropParts gives the room of parts free, for those that are written next.
func (w *commitWriter) dropParts(first, last int64) error {
	_, err := w.exec("DELETE FROM link_parts WHERE id >= ? AND id <= ?", first, last)
	return err
}

// bounds are the first and the last hash that begin with the bits of slice.
func bounds(slice uint32, cut int) (low, high uint32) {
	low = slice << (32 - cut)
	return low, low + (1<<(32-cut) - 1)
}

// entries appends those of a run whose hash begins with the bits of slice.
func (w *commitWriter) entries(r run, f finder, slice uint32, cut int, all []entry) ([]entry, error) {
	low, high := bounds(slice, cut)
	var raw sql.RawBytes
	err := eachRow(w.ctx, w.tx, w.rebind("SELECT entries FROM link_parts WHERE id >= ? AND id <= ? ORDER BY id"), []any{r.part(f, low), r.part(f, high)}, func(rows *sql.Rows) error {
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		for i := range len(raw) / entryBytes {
			if e := entryAt(raw, i); low <= e.hash && e.hash <= high {
				all = append(all, e)
			}
		}
		return nil
	})
	return all, err
}

var errRun = errors.New("a run of links is damaged")

// inOrder brings entries into order that are in order up to each of the ends. It
// uses both slices and gives both back.
func inOrder(all, spare []entry, ends []int) (sorted, other []entry) {
	for len(ends) > 1 {
		spare = spare[:0]
		from, kept := 0, ends[:0]
		for i := 0; i < len(ends); i += 2 {
			middle, end := ends[i], ends[min(i+1, len(ends)-1)]
			a, b := all[from:middle], all[middle:end]
			for len(a) > 0 && len(b) > 0 {
				if compareEntries(a[0], b[0]) <= 0 {
					spare, a = append(spare, a[0]), a[1:]
				} else {
					spare, b = append(spare, b[0]), b[1:]
				}
			}
			spare = append(append(spare, a...), b...)
			from, kept = end, append(kept, end)
		}
		all, spare, ends = spare, all, kept
	}
	return all, spare
}

// candidates gives the ids of links in packs that may be found by one of the
// texts.
func (s *Store) candidates(ctx context.Context, from querier, mapID int64, f finder, texts []string) ([]int64, error) {
	runs, err := s.runs(ctx, from, mapID)
	if err != nil || len(runs) == 0 || len(texts) == 0 {
		return nil, err
	}
	hashes := make([]uint32, len(texts))
	for i, text := range texts {
		hashes[i] = hashOf(text)
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	var ids []int64
	var id int64
	var raw sql.RawBytes
	for _, r := range runs {
		var parts []int64
		within := map[int64][]uint32{} // the hashes of each part
		for i, h := range hashes {
			part := r.part(f, h)
			if n := len(parts); n == 0 || parts[n-1] != part {
				parts = append(parts, part)
				within[part] = hashes[i:i]
			}
			within[part] = within[part][:len(within[part])+1]
		}
		read := 0
		err := inLists(parts, func(in string, list []any) error {
			return eachRow(ctx, from, s.rebind("SELECT id, entries FROM link_parts WHERE id"+in), list, func(rows *sql.Rows) error {
				if err := rows.Scan(&id, &raw); err != nil {
					return err
				}
				read++
				for _, h := range within[id] {
					ids = appendFound(ids, raw, h)
				}
				return nil
			})
		})
		if err == nil && read != len(parts) { // a link that is not found would count as new
			err = fmt.Errorf("run %d: %w", r.first, errRun)
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// appendFound adds the ids that a part has for a hash.
func appendFound(ids []int64, part []byte, hash uint32) []int64 {
	n := len(part) / entryBytes
	at := sort.Search(n, func(i int) bool { return entryAt(part, i).hash >= hash })
	for ; at < n; at++ {
		e := entryAt(part, at)
		if e.hash != hash {
			break
		}
		ids = append(ids, e.id)
	}
	return ids
}
