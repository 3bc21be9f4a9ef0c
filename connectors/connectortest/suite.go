package connectortest

import "testing"

// Run runs the whole suite. open makes a fresh app for every test; its clean-up
// belongs to open, by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	if open == nil {
		t.Fatal("connectortest.Run needs a way to open a fixture")
	}
}
