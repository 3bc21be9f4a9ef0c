// Package views holds the console's pages as templates. A page takes one value
// that the handler filled; templates read no store and know no engine.
package views

import (
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/dustin/go-humanize"

	"dualwrite/models"
)

// Page is what every page knows.
type Page struct {
	Title   string
	Nav     string          // path of the navigation entry it belongs to
	User    models.User     // who looks at it; zero for nobody
	CSRF    string          // token of every form
	Notices []models.Notice // messages left by the request before
	Live    bool            // listens to what changes
	// Practice says that the navigation leads to the practice apps.
	Practice bool
	Faults   string // what practice apps do wrong on purpose, "" for nothing
}

// SignedIn reports whether somebody looks at the page.
func (p Page) SignedIn() bool { return p.User.Role != "" }

// Operates reports whether the person may give commands to maps.
func (p Page) Operates() bool { return p.User.Role.Allows(models.Operator) }

// Administers reports whether the person may change connections, environments
// and maps.
func (p Page) Administers() bool { return p.User.Role.Allows(models.Administrator) }

// navEntry is one line of the left navigation.
type navEntry struct{ path, icon, text string }

func (p Page) navigation() []navEntry {
	out := []navEntry{{"/maps", "maps", "Entity maps"}, {"/environments", "environments", "Environments"}, {"/connections", "connections", "Connections"},
		{"/activity", "activity", "Activity"}}
	if p.Practice {
		out = append(out, navEntry{"/practice", "practice", "Practice apps"})
	}
	return out
}

// current gives the value of aria-current for a link, "" leaving it out.
func current(is bool) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

// Errors is what is wrong with a form: one sentence for all of it, and one per
// field by the field's name.
type Errors struct {
	Summary string
	Field   map[string]string
}

// Any reports whether something is wrong.
func (e Errors) Any() bool { return e.Summary != "" || len(e.Field) > 0 }

// Field is one labelled text input of a form.
type Field struct {
	Name         string // also the id
	Label        string
	Hint         string
	Type         string // "text" if left out, "password"
	Value        string
	Autocomplete string
	Wrong        string // what is wrong with it
	Optional     bool   // it may be left empty
	Focus        bool
}

func (f Field) describedBy() string {
	out := ""
	if f.Hint != "" {
		out = f.Name + "-hint"
	}
	if f.Wrong != "" {
		out += " " + f.Name + "-wrong"
	}
	return out
}

// number writes a count with separators: 12,345.
func number(n int64) string { return humanize.Comma(n) }

// id writes a row's number.
func id(n int64) string { return strconv.FormatInt(n, 10) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// plural picks the word for a number: plural(1, "map", "maps") is "1 map".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(int64(n)) + " " + many
}

// htmxConfig keeps the script within the content policy and lets it show forms
// that were refused (409, 422).
const htmxConfig = `{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,"historyCacheSize":0,"selfRequestsOnly":true,` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"409|422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`
