package engine

import (
	"testing"
	"time"
)

func TestOnlyABusyFeedIsLeftToGatherABatch(t *testing.T) {
	for name, c := range map[string]struct {
		changes int           // in each batch
		every   time.Duration // from batch to batch
		least   time.Duration
		most    time.Duration
	}{
		"now and then":   {1, 2 * time.Second, 0, 0},
		"a few":          {3, 10 * time.Millisecond, 0, 0},
		"busy":           {40, 20 * time.Millisecond, longestRest, longestRest},
		"very busy":      {4000, 40 * time.Millisecond, time.Millisecond, 30 * time.Millisecond},
		"one large load": {5000, time.Minute, 0, 0},
	} {
		now := time.Now()
		p := &pace{at: now}
		for range 10 {
			now = now.Add(c.every)
			p.took(c.changes, now)
		}
		if got := p.rest(now); got < c.least || got > c.most {
			t.Errorf("%s: a rest of %v, want %v to %v", name, got, c.least, c.most)
		}
		if got := p.rest(now.Add(time.Second)); got != 0 {
			t.Errorf("%s: after a second, a rest of %v", name, got)
		}
	}
}
