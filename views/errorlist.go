package views

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// ErrorRow is one record that could not be written, with both sides as they
// were and where to mend it.
type ErrorRow struct {
	models.RecordError
	Image Image
	Mends []Mend
}

// Mend is a place where an error can be mended.
type Mend struct{ Text, URL string }

// ErrorList is the open errors of a map, or of one part of its work.
type ErrorList struct {
	MapPage
	Title     string
	Rows      []ErrorRow
	Causes    []models.Cause
	Companies []string // legal entities to choose from
	Filter    models.ErrorFilter
	After     int64 // id that this page goes on after, 0 for the first
	Next      int64 // id to go on after, 0 when there are no more
	Ticked    map[int64]bool
	Reason    string // why errors are discarded, as typed
	Wrong     Errors
}

// total is how many open errors the list has without a filter.
func (v ErrorList) total() int64 {
	var n int64
	for _, c := range v.Causes {
		n += c.Count
	}
	return n
}

// kinds lists the kinds of the causes, each once.
func (v ErrorList) kinds() []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range v.Causes {
		if !seen[c.Kind] {
			seen[c.Kind] = true
			out = append(out, c.Kind)
		}
	}
	return out
}

// errorQuery is a filter as the end of an address, with what else is given.
func errorQuery(f models.ErrorFilter, more ...string) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": f.Search, "kind": f.Kind, "side": string(f.Side), "company": f.Company} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if f.Kind != "" && f.ByField {
		v.Set("field", f.Field)
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// more is where the list goes on.
func (v ErrorList) more() templ.SafeURL {
	return mapURL(v.Map.ID, v.Tab) + templ.SafeURL(errorQuery(v.Filter, "after", id(v.Next)))
}

// action is where a button over the list leads. It carries the filter and the
// place in the list, so that the answer shows the same.
func (v ErrorList) action(verb string) templ.SafeURL {
	var place []string
	if v.After > 0 {
		place = []string{"after", id(v.After)}
	}
	return mapURL(v.Map.ID, "errors/"+verb) + templ.SafeURL(errorQuery(v.Filter, place...))
}

// company is an error's legal entity where its key does not tell.
func (r *ErrorRow) company() string {
	if slices.Contains(strings.Split(r.RecordKey, " · "), r.Company) {
		return ""
	}
	return r.Company
}

// causeURL is the list narrowed to one cause.
func (v ErrorList) causeURL(c models.Cause) templ.SafeURL {
	f := v.Filter
	f.Kind, f.Field, f.ByField = c.Kind, c.Field, true
	return mapURL(v.Map.ID, v.Tab) + templ.SafeURL(errorQuery(f))
}

// isCause reports whether the list is narrowed to a cause.
func (v ErrorList) isCause(c models.Cause) bool {
	return v.Filter.ByField && v.Filter.Kind == c.Kind && v.Filter.Field == c.Field
}

// downloadURL is all errors of the filter as a file.
func (v ErrorList) downloadURL() templ.SafeURL {
	return mapURL(v.Map.ID, "errors.csv") + templ.SafeURL(errorQuery(v.Filter, "list", string(v.Filter.Work)))
}
