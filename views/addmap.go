package views

import (
	"net/url"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// EntityChoice is one entity that a map can be made of.
type EntityChoice struct {
	Name, Label string
	Note        string // what speaks against it, "" for nothing
}

// AddMapChoice asks for an environment, then for one entity of each side.
type AddMapChoice struct {
	Page
	Environments []models.Environment
	Environment  *EnvironmentRow // nil until one is chosen
	Entities     [2][]EntityChoice
	Chosen       [2]string // as typed
	Errors       Errors
}

// ProposedField is one field mapping of the proposal.
type ProposedField struct {
	models.FieldMapping
	Types  [2]string
	Key    bool // part of the key: it cannot be left out
	Ticked bool
}

// Value names the pair in a form.
func (f ProposedField) Value() string { return f.Left + " " + f.Right }

// AddMapProposal shows the map that could be made, to be taken or narrowed.
type AddMapProposal struct {
	Page
	Environment EnvironmentRow
	Definition  models.Definition
	Fields      []ProposedField
	Remarks     []string
	Name        string
	Errors      Errors
}

func addMapSteps() []string { return []string{"Choose two entities", "Look at the proposal"} }

// restart leads back to the first step, with what was chosen.
func (v AddMapProposal) restart() templ.SafeURL {
	return addMapURL(v.Environment.ID, v.Definition.Left.Entity, v.Definition.Right.Entity, "1")
}

// refresh reads both apps anew and proposes again.
func (v AddMapProposal) refresh() templ.SafeURL {
	return addMapURL(v.Environment.ID, v.Definition.Left.Entity, v.Definition.Right.Entity, "")
}

func addMapURL(environment int64, left, right, step string) templ.SafeURL {
	q := url.Values{"environment": {id(environment)}}
	for name, value := range map[string]string{"left": left, "right": right, "step": step} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return templ.SafeURL("/maps/new?" + q.Encode())
}

// marks ties the field of a side to what explains it.
func (v AddMapChoice) marks(side string) templ.Attributes {
	if v.Errors.Field[side] == "" {
		return templ.Attributes{"aria-describedby": side + "-hint"}
	}
	return templ.Attributes{"aria-describedby": side + "-hint " + side + "-wrong", "aria-invalid": "true"}
}
