package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

var (
	seedCount = flag.Int("seeds", 0, "how many histories TestSimulation plays; 0 for 10000, 300 with -short")
	firstSeed = flag.Uint64("seed", 1, "the first history that TestSimulation plays")
	traceSim  = flag.Bool("steps", false, "print every step of the histories that go wrong")
)

// bug plants a mistake into an engine, to see that the simulation catches it.
type bug func(*sim)

// sim is one history: two lying apps, the real store, and an engine whose steps
// are taken in an order that the seed decides. A crash throws the engine away
// and keeps what was committed.
type sim struct {
	r       *rand.Rand
	store   *models.Store
	clock   *fakeClock
	apps    [2]*memory.App
	e       *Engine
	oracle  *oracle
	mapID   int64
	conn    [2]int64
	faults  bool
	serial  int
	keys    []string
	resync  bool // records may be out of the map's sight until a fresh initial write
	dir     string
	trace   []string
	digest  hash.Hash64 // of the trace; nil where nobody compares it
	openers connectors.Openers
	wrap    func(connectors.Connector, int) connectors.Connector // a planted bug between engine and app
	keyIsID [2]bool
	rule    func(*pair) verdict // a planted bug in the rule
	kind    history
	rounds  int // how often a history at rest is looked at again
}

// history is the kind of a history, chosen by its seed.
type history int

// The kinds of history.
const (
	wild   history = iota // any command at any time
	steady                // begins in step, is paused and resumed, never stopped
)

func historyOf(seed uint64) history { return history((seed + 1) % 2) }

type fakeClock struct{ ns atomic.Int64 }

func (c *fakeClock) now() time.Time          { return time.Unix(1_700_000_000, c.ns.Load()).UTC() }
func (c *fakeClock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// crash is what a fault panics with when the program dies.
type crash struct{}

func simSchema() connectors.Schema {
	return connectors.Schema{Entities: []connectors.EntitySchema{{Name: "item", Label: "Items", Fields: []connectors.Field{
		{Name: "code", Type: connectors.Text, Length: 20, Required: true}, {Name: "a", Type: connectors.Text}, {Name: "b", Type: connectors.Text},
		{Name: "c", Type: connectors.Text},
	}, Keys: []connectors.AlternateKey{{Name: "code", Fields: []string{"code"}, Active: true}}}}}
}

func simDefinition() models.Definition {
	d := models.Definition{Left: models.Endpoint{Entity: "item", Label: "Items"}, Right: models.Endpoint{Entity: "item", Label: "Items"},
		Key: []models.KeyPair{{Left: "code", Right: "code"}}, Revision: 1, NextSlot: 4}
	for i, f := range []string{"code", "a", "b", "c"} {
		d.Fields = append(d.Fields, models.FieldMapping{Slot: i, Since: 1, Left: f, Right: f, Direction: models.Both})
	}
	d.Fields[3].Direction = models.LeftToRight
	return d
}

// newSim makes a history's apps and map in a store that other histories have used.
func newSim(ctx context.Context, w *simStore, seed uint64) (*sim, error) {
	s := &sim{r: rand.New(rand.NewPCG(seed, 7)), store: w.store, clock: w.clock, oracle: newOracle(), dir: w.dir, keys: []string{"K1", "K2", "K3", "K4"},
		kind: historyOf(seed), rounds: 3}
	if seed%10 == 0 {
		s.rounds = 20
	}
	if seed%twice == 0 {
		s.digest = fnv.New64a()
	}
	if s.kind == steady {
		s.keys = s.keys[:2] // the more happens to each
	}
	for side := range s.apps {
		opt := memory.Options{Prefix: string("LR"[side]), WriteMax: 1 + s.r.IntN(4), OnStore: s.observer(side), Fault: s.fault(side), BeforeWrite: s.race(side)}
		switch s.r.IntN(8) {
		case 0:
			opt.Normalise = func(_, field string, v connectors.Value) connectors.Value {
				if field == "a" && v.IsSet() {
					return connectors.TextValue(strings.TrimSpace(v.Text()))
				}
				return v
			}
		case 1:
			opt.KeyIsID, s.keyIsID[side] = true, true
		}
		opt.Lag = s.r.IntN(3)
		s.apps[side] = memory.New(simSchema(), opt)
	}
	s.openers = connectors.Openers{"left": s.open(0), "right": s.open(1)}
	s.populate()
	name := fmt.Sprint(seed, " ", w.used) // unlike any other in the store
	left, right := &models.Connection{Name: "left " + name, Kind: "left"}, &models.Connection{Name: "right " + name, Kind: "right"}
	m := &models.Map{Name: "map " + name, Definition: simDefinition(), Master: models.Sides[s.r.IntN(2)]}
	if err := w.store.CreateEnvironment(ctx, left, right, &models.Environment{Name: "env " + name}, []*models.Map{m}); err != nil {
		return nil, err
	}
	s.mapID, s.conn = m.ID, [2]int64{left.ID, right.ID}
	return s, s.restart()
}

func (s *sim) open(side int) func(context.Context, map[string]string) (connectors.Connector, error) {
	return func(context.Context, map[string]string) (connectors.Connector, error) {
		var c connectors.Connector = s.apps[side]
		if s.wrap != nil {
			c = s.wrap(c, side)
		}
		return c, nil
	}
}

// restart begins a new program over the store.
func (s *sim) restart() error {
	var err error
	s.e, err = New(s.store, s.openers, Config{SpillDir: filepath.Join(s.dir, "spill"), PageSize: 1 + s.r.IntN(3), BatchSize: 1 + s.r.IntN(6), CaptureSize: 1 + s.r.IntN(4)})
	if s.rule != nil {
		s.e.rule = s.rule
	}
	if rule := s.e.rule; *traceSim {
		s.e.rule = func(p *pair) verdict {
			v := rule(p)
			s.note("   decide link=%+v now=%+v -> %v %+v link=%+v", p.link, p.now, v.write, v.conflicts, v.link)
			return v
		}
	}
	return err
}

func (s *sim) note(format string, args ...any) {
	if *traceSim {
		s.trace = append(s.trace, fmt.Sprintf(format, args...))
	}
	if s.digest != nil {
		fmt.Fprintf(s.digest, format+"\n", args...)
	}
}

// populate gives both apps records before the first Run: on one side, equal, different.
func (s *sim) populate() {
	for _, key := range s.keys {
		switch s.r.IntN(5) {
		case 0:
			s.userSave(s.r.IntN(2), key)
		case 1:
			s.userSave(0, key)
			s.userSave(1, key)
		case 2:
			s.userSave(0, key)
			r := s.oracle.row(0, key)
			s.insert(1, key, map[int]string{0: r.cells[0].value, 1: r.cells[1].value})
			*s.oracle.row(1, key) = *r // one fact, however it came to both
		}
	}
}

func (s *sim) recordID(side int, key string) string {
	for _, id := range s.apps[side].IDs("item") {
		if v, _ := s.apps[side].Read("item", id); v["code"].Text() == key {
			return id
		}
	}
	return ""
}

var fieldNames = [simFields]string{"a", "b"}

func texts(values map[int]string) map[string]connectors.Value {
	out := map[string]connectors.Value{}
	for f, v := range values {
		out[fieldNames[f]] = connectors.TextValue(v)
	}
	return out
}

func (s *sim) insert(side int, key string, values map[int]string) {
	set := texts(values)
	set["code"] = connectors.TextValue(key)
	if _, err := s.apps[side].Insert("item", set); err != nil {
		panic(err)
	}
	s.oracle.userSaved(side, key, values)
	s.note("user %d inserts %s %v", side, key, values)
}

func (s *sim) fresh() string {
	s.serial++
	if s.r.IntN(6) == 0 {
		return fmt.Sprintf("V%d ", s.serial) // some apps trim
	}
	return fmt.Sprintf("V%d", s.serial)
}

// userSave inserts a record or edits one field of it: to something new, to the
// same again, or back to what it was.
func (s *sim) userSave(side int, key string) {
	id := s.recordID(side, key)
	if id == "" {
		s.insert(side, key, map[int]string{0: s.fresh(), 1: s.fresh()})
		return
	}
	f, r := s.r.IntN(simFields), s.oracle.row(side, key)
	v := s.fresh()
	switch q := s.r.IntN(10); {
	case q == 0:
		v = r.cells[f].value
	case q < 3:
		for n := r.cells[f].node; n != 0; {
			if n = s.oracle.nodes[n].parents[0]; n != 0 {
				v = s.oracle.nodes[n].value
			}
			if s.r.IntN(2) == 0 {
				break
			}
		}
	}
	if s.r.IntN(8) == 0 && side == 0 { // the source of the one-way field
		c := s.fresh()
		if err := s.apps[side].Edit("item", id, map[string]connectors.Value{"c": connectors.TextValue(c)}); err != nil {
			panic(err)
		}
		s.note("user %d edits %s field c to %q", side, key, c)
	}
	if err := s.apps[side].Edit("item", id, texts(map[int]string{f: v})); err != nil {
		panic(err)
	}
	s.oracle.userSaved(side, key, map[int]string{f: v})
	s.note("user %d edits %s field %d to %q", side, key, f, v)
}

func (s *sim) userOp() {
	side, key := s.r.IntN(2), s.keys[s.r.IntN(len(s.keys))]
	if id := s.recordID(side, key); id != "" && s.r.IntN(5) == 0 {
		if err := s.apps[side].Remove("item", id); err != nil {
			panic(err)
		}
		s.oracle.userRemoved(side, key)
		s.note("user %d removes %s", side, key)
		return
	}
	s.userSave(side, key)
}

// observer lets the oracle judge every write of the engine.
func (s *sim) observer(side int) func(string, string, map[string]connectors.Value, map[string]connectors.Value, string) {
	return func(_, id string, before, after map[string]connectors.Value, _ string) {
		if after == nil {
			s.oracle.engineWrote(side, before["code"].Text(), nil)
			s.note("  engine deletes %s on %d", before["code"].Text(), side)
			return
		}
		values := map[int]string{}
		for f, name := range fieldNames {
			values[f] = after[name].Text()
		}
		s.oracle.engineWrote(side, after["code"].Text(), values)
		s.note("  engine writes %s on %d: %v (%s)", after["code"].Text(), side, values, id)
	}
}

// fault makes calls fail, answers vanish and the program die.
func (s *sim) fault(side int) func(memory.Call) memory.Verdict {
	return func(c memory.Call) memory.Verdict {
		if !s.faults || c.Op == "open" || c.Op == "describe" || c.Op == "feed" {
			return memory.Verdict{}
		}
		transient := &connectors.Error{Kind: connectors.Transient, Op: c.Op, Message: "a passing fault"}
		die := func() { panic(crash{}) }
		odds := 60
		if s.kind != wild && c.Op == "write" {
			odds = 20
		}
		switch n := s.r.IntN(odds); {
		case n < 2:
			return memory.Verdict{Before: transient}
		case n < 4:
			s.note("  reply of %s on %d lost", c.Op, side)
			return memory.Verdict{LoseReply: true}
		case n < 6 && c.Op == "write" && c.Items > 1:
			return memory.Verdict{StopAfter: 1 + s.r.IntN(c.Items-1)}
		case n < 8:
			s.note("  crash after %s on %d", c.Op, side)
			return memory.Verdict{Run: die}
		case n < 10:
			s.note("  crash before %s on %d", c.Op, side)
			panic(crash{})
		case n < 14:
			return memory.Verdict{Run: s.userOp}
		}
		return memory.Verdict{}
	}
}

// race lets a user edit between our read and our write, and the app refuse.
func (s *sim) race(side int) func(string, connectors.Write) *connectors.Error {
	return func(string, connectors.Write) *connectors.Error {
		if !s.faults {
			return nil
		}
		switch n := s.r.IntN(30); {
		case n < 4:
			s.userOp()
		case n < 5:
			s.note("  app %d refuses", side)
			return &connectors.Error{Kind: connectors.Invalid, Message: "the app says no"}
		case n < 6:
			s.note("  crash in the middle of a batch on %d", side)
			panic(crash{})
		}
		return nil
	}
}

// guarded runs a piece of the program; a crash ends that program.
func (s *sim) guarded(work func()) {
	defer func() {
		switch p := recover(); p.(type) {
		case nil:
		case crash:
			s.note("CRASH")
			if err := s.restart(); err != nil {
				panic(err)
			}
		default:
			panic(p)
		}
	}()
	work()
}

func (s *sim) status(ctx context.Context) models.Status {
	m, err := s.store.StandingOf(ctx, s.mapID)
	if err != nil {
		panic(err)
	}
	return m.Status
}

// engineStep takes a step of the map or of one of its feeds.
func (s *sim) engineStep(ctx context.Context) (more bool) {
	s.clock.advance(time.Second)
	s.guarded(func() {
		var err error
		n := s.r.IntN(5)
		if n < 2 {
			if s.status(ctx).Captures() {
				more, err = s.e.stepFeed(ctx, feedKey{s.conn[n], "item"})
			}
		} else {
			defer s.join(ctx) // only a map's step makes links
			more, err = s.e.stepMap(ctx, s.mapID)
		}
		s.note(" step %d more=%v err=%v", n, more, err)
	})
	return more
}

// join tells the oracle which records the engine knows to be equal.
func (s *sim) join(ctx context.Context) {
	links, err := s.store.LinksByKey(ctx, s.mapID, []string{"K1", "K2", "K3", "K4", "k1", "k2", "k3", "k4"})
	if err != nil {
		panic(err)
	}
	for _, l := range links {
		if l.Counts() && !l.Sides[0].Intent && !l.Sides[1].Intent {
			s.oracle.joined(strings.ToUpper(l.Key))
		}
	}
}

// command gives the map a random command that is valid now.
func (s *sim) command(ctx context.Context) {
	s.guarded(func() {
		status := s.status(ctx)
		var err error
		switch {
		case status == models.NotRunning:
			initial := s.kind != wild || s.r.IntN(4) > 0
			s.resync = s.resync || !initial
			err = s.e.Run(ctx, "sim", []RunStep{{MapID: s.mapID, InitialSync: initial, Master: models.Sides[s.r.IntN(2)]}})
		case s.kind == wild && s.r.IntN(6) == 0:
			s.resync = true
			err = s.e.Stop(ctx, "sim", []int64{s.mapID})
		case status == models.Running:
			err = s.e.Pause(ctx, "sim", []int64{s.mapID})
		case status == models.Paused:
			err = s.e.Resume(ctx, "sim", []int64{s.mapID})
		case status == models.Initializing && s.kind == wild && s.r.IntN(3) == 0:
			s.resync = true
			err = s.e.SkipInitialSync(ctx, "sim", []int64{s.mapID})
		case status == models.Resuming && s.r.IntN(3) == 0:
			err = s.e.SkipToLive(ctx, "sim", []int64{s.mapID}, false)
		}
		s.note("command in %s: %v", status, err)
	})
}

// play runs a history and returns what is wrong at its end, "" if nothing is.
func (s *sim) play(ctx context.Context) string {
	if s.kind != wild {
		s.begin(ctx)
	}
	s.faults = true
	for range 60 + s.r.IntN(30) {
		switch n := s.r.IntN(12); {
		case n < 3:
			s.userOp()
		case n == 3:
			s.command(ctx)
		default:
			s.engineStep(ctx)
		}
	}
	s.faults = false
	if wrong := s.settle(ctx); wrong != "" {
		return wrong
	}
	return s.check(ctx)
}

// begin runs the map until its initial write is over.
func (s *sim) begin(ctx context.Context) {
	for s.command(ctx); s.status(ctx) != models.Running; {
		if _, err := s.e.stepMap(ctx, s.mapID); err != nil {
			panic(err)
		}
		s.clock.advance(time.Second)
	}
	s.join(ctx)
}

// settle lets everything come to rest.
func (s *sim) settle(ctx context.Context) string {
	for _, a := range s.apps {
		a.Settle()
	}
	s.note("--- settle")
	if s.resync && s.status(ctx) != models.NotRunning {
		if err := s.e.Stop(ctx, "sim", []int64{s.mapID}); err != nil {
			return "stop: " + err.Error()
		}
	}
	switch s.status(ctx) {
	case models.NotRunning:
		if err := s.e.Run(ctx, "sim", []RunStep{{MapID: s.mapID, InitialSync: true, Master: models.Left}}); err != nil {
			return "run: " + err.Error()
		}
	case models.Paused:
		if err := s.e.Resume(ctx, "sim", []int64{s.mapID}); err != nil {
			return "resume: " + err.Error()
		}
	}
	quiet := 0
	for range 600 {
		before := s.apps[0].Writes() + s.apps[1].Writes()
		if quiet > 0 {
			if err := s.store.RetryAll(ctx, s.mapID); err != nil {
				return err.Error()
			}
		}
		busy := false
		for side := range s.apps {
			more, err := s.e.stepFeed(ctx, feedKey{s.conn[side], "item"})
			busy = busy || more || err != nil
		}
		more, err := s.e.stepMap(ctx, s.mapID)
		s.note(" settle step more=%v err=%v", more, err)
		if more || err != nil {
			s.join(ctx)
		}
		s.clock.advance(time.Minute)
		if busy = busy || more || err != nil || s.apps[0].Writes()+s.apps[1].Writes() != before; busy {
			quiet = 0
			continue
		}
		if quiet++; quiet == s.rounds {
			return ""
		}
	}
	return "no quiescence"
}

// check compares the apps, the fates and the oracle's claims.
func (s *sim) check(ctx context.Context) string {
	var wrong []string
	for _, key := range s.keys {
		a, aok := s.apps[0].Read("item", s.recordID(0, key))
		b, bok := s.apps[1].Read("item", s.recordID(1, key))
		if aok != bok {
			wrong = append(wrong, fmt.Sprintf("diverged: %s exists left %v, right %v", key, aok, bok))
		}
		for _, f := range fieldNames {
			if aok && bok && canon(a[f].Text()) != canon(b[f].Text()) {
				wrong = append(wrong, fmt.Sprintf("diverged: %s of %s: %q, %q", f, key, a[f].Text(), b[f].Text()))
			}
		}
		if aok && bok && !s.keyIsID[1] && a["c"].Text() != b["c"].Text() && a["c"].Text() != "" {
			wrong = append(wrong, fmt.Sprintf("diverged: one-way c of %s: %q, %q", key, a["c"].Text(), b["c"].Text()))
		}
	}
	t, err := s.store.TallyOf(ctx, s.mapID)
	if err != nil {
		return err.Error()
	}
	var sum int64
	for _, f := range models.Fates {
		sum += t.Of(f)
	}
	if t.Captured != sum || t.Queued != 0 || t.Error != 0 || t.OpenErrors != 0 {
		wrong = append(wrong, fmt.Sprintf("fates do not balance: %+v", t))
	}
	images := map[string][]string{}
	conflicts, err := s.store.ConflictsOf(ctx, s.mapID, 0, 10_000)
	if err != nil {
		return err.Error()
	}
	for _, c := range conflicts {
		images[c.RecordKey] = append(images[c.RecordKey], c.LeftImage, c.RightImage)
		s.note("conflict %s %s winner %s fields %v\n  %s\n  %s", c.Kind, c.RecordKey, c.Winner, c.Fields, c.LeftImage, c.RightImage)
	}
	for _, text := range s.oracle.silent(images) {
		wrong = append(wrong, "silent overwrite: "+text)
	}
	return strings.Join(wrong, "; ")
}

// playSeeds plays histories on all cores and returns the first few that went
// wrong.
func playSeeds(t testing.TB, first uint64, count int, plant bug, enough int) (failed []string) {
	t.Helper()
	var next atomic.Uint64
	next.Store(first - 1)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range runtime.NumCPU() {
		wait.Go(func() {
			w := &simStore{t: t}
			defer w.close()
			for {
				seed := next.Add(1)
				mu.Lock()
				stop := seed >= first+uint64(count) || len(failed) >= enough
				mu.Unlock()
				if stop {
					return
				}
				if wrong := w.play(seed, plant); wrong != "" {
					mu.Lock()
					failed = append(failed, fmt.Sprintf("seed %d: %s", seed, wrong))
					mu.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return failed
}

// simStore is the real store of many histories, renewed now and then.
type simStore struct {
	t     testing.TB
	store *models.Store
	clock *fakeClock
	dir   string
	used  int
}

const historiesPerStore = 100

func (w *simStore) close() {
	if w.store != nil {
		if err := w.store.Close(); err != nil {
			w.t.Error(err)
		}
		w.store = nil
	}
}

// twice says that one in so many histories is played twice, to see that its
// seed decides everything.
const twice = 100

func (w *simStore) play(seed uint64, plant bug) (wrong string) {
	wrong, digest := w.once(seed, plant)
	if wrong != "" || digest == 0 {
		return wrong
	}
	if wrong, again := w.once(seed, plant); wrong != "" || digest != again {
		return "played again it goes another way: " + wrong
	}
	return ""
}

// once plays a history and gives the digest of its trace, 0 if it has none.
func (w *simStore) once(seed uint64, plant bug) (wrong string, digest uint64) {
	ctx := context.Background()
	if w.used%historiesPerStore == 0 {
		w.close()
		w.dir, w.clock = w.t.TempDir(), &fakeClock{}
		var err error
		if w.store, err = models.Open(ctx, w.dir, models.Options{Now: w.clock.now, Volatile: true}); err != nil {
			return err.Error(), 0
		}
	}
	w.used++
	defer func() {
		if p := recover(); p != nil {
			buf := make([]byte, 4096)
			wrong = fmt.Sprintf("panic: %v\n%s", p, buf[:runtime.Stack(buf, false)])
		}
	}()
	s, err := newSim(ctx, w, seed)
	if err != nil {
		return err.Error(), 0
	}
	if plant != nil {
		plant(s)
		if err := s.restart(); err != nil {
			return err.Error(), 0
		}
	}
	wrong = s.play(ctx)
	if wrong != "" && *traceSim {
		w.t.Log(strings.Join(s.trace, "\n"))
	}
	if err := s.e.Stop(ctx, "sim", []int64{s.mapID}); err != nil && !errors.Is(err, context.Canceled) {
		wrong += " stop: " + err.Error()
	}
	if s.digest != nil {
		digest = s.digest.Sum64()
	}
	return wrong, digest
}

// TestSimulation plays random histories of edits, commands, faults, races and
// crashes: nothing diverges, nothing is overwritten silently, the fates
// balance, and it is quiet at the end.
func TestSimulation(t *testing.T) {
	count := *seedCount
	if count == 0 {
		count = 10_000
		if testing.Short() {
			count = 300
		}
	}
	start := time.Now()
	failed := playSeeds(t, *firstSeed, count, nil, 5)
	for _, f := range failed {
		t.Error(f)
	}
	if len(failed) > 0 {
		t.Log("replay: go test ./engine -run TestSimulation -seeds 1 -seed N -steps")
	}
	t.Logf("%d histories in %v", count, time.Since(start).Round(time.Millisecond))
}
