package odatatest

import (
	"net/http"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/odata/wire"
)

// after does something once, when the first answer to a write has come.
type after struct {
	http.RoundTripper
	do func()
}

// RoundTrip lets the service execute a write before anything else happens.
func (a *after) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := a.RoundTripper.RoundTrip(r)
	if do := a.do; do != nil && err == nil && (r.Method == http.MethodPatch || r.Method == http.MethodPost && answer.Header.Get("Content-Type") != "" && answer.StatusCode < 300) {
		a.do = nil
		do()
	}
	return answer, err
}

// An edit right after our write, before what it stored is read back, is not what
// the app made of our value: the result names what we sent, and no version under
// which the edit would go unnoticed.
func editRightAfterOurWrite(t *testing.T, a App) {
	const written = "as it was written"
	edit := &after{RoundTripper: http.DefaultTransport}
	c := a.Open(t, func(o *wire.Options) {
		NewClock().Give(o)
		o.Transport = edit
	})
	e, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"dataareaid", "code", "name"}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	results, err := e.Write(t.Context(), creates(1))
	if err != nil || results[0].Outcome != connectors.Stored {
		t.Fatalf("%+v, %v", results, err)
	}
	before := results[0].Record
	edit.do = func() {
		a.User.Update(t, connectortest.Parents, before.ID, map[string]connectors.Value{"name": text("a person's own words")})
	}
	w := connectors.Write{Op: connectors.Update, ID: before.ID, If: before.Version, Row: connectors.Row{before.Row[0], before.Row[1], text(written)}, Fields: []bool{false, false, true}}
	results, err = e.Write(t.Context(), []connectors.Write{w})
	if err != nil || results[0].Outcome != connectors.Stored {
		t.Fatalf("%+v, %v", results, err)
	}
	if edit.do != nil {
		t.Fatal("nothing was written")
	}
	now, err := e.Get(t.Context(), []string{before.ID})
	if err != nil || len(now) != 1 || now[0].Row[2] == text(written) {
		t.Fatalf("the edit is not there: %+v, %v", now, err)
	}
	got := results[0].Record
	if got.Row[2] != text(written) || got.Version == now[0].Version {
		t.Errorf("the result is %v under the version of the edit, %q", got.Row[2], got.Version)
	}
}
