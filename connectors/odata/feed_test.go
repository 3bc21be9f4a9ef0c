package odata_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
)

func text(s string) connectors.Value { return connectors.TextValue(s) }

func child(number string) map[string]connectors.Value {
	return map[string]connectors.Value{"dataareaid": text("usmf"), "number": text(number), "title": text("t")}
}

func TestFeedComparesWithTheLastLook(t *testing.T) {
	p, address := serve(t)
	c, u := connect(t, address, nil), person{p}
	stays := u.Insert(t, connectortest.Children, child("stays"))
	goes := u.Insert(t, connectortest.Children, child("goes"))
	f, err := c.Feed(t.Context(), connectortest.Children)
	if err != nil {
		t.Fatal(err)
	}
	at, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u.Update(t, connectortest.Children, stays, map[string]connectors.Value{"note": text("x")})
	u.Delete(t, connectortest.Children, goes)
	comes := u.Insert(t, connectortest.Children, child("comes"))
	batch, end, caughtUp, err := f.Changes(t.Context(), at, 10)
	if err != nil || !caughtUp {
		t.Fatal(caughtUp, err)
	}
	var story []string
	for _, c := range batch {
		story = append(story, string(c.Op)+" "+c.ID)
	}
	want := []string{"delete " + goes, "create " + comes, "update " + stays}
	slices.Sort(want)
	slices.Sort(story)
	if !slices.Equal(story, want) {
		t.Errorf("told %q, want %q", story, want)
	}
	if again, next, _, err := f.Changes(t.Context(), end, 10); err != nil || len(again) != 0 || next != end {
		t.Errorf("then told %v, %v", again, err)
	}
	schema, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := schema.Entity(connectortest.Children); len(e.Blind) == 0 {
		t.Error("what the feed cannot see is not told")
	}
}

func TestServiceThatTurnsUsAwayMidwayTellsWhatWasStored(t *testing.T) {
	p, address := serve(t)
	p.representation = true
	c := connect(t, address, map[string]string{"concurrency": "1"})
	e, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"dataareaid", "code"}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	var posts atomic.Int64
	p.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "POST" || posts.Add(1) <= 2 {
			return false
		}
		w.Header().Set("Retry-After", "900")
		w.WriteHeader(429)
		return true
	}
	var batch []connectors.Write
	for _, code := range []string{"a", "b", "c", "d"} {
		batch = append(batch, connectors.Write{Op: connectors.Create, Row: connectors.Row{text("usmf"), text(code)}, Fields: []bool{true, true}})
	}
	results, err := e.Write(t.Context(), batch)
	if err != nil {
		t.Fatalf("%d records are stored: %v", len(p.rows[connectortest.Parents]), err)
	}
	stored := 0
	for _, r := range results {
		switch {
		case r.Outcome == connectors.Stored:
			stored++
		case r.Err == nil || r.Err.Kind != connectors.Throttled || r.Err.RetryAfter == 0:
			t.Errorf("a write that was turned away is answered by %+v", r)
		}
	}
	if stored != len(p.rows[connectortest.Parents]) || stored != 2 {
		t.Errorf("%d results say stored, %d records are", stored, len(p.rows[connectortest.Parents]))
	}
}

func TestNothingIsSaidToBeUnstoredWhenItCannotBeReadBack(t *testing.T) {
	p, address := serve(t)
	c := connect(t, address, map[string]string{"concurrency": "1"})
	e, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"dataareaid", "code"}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	var posts atomic.Int64
	p.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if posts.Load() == 0 && r.Method != "POST" || r.Method == "POST" && posts.Add(1) == 1 {
			return false
		}
		w.Header().Set("Retry-After", "900")
		w.WriteHeader(429)
		return true
	}
	create := []connectors.Write{{Op: connectors.Create, Row: connectors.Row{text("usmf"), text("a")}, Fields: []bool{true, true}}}
	if _, err := e.Write(t.Context(), create); connectors.KindOf(err) != connectors.Transient || len(p.rows[connectortest.Parents]) != 1 {
		t.Errorf("%d records are stored: %v", len(p.rows[connectortest.Parents]), err)
	}
}

func TestServiceWithoutFiltersIsReadByOffset(t *testing.T) {
	p, address := serve(t)
	c, u := connect(t, address, nil), person{p}
	for i := range 95 {
		u.Insert(t, connectortest.Parents, map[string]connectors.Value{"dataareaid": text("usmf"), "code": text(string(rune('a'+i%26)) + string(rune('a'+i/26)))})
	}
	p.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.RawQuery, "$filter") {
			return false
		}
		w.WriteHeader(501)
		return true
	}
	e, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"code", "dataareaid"}, Key: []int{0}, Company: 1, Companies: []string{"usmf"}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for at := connectors.Position(""); ; {
		page, next, err := e.Scan(t.Context(), at, 30)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			seen[r.ID]++
		}
		if at = next; at == "" {
			break
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s is read %d times", id, n)
		}
	}
	if len(seen) != 95 {
		t.Errorf("%d records are read", len(seen))
	}
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	for field, settings := range map[string]map[string]string{
		"url":           {"url": "nowhere"},
		"auth":          {"url": "http://127.0.0.1:1", "auth": "magic"},
		"user":          {"url": "http://127.0.0.1:1", "auth": "basic"},
		"token":         {"url": "http://127.0.0.1:1", "auth": "bearer"},
		"client_secret": {"url": "http://127.0.0.1:1", "auth": "client_credentials", "token_url": "http://127.0.0.1:1", "client_id": "x"},
		"interval":      {"url": "http://127.0.0.1:1", "interval": "often"},
		"concurrency":   {"url": "http://127.0.0.1:1", "concurrency": "0"},
		"batch":         {"url": "http://127.0.0.1:1", "batch": "paper"},
	} {
		_, err := openWith(t, settings)
		if e, ok := err.(*connectors.Error); !ok || e.Kind != connectors.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestSignInIsSentAndRefusalIsDenied(t *testing.T) {
	p, address := serve(t)
	p.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		if user == "me" && password == "planted" || r.Header.Get("Authorization") == "Bearer planted" {
			return false
		}
		w.WriteHeader(401)
		return true
	}
	for _, good := range []map[string]string{{"auth": "basic", "user": "me", "password": "planted"}, {"auth": "bearer", "token": "planted"}} {
		connect(t, address, good)
	}
	for _, bad := range []map[string]string{{}, {"auth": "basic", "user": "me", "password": "planted2"}, {"auth": "bearer", "token": "planted2"}} {
		bad["url"] = address
		if _, err := openWith(t, bad); connectors.KindOf(err) != connectors.Denied || strings.Contains(err.Error(), "planted") {
			t.Errorf("%v: %v", bad["auth"], err)
		}
	}
}

func TestServiceWithoutFunctionsIsAskedForSpellings(t *testing.T) {
	p, address := serve(t)
	c, u := connect(t, address, nil), person{p}
	id := u.Insert(t, connectortest.Parents, map[string]connectors.Value{"dataareaid": text("usmf"), "code": text("ABC")})
	p.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.RawQuery, "tolower") {
			return false
		}
		w.WriteHeader(400)
		return true
	}
	e, err := c.Open(t.Context(), connectors.Selection{Entity: connectortest.Parents, Fields: []string{"code"}, Key: []int{0}, Company: -1, Fold: connectors.Fold{Case: true, Space: true}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Find(t.Context(), []connectors.Row{{text("abc")}}); err != nil || len(got) != 1 || got[0].ID != id {
		t.Errorf("found %v, %v", got, err)
	}
}
