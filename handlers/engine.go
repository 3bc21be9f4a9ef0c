package handlers

import (
	"context"

	"dualwrite/engine"
	"dualwrite/models"
)

// Planner tells which maps belong together.
type Planner interface {
	// Plan gives the chosen maps and all that they need, prerequisites first.
	Plan(ctx context.Context, ids []int64) (engine.Plan, error)
	// Dependents gives the maps related in either direction.
	Dependents(ctx context.Context, ids []int64) ([]models.Summary, error)
}

// Commander moves maps. Fails with kind Invalid when a rule forbids it and
// Conflict when the state moved meanwhile; then no map was moved.
type Commander interface {
	Run(ctx context.Context, who string, steps []engine.RunStep) error
	Pause(ctx context.Context, who string, ids []int64) error
	Resume(ctx context.Context, who string, ids []int64) error
	SkipToLive(ctx context.Context, who string, ids []int64, discard bool) error
	Stop(ctx context.Context, who string, ids []int64) error
	SkipInitialSync(ctx context.Context, who string, ids []int64) error
	Rerun(ctx context.Context, who string, id int64) error
	// ChangeEnvironment renames an environment and adds legal entities to it, which
	// maps that run bring in.
	ChangeEnvironment(ctx context.Context, who string, id int64, revision int, name string, add []string) (models.Environment, error)
}

// Repairer deals with what a map's work left open.
type Repairer interface {
	// RetryErrors tries errors again; nil means all open ones.
	RetryErrors(ctx context.Context, who string, mapID int64, errorIDs []int64) error
	DiscardErrors(ctx context.Context, who string, mapID int64, errorIDs []int64, reason string) error
	// UseOther gives a conflict the other outcome.
	UseOther(ctx context.Context, who string, mapID, conflictID int64) error
	// Release ends a hold.
	Release(ctx context.Context, who string, id int64) error
	// Compare walks both sides and reports only.
	Compare(ctx context.Context, id int64) (engine.Comparison, error)
}

// Engine is what the console needs of the sync engine.
type Engine interface {
	Planner
	Commander
	Repairer
	Prober
	Mapper
	// Wake has the feeds of a connection's app look for changes now, of one entity
	// or, with "", of all. It returns at once.
	Wake(connection int64, entity string)
	// Subscribe tells the ids of maps that changed; 0 means the list.
	Subscribe() (events <-chan int64, cancel func())
}
