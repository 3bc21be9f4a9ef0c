package models

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// Sum is the hash of one mapped value, of 48 bits: two different values agree
// by chance once in 3e14 comparisons.
type Sum uint64

// SumBytes is how many bytes of a Sum are kept.
const SumBytes = 6

// SumMask cuts a 64-bit hash to a Sum.
const SumMask Sum = 1<<(8*SumBytes) - 1

// Sums holds one Sum per slot of the map's definition.
type Sums []Sum

// At is the sum of a slot, 0 for a slot that did not exist when it was made.
func (s Sums) At(slot int) Sum {
	if slot < len(s) {
		return s[slot]
	}
	return 0
}

// Slots is a set of slots.
type Slots []uint64

// Has reports whether the slot is in the set.
func (s Slots) Has(slot int) bool { return slot>>6 < len(s) && s[slot>>6]&(1<<(slot&63)) != 0 }

// Add puts a slot into the set.
func (s *Slots) Add(slot int) {
	for slot>>6 >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[slot>>6] |= 1 << (slot & 63)
}

// Empty reports whether the set holds nothing.
func (s Slots) Empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// Each calls f for every slot, in ascending order.
func (s Slots) Each(f func(slot int)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(i<<6 + bits.TrailingZeros64(w))
		}
	}
}

// Link is what is remembered of one pair of records of a map.
type Link struct {
	ID       int64 // 0 until it is stored
	MapID    int64
	Key      string // canonical match key
	Revision int    // of the definition it was made under
	Present  bool   // the agreed record exists; false is a tombstone
	Agreed   Sums   // the agreed record; nil in a tombstone
	Sides    [2]LinkSide

	was storedLink // as it was read; zero for one that was not
}

// Successor begins what is to take the place of a link in the store: the same
// pair under a revision of the definition, with nothing agreed in its slots yet.
func (l *Link) Successor(revision, slots int) Link {
	return Link{ID: l.ID, MapID: l.MapID, Key: l.Key, Revision: revision, Agreed: make(Sums, slots), was: l.was}
}

// LinkSide is one side of a link: what it held when it was last folded into
// the agreed record, and what it has yet to receive.
type LinkSide struct {
	ID      string // native id, "" while there is none
	Version string // version token then seen
	Present bool
	Sums    Sums  // what the side held
	Intent  bool  // we meant to write the agreed record on top of Version; the outcome is not known
	Owed    Slots // slots of the agreed record that the side has yet to receive
}

// Flags of a stored link.
const (
	flagLeftPresent = 1 << iota
	flagRightPresent
	flagAgreed
	flagLeftIntent
	flagRightIntent
	flagGone // there is no such link any more, though a pack has one of its id
)

func (l *Link) flags() int64 {
	var f int64
	set := func(on bool, bit int64) {
		if on {
			f |= bit
		}
	}
	set(l.Sides[0].Present, flagLeftPresent)
	set(l.Sides[1].Present, flagRightPresent)
	set(l.Present, flagAgreed)
	set(l.Sides[0].Intent, flagLeftIntent)
	set(l.Sides[1].Intent, flagRightIntent)
	return f
}

// ids are the native ids of both sides.
func (l *Link) ids() [2]string { return [2]string{l.Sides[0].ID, l.Sides[1].ID} }

// Counts reports whether the pair is in step: agreed and present on both sides.
func (l *Link) Counts() bool { return l.Present && l.Sides[0].Present && l.Sides[1].Present }

const imageFormat = 1

var errImage = errors.New("link image is damaged")

// image encodes the sums and sets of a link: the agreed sums in full, each
// side's only where they differ.
func (l *Link) image() []byte { return l.appendImage(make([]byte, 0, 8+SumBytes*len(l.Agreed))) }

func (l *Link) appendImage(b []byte) []byte {
	b = append(b, imageFormat)
	b = binary.AppendUvarint(b, uint64(len(l.Agreed)))
	for _, s := range l.Agreed {
		b = appendSum(b, s)
	}
	for i := range l.Sides {
		side := &l.Sides[i]
		b = binary.AppendUvarint(b, uint64(len(side.Sums)))
		var differ int
		for slot, s := range side.Sums {
			if s != l.Agreed.At(slot) {
				differ++
			}
		}
		b = binary.AppendUvarint(b, uint64(differ))
		for slot, s := range side.Sums {
			if s != l.Agreed.At(slot) {
				b = appendSum(binary.AppendUvarint(b, uint64(slot)), s)
			}
		}
		b = binary.AppendUvarint(b, uint64(len(side.Owed)))
		for _, w := range side.Owed {
			b = binary.AppendUvarint(b, w)
		}
	}
	return b
}

func appendSum(b []byte, s Sum) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(s))
	return append(b, raw[8-SumBytes:]...)
}

// imageReader reads what image wrote; the first fault sticks.
type imageReader struct {
	b   []byte
	bad bool
}

func (r *imageReader) uvarint() int {
	n, used := binary.Uvarint(r.b)
	if used <= 0 || n > 1<<20 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[used:]
	return int(n)
}

func (r *imageReader) word() uint64 {
	n, used := binary.Uvarint(r.b)
	if used <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[used:]
	return n
}

func (r *imageReader) sum() Sum {
	if len(r.b) < SumBytes {
		r.bad, r.b = true, nil
		return 0
	}
	var raw [8]byte
	copy(raw[8-SumBytes:], r.b)
	r.b = r.b[SumBytes:]
	return Sum(binary.BigEndian.Uint64(raw[:]))
}

// restore fills the link from its stored flags and image.
func (l *Link) restore(flags int64, image []byte) error {
	if len(image) == 0 || image[0] != imageFormat {
		return fmt.Errorf("link %d: %w", l.ID, errImage)
	}
	r := &imageReader{b: image[1:]}
	if n := r.uvarint(); n > 0 && n*SumBytes <= len(r.b) {
		l.Agreed = make(Sums, n)
		for i := range l.Agreed {
			l.Agreed[i] = r.sum()
		}
	}
	for i := range l.Sides {
		side := &l.Sides[i]
		if n := r.uvarint(); n > 0 {
			side.Sums = make(Sums, n)
			copy(side.Sums, l.Agreed)
		}
		for range r.uvarint() {
			slot, sum := r.uvarint(), r.sum()
			if slot >= len(side.Sums) {
				return fmt.Errorf("link %d: %w", l.ID, errImage)
			}
			side.Sums[slot] = sum
		}
		for range r.uvarint() {
			side.Owed = append(side.Owed, r.word())
		}
	}
	if r.bad {
		return fmt.Errorf("link %d: %w", l.ID, errImage)
	}
	l.Present = flags&flagAgreed != 0
	l.Sides[0].Present, l.Sides[1].Present = flags&flagLeftPresent != 0, flags&flagRightPresent != 0
	l.Sides[0].Intent, l.Sides[1].Intent = flags&flagLeftIntent != 0, flags&flagRightIntent != 0
	return nil
}
