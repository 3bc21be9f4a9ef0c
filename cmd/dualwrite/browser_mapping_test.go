package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dualwrite/models"
)

// TestBrowserDrawsAMap edits a map as a person would, in the side panel and on
// pages of their own where scripts are off, while somebody else edits it too.
func TestBrowserDrawsAMap(t *testing.T) {
	b := startChromium(t)
	for _, h := range []hands{byMouse, withoutScripts} {
		t.Run(string(h), func(t *testing.T) {
			s := freshSite(t)
			p := newPerson(t, b, s, h)
			p.signsIn()
			mappings := fmt.Sprintf("/maps/%d/mappings", s.id(contactsMap))
			symbol := func(sign, words, left, right string) string {
				return fmt.Sprintf("%s %s: edit %s, %s", sign, words, left, right)
			}
			p.visit(mappings)
			p.press("link", symbol("=", "both ways", "PERSONPROFESSIONALTITLE", "jobtitle"))
			p.sees("Truncate texts for Common Data Service")
			p.fill("textbox", "Truncate texts for Common Data Service to so many characters", "100")
			p.press("button", "Save")
			p.sees("The mapping is saved.")
			p.arrives(mappings)
			p.sees("Truncate to 100 characters")

			p.press("link", symbol("=", "both ways", "PERSONLASTNAME", "lastname"))
			p.sees("Sync direction")
			s.somebodySaves(contactsMap)
			p.choose("Sync direction", financeAndOperations+" to "+commonDataService)
			p.press("button", "Save")
			p.sees("was changed by somebody else since you opened it")
			p.press("button", "Save")
			p.sees("The mapping is saved.")
			for _, f := range s.summary(contactsMap).Definition.Fields {
				if want := map[string]models.Direction{"PERSONLASTNAME": models.LeftToRight, "PERSONFIRSTNAME": models.LeftToRight}[f.Left]; want != "" && f.Direction != want {
					t.Errorf("%s is mapped %s", f.Left, f.Direction)
				}
			}

			p.limitsItToALegalEntity(s, mappings)
			p.triesAnExpression(mappings)
			p.visit(mappings)
			p.press("link", "Filter of "+financeAndOperations)
			p.fill("textbox", "Filter, empty for all records", `(PARTYTYPE == "Organization")`)
			p.press("button", "Preview")
			p.sees("records pass. Read as PARTYTYPE eq 'Organization'.")
			if !strings.Contains(p.text(), "The first 5 that pass") {
				t.Error("the first records are not shown")
			}
		})
	}
}

// limitsItToALegalEntity picks one of the environment's, and gives it back.
func (p *person) limitsItToALegalEntity(s *site, mappings string) {
	p.t.Helper()
	for _, ticked := range []bool{true, false} {
		p.visit(mappings)
		p.press("link", "Legal entities")
		p.sees("Tick none to take all of the environment's")
		p.tick("USMF", ticked)
		p.press("button", "Save")
		p.sees("The legal entities are saved.")
		if got, want := s.summary(contactsMap).Definition.Companies, (models.CompanyLimit{"USMF"}); slices.Equal(got, want) != ticked {
			p.t.Errorf("the map is limited to %q", got)
		}
	}
	p.sees("all of the environment's")
}

// triesAnExpression types one and looks what it makes of records: while it is
// typed, and by a button where there are no scripts.
func (p *person) triesAnExpression(mappings string) {
	p.t.Helper()
	p.visit(mappings)
	p.press("link", "> "+financeAndOperations+" to "+commonDataService+": edit PERSONFIRSTNAME, firstname")
	p.sees("Calculates one value")
	p.fill("textbox", "Expression", "upper(value) & ' of ' & DATAAREAID")
	if p.hands == withoutScripts {
		p.press("button", "Try on records")
	}
	p.sees("What the first 5 records would give")
	p.sees(" of USMF")
	p.press("button", "Save")
	p.sees("The mapping is saved.")
	p.sees("Expression: upper(value) & ' of ' & DATAAREAID")
}

// somebodySaves turns the direction of a field of a map.
func (s *site) somebodySaves(name string) {
	s.t.Helper()
	m := s.summary(name)
	next := m.Definition
	next.Fields = append([]models.FieldMapping{}, next.Fields...)
	for i := range next.Fields {
		if next.Fields[i].Left == "PERSONFIRSTNAME" {
			next.Fields[i].Direction = models.LeftToRight
		}
	}
	s.check(s.store.SaveDefinition(s.t.Context(), m.ID, m.Definition.Revision, next, "Ben", "first name"))
}
