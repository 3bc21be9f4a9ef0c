package connectortest

import (
	"testing"
)

// Run runs the whole suite. open makes a fresh app for every test; its clean-up
// belongs to open, by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	for _, g := range []struct {
		name  string
		tests []test
	}{
		{"describe", describeTests},
		{"scan", scanTests},
		{"filter", filterTests},
		{"find", findTests},
		{"write", writeTests},
		{"lookup", lookupTests},
		{"refuse", refuseTests},
		{"values", valueTests},
		{"versions", versionTests},
		{"feed", feedTests},
		{"wait", waitTests},
		{"close", closeTests},
	} {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.tests {
				t.Run(c.promise, func(t *testing.T) {
					b := &bench{T: t, Fixture: open(t)}
					t.Cleanup(func() { b.Connector.Close() })
					if c.lacks != nil && c.lacks(b.Lacks) {
						t.Skip("the app cannot do this")
					}
					c.run(b)
				})
			}
		})
	}
}

// test is one promise and how it is put to the test; lacks tells the apps that
// cannot keep it.
type test struct {
	promise string
	lacks   func(Lacks) bool
	run     func(*bench)
}
