package views

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// PracticeEntity is one entity of a practice app.
type PracticeEntity struct {
	Name    string
	Records int64
	Columns []PracticeColumn
}

// PracticeColumn is one field of an entity.
type PracticeColumn struct {
	Name     string
	Type     string // "VARCHAR(20)", "INTEGER", "BOOLEAN"
	Required bool
	Fixed    bool   // given by the app
	Key      bool   // people know a record by it
	Company  bool   // the legal entity
	Parent   string // entity that a lookup refers to, "" for none
}

// PracticeRecord is one record, its fields in the order of the columns, nil for
// no value. A lookup is the key of its parent.
type PracticeRecord struct {
	ID     string
	Values []*string
}

// PracticePage is what every page of the practice apps shows.
type PracticePage struct {
	Page
	Sides  [2]string // names of the two apps, left first
	Served bool      // over their protocols, so that faults can be switched
}

// PracticeApps lists the entities of both apps, left first.
type PracticeApps struct {
	PracticePage
	Entities [2][]PracticeEntity
}

// PracticeRecords is a page of the records of one entity.
type PracticeRecords struct {
	PracticePage
	Side   models.Side
	Entity PracticeEntity
	Rows   []PracticeRecord
	Search string
	Next   string // id to go on after, "" at the end
}

// PracticeForm edits one record, or makes one when its ID is "".
type PracticeForm struct {
	PracticePage
	Side   models.Side
	Entity PracticeEntity
	Record PracticeRecord
	Mend   *PracticeMend // the error that led here, nil for none
	Errors Errors
}

func practiceURL(side models.Side, entity, id string) templ.SafeURL {
	path := "/practice/" + string(side) + "/" + url.PathEscape(entity)
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return templ.SafeURL(path)
}

func (v PracticeRecords) more() templ.SafeURL {
	q := url.Values{"after": {v.Next}}
	if v.Search != "" {
		q.Set("q", v.Search)
	}
	return practiceURL(v.Side, v.Entity.Name, "") + templ.SafeURL("?"+q.Encode())
}

// shown picks the columns of the list: key, legal entity, and the first others.
func (e PracticeEntity) shown() []int {
	const most = 6
	var out []int
	for round := range 3 {
		for i, c := range e.Columns {
			place := 2
			if c.Key {
				place = 0
			} else if c.Company {
				place = 1
			}
			if len(out) < most && !c.Fixed && place == round {
				out = append(out, i)
			}
		}
	}
	return out
}

// name is what people know a record by.
func (e PracticeEntity) name(r PracticeRecord) string {
	for i, c := range e.Columns {
		if c.Key && i < len(r.Values) && text(r.Values[i]) != "" {
			return text(r.Values[i])
		}
	}
	return r.ID
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// long reports whether a field needs more than a line.
func (c PracticeColumn) long(value *string) bool {
	return c.Type == "TEXT" || c.Type == "VARCHAR(2000)" || strings.Contains(text(value), "\n")
}

// number reports whether values stand to the right, as counts and amounts do.
func (c PracticeColumn) number() bool {
	kind, _, _ := strings.Cut(c.Type, "(")
	return kind == "INTEGER" && c.Parent == "" || kind == "DECIMAL"
}

// hint says what a field takes.
func (c PracticeColumn) hint() string {
	if c.Parent != "" {
		return "Key of a record of " + c.Parent
	}
	kind, size, _ := strings.Cut(strings.TrimSuffix(c.Type, ")"), "(")
	switch kind {
	case "VARCHAR":
		return "Text, at most " + size + " characters"
	case "INTEGER":
		return "Whole number"
	case "DECIMAL":
		return "Number"
	case "DATE":
		return "Date: 2026-12-31"
	case "DATETIME":
		return "Date and time"
	case "GUID":
		return "Identifier"
	default:
		return ""
	}
}
