package engine

import (
	"context"
	"fmt"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

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
	inside  bool                // a call of the engine is under way
	decided bool                // the rule was asked since the oracle last looked at the links
	rule    func(*pair) verdict // a planted bug in the rule
	kind    history
	renames *renaming // what a moving history has to know
	rounds  int       // how often a history at rest is looked at again
}

// history is the kind of a history, chosen by its seed.
type history int

// The kinds of history.
const (
	wild   history = iota // any command at any time
	steady                // begins in step, is paused and resumed, never stopped
	moving                // a steady one in which keys change; see renaming
)

func historyOf(seed uint64) history {
	return [...]history{moving, wild, steady, wild}[seed%4]
}

type fakeClock struct{ ns atomic.Int64 }

func (c *fakeClock) now() time.Time          { return time.Unix(1_700_000_000, c.ns.Load()).UTC() }
func (c *fakeClock) advance(d time.Duration) { c.ns.Add(int64(d)) }

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
	schema, definition := simSchema(), simDefinition()
	if s.kind == moving {
		schema, definition, s.renames = movingSchema(), movingDefinition(), newRenaming()
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
		s.apps[side] = memory.New(schema, opt)
	}
	s.openers = connectors.Openers{"left": s.open(0), "right": s.open(1)}
	s.populate()
	name := fmt.Sprint(seed, " ", w.used) // unlike any other in the store
	left, right := &models.Connection{Name: "left " + name, Kind: "left"}, &models.Connection{Name: "right " + name, Kind: "right"}
	m := &models.Map{Name: "map " + name, Definition: definition, Master: models.Sides[s.r.IntN(2)]}
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
	s.e, err = New(s.store, s.openers, Config{SpillDir: filepath.Join(s.dir, "spill"), PageSize: 1 + s.r.IntN(3), BatchSize: 1 + s.r.IntN(6), PartSize: 1 + s.r.IntN(4), CaptureSize: 1 + s.r.IntN(4)})
	if err != nil {
		return err
	}
	s.e.ahead = false
	s.e.together = func(all ...func()) {
		for _, i := range s.r.Perm(len(all)) {
			all[i]()
		}
	}
	rule := s.e.rule
	if s.rule != nil {
		rule = s.rule
	}
	s.e.rule = func(p *pair) verdict {
		v := rule(p)
		if s.decided = true; *traceSim {
			s.note("   decide link=%+v now=%+v -> %v %+v link=%+v", p.link, p.now, v.write, v.conflicts, v.link)
		}
		return v
	}
	return nil
}

func (s *sim) note(format string, args ...any) {
	if *traceSim {
		s.trace = append(s.trace, fmt.Sprintf(format, args...))
	}
	if s.digest != nil {
		fmt.Fprintf(s.digest, format+"\n", args...)
	}
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
			defer s.join(ctx)
			more, err = s.e.stepMap(ctx, s.mapID)
		}
		s.note(" step %d more=%v err=%v", n, more, err)
	})
	return more
}

// join tells the oracle which records the engine knows to be equal.
func (s *sim) join(ctx context.Context) {
	if !s.decided || s.kind == moving {
		return
	}
	s.decided = false
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
	s.command(ctx)
	for more := true; more; {
		var err error
		if more, err = s.e.stepMap(ctx, s.mapID); err != nil {
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
	return s.rest(ctx, s.rounds)
}

// rest lets the engine work until it has nothing to do, so many times in a row.
func (s *sim) rest(ctx context.Context, rounds int) string {
	quiet := 0
	for round := range 600 {
		before := s.apps[0].Writes() + s.apps[1].Writes()
		if quiet > 0 || round%10 == 9 {
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
		s.join(ctx)
		s.clock.advance(time.Minute)
		if busy = busy || more || err != nil || s.apps[0].Writes()+s.apps[1].Writes() != before; busy {
			quiet = 0
			continue
		}
		if quiet++; quiet == rounds {
			return ""
		}
	}
	return "no quiescence"
}

// diverged compares the apps.
func (s *sim) diverged() []string {
	if s.kind == moving {
		return s.movingDiverged()
	}
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
	return wrong
}

// check compares the apps, the fates and the oracle's claims.
func (s *sim) check(ctx context.Context) string {
	wrong := s.diverged()
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
	conflicts, _, err := s.store.ConflictPage(ctx, models.ConflictFilter{MapID: s.mapID, Reviewed: true}, 0, 10_000)
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
