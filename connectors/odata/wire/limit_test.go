package wire

import (
	"testing"
	"time"
)

func TestConcurrencyGrowsByOneARoundAndIsHalvedWhenThrottled(t *testing.T) {
	l := newLimit(16)
	allowed := func() int { return int(l.allowed) }
	if allowed() != startConcurrency {
		t.Fatalf("begins with %d", allowed())
	}
	for range startConcurrency + 1 {
		l.succeeded()
	}
	if allowed() != startConcurrency+1 {
		t.Errorf("after a round of successes %d", allowed())
	}
	for range 10_000 {
		l.succeeded()
	}
	if allowed() != 16 {
		t.Errorf("grows to %d", allowed())
	}
	now := time.Now()
	l.throttled(now.Add(3 * time.Second))
	l.throttled(now.Add(time.Second))
	if allowed() != 4 || l.away(now) != 3*time.Second || l.away(now.Add(4*time.Second)) != 0 {
		t.Errorf("after being throttled twice %d, away for %v", allowed(), l.away(now))
	}
	for range 10 {
		l.throttled(now)
	}
	if allowed() != 1 {
		t.Errorf("shrinks to %d", allowed())
	}
}
