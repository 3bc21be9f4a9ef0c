package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"dualwrite/connectors"
	"dualwrite/models"
)

// echoes knows the writes of this process whose outcome is stored in links, so
// that the changes they cause need not be looked at (I11). It is told by the
// mark that a write carries and the app's log gives back, together with the
// record: what the app changes by itself because of a write, as by a cascade, may
// bear the mark too. A mark of another process, or of a write whose outcome was
// not stored, means nothing: its changes are worked on like anybody's.
type echoes struct {
	patience time.Duration // how long a batch of changes waits for outcomes

	mu     sync.Mutex
	prefix string // unlike that of any other process
	last   uint64
	writes map[uint64]*ownWrite
}

// ownWrite is one batch that was sent to an app.
type ownWrite struct {
	by     models.Use
	done   chan struct{} // closed when the outcome is stored, or will never be
	stored bool
	heard  []uint64 // hashes of the native ids whose outcome is in links, ascending
}

func newEchoes() *echoes {
	return &echoes{patience: patienceWithOwn, prefix: strconv.FormatUint(rand.Uint64(), 36) + ".", writes: map[uint64]*ownWrite{}}
}

// echoesKept bounds how many writes are remembered, of 8 bytes a record. An echo
// that comes later than so many writes costs a read.
const echoesKept = 1024

// begin gives a write its mark.
func (e *echoes) begin(by models.Use) (mark string, id uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	e.writes[e.last] = &ownWrite{by: by, done: make(chan struct{})}
	return e.prefix + strconv.FormatUint(e.last, 36), e.last
}

// end says what became of writes: not known, or stored in links for the native
// ids of each.
func (e *echoes) end(ids []uint64, stored bool, heard map[uint64][]uint64) {
	for _, hashes := range heard {
		slices.Sort(hashes)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		w := e.writes[id]
		w.stored, w.heard = stored, heard[id]
		close(w.done)
		if !stored {
			delete(e.writes, id)
		} else if id > echoesKept {
			delete(e.writes, id-echoesKept)
		}
	}
}

// patienceWithOwn is how long a batch of changes waits for the outcome of the
// writes that caused some of them to be stored, which is faster than to queue and
// read those. The writes have come to their end, or there would be no changes.
const patienceWithOwn = 2 * time.Second

// makers tells for each change whose write caused it: the zero Use where that is
// not known or the change must be looked at.
func (e *echoes) makers(ctx context.Context, batch []connectors.Change) []models.Use {
	out := make([]models.Use, len(batch))
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	for i := range batch {
		w := e.write(batch[i].Origin)
		if w == nil || !w.over(ctx) || !w.stored {
			continue
		}
		if _, ours := slices.BinarySearch(w.heard, xxhash.Sum64String(batch[i].ID)); ours {
			out[i] = w.by
		}
	}
	return out
}

// over waits for the outcome, after which stored and heard stay as they are.
func (w *ownWrite) over(ctx context.Context) bool {
	select {
	case <-w.done:
		return true
	default:
	}
	select {
	case <-w.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// write finds the write of a mark, nil where it is not of this process or its
// outcome is not known any more.
func (e *echoes) write(mark string) *ownWrite {
	text, ours := strings.CutPrefix(mark, e.prefix)
	if !ours {
		return nil
	}
	id, err := strconv.ParseUint(text, 36, 64)
	if err != nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.writes[id]
}
