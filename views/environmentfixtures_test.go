package views

import (
	"github.com/a-h/templ"

	"dualwrite/models"
)

// addEnvironmentPages adds every state of the pages of environments.
func addEnvironmentPages(out map[string]templ.Component, page Page) {
	name := string(page.User.Role) + " environment "
	linked := EnvironmentRow{Environment: models.Environment{ID: 1, Name: hostile, LeftConnectionID: 1, RightConnectionID: 2, Companies: []string{hostile, "USMF"}, Revision: 3}, Sides: [2]string{hostile, "B"}, Maps: 5, Running: 4}
	unlinked := linked
	unlinked.UnlinkedAt = new(fixtureNow())
	connections := []models.Connection{{ID: 1, Name: hostile}, {ID: 2, Name: "B"}}
	probes := [2]Probe{*fixtureProbes()["lacking"], *fixtureProbes()["refused"]}
	out[name+"list"] = EnvironmentList{Page: page, Rows: []EnvironmentRow{linked, unlinked}}.View()
	out[name+"none"] = EnvironmentList{Page: page}.View()
	out[name+"choice"] = EnvironmentChoice{Page: page, Connections: connections, Chosen: [2]int64{1, 2}, Errors: Errors{Summary: hostile}}.View()
	out[name+"choice of nothing"] = EnvironmentChoice{Page: page}.View()
	out[name+"link again"] = EnvironmentChoice{Page: page, Unlinked: &unlinked, Connections: connections}.View()
	companies := func(telling [2]bool) CompanyChoice {
		return CompanyChoice{Apps: [2]string{hostile, "B"}, Both: []string{hostile, "USMF"}, Only: [2][]string{{hostile}, {"X"}}, Ticked: map[string]bool{"USMF": true}, More: hostile, Telling: telling}
	}
	for what, telling := range map[string][2]bool{"both tell": {true, true}, "left tells": {true, false}, "right tells": {false, true}, "nobody tells": {}} {
		out[name+"second step, "+what] = EnvironmentLink{Page: page, Sides: [2]models.Connection(connections), Probes: probes, Name: hostile, Companies: companies(telling), Errors: Errors{Field: map[string]string{"name": hostile}}}.View()
	}
	out[name+"second step of nothing"] = EnvironmentLink{Page: page, Companies: CompanyChoice{Telling: [2]bool{true, true}}}.View()
	out[name+"legal entities"] = EnvironmentCompanies{Page: page, Environment: linked, Companies: companies([2]bool{true, true}), Errors: Errors{Summary: hostile}}.View()
	out[name+"page"] = EnvironmentPage{Page: page, Environment: linked, Maps: fixtureMaps(), Probes: &probes, Name: hostile, Errors: Errors{Summary: hostile}}.View()
	out[name+"page, empty"] = EnvironmentPage{Page: page, Environment: linked}.View()
	out[name+"page, unlinked"] = EnvironmentPage{Page: page, Environment: unlinked, Maps: fixtureMaps()}.View()
	out[name+"unlink"] = EnvironmentForget{Page: page, Environment: linked, Maps: fixtureMaps(), Unlink: true, Errors: Errors{Summary: hostile}}.View()
	out[name+"reset"] = EnvironmentForget{Page: page, Environment: linked}.View()
}

// addNewMapPages adds every state of the pages of a new map.
func addNewMapPages(out map[string]templ.Component, page Page) {
	name := string(page.User.Role) + " new map "
	row := EnvironmentRow{Environment: models.Environment{ID: 1, Name: hostile}, Sides: [2]string{hostile, "B"}}
	entities := []EntityChoice{{Name: hostile, Label: hostile, Note: "no unique key"}, {Name: "b", Label: "B"}}
	out[name+"without environments"] = AddMapChoice{Page: page}.View()
	out[name+"environments"] = AddMapChoice{Page: page, Environments: []models.Environment{row.Environment}}.View()
	out[name+"entities"] = AddMapChoice{Page: page, Environment: &row, Entities: [2][]EntityChoice{entities, entities}, Chosen: [2]string{hostile, ""},
		Errors: Errors{Summary: hostile, Field: map[string]string{"left": hostile}}}.View()
	d := fixtureMaps()[0].Definition
	v := AddMapProposal{Page: page, Environment: row, Definition: d, Remarks: []string{hostile}, Name: hostile, Errors: Errors{Field: map[string]string{"name": hostile}}}
	for i, f := range d.Fields {
		v.Fields = append(v.Fields, ProposedField{FieldMapping: f, Types: [2]string{"text", "date"}, Key: i == 0, Ticked: i == 1})
	}
	out[name+"proposal"] = v.View()
	out[name+"proposal of nothing"] = AddMapProposal{Page: page, Environment: row}.View()
}
