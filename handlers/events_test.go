package handlers_test

import (
	"bufio"
	"net/http"
	"testing"

	"dualwrite/models"
)

// listen opens the event stream and gives its lines.
func (b *browser) listen() (*bufio.Scanner, func()) {
	b.c.t.Helper()
	req, err := http.NewRequestWithContext(b.c.t.Context(), http.MethodGet, b.c.server.URL()+"/events", nil)
	if err != nil {
		b.c.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := b.client.Do(req)
	if err != nil {
		b.c.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		b.c.t.Fatalf("status %d", res.StatusCode)
	}
	return bufio.NewScanner(res.Body), func() { _ = res.Body.Close() }
}

func TestThePageHearsWhichMapChanged(t *testing.T) {
	c := openConsole(t)
	lines, done := c.signedIn(models.Viewer).listen()
	defer done()
	c.engine.events <- 7
	heard := map[string]bool{}
	for !(heard["event: maps"] && heard["event: map-7"]) && lines.Scan() {
		heard[lines.Text()] = true
	}
	if !heard["event: maps"] || !heard["event: map-7"] {
		t.Errorf("heard %v", heard)
	}
}

func TestAStreamEndsWhenItsUserIsStopped(t *testing.T) {
	c := openConsole(t)
	lines, done := c.signedIn(models.Operator).listen()
	defer done()
	if err := c.store.SetDisabled(t.Context(), "root", "operator", true); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // the test's time-out is the limit
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream was torn: %v", err)
	}
}
