package models

import (
	"slices"
	"time"
)

// ExecutionState says where one initial write of one map and legal entity stands.
type ExecutionState string

// The states. The first three are open.
const (
	Waiting    ExecutionState = "waiting"     // for its turn in the plan
	Reading    ExecutionState = "reading"     // both sides are read and sorted into partitions
	Writing    ExecutionState = "writing"     // partitions are reconciled page by page
	Succeeded  ExecutionState = "succeeded"   // every record is in step
	WithErrors ExecutionState = "with errors" // done, some records have errors
	Skipped    ExecutionState = "skipped"     // given up by Skip initial sync
	Stopped    ExecutionState = "stopped"     // given up by Stop
)

// Open reports whether the execution still has work to do.
func (s ExecutionState) Open() bool { return slices.Contains(openStates(), s) }

func openStates() []ExecutionState { return []ExecutionState{Waiting, Reading, Writing} }

// Execution is one initial write of one map, for one legal entity where the
// map is company-specific. Counts are of records.
type Execution struct {
	ID           int64 `gorm:"primaryKey"`
	PlanID       int64
	Position     int // order within the plan
	MapID        int64
	Company      string // "" for a global map
	State        ExecutionState
	Partitions   int   // how many, once reading is done
	Partition    int   // the one being written
	Offset       int64 // keys of it that are done
	LeftTotal    int64 // estimate of records on the left
	RightTotal   int64
	LeftRead     int64
	RightRead    int64
	LeftCreated  int64 // created on the left
	RightCreated int64
	LeftUpdated  int64
	RightUpdated int64
	Equal        int64 // pairs that needed no write
	Filtered     int64 // records that a filter of the other side keeps out
	LeftFailed   int64 // writes to the left that ended in an error
	RightFailed  int64
	Done         int64 // keys decided, errors included
	CreatedAt    time.Time
	StartedAt    *time.Time
	FinishedAt   *time.Time
}

// Fraction is how much of the execution is done, from 0 to 1. Reading counts
// for a quarter.
func (e *Execution) Fraction() float64 {
	share := func(done, total int64) float64 {
		if total <= 0 {
			return 0
		}
		return min(1, float64(done)/float64(total))
	}
	switch e.State {
	case Waiting:
		return 0
	case Reading:
		return 0.25 * share(e.LeftRead+e.RightRead, e.LeftTotal+e.RightTotal)
	case Writing:
		return 0.25 + 0.75*share(e.Done, max(e.LeftRead, e.RightRead))
	default:
		return 1
	}
}
