package mysql

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dualwrite/connectors"
)

func TestACursorIsReadAsItWasSpelled(t *testing.T) {
	for _, text := range []string{"0", "12", "12 5", "12 5-7", "12 5-7@30 9@-1700000000000"} {
		if c, ok := parseCursor(connectors.Cursor(text)); !ok || c.String() != text {
			t.Errorf("%q is read as %q", text, c)
		}
	}
	for _, text := range []string{"", "x", "-1", "12 ", "12 7-5", "12 13", "12 12", "12 7 5", "12 5@x", "12  5", "12 0"} {
		if c, ok := parseCursor(connectors.Cursor(text)); ok {
			t.Errorf("%q is taken for %q", text, c)
		}
	}
}

// history is a log in which sequences become visible in any order, or never.
type history struct {
	*rand.Rand
	taken   int64   // sequences given out
	pending []int64 // neither committed nor rolled back
	visible []int64
}

// step gives out a sequence, commits one or rolls one back.
func (h *history) step() {
	if n := h.IntN(3); n == 0 || len(h.pending) == 0 {
		h.taken++
		h.pending = append(h.pending, h.taken)
		return
	}
	i := h.IntN(len(h.pending))
	seq := h.pending[i]
	h.pending = slices.Delete(h.pending, i, i+1)
	if h.IntN(3) > 0 {
		at, _ := slices.BinarySearch(h.visible, seq)
		h.visible = slices.Insert(h.visible, at, seq)
	}
}

// view is of now: what may still fill a gap is what is pending.
func (h *history) view() view {
	pending := slices.Clone(h.pending)
	return view{stamp: h.taken + 1, ended: func(g gap) bool {
		return !slices.ContainsFunc(pending, func(seq int64) bool { return seq < g.stamp })
	}}
}

func (h *history) read(c cursor, most int) (seqs []int64) {
	for _, seq := range h.visible {
		if c.open(seq) && len(seqs) < most {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

func TestACursorPassesEverySequenceOnceInWhateverOrderTransactionsCommit(t *testing.T) {
	for seed := range uint64(300) {
		h := &history{Rand: rand.New(rand.NewPCG(seed, 1))}
		c, told := cursor{}, map[int64]int{}
		look := func(meanwhile int) {
			most := 1 + h.IntN(5)
			v, fresh := h.view(), h.IntN(2) == 0
			for range meanwhile {
				h.step()
			}
			seqs := h.read(c, most)
			for _, seq := range seqs {
				told[seq]++
			}
			next, read := c.pass(seqs), int64(math.MaxInt64)
			if len(seqs) == most {
				read = seqs[len(seqs)-1]
			}
			if fresh {
				next = next.settle(v, c, read)
			}
			again, ok := parseCursor(connectors.Cursor(next.String()))
			if !ok || again.String() != next.String() {
				t.Fatalf("seed %d: %q is not read as it was spelled", seed, next)
			}
			c = again
		}
		for range 200 {
			h.step()
			if h.IntN(2) == 0 {
				look(h.IntN(3))
			}
		}
		h.visible = append(h.visible, h.pending...)
		slices.Sort(h.visible)
		h.pending = nil
		for range 400 {
			look(0)
		}
		for _, seq := range h.visible {
			if told[seq] != 1 {
				t.Fatalf("seed %d: sequence %d was told %d times", seed, seq, told[seq])
			}
		}
		if len(c.gaps) > 0 {
			t.Fatalf("seed %d: gaps that nothing can fill are never closed: %q", seed, c)
		}
	}
}

func TestACursorFromBeforeWhatWasPrunedIsKnown(t *testing.T) {
	kept := []gap{{from: 5, to: 7}}
	for _, test := range []struct {
		cursor string
		covers bool
	}{
		{"20", true}, {"21", true}, {"19", false}, {"20 5-7", true}, {"20 6", true}, {"20 4-5", false}, {"20 9", false}, {"30 5-7 25", true}, {"30 18-25", false},
	} {
		c, ok := parseCursor(connectors.Cursor(test.cursor))
		if !ok || c.covers(20, kept) != test.covers {
			t.Errorf("%q: covers is %v", test.cursor, !test.covers)
		}
	}
}

func TestPruningInStepsForgetsNoGap(t *testing.T) {
	before := cursor{at: 50, gaps: []gap{{from: 10, to: 20}, {from: 30, to: 40}}}
	to := cursor{at: 100, gaps: []gap{{from: 12, to: 14}, {from: 35, to: 36}, {from: 60, to: 70}}}
	for _, test := range []struct {
		looked int64
		want   string
	}{{15, "50 12-14 16-20 30-40"}, {32, "50 12-14 33-40"}, {55, "55 12-14 35-36"}, {65, "65 12-14 35-36 60-65"}, {80, "80 12-14 35-36 60-70"}} {
		if got := before.confirmed(to, test.looked).String(); got != test.want {
			t.Errorf("looked up to %d: %q, want %q", test.looked, got, test.want)
		}
	}
}
