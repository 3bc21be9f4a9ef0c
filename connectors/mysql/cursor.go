package mysql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
)

// cursor is how far a feed has been read: to a sequence, except for gaps below
// it. A sequence that is missing belongs to a transaction that is still open, or
// to one that was rolled back. So a long transaction delays its own changes
// only; those of one record keep their order, since who changes a record after
// another transaction has waited for its end.
type cursor struct {
	at   int64
	gaps []gap // in order, apart from each other
}

// gap is a run of sequences that are missing. Stamp bounds, once it is known,
// what may still fill the gap: a transaction with a lower id. Where the ids of
// transactions cannot be read it is the time of the first sighting, in
// milliseconds by the server's clock, and negative.
type gap struct{ from, to, stamp int64 }

// String is the cursor as it is stored: "12 5-7@30 9@".
func (c cursor) String() string {
	var b strings.Builder
	b.WriteString(strconv.FormatInt(c.at, 10))
	for _, g := range c.gaps {
		fmt.Fprintf(&b, " %d", g.from)
		if g.to > g.from {
			fmt.Fprintf(&b, "-%d", g.to)
		}
		if g.stamp != 0 {
			fmt.Fprintf(&b, "@%d", g.stamp)
		}
	}
	return b.String()
}

func parseCursor(text connectors.Cursor) (c cursor, ok bool) {
	words := strings.Split(string(text), " ")
	at, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || at < 0 {
		return c, false
	}
	c.at = at
	for _, word := range words[1:] {
		g, ok := parseGap(word)
		if !ok || g.to >= c.at || len(c.gaps) > 0 && c.gaps[len(c.gaps)-1].to >= g.from {
			return cursor{}, false
		}
		c.gaps = append(c.gaps, g)
	}
	return c, true
}

func parseGap(word string) (g gap, ok bool) {
	span, stamp, stamped := strings.Cut(word, "@")
	from, to, run := strings.Cut(span, "-")
	if !run {
		to = from
	}
	var errs [3]error
	g.from, errs[0] = strconv.ParseInt(from, 10, 64)
	g.to, errs[1] = strconv.ParseInt(to, 10, 64)
	if stamped {
		g.stamp, errs[2] = strconv.ParseInt(stamp, 10, 64)
	}
	return g, errs == [3]error{} && 0 < g.from && g.from <= g.to
}

// open reports whether a sequence is one that the cursor has not passed.
func (c cursor) open(seq int64) bool {
	if seq > c.at {
		return true
	}
	i, _ := slices.BinarySearchFunc(c.gaps, seq, func(g gap, seq int64) int { return compare(g.to, seq) })
	return i < len(c.gaps) && c.gaps[i].from <= seq
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// pass is the cursor after sequences, in order, were read: they leave their
// gaps, and what they leave out beyond the end becomes new ones.
func (c cursor) pass(seqs []int64) cursor {
	out := cursor{at: c.at, gaps: make([]gap, 0, len(c.gaps))}
	n := 0
	for _, g := range c.gaps {
		for ; n < len(seqs) && seqs[n] <= g.to; n++ {
			if seqs[n] < g.from {
				continue
			}
			if g.from < seqs[n] {
				out.gaps = append(out.gaps, gap{g.from, seqs[n] - 1, g.stamp})
			}
			g.from = seqs[n] + 1
		}
		if g.from <= g.to {
			out.gaps = append(out.gaps, g)
		}
	}
	for _, seq := range seqs {
		if seq <= out.at {
			continue
		}
		if seq > out.at+1 {
			out.gaps = append(out.gaps, gap{from: out.at + 1, to: seq - 1})
		}
		out.at = seq
	}
	return out
}

// view is how far the server's transactions had come at a moment.
type view struct {
	// stamp bounds what could fill a gap that was sighted before the moment.
	stamp int64
	// ended reports whether everything that could fill a gap with a stamp had
	// ended by then.
	ended func(g gap) bool
}

// settle stamps the gaps that were sighted before a view, and closes those that
// nothing can fill any more and that were read, once more, after it: up to a
// sequence.
func (c cursor) settle(v view, sighted cursor, read int64) cursor {
	out := cursor{at: c.at}
	for _, g := range c.gaps {
		if !sighted.open(g.from) || g.from > sighted.at {
			out.gaps = append(out.gaps, g)
			continue
		}
		if g.stamp == 0 || (g.stamp < 0) != (v.stamp < 0) {
			g.stamp = v.stamp
		}
		if g.to > read || !v.ended(g) {
			out.gaps = append(out.gaps, g)
		}
	}
	return out
}

// covers reports whether nothing of what a cursor has not passed was removed
// once another one was confirmed, up to a sequence.
func (c cursor) covers(pruned int64, kept []gap) bool {
	if c.at < pruned {
		return false
	}
	open := cursor{at: pruned, gaps: kept}
	for _, g := range c.gaps {
		for seq := g.from; seq <= min(g.to, pruned); seq++ {
			i, _ := slices.BinarySearchFunc(open.gaps, seq, func(g gap, seq int64) int { return compare(g.to, seq) })
			if i == len(open.gaps) || open.gaps[i].from > seq {
				return false
			}
			seq = open.gaps[i].to
		}
	}
	return true
}

// confirmed is the cursor up to which a log is pruned, on the way to another
// one, once the sequences up to the given one were looked at.
func (c cursor) confirmed(to cursor, looked int64) cursor {
	if looked >= c.at {
		return cursor{at: looked, gaps: clip(to.gaps, 0, looked)}
	}
	return cursor{at: c.at, gaps: append(clip(to.gaps, 0, looked), clip(c.gaps, looked+1, c.at)...)}
}

// clip gives the parts of gaps between two sequences, both included.
func clip(gaps []gap, from, to int64) (out []gap) {
	for _, g := range gaps {
		g.from, g.to = max(g.from, from), min(g.to, to)
		if g.from <= g.to {
			out = append(out, g)
		}
	}
	return out
}
