package views

import (
	"slices"
	"strings"

	"dualwrite/models"
)

// Command is a button that gives chosen maps a command. Which statuses it is
// valid in follows from the transition table of models.
type Command struct {
	Verb   string // last part of its path: "pause"
	Label  string
	Icon   string
	leads  []models.Command // what the dialog behind it can do
	Refuse string           // why a map is left out: "Customers V3 is paused; …"
}

// Commands lists the commands that a list of maps offers, in their order.
func Commands() []Command {
	return []Command{
		{"run", "Run", "run", []models.Command{models.Run, models.RunLive}, "only a map that is not running can be run"},
		{"pause", "Pause", "pause", []models.Command{models.Pause}, "only a running map can be paused"},
		{"resume", "Resume", "resume", []models.Command{models.Resume, models.SkipToLive}, "only a paused or resuming map can be resumed"},
		{"stop", "Stop", "stop", []models.Command{models.Stop}, "it does not run"},
		{"skip", "Skip initial sync", "skip", []models.Command{models.SkipInitialSync}, "only a map that is initializing has an initial sync to skip"},
	}
}

// CommandFor finds a command by its verb.
func CommandFor(verb string) (Command, bool) {
	all := Commands()
	i := slices.IndexFunc(all, func(c Command) bool { return c.Verb == verb })
	if i < 0 {
		return Command{}, false
	}
	return all[i], true
}

// Valid reports whether a map of this status takes the command.
func (c Command) Valid(s models.Status) bool {
	return slices.ContainsFunc(c.leads, func(m models.Command) bool { _, ok := s.On(m); return ok })
}

// Path is where the command's dialog lives.
func (c Command) Path() string { return "/maps/" + c.Verb }

// validVerbs lists the verbs of the commands that are valid in a status, with
// commas between.
func validVerbs(s models.Status) string {
	var out []string
	for _, c := range Commands() {
		if c.Valid(s) {
			out = append(out, c.Verb)
		}
	}
	return strings.Join(out, ",")
}
