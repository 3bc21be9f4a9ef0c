package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// PracticeFaults is what the server of a practice app does wrong on purpose. The
// zero value is nothing.
type PracticeFaults struct {
	Throttle    int    // every n-th call is asked to come later; 0 is none
	Unavailable int    // every n-th call is answered that the app is not available
	Drop        int    // every n-th call is done, but not answered
	Wait        int    // seconds that a call that was not taken is told to wait; 0 is one
	Lag         int    // seconds by which changes are told late
	Token       int    // seconds that a token is good for; 0 is an hour
	Entity      string // writes to its records are refused; EveryEntity for all, "" for none
	Message     string // with which they are
	Down        bool   // nothing is answered at all
}

// EveryEntity stands for all entities where one can be chosen.
const EveryEntity = "*"

// Words says what is on, "" for nothing.
func (f PracticeFaults) Words() string {
	var out []string
	say := func(on bool, format string, args ...any) {
		if on {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(f.Down, "down")
	say(f.Throttle > 0, "%s throttled", everyNth(f.Throttle))
	say(f.Unavailable > 0, "%s unavailable", everyNth(f.Unavailable))
	say(f.Drop > 0, "%s done but not answered", everyNth(f.Drop))
	say(f.Lag > 0, "changes told %s late", plural(f.Lag, "second", "seconds"))
	say(f.Token > 0, "tokens good for %s", plural(f.Token, "second", "seconds"))
	say(f.Entity == EveryEntity, "all writes refused")
	say(f.Entity != "" && f.Entity != EveryEntity, "writes to %s refused", f.Entity)
	return strings.Join(out, ", ")
}

func everyNth(n int) string {
	if n == 1 {
		return "every call"
	}
	suffix := map[int]string{1: "st", 2: "nd", 3: "rd"}[n%10]
	if suffix == "" || n%100 >= 11 && n%100 <= 13 {
		suffix = "th"
	}
	return "every " + strconv.Itoa(n) + suffix + " call"
}

// PracticeCalls counts what a practice app was asked since the program started.
type PracticeCalls struct {
	All         int64 // but calls for tokens
	Tokens      int64
	Throttled   int64
	Unavailable int64
	Dropped     int64 // done, but not answered
	Denied      int64 // without a token that was good
}

// PracticeServer is one practice app as it is served.
type PracticeServer struct {
	Faults   PracticeFaults
	By       string    // who switched them, "" for nobody yet
	At       time.Time // when
	Calls    PracticeCalls
	Entities []string
	Tracks   bool // has change tracking, which can lag and whose cursors can expire
}

// PracticeFaultsPage switches the faults of both practice apps, left first.
type PracticeFaultsPage struct {
	Page
	Sides  [2]string // names of the two apps
	Apps   [2]PracticeServer
	Typed  [2]map[string]string // what was typed into a form that was refused, by field; nil for the others
	Errors [2]Errors
}

// faultField is one number of the form.
type faultField struct {
	name, label, hint string
	value             func(PracticeFaults) int
}

func (s PracticeServer) numbers() []faultField {
	out := []faultField{
		{"throttle", "Throttle every n-th call", "It is answered 429 and not done.", func(f PracticeFaults) int { return f.Throttle }},
		{"unavailable", "Be unavailable at every n-th call", "It is answered 503 and not done.", func(f PracticeFaults) int { return f.Unavailable }},
		{"wait", "Seconds to wait after those", "1, if none are given.", func(f PracticeFaults) int { return f.Wait }},
		{"drop", "Drop the answer of every n-th call", "It is done; the connection is cut.", func(f PracticeFaults) int { return f.Drop }},
		{"token", "Seconds that a token is good for", "3600, if none are given.", func(f PracticeFaults) int { return f.Token }},
	}
	if s.Tracks {
		out = append(out, faultField{"lag", "Seconds by which changes are told late", "By change tracking.", func(f PracticeFaults) int { return f.Lag }})
	}
	return out
}

// value is what a field of a form shows: what was typed, or what is on.
func (v PracticeFaultsPage) value(side int, name, on string) string {
	if v.Typed[side] != nil {
		return v.Typed[side][name]
	}
	return on
}

// typed is a number that is on as it is typed: nothing for none.
func typed(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func faultsURL(side models.Side, verb string) templ.SafeURL {
	return templ.SafeURL("/practice/faults/" + string(side) + verb)
}
