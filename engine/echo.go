package engine

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"dualwrite/models"
)

// echoes knows the writes of this process whose outcome is stored in links, so
// that the changes they cause need not be looked at (I11). It is told by the
// mark that a write carries and the app's log gives back. A mark of another
// process, or of a write whose outcome was not stored, means nothing: its
// changes are worked on like anybody's.
type echoes struct {
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
	open   map[string]bool // native ids whose change must be looked at all the same
}

func newEchoes() *echoes {
	return &echoes{prefix: strconv.FormatUint(rand.Uint64(), 36) + ".", writes: map[uint64]*ownWrite{}}
}

// echoesKept bounds how many writes are remembered. An echo that comes later
// than so many writes costs a read.
const echoesKept = 4096

// begin gives a write its mark.
func (e *echoes) begin(by models.Use) (mark string, id uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	e.writes[e.last] = &ownWrite{by: by, done: make(chan struct{}), open: map[string]bool{}}
	if old := e.writes[e.last-min(e.last, echoesKept)]; old != nil && old.stored {
		delete(e.writes, e.last-echoesKept)
	}
	return e.prefix + strconv.FormatUint(e.last, 36), e.last
}

// end says what became of writes: stored in links but for the open ids of each,
// or not known.
func (e *echoes) end(ids []uint64, stored bool, open map[uint64][]string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		w := e.writes[id]
		for _, native := range open[id] {
			w.open[native] = true
		}
		w.stored = stored
		close(w.done)
		if !stored {
			delete(e.writes, id)
		}
	}
}

// patienceWithOwn is how long a change waits for the outcome of the write that
// caused it to be stored, which is faster than to queue and read it.
const patienceWithOwn = 50 * time.Millisecond

// madeBy tells whose write caused a change, the zero Use if that is not known or
// the change must be looked at.
func (e *echoes) madeBy(ctx context.Context, mark, native string) models.Use {
	text, ours := strings.CutPrefix(mark, e.prefix)
	if !ours {
		return models.Use{}
	}
	id, err := strconv.ParseUint(text, 36, 64)
	if err != nil {
		return models.Use{}
	}
	e.mu.Lock()
	w := e.writes[id]
	e.mu.Unlock()
	if w == nil {
		return models.Use{}
	}
	ctx, cancel := context.WithTimeout(ctx, patienceWithOwn)
	defer cancel()
	select {
	case <-w.done:
	case <-ctx.Done():
		return models.Use{}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !w.stored || w.open[native] {
		return models.Use{}
	}
	return w.by
}
