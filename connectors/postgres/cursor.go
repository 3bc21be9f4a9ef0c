package postgres

import (
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
// snapshot was taken.
type position struct {
	seen snapshot
	end  int64
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
const cursorForm = "1"

func (c cursor) String() connectors.Cursor {
	parts := []string{cursorForm, c.oid, c.epoch, c.started, c.from.seen.String(), strconv.FormatInt(c.from.end, 10)}
	if c.to != nil {
		parts = append(parts, c.to.seen.String(), strconv.FormatInt(c.to.end, 10), strconv.FormatInt(c.at, 10))
	}
	return connectors.Cursor(strings.Join(parts, "/"))
}

func parseCursor(text connectors.Cursor) (c cursor, ok bool) {
	parts := strings.Split(string(text), "/")
	if len(parts) != 6 && len(parts) != 9 || parts[0] != cursorForm {
		return c, false
	}
	if _, err := strconv.ParseUint(parts[1], 10, 32); err != nil { // it becomes part of a name
		return c, false
	}
	c.oid, c.epoch, c.started = parts[1], parts[2], parts[3]
	if c.from, ok = parsePosition(parts[4:]); !ok || len(parts) == 6 {
		return c, ok
	}
	to, ok := parsePosition(parts[6:])
	at, err := strconv.ParseInt(parts[8], 10, 64)
	c.to, c.at = &to, at
	return c, ok && err == nil
}

func parsePosition(parts []string) (p position, ok bool) {
	p.seen, ok = parseSnapshot(parts[0])
	end, err := strconv.ParseInt(parts[1], 10, 64)
	p.end = end
	return p, ok && err == nil
}
