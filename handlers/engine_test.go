package handlers_test

import (
	"context"
	"fmt"
	"sync"

	"dualwrite/engine"
	"dualwrite/models"
)

// fakeEngine answers what the test set and notes what it was asked to do.
type fakeEngine struct {
	fakeMapper
	store      *models.Store
	mu         sync.Mutex
	calls      []string
	err        error // answer of every command
	plan       engine.Plan
	related    []models.Summary
	comparison engine.Comparison
	events     chan int64
	asked      asked
}

func (f *fakeEngine) note(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	return f.err
}

// took gives the commands since the last call.
func (f *fakeEngine) took() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.calls
	f.calls = nil
	return out
}

func (f *fakeEngine) Plan(_ context.Context, ids []int64) (engine.Plan, error) {
	return f.plan, nil
}

func (f *fakeEngine) Dependents(context.Context, []int64) ([]models.Summary, error) {
	return f.related, nil
}

func (f *fakeEngine) Wake(connection int64, entity string) {
	_ = f.note("wake %d %q", connection, entity)
}

func (f *fakeEngine) Run(_ context.Context, who string, steps []engine.RunStep) error {
	return f.note("%s: run %v", who, steps)
}

func (f *fakeEngine) Pause(_ context.Context, who string, ids []int64) error {
	return f.note("%s: pause %v", who, ids)
}

func (f *fakeEngine) Resume(_ context.Context, who string, ids []int64) error {
	return f.note("%s: resume %v", who, ids)
}

func (f *fakeEngine) SkipToLive(_ context.Context, who string, ids []int64, discard bool) error {
	return f.note("%s: skip to live %v, discard %v", who, ids, discard)
}

func (f *fakeEngine) Stop(_ context.Context, who string, ids []int64) error {
	return f.note("%s: stop %v", who, ids)
}

func (f *fakeEngine) SkipInitialSync(_ context.Context, who string, ids []int64) error {
	return f.note("%s: skip initial sync %v", who, ids)
}

func (f *fakeEngine) Rerun(_ context.Context, who string, id int64) error {
	return f.note("%s: rerun %d", who, id)
}

func (f *fakeEngine) ChangeEnvironment(ctx context.Context, who string, id int64, revision int, name string, add []string) (models.Environment, error) {
	return f.store.ChangeEnvironment(ctx, who, id, revision, name, add, nil)
}

func (f *fakeEngine) RetryErrors(_ context.Context, who string, mapID int64, ids []int64) error {
	return f.note("%s: retry %d %v", who, mapID, ids)
}

func (f *fakeEngine) DiscardErrors(_ context.Context, who string, mapID int64, ids []int64, reason string) error {
	return f.note("%s: discard %d %v because %s", who, mapID, ids, reason)
}

func (f *fakeEngine) UseOther(_ context.Context, who string, mapID, id int64) error {
	return f.note("%s: use other %d %d", who, mapID, id)
}

func (f *fakeEngine) Release(_ context.Context, who string, id int64) error {
	return f.note("%s: release %d", who, id)
}

func (f *fakeEngine) Compare(_ context.Context, id int64) (engine.Comparison, error) {
	return f.comparison, f.note("compare %d", id)
}

func (f *fakeEngine) Subscribe() (<-chan int64, func()) { return f.events, func() {} }
