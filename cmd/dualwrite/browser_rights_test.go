package main

import (
	"testing"
)

// TestBrowserGivesTheScriptForMissingRights tests a connection whose account may
// not do what capture takes, copies what the page says into the database, and
// tests it again.
func TestBrowserGivesTheScriptForMissingRights(t *testing.T) {
	b := startChromium(t)
	d := databases.postgres.Database(t)
	d.Exec(t, "CREATE ROLE narrow LOGIN PASSWORD 'narrow'", "GRANT CONNECT ON DATABASE "+d.Name+" TO narrow")
	t.Cleanup(func() { d.Exec(t, "DROP OWNED BY narrow CASCADE", "DROP ROLE narrow") })
	narrow := d
	narrow.User = "narrow"
	p := newPerson(t, b, freshSite(t), byMouse)
	p.signsIn()
	p.press("link", "Connections")
	p.press("link", "New connection")
	p.press("link", "PostgreSQL")
	p.arrives("/connections/new")
	p.typesConnection("Narrow", narrow, "narrow")
	p.press("button", "Test connection")
	p.sees("The connection works, but something is missing:")
	p.sees("We are narrow")
	p.sees("agrees with ours")
	p.press("button", "Copy")
	p.sees("Copied.")
	d.Exec(t, script[string](p.tab, "window.getSelection().toString()"))
	p.press("button", "Test connection")
	p.sees("The connection works. Nothing is missing.")
}
