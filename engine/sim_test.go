package engine

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dualwrite/models"
)

var (
	seedCount = flag.Int("seeds", 0, "how many histories TestSimulation plays; 0 for 10000, 300 with -short")
	firstSeed = flag.Uint64("seed", 1, "the first history that TestSimulation plays")
	traceSim  = flag.Bool("steps", false, "print every step of the histories that go wrong")
)

// bug plants a mistake into an engine, to see that the simulation catches it.
type bug func(*sim)

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

const historiesPerStore = 15

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
		if w.store, err = models.Open(ctx, w.dir, models.Options{Now: w.clock.now, Volatile: true, PackFrom: 2, MergeFrom: 3}); err != nil {
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
	if seed%10 == 0 {
		if err := s.e.Stop(ctx, "sim", []int64{s.mapID}); err != nil {
			wrong += " stop: " + err.Error()
		}
	}
	if err := s.e.Close(ctx); err != nil {
		wrong += " close: " + err.Error()
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
