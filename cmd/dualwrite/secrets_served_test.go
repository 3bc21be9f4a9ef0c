package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// gossip is an app that repeats whatever proves who calls it. Its token service
// gives token to everybody whose secret is not wrong.
type gossip struct{ token, wrong string }

func (g *gossip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what is no form says nothing
	_, password, _ := r.BasicAuth()
	said := strings.Join([]string{r.Header.Get("Authorization"), password, r.PostForm.Get("client_secret")}, " ")
	said += " " + url.QueryEscape(said)
	status, answer := http.StatusBadRequest, map[string]any{"error": map[string]any{"code": said, "message": "Nobody may say " + said, "innererror": map[string]string{"message": said}}}
	switch {
	case strings.HasSuffix(r.URL.Path, "/token") && r.PostForm.Get("client_secret") == g.wrong:
		status, answer = http.StatusUnauthorized, map[string]any{"error": "invalid_client " + said, "error_description": said}
	case strings.HasSuffix(r.URL.Path, "/token"):
		status, answer = http.StatusOK, map[string]any{"access_token": g.token, "expires_in": 3600}
	case strings.Contains(r.URL.Path, "/denying/"):
		status = http.StatusUnauthorized
	case strings.Contains(r.URL.Path, "/failing/"):
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a caller that is gone needs no answer
}

// TestSecretsThatAnAppRepeatsAreShownNowhere signs in to apps behind HTTP in every
// way, right and wrong; each repeats in its refusal what it was told.
func TestSecretsThatAnAppRepeatsAreShownNowhere(t *testing.T) {
	dir, given := t.TempDir(), &secrets{}
	g := &gossip{token: given.plant("granted"), wrong: given.plant("wrong")}
	app := httptest.NewServer(g)
	t.Cleanup(app.Close)
	p := serve(t, dir, "--no-practice")
	v := newVisitor(t, p)
	ways := map[string]url.Values{
		"application": {"s-client_id": {"me"}, "s-client_secret": {given.plant("right")}},
		"stranger":    {"s-client_id": {"me"}, "s-client_secret": {g.wrong}},
		"basic":       {"s-auth": {"basic"}, "s-user": {"me"}, "s-password": {given.plant("word")}},
		"bearer":      {"s-auth": {"bearer"}, "s-token": {given.plant("bearer")}},
	}
	id := 0
	for _, kind := range []string{"dataverse", "finops", "odata"} {
		for _, place := range []string{"refusing", "denying", "failing"} {
			for way, form := range ways {
				form.Set("s-token_url", app.URL+"/token")
				form.Set("kind", kind)
				form.Set("name", kind+" "+place+" "+way)
				form.Set("s-url", app.URL+"/"+place+"/")
				form.Set("revision", "1")
				v.post("/connections/test", http.StatusOK, form)
				v.post("/connections/new", http.StatusOK, form)
				id++
				v.post(fmt.Sprintf("/connections/%d/test", id), http.StatusOK, url.Values{})
				v.open(fmt.Sprintf("/connections/%d", id))
			}
		}
	}
	v.post("/environments/new", http.StatusOK, url.Values{"left": {"1"}, "right": {"5"}, "name": {"Company"}})
	v.post("/environments/1/check", http.StatusOK, url.Values{})
	for _, path := range []string{"/connections", "/environments/1", "/maps/new?environment=1", "/activity"} {
		v.open(path)
	}
	p.terminate()
	places := map[string][]byte{"the pages": v.seen.Bytes(), "the log": p.errors.Bytes()}
	if n := bytes.Count(places["the pages"], []byte("Nobody may say")); n < id/2 {
		t.Fatalf("the apps' own words are shown %d times for %d connections: what is searched is not what it should be", n, id)
	}
	readFolder(t, dir, places)
	given.areNotIn(t, places)
}
