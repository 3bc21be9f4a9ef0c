package handlers

import (
	"context"

	"dualwrite/models"
)

// Step is one map of a plan.
type Step struct {
	Map     models.Summary
	Chosen  bool     // asked for, not merely related
	Needs   []string // names of maps that this one needs first
	Refusal string   // why it cannot run, "" if it can
}

// Plan is what a Run would do, prerequisites first.
type Plan struct {
	Steps  []Step
	Cycles [][]string
}

// RunStep is one map to run.
type RunStep struct {
	MapID       int64
	InitialSync bool
	Master      models.Side
}

// Comparison is what a compare of both sides found.
type Comparison struct {
	Left, Right, Equal, Different, OnlyLeft, OnlyRight int64
	First                                              []Difference
}

// Difference is one record that is not the same on both sides.
type Difference struct {
	Key    string
	Kind   string
	Fields []string
}

// Planner tells which maps belong together.
type Planner interface {
	// Plan gives the chosen maps and all that they need, prerequisites first.
	Plan(ctx context.Context, ids []int64) (Plan, error)
	// Dependents gives the maps related in either direction.
	Dependents(ctx context.Context, ids []int64) ([]models.Summary, error)
}

// Commander moves maps. Fails with kind Invalid when a rule forbids it and
// Conflict when the state moved meanwhile; then no map was moved.
type Commander interface {
	Run(ctx context.Context, who string, steps []RunStep) error
	Pause(ctx context.Context, who string, ids []int64) error
	Resume(ctx context.Context, who string, ids []int64) error
	SkipToLive(ctx context.Context, who string, ids []int64, discard bool) error
	Stop(ctx context.Context, who string, ids []int64) error
	SkipInitialSync(ctx context.Context, who string, ids []int64) error
	Rerun(ctx context.Context, who string, id int64) error
}

// Repairer deals with what a map's work left open.
type Repairer interface {
	// RetryErrors tries errors again; nil means all open ones.
	RetryErrors(ctx context.Context, who string, mapID int64, errorIDs []int64) error
	DiscardErrors(ctx context.Context, who string, mapID int64, errorIDs []int64, reason string) error
	// Release ends a hold.
	Release(ctx context.Context, who string, id int64) error
	// Compare walks both sides and reports only.
	Compare(ctx context.Context, id int64) (Comparison, error)
}

// Engine is what the console needs of the sync engine.
type Engine interface {
	Planner
	Commander
	Repairer
	// Subscribe tells the ids of maps that changed; 0 means the list.
	Subscribe() (events <-chan int64, cancel func())
}
