package core

import (
	"context"
	"crypto/rand"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Watch is a change feed for sets whose changes the service does not tell: it
// reads keys and etags at an interval and compares them with the last time. What
// happens twice between two looks is told once.
//
// The last look is kept in memory. A cursor carries it too while it is small;
// otherwise, after a restart, every record is told as changed, and records that
// were deleted meanwhile are not told.
type Watch struct {
	feeds *Feeds
	set   *Set
	state *feedState
	look  *Entity
}

var _ connectors.Feed = (*Watch)(nil)

// WatchBlind says in words what a Watch cannot see.
const WatchBlind = "changes are found by comparing keys and etags from time to time, so several of one record count as one; of a large entity, deletions while Dualwrite is not running are found only by comparing both sides"

// watch is the state of a Watch: the last look, and what was found since the
// feed began in this process.
type watch struct {
	epoch string
	seen  map[string]uint64 // version by native id
	log   []connectors.Change
	first int // number of the first change in log
	saved string
	known map[connectors.Cursor]int // where cursors of former processes go on
}

// Watch makes the feed of a set by comparison.
func (f *Feeds) Watch(ctx context.Context, m *Model, s *Set) (*Watch, error) {
	sel := connectors.Selection{Entity: s.Name, Company: -1}
	look, err := f.App.compile(m, sel)
	if err != nil {
		return nil, err
	}
	if err := look.probe(ctx); err != nil {
		return nil, err
	}
	if !look.versions() {
		look.read = nil // without etags everything is compared
	}
	return &Watch{feeds: f, set: s, state: f.of(s.Name), look: look}, nil
}

// lookSize is how many records a page of a look holds.
const lookSize = 5000

// Start takes the present for known. A feed that was begun before is looked at
// first, so that nothing of its own is taken for known.
func (w *Watch) Start(ctx context.Context) (connectors.Cursor, error) {
	w.state.work.Lock()
	defer w.state.work.Unlock()
	w.look.patient = false
	if w.state.watch == nil {
		begun := w.state.begin()
		seen, err := w.now(ctx)
		if err != nil {
			return "", Fault("start", w.set.Name, err)
		}
		w.state.watch = newWatch(seen)
		w.state.caughtUp(begun, w.feeds.App.Client.Now())
	} else if err := w.compare(ctx); err != nil {
		return "", Fault("start", w.set.Name, err)
	}
	return w.state.watch.end(), nil
}

func newWatch(seen map[string]uint64) *watch {
	w := &watch{epoch: rand.Text()[:8], seen: seen, known: map[connectors.Cursor]int{}}
	w.saved = save(seen)
	return w
}

// Stop forgets what was seen.
func (w *Watch) Stop(context.Context) error {
	w.state.work.Lock()
	defer w.state.work.Unlock()
	w.state.watch = nil
	w.state.mu.Lock()
	defer w.state.mu.Unlock()
	w.state.stopped = w.feeds.App.Client.Now()
	return nil
}

// Changes looks at the service when everything found before was told.
func (w *Watch) Changes(ctx context.Context, since connectors.Cursor, most int) ([]connectors.Change, connectors.Cursor, bool, error) {
	w.state.work.Lock()
	defer w.state.work.Unlock()
	w.look.patient = true
	at, err := w.position(ctx, since)
	if err != nil {
		return nil, "", false, Fault("changes", w.set.Name, err)
	}
	s := w.state.watch
	if at == s.first+len(s.log) {
		if err := w.compare(ctx); err != nil {
			return nil, "", false, Fault("changes", w.set.Name, err)
		}
	}
	end := s.first + len(s.log)
	to := min(end, at+most)
	batch := slices.Clone(s.log[at-s.first : to-s.first])
	switch {
	case to < end:
		return batch, s.cursor(to), false, nil
	case len(batch) == 0 && strings.HasPrefix(string(since), s.epoch):
		return nil, since, true, nil
	}
	s.saved = save(s.seen)
	return batch, s.end(), true, nil
}

// position is the number of the change that a cursor goes on with. A cursor of
// a former process goes on from the look it carries, or has everything told.
func (w *Watch) position(ctx context.Context, since connectors.Cursor) (int, error) {
	epoch, rest, ok := strings.Cut(string(since), ":")
	number, saved, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return 0, expired(w.set.Name, "the cursor is none of this feed", err)
	}
	s := w.state.watch
	if s == nil {
		if w.state.ended() {
			return 0, expired(w.set.Name, "the feed was stopped", nil)
		}
		seen, known := restore(saved)
		s = newWatch(seen)
		w.state.watch = s
		s.known[since] = 0
		if !known {
			s.seen = map[string]uint64{}
		}
		return 0, w.compare(ctx)
	}
	if at, ok := s.known[since]; ok && epoch != s.epoch {
		return max(at, s.first), nil
	}
	if epoch != s.epoch {
		if w.state.ended() {
			return 0, expired(w.set.Name, "the feed was stopped", nil)
		}
		at := s.first + len(s.log)
		s.known[since] = at
		for _, id := range sortedIDs(s.seen) {
			s.log = append(s.log, connectors.Change{Op: connectors.Update, ID: id, Key: id, At: w.feeds.App.Client.Now()})
		}
		return at, nil
	}
	if n < s.first || n > s.first+len(s.log) {
		return 0, expired(w.set.Name, "what was confirmed is not kept", nil)
	}
	return n, nil
}

// ended reports whether the feed was stopped since the connector was opened.
func (s *feedState) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped.IsZero()
}

// compare looks at the service and logs what is another than before. A record
// that did not show is asked for by its id before it counts as deleted: pages by
// offset may pass one over.
func (w *Watch) compare(ctx context.Context) error {
	begun := w.state.begin()
	now, err := w.now(ctx)
	if err != nil {
		return err
	}
	s, at := w.state.watch, w.feeds.App.Client.Now()
	var gone []string
	for id := range s.seen {
		if _, there := now[id]; !there {
			gone = append(gone, id)
		}
	}
	if len(gone) > 0 {
		still, err := w.look.Get(ctx, gone)
		if err != nil {
			return err
		}
		for _, r := range still {
			now[r.ID] = s.seen[r.ID]
		}
	}
	log := s.log
	for _, id := range sortedIDs(s.seen) {
		if _, there := now[id]; !there {
			log = append(log, connectors.Change{Op: connectors.Delete, ID: id, Key: id, At: at})
		}
	}
	for _, id := range sortedIDs(now) {
		before, known := s.seen[id]
		switch {
		case !known:
			log = append(log, connectors.Change{Op: connectors.Create, ID: id, Key: id, At: at})
		case before != now[id]:
			log = append(log, connectors.Change{Op: connectors.Update, ID: id, Key: id, At: at})
		}
	}
	s.log, s.seen = log, now
	w.state.caughtUp(begun, at)
	return nil
}

// now is every record's version.
func (w *Watch) now(ctx context.Context) (map[string]uint64, error) {
	out := map[string]uint64{}
	for at := connectors.Position(""); ; {
		page, next, err := w.look.Scan(ctx, at, lookSize)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			out[r.ID] = fingerprint(r.Version)
		}
		if at = next; at == "" {
			return out, nil
		}
	}
}

func fingerprint(version string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, version)
	return h.Sum64()
}

// contentVersion stands for an etag where a service has none: the record's own
// properties.
func contentVersion(o wire.Object) string {
	plain := map[string]any{}
	for name, x := range o {
		if !strings.Contains(name, "@") {
			plain[name] = x
		}
	}
	b, _ := encode(plain)
	return string(b)
}

func sortedIDs(m map[string]uint64) []string {
	out := make([]string, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Wait returns when it is time to look again, at once if something is not told yet.
func (w *Watch) Wait(ctx context.Context, since connectors.Cursor) error {
	epoch, rest, _ := strings.Cut(string(since), ":")
	number, _, _ := strings.Cut(rest, ":")
	n, _ := strconv.Atoi(number)
	pending := false
	if w.state.work.TryLock() { // a look that is under way tells what it finds by itself
		s := w.state.watch
		pending = s == nil || epoch != s.epoch || n < s.first+len(s.log)
		w.state.work.Unlock()
	}
	return w.feeds.wait(ctx, w.state, pending)
}

// Confirm forgets what was found up to the cursor.
func (w *Watch) Confirm(_ context.Context, upTo connectors.Cursor) error {
	w.state.work.Lock()
	defer w.state.work.Unlock()
	epoch, rest, _ := strings.Cut(string(upTo), ":")
	number, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	s := w.state.watch
	if s == nil || epoch != s.epoch {
		return nil
	}
	if err != nil || n > s.first+len(s.log) {
		return expired(w.set.Name, "the cursor is none of this feed", err)
	}
	if n > s.first {
		s.log, s.first = slices.Clone(s.log[n-s.first:]), n
		clear(s.known)
	}
	return nil
}
