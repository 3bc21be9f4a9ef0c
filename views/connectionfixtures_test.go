package views

import (
	"time"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// addConnectionPages adds every state of the pages of connections.
func addConnectionPages(out map[string]templ.Component, page Page) {
	name := string(page.User.Role) + " connection "
	kind := models.ConnectionKind{Name: "server", Label: "Server", Hint: hostile, Settings: []models.Setting{{Name: "host", Label: "Host", Hint: hostile, Required: true},
		{Name: "mode", Label: "Mode", Default: "a", Choices: []string{"a", hostile}}, {Name: "password", Label: "Password", Secret: true}, {Name: "token", Label: "Token", Secret: true}, {Name: "key", Label: "Key", Secret: true}}}
	row := ConnectionRow{Connection: models.Connection{ID: 3, Name: hostile, Kind: "server", Settings: map[string]string{"host": hostile, "port": "1", "token": "env:X"}}, KindLabel: "Server", Uses: []string{hostile}}
	kept := map[string]time.Time{"password": fixtureNow()}
	out[name+"list"] = ConnectionList{Page: page, Rows: []ConnectionRow{row, {Connection: models.Connection{ID: 4, Name: "B", Settings: map[string]string{"path": "x"}}}}}.View()
	out[name+"none"] = ConnectionList{Page: page}.View()
	for what, probe := range fixtureProbes() {
		out[name+what] = ConnectionPage{Page: page, Connection: row, Kind: &kind, Secrets: kept, Probe: probe}.View()
		out[name+"new, "+what] = ConnectionForm{Page: page, Kind: kind, Name: hostile, Next: "/maps", Probe: probe}.View()
	}
	out[name+"of an unknown kind"] = ConnectionPage{Page: page, Connection: ConnectionRow{Connection: row.Connection}}.View()
	out[name+"kinds"] = KindChoice{Page: page, Kinds: []models.ConnectionKind{kind}, Next: "/maps"}.View()
	out[name+"refused"] = ConnectionForm{Page: page, ID: 3, Revision: 2, Kind: kind, Name: hostile, Values: map[string]string{"host": hostile}, Kept: kept, Refers: map[string]string{"token": "env:X"},
		Forget: map[string]bool{"password": true}, Theirs: map[string]string{"name": hostile, "host": hostile, "mode": "a"},
		Errors: Errors{Summary: hostile, Field: map[string]string{"name": hostile, "host": hostile, "mode": "no", "password": "no"}}}.View()
	out[name+"delete"] = DeleteConnection{Page: page, Connection: row, Errors: Errors{Summary: hostile}}.View()
	out[name+"delete unused"] = DeleteConnection{Page: page, Connection: ConnectionRow{Connection: row.Connection}}.View()
}

func fixtureProbes() map[string]*Probe {
	return map[string]*Probe{"untested": nil, "well": {Account: "sync", Product: hostile}, "refused": {Problem: hostile + "\nGRANT " + hostile + ";"},
		"lacking": {Skew: -time.Minute, Latency: time.Second, Missing: []string{"the right X", hostile}, Script: "GRANT " + hostile}, "ahead": {Skew: time.Hour}}
}
