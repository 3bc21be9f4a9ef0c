package models

import "slices"

// Status says where an entity map stands. It changes only through the
// transition table below (I5).
type Status string

// The five statuses.
const (
	// NotRunning is where every map begins. Run leaves it.
	NotRunning Status = "not running"
	// Initializing: the initial write is under way, waits for its turn, or ended
	// with errors. The engine leaves it when nothing is open; Skip and Stop too.
	Initializing Status = "initializing"
	// Running: live. Pause and Stop leave it.
	Running Status = "running"
	// Paused: changes are queued, none is written. Resume and Stop leave it.
	Paused Status = "paused"
	// Resuming: catch-up plays the queue back. The engine leaves it when every
	// change up to the resume mark is done; Skip to live and Stop too.
	Resuming Status = "resuming"
)

// Command is what a person or the engine does to a map's status.
type Command string

// The commands. The first eight are a person's, the last four the engine's.
const (
	Run             Command = "run"      // begin with an initial write
	RunLive         Command = "run live" // begin without one
	Pause           Command = "pause"
	Resume          Command = "resume"       // catch up, then live
	SkipToLive      Command = "skip to live" // live at once; the queue is kept as errors or discarded
	SkipInitialSync Command = "skip initial sync"
	Rerun           Command = "rerun" // the initial write once more
	Stop            Command = "stop"
	Filled          Command = "filled"    // the initial write ended with nothing open
	CaughtUp        Command = "caught up" // every change up to the resume mark is done
	Recheck         Command = "recheck"   // changes were missed: both sides are compared by another initial write
	Extend          Command = "extend"    // a legal entity was added: its records alone go through an initial write
)

// move is one line of the transition table.
type move struct {
	from Status
	by   Command
	to   Status
}

// transitions is every move there is; pages derive their buttons from it.
var transitions = []move{
	{NotRunning, Run, Initializing},
	{NotRunning, RunLive, Running},
	{Initializing, Filled, Running},
	{Initializing, SkipInitialSync, Running},
	{Initializing, Rerun, Initializing},
	{Initializing, Recheck, Initializing},
	{Initializing, Extend, Initializing},
	{Initializing, Stop, NotRunning},
	{Running, Pause, Paused},
	{Running, Recheck, Initializing},
	{Running, Extend, Initializing},
	{Running, Stop, NotRunning},
	{Paused, Resume, Resuming},
	{Paused, SkipToLive, Running},
	{Paused, Extend, Paused},
	{Paused, Stop, NotRunning},
	{Resuming, CaughtUp, Running},
	{Resuming, Recheck, Initializing},
	{Resuming, Extend, Resuming},
	{Resuming, SkipToLive, Running},
	{Resuming, Stop, NotRunning},
}

// On gives the status that a command leads to, or false when the command is
// not valid in this status.
func (s Status) On(c Command) (Status, bool) {
	for _, m := range transitions {
		if m.from == s && m.by == c {
			return m.to, true
		}
	}
	return s, false
}

// Commands lists a person's commands that are valid in this status, in the
// order of the table.
func (s Status) Commands() []Command {
	var out []Command
	for _, m := range transitions {
		if m.from == s && !slices.Contains([]Command{Filled, CaughtUp, Recheck, Extend}, m.by) {
			out = append(out, m.by)
		}
	}
	return out
}

// Captures reports whether changes of the apps are taken into the queue.
func (s Status) Captures() bool { return s != NotRunning }

// Applies reports whether queued changes are written.
func (s Status) Applies() bool { return slices.Contains([]Status{Initializing, Running, Resuming}, s) }

// Hold is the kind of thing that keeps a map from working without changing its
// status.
type Hold string

// The holds. An outage ends by itself; the guards wait for a person.
const (
	NoHold      Hold = ""
	HoldOutage  Hold = "outage"       // the app does not answer, or refuses our credentials
	HoldEmptied Hold = "emptied side" // one side is suddenly empty
	HoldDeletes Hold = "mass delete"  // more deletes at once than the guard lets through
	HoldSchema  Hold = "schema"       // a mapped field or entity is gone
)
