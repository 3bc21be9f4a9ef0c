package views

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// MapQuery narrows and orders the list of maps.
type MapQuery struct {
	Search string        // in name, entities, publisher and last issue
	Status models.Status // "" for all
	Sort   string        // MapColumn.Key, "" for the name
	Desc   bool
}

// Narrows reports whether the query leaves maps out.
func (q MapQuery) Narrows() bool { return q.Search != "" || q.Status != "" }

func (q MapQuery) suffix() string {
	v := url.Values{}
	if q.Search != "" {
		v.Set("q", q.Search)
	}
	if q.Status != "" {
		v.Set("status", string(q.Status))
	}
	if q.Sort != "" {
		v.Set("sort", q.Sort)
	}
	if q.Desc {
		v.Set("desc", "1")
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// MapColumn is one column of the list that it can be sorted by.
type MapColumn struct {
	Key    string // "" for the first, which is the usual order
	Text   string
	number bool // sorted from the largest first
}

// MapColumns lists the columns after the tick, in their order.
func MapColumns() []MapColumn {
	return []MapColumn{
		{"", "Entity map", false},
		{"status", "Status", false},
		{"queue", "Queue", true},
		{"linked", "In step", true},
		{"errors", "Errors", true},
		{"changed", "Last change", true},
		{"version", "Version - publisher", false},
		{"issue", "Last issue", true},
	}
}

// sortPath is where a click on a column's head leads: that order, or the
// opposite one where the list has it already.
func (q MapQuery) sortPath(c MapColumn) string {
	if q.Sort == c.Key {
		q.Desc = !q.Desc
	} else {
		q.Sort, q.Desc = c.Key, c.number
	}
	return "/maps" + q.suffix()
}

// ariaSort tells whether the list is ordered by a column, and which way.
func (q MapQuery) ariaSort(c MapColumn) string {
	switch {
	case q.Sort != c.Key:
		return "none"
	case q.Desc:
		return "descending"
	default:
		return "ascending"
	}
}

// flow is the direction of a map as a whole, as a sign and in words.
func flow(d *models.Definition, left, right string) (sign, words string) {
	var to [2]bool
	for _, f := range d.Fields {
		for _, side := range models.Sides {
			to[side.Index()] = to[side.Index()] || f.Direction.Flows(side)
		}
	}
	switch {
	case to[0] && !to[1]:
		return "←", right + " to " + left
	case to[1] && !to[0]:
		return "→", left + " to " + right
	default:
		return "⇄", "both ways"
	}
}

func versionOf(m *models.Summary) string {
	return strings.TrimSuffix(m.Version+" - "+m.Publisher, " - ")
}

// tabIcon is the icon of a part of a map's page.
func tabIcon(path string) string {
	icon, ok := map[string]string{"": "refresh", "errors": "warning", "conflicts": "compare", "queue": "queue", "activity": "activity",
		"mappings": "maps", "details": "details"}[path]
	if !ok {
		return "details"
	}
	return icon
}

// laterErrors is how many open errors live writes and catch-up have left.
func laterErrors(m *models.Summary) int64 { return max(0, m.Tally.OpenErrors-m.InitialErrors) }

// errorsOf is where most of a map's open errors stand.
func errorsOf(m *models.Summary) templ.SafeURL {
	if m.InitialErrors > laterErrors(m) {
		return mapURL(m.ID, "") + "#errors"
	}
	return mapURL(m.ID, "errors")
}

// overviewURL is the list of maps in the order of a column, the largest first.
func overviewURL(column string) templ.SafeURL {
	return templ.SafeURL("/maps" + MapQuery{Sort: column, Desc: true}.suffix())
}
