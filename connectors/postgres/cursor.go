package postgres

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
)

// snapshot says which transactions had finished at one moment, as pg_snapshot
// does: those below xmin, and those below xmax that are not in xip.
type snapshot struct {
	xmin, xmax uint64
	xip        []uint64
}

func parseSnapshot(s string) (snapshot, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return snapshot{}, false
	}
	var x snapshot
	var errs [2]error
	x.xmin, errs[0] = strconv.ParseUint(parts[0], 10, 64)
	x.xmax, errs[1] = strconv.ParseUint(parts[1], 10, 64)
	for _, err := range errs {
		if err != nil {
			return snapshot{}, false
		}
	}
	for part := range strings.SplitSeq(parts[2], ",") {
		if part == "" {
			continue
		}
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return snapshot{}, false
		}
		x.xip = append(x.xip, n)
	}
	return x, true
}

func (x snapshot) String() string {
	return strconv.FormatUint(x.xmin, 10) + ":" + strconv.FormatUint(x.xmax, 10) + ":" + strings.Join(x.running(), ",")
}

// running lists the transactions that had begun and not finished.
func (x snapshot) running() (list []string) {
	for _, n := range x.xip {
		list = append(list, strconv.FormatUint(n, 10))
	}
	return list
}

// finished reports whether a transaction had.
func (x snapshot) finished(tx uint64) bool {
	return tx < x.xmin || tx < x.xmax && !slices.Contains(x.xip, tx)
}

// covers reports whether everything that had finished at another moment has
// finished here too.
func (x snapshot) covers(earlier snapshot) bool {
	for _, tx := range x.xip {
		if earlier.finished(tx) {
			return false
		}
	}
	return x.xmax >= earlier.xmax
}

// upTo counts the transactions below the one to begin next as running. The
// server's own xmax is one beyond the last that has finished, and leaves out
// those that have begun since.
func (x snapshot) upTo(next uint32) snapshot {
	for ahead := int32(next - uint32(x.xmax)); ahead > 0; ahead-- {
		x.xip = append(x.xip, x.xmax)
		x.xmax++
	}
	return x
}

// position is a moment in the log: all rows of transactions finished at it were
// told. Transactions that began later have noted nothing up to the sequence end:
// that was read first, then which transaction is to begin next, and then the
// snapshot was taken. Those that were running then have noted nothing up to the
// sequence that lows has for each, 0 where it has none.
type position struct {
	seen snapshot
	end  int64
	lows []int64 // in the order of seen.xip
}

// low is up to where a running transaction has noted nothing.
func (p position) low(running int) int64 {
	if running < len(p.lows) {
		return p.lows[running]
	}
	return 0
}

// since takes from an earlier position up to where those that are running have
// noted nothing.
func (p *position) since(earlier position) {
	p.lows = make([]int64, len(p.seen.xip))
	for i, tx := range p.seen.xip {
		if at := slices.Index(earlier.seen.xip, tx); at >= 0 {
			p.lows[i] = earlier.low(at)
		} else if tx >= earlier.seen.xmax {
			p.lows[i] = earlier.end
		}
	}
}

// behind is where the rows begin that a later position has told and this one has
// not.
func (p position) behind(later snapshot) int64 {
	first := p.end
	for i, tx := range p.seen.xip {
		if later.finished(tx) {
			first = min(first, p.low(i))
		}
	}
	return first
}

// cursor is where a feed goes on. Within a window, from one position to the
// next, the rows up to the sequence at are told already.
type cursor struct {
	oid     string // of the table whose log it is
	epoch   string // of the installation
	started string // when the server was started, and its timeline
	from    position
	to      *position // of a window that was begun
	at      int64
}

// cursorForm is the version of how a cursor is spelled.
const cursorForm = "2"

func (c cursor) String() connectors.Cursor {
	parts := append([]string{cursorForm, c.oid, c.epoch, c.started}, c.from.spell()...)
	if c.to != nil {
		parts = append(append(parts, c.to.spell()...), strconv.FormatInt(c.at, 10))
	}
	return connectors.Cursor(strings.Join(parts, "/"))
}

func parseCursor(text connectors.Cursor) (c cursor, ok bool) {
	parts := strings.Split(string(text), "/")
	if len(parts) != 7 && len(parts) != 11 || parts[0] != cursorForm {
		return c, false
	}
	if _, err := strconv.ParseUint(parts[1], 10, 32); err != nil { // it becomes part of a name
		return c, false
	}
	c.oid, c.epoch, c.started = parts[1], parts[2], parts[3]
	if c.from, ok = parsePosition(parts[4:]); !ok || len(parts) == 7 {
		return c, ok
	}
	to, ok := parsePosition(parts[7:])
	at, err := strconv.ParseInt(parts[10], 10, 64)
	c.to, c.at = &to, at
	return c, ok && err == nil
}

func (p position) spell() []string {
	lows := make([]string, len(p.lows))
	for i, n := range p.lows {
		lows[i] = strconv.FormatInt(n, 10)
	}
	return []string{p.seen.String(), strconv.FormatInt(p.end, 10), strings.Join(lows, ",")}
}

func parsePosition(parts []string) (p position, ok bool) {
	p.seen, ok = parseSnapshot(parts[0])
	end, err := strconv.ParseInt(parts[1], 10, 64)
	p.end = end
	for low := range strings.SplitSeq(parts[2], ",") {
		if low == "" {
			continue
		}
		n, wrong := strconv.ParseInt(low, 10, 64)
		p.lows, err = append(p.lows, n), cmp.Or(err, wrong)
	}
	return p, ok && err == nil
}
