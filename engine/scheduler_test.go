package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
)

func TestStepsOfOneMapNeverOverlap(t *testing.T) {
	s := &scheduler{ctx: context.Background(), closing: make(chan struct{})}
	have := map[int64]*runner{}
	var inside, overlaps, begun atomic.Int32
	release := make(chan struct{})
	var started sync.WaitGroup
	run := func(ctx context.Context, _ *runner, _ int64) {
		if inside.Add(1) > 1 {
			overlaps.Add(1)
		}
		if begun.Add(1) == 1 {
			started.Done()
			<-release // a step that a pause waits for
		}
		inside.Add(-1)
		<-ctx.Done()
	}
	started.Add(1)
	settle(s, have, map[int64]bool{7: true}, run)
	started.Wait()
	settle(s, have, nil, run)                     // paused
	settle(s, have, map[int64]bool{7: true}, run) // and resumed, before the step is over
	settle(s, have, nil, run)
	settle(s, have, map[int64]bool{7: true}, run)
	if begun.Load() != 1 {
		t.Error("a runner began while the one before was taking a step")
	}
	close(release)
	settle(s, have, nil, run)
	s.wait.Wait()
	if overlaps.Load() > 0 {
		t.Errorf("%d runners of one map ran at once", overlaps.Load())
	}
	settle(s, have, nil, run)
	if len(have) != 0 {
		t.Errorf("%d runners are left", len(have))
	}
}
