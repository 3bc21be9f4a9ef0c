package views

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// ConnectionRow is one connection of the list.
type ConnectionRow struct {
	models.Connection
	KindLabel string
	Uses      []string // names of the environments that link it
}

// ConnectionList is the page of all connections.
type ConnectionList struct {
	Page
	Rows []ConnectionRow
}

// ConnectionPage is the page of one connection.
type ConnectionPage struct {
	Page
	Connection ConnectionRow
	Kind       *models.ConnectionKind // nil for a kind that the console cannot edit
	Secrets    map[string]time.Time   // that are kept, and since when
	Probe      *Probe                 // what a test found out, nil for none
	Hook       string                 // address for its app to call, "" for none; administrators only
}

// KindChoice asks what kind of app a new connection leads to.
type KindChoice struct {
	Page
	Kinds []models.ConnectionKind
	Next  string // where to go on when the connection is made, "" for its page
}

// ConnectionForm makes a connection, or changes one.
type ConnectionForm struct {
	Page
	ID       int64 // 0 for a new one
	Revision int
	Kind     models.ConnectionKind
	Name     string
	Values   map[string]string    // of settings that are no secrets, by name
	Kept     map[string]time.Time // secrets that are kept, and since when
	Refers   map[string]string    // secrets that are references
	Forget   map[string]bool      // secrets that are ticked to be forgotten
	Theirs   map[string]string    // what somebody else saved meanwhile, where it differs
	Next     string
	Probe    *Probe
	Errors   Errors
}

// DeleteConnection asks before a connection is deleted.
type DeleteConnection struct {
	Page
	Connection ConnectionRow
	Errors     Errors
}

// Probe is what a test of a connection found out.
type Probe struct {
	Account, Product string
	Latency, Skew    time.Duration
	Missing          []string
	Script           string // what an administrator of the app can run to give what is missing
	Problem          string // why the app cannot be used, "" if it can
}

// clockTolerance is how far two clocks may be apart before people need to know.
const clockTolerance = 5 * time.Second

// clock says how the app's clock stands to ours.
func (p *Probe) clock() string {
	apart := p.Skew.Round(100 * time.Millisecond)
	switch {
	case p.Skew.Abs() < clockTolerance:
		return "agrees with ours"
	case p.Skew > 0:
		return apart.String() + " ahead of ours: set the clock of either machine"
	default:
		return (-apart).String() + " behind ours: set the clock of either machine"
	}
}

func (p *Probe) latency() string {
	if p.Latency < time.Millisecond {
		return "less than a millisecond"
	}
	return fmt.Sprintf("%d ms", p.Latency.Milliseconds())
}

func connectionURL(n int64, part string) templ.SafeURL {
	path := "/connections/" + id(n)
	if part != "" {
		path += "/" + part
	}
	return templ.SafeURL(path)
}

// place is where the app of a connection is.
func (r ConnectionRow) place() string {
	s := r.Settings
	switch {
	case s["url"] != "":
		return s["url"]
	case s["path"] != "":
		return s["path"]
	case s["socket"] != "":
		return s["socket"] + " " + s["database"]
	case s["port"] != "":
		return net.JoinHostPort(s["host"], s["port"]) + "/" + s["database"]
	default:
		return s["host"] + "/" + s["database"]
	}
}

func (v ConnectionForm) title() string {
	if v.ID == 0 {
		return "New " + v.Kind.Label + " connection"
	}
	return "Edit connection"
}

func (v ConnectionForm) action() templ.SafeURL {
	if v.ID == 0 {
		return "/connections/new"
	}
	return connectionURL(v.ID, "edit")
}

func (v ConnectionForm) cancel() templ.SafeURL {
	switch {
	case v.ID != 0:
		return connectionURL(v.ID, "")
	case v.Next != "":
		return templ.SafeURL(v.Next)
	default:
		return "/connections"
	}
}

// kept says what is known of a secret without telling it.
func (v ConnectionForm) kept(setting string) string {
	if ref := v.Refers[setting]; ref != "" {
		return "Now read from " + ref + ". Leave the field empty to keep that."
	}
	if at, ok := v.Kept[setting]; ok {
		return "One is kept since " + stamp(at) + ". Leave the field empty to keep it."
	}
	return "None is kept. It may also be given as env:NAME, a variable of the program, or file:PATH."
}

// keeps reports whether there is something that could be forgotten.
func (v ConnectionForm) keeps(setting string) bool {
	_, ok := v.Kept[setting]
	return ok || v.Refers[setting] != ""
}

// describedBy lists what explains the field of a setting.
func (v ConnectionForm) describedBy(s models.Setting) string {
	var out []string
	for _, part := range []struct {
		suffix string
		there  bool
	}{{"-hint", s.Hint != "" || s.Secret}, {"-theirs", v.Theirs[s.Name] != ""}, {"-wrong", v.Errors.Field[s.Name] != ""}} {
		if part.there {
			out = append(out, "s-"+s.Name+part.suffix)
		}
	}
	return strings.Join(out, " ")
}

func kindURL(kind, next string) templ.SafeURL {
	q := url.Values{"kind": {kind}}
	if next != "" {
		q.Set("next", next)
	}
	return templ.SafeURL("/connections/new?" + q.Encode())
}

// must says when a setting has to be given.
func (v ConnectionForm) must(s models.Setting) string {
	if instead, ok := v.Kind.Setting(s.Instead); ok {
		return "must be given, unless this is: " + instead.Label
	}
	return "must be given"
}
