package views

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// EnvironmentRow is one environment of the list.
type EnvironmentRow struct {
	models.Environment
	Sides   [2]string // names of its connections, left first
	Maps    int
	Running int // maps that are not at rest
}

// EnvironmentList is the page of all environments.
type EnvironmentList struct {
	Page
	Rows []EnvironmentRow
}

// EnvironmentChoice asks which two connections are to be linked: by a new
// environment, or by one that was unlinked.
type EnvironmentChoice struct {
	Page
	Unlinked    *EnvironmentRow // nil for a new one
	Connections []models.Connection
	Chosen      [2]int64
	Errors      Errors
}

// EnvironmentLink shows how both apps are, and asks for the rest.
type EnvironmentLink struct {
	Page
	Sides     [2]models.Connection
	Probes    [2]Probe
	Companies CompanyChoice
	Name      string
	Errors    Errors
}

// CompanyChoice offers the legal entities of two apps.
type CompanyChoice struct {
	Apps    [2]string   // names of the apps, left first
	Both    []string    // legal entities that both apps have, or the one that tells
	Only    [2][]string // those that one app has alone
	Ticked  map[string]bool
	More    string  // more legal entities, as typed
	Telling [2]bool // whether an app tells its legal entities
}

// Keep has the choice stand as it was sent.
func (v *CompanyChoice) Keep(sent url.Values) {
	v.More, v.Ticked = sent.Get("more"), map[string]bool{}
	for _, code := range sent["company"] {
		v.Ticked[code] = true
	}
}

// EnvironmentCompanies asks which legal entities are to be added.
type EnvironmentCompanies struct {
	Page
	Environment EnvironmentRow
	Companies   CompanyChoice
	Errors      Errors
}

// EnvironmentPage is the page of one environment.
type EnvironmentPage struct {
	Page
	Environment EnvironmentRow
	Maps        []models.Summary
	Probes      *[2]Probe // nil where the apps were not asked
	Name        string    // as typed
	Errors      Errors
}

// EnvironmentForget asks before an environment forgets all it knows of records.
type EnvironmentForget struct {
	Page
	Environment EnvironmentRow
	Maps        []models.Summary
	Unlink      bool // otherwise it is only reset
	Errors      Errors
}

func environmentURL(n int64, part string) templ.SafeURL {
	path := "/environments/" + id(n)
	if part != "" {
		path += "/" + part
	}
	return templ.SafeURL(path)
}

// newConnectionURL leads to a new connection and back to a page.
func newConnectionURL(back templ.SafeURL) templ.SafeURL {
	return templ.SafeURL("/connections/new?" + url.Values{"next": {string(back)}}.Encode())
}

func (v EnvironmentChoice) action() templ.SafeURL {
	if v.Unlinked != nil {
		return environmentURL(v.Unlinked.ID, "link")
	}
	return "/environments/new"
}

// restart leads back to the first step, with what was chosen.
func (v EnvironmentLink) restart() templ.SafeURL {
	return templ.SafeURL("/environments/new?" + url.Values{"left": {id(v.Sides[0].ID)}, "right": {id(v.Sides[1].ID)}, "step": {"1"}}.Encode())
}

// typed is the label of the field in which legal entities are typed.
func (v CompanyChoice) typed() string {
	if len(v.Both) > 0 {
		return "More legal entities"
	}
	return "Legal entities"
}

// explain says where the legal entities on the page come from.
func (v CompanyChoice) explain() string {
	switch {
	case v.Telling == [2]bool{true, true} && len(v.Both) == 0:
		return "The two apps have none in common that could be chosen."
	case v.Telling == [2]bool{true, true}:
		return "These are in both apps."
	case v.Telling[0]:
		return "These are in " + v.Apps[0] + "; " + v.Apps[1] + " does not tell its own."
	case v.Telling[1]:
		return "These are in " + v.Apps[1] + "; " + v.Apps[0] + " does not tell its own."
	default:
		return "Neither app tells its legal entities. Type them, or leave them out where the apps have none."
	}
}

// busy lists the maps that would have to be stopped.
func (v EnvironmentForget) busy() []models.Summary {
	return slices.DeleteFunc(slices.Clone(v.Maps), func(m models.Summary) bool { return m.Status == models.NotRunning })
}

// total adds up a counter of all maps.
func (v EnvironmentForget) total(of func(models.Tally) int64) int {
	var n int64
	for i := range v.Maps {
		n += of(v.Maps[i].Tally)
	}
	return int(n)
}

func (v EnvironmentForget) verb() string {
	if v.Unlink {
		return "Unlink"
	}
	return "Reset"
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
