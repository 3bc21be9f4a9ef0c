package views

import (
	"github.com/a-h/templ"

	"dualwrite/models"
)

// addMappingPages is every state of the pages on which a map is drawn.
func addMappingPages(out map[string]templ.Component, name string, p MapPage) {
	issues := []Issue{{Error: true, Where: hostile, Message: hostile, Mend: hostile}, {Message: "m", Mend: "n"}}
	v := MappingsPage{MapPage: p, Search: hostile, Types: [2]map[string]string{{"NAME": "text"}, {"x": "yes/no"}}, Issues: issues, Fresh: true, Refreshed: []string{hostile}}
	for _, f := range p.Map.Definition.Fields {
		v.Rows = append(v.Rows, MappingRow{FieldMapping: f, Issues: issues})
	}
	out[name+"mappings"] = v.View()
	out[name+"mappings unreached"] = MappingsPage{MapPage: p, Unreached: hostile, Fresh: true}.View()
	choices := [2][]FieldChoice{{{Path: "NAME", Text: hostile}}, {{Path: "x", Text: "text"}}}
	out[name+"field"] = MappingForm{MapPage: p, Was: true, WasLeft: hostile, WasRight: "", Left: hostile, Direction: models.Both, Choices: choices, Issues: issues, Now: hostile,
		Pairs: hostile, Default: hostile, Defaulted: true, Length: "3", Expression: hostile, SampleFault: hostile, Samples: []MappingSample{{Key: hostile, TestRow: TestRow{From: hostile, Steps: []string{hostile}, To: "b"}}, {Key: "k", TestRow: TestRow{Fault: hostile}}}, KeepsMoreOfAType: true, Errors: Errors{Summary: hostile}}.View()
	out[name+"field new"] = MappingForm{MapPage: p}.View()
	out[name+"filter"] = FilterForm{MapPage: p, Side: models.Right, Text: hostile, Now: hostile, Errors: Errors{Summary: hostile},
		Preview: &FilterPreview{Pass: 1, All: 2, Fields: []string{"a", hostile}, First: [][]string{{hostile, "b"}}, OData: hostile}}.View()
	out[name+"key"] = KeyForm{MapPage: p, Rows: []KeyRow{{KeyPair: models.KeyPair{Left: hostile, Right: "b"}, Ticked: true}}, Company: [2]string{hostile, ""}, Now: hostile}.View()
	out[name+"needs"] = NeedsForm{MapPage: p, Others: []string{hostile, "B"}, Ticked: []string{hostile}, Now: hostile, Errors: Errors{Summary: hostile}}.View()
	out[name+"companies"] = MapCompaniesForm{MapPage: p, Companies: []string{hostile, "B"}, Beyond: []string{hostile + "x"}, Ticked: models.CompanyLimit{hostile}, Now: hostile, Errors: Errors{Summary: hostile}}.View()
	out[name+"companies of none"] = MapCompaniesForm{MapPage: p}.View()
	out[name+"needs of none"] = NeedsForm{MapPage: p}.View()
	result := &RecordTest{Key: hostile, Found: true, InMap: true, Partner: true, Rows: []TestRow{{Left: "A", Right: hostile, From: hostile, To: "b", Now: "c", Steps: []string{hostile, "b"}}, {Left: "B", Fault: hostile}}}
	test := RecordTestPage{MapPage: p, Side: models.Left, Fields: []string{"A", hostile}, Values: []string{hostile}, Result: result}
	out[name+"test"] = test.View()
	for state, r := range map[string]RecordTest{"nobody": {}, "several": {Found: true, Several: true}, "outside": {Found: true}, "new": {Found: true, InMap: true}, "fault": {Found: true, Fault: hostile}} {
		test.Result = &r
		out[name+"test "+state] = test.View()
	}
	preview := InitialPreviewPage{MapPage: p, Left: 1}
	for _, kind := range []string{"create left", "create right", "different", "duplicate", "invalid"} {
		preview.First = append(preview.First, PreviewRow{Key: hostile, Kind: kind, Fault: hostile, Fields: []string{hostile}})
	}
	out[name+"preview"] = preview.View()
	out[name+"versions"] = VersionsPage{MapPage: p, Changed: true, Versions: []models.MapVersion{{ID: 1, Publisher: hostile, Version: hostile, Description: hostile, Original: true, CreatedBy: hostile, CreatedAt: fixtureNow()}},
		Errors: Errors{Summary: "no"}}.View()
	out[name+"versions none"] = VersionsPage{MapPage: p}.View()
	out[name+"diff"] = DiffPage{MapPage: p, Before: hostile, After: "b", Settings: []models.SettingDifference{{What: "key", Before: hostile}},
		Fields: []models.FieldDifference{{Before: &p.Map.Definition.Fields[0]}, {After: &p.Map.Definition.Fields[1]}}}.View()
	out[name+"diff same"] = DiffPage{MapPage: p, Before: "a", After: "b"}.View()
	addInterchangePages(out, p.Page)
}

func addInterchangePages(out map[string]templ.Component, page Page) {
	name := string(page.User.Role) + " "
	v := ImportPage{Page: page, Environments: []models.Environment{{ID: 1, Name: hostile}}, Environment: 1, Paste: hostile, Errors: Errors{Summary: hostile}}
	out[name+"import"] = v.View()
	v.Read, v.Notes, v.Would, v.Ready = true, []ImportNote{{Map: hostile, Fate: "left out", Where: hostile, Why: hostile}}, []string{hostile}, hostile
	out[name+"import read"] = v.View()
	v.Would = nil
	out[name+"import nothing"] = v.View()
	m := fixtureMaps()[0]
	out[name+"related"] = RelatedPage{Page: page, Title: "Related maps", Cycles: [][]string{{hostile}}, Rows: []RelatedRow{{Map: m, Needs: []string{hostile}, Cyclic: true}, {Map: m}},
		Boxes: []RelatedBox{{ID: 1, Name: hostile, Cyclic: true}, {ID: 2, Name: hostile, Given: true}}, Lines: []RelatedLine{{X2: 5, Cyclic: true}}, Width: 10, Height: 10}.View()
}
