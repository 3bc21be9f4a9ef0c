package engine

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// woken notes what was woken.
type woken struct {
	mu   sync.Mutex
	list []string
}

func (w *woken) wake(connection int64, entity string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, strconv.FormatInt(connection, 10)+" "+entity)
}

func (w *woken) took() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.list = nil }()
	slices.Sort(w.list)
	return w.list
}

func (w *woken) wants(t *testing.T, when string, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := w.took(); !slices.Equal(got, want) {
		t.Errorf("%s: woken are %q, want %q", when, got, want)
	}
}

func TestAFeedIsWokenAtOnceAndThenAtMostOnceInAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &woken{}
		w := newWakes(seen.wake)
		defer w.close()
		w.ask(1, "accounts")
		time.Sleep(time.Nanosecond)
		seen.wants(t, "the first call", "1 accounts")
		for range 1000 {
			w.ask(1, "accounts")
		}
		w.ask(1, "contacts")
		w.ask(2, "accounts")
		time.Sleep(time.Nanosecond)
		seen.wants(t, "another app's first call", "2 accounts")
		time.Sleep(wakeGap)
		seen.wants(t, "the end of the gap", "1 accounts", "1 contacts")
		time.Sleep(10 * wakeGap)
		seen.wants(t, "nobody asks")
	})
}

func TestAnAppThatNamesTooMuchWakesEverythingOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &woken{}
		w := newWakes(seen.wake)
		defer w.close()
		w.ask(1, "first")
		time.Sleep(time.Nanosecond)
		seen.wants(t, "the first call", "1 first")
		for i := range wakeEntities + 1 {
			w.ask(1, strconv.Itoa(i))
		}
		time.Sleep(wakeGap)
		seen.wants(t, "the end of the gap", "1 ")
	})
}

func TestNothingIsWokenAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &woken{}
		w := newWakes(seen.wake)
		w.ask(1, "first")
		time.Sleep(time.Nanosecond)
		w.ask(1, "second")
		w.close()
		w.ask(1, "third")
		time.Sleep(2 * wakeGap)
		seen.wants(t, "the end", "1 first")
		w.close()
	})
}
