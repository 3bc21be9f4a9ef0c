// Package odatatest holds what connectors that speak OData to a business app
// must show besides the conformance suite, against the practice servers: under
// every fault, with awkward values, and over the practice maps.
package odatatest

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/odata/wire"
	"dualwrite/connectors/practice/service"
)

// App is a practice app that holds the suite's standard tables, empty.
type App struct {
	User   connectortest.App
	Server Server
	Lacks  connectortest.Lacks
	// Open connects; change is given the options of the connector's client.
	Open func(t testing.TB, change func(*wire.Options)) connectors.Connector
}

// Server is the app's server, as far as its faults go.
type Server interface {
	SetFaults(service.Faults)
	Calls() service.Calls
}

// connect connects by a clock of its own.
func (a App) connect(t testing.TB) connectors.Connector { return a.Open(t, NewClock().Give) }

// open opens columns of a standard table whose key is its first two.
func (a App) open(t testing.TB, table string, fields ...string) connectors.Entity {
	t.Helper()
	e, err := a.connect(t).Open(t.Context(), connectors.Selection{Entity: table, Fields: fields, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func text(s string) connectors.Value { return connectors.TextValue(s) }
