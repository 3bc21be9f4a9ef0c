package cds_test

import (
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/connectors/practice/servicetest"
)

func TestTokensAreIssuedToTheClientAndEnd(t *testing.T) {
	now := time.Now()
	d := startAt(t, func() time.Time { return now })
	for name, a := range map[string]servicetest.Answer{
		"another secret":   d.AskToken(servicetest.ClientID, "guess", d.Origin+"/.default"),
		"another client":   d.AskToken("someone", servicetest.ClientSecret, d.Origin+"/.default"),
		"a doubled slash":  d.AskToken(servicetest.ClientID, servicetest.ClientSecret, d.Origin+"//.default"),
		"another resource": d.AskToken(servicetest.ClientID, servicetest.ClientSecret, "http://elsewhere/.default"),
	} {
		if a.Status < 400 || a.Field("error") == "" || a.Field("access_token") != "" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	d.Server.SetFaults(service.Faults{TokenLife: 5 * time.Second})
	d.SignIn()
	if a := d.AskToken(servicetest.ClientID, servicetest.ClientSecret, d.Origin+"/.default"); a.Field("expires_in") != "5" || a.Field("token_type") != "Bearer" {
		t.Errorf("issued %s", a.Body)
	}
	d.Wants(200, "GET WhoAmI", "")
	now = now.Add(5 * time.Second)
	a := d.Wants(401, "GET WhoAmI", "")
	if challenge := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, "Bearer authorization_uri=") || !strings.Contains(challenge, `error="invalid_token"`) {
		t.Errorf("challenged with %q", challenge)
	}
	d.SignIn()
	d.Wants(200, "GET WhoAmI", "")
	if calls := d.Server.Calls(); calls.Denied != 1 || calls.Tokens != 8 || calls.All != 2 {
		t.Errorf("counted %+v", calls)
	}
	d.Token = "made up.x"
	d.Wants(401, "GET WhoAmI", "")
}

func TestEveryNthCallIsThrottledOrUnavailable(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{ThrottleEvery: 3, UnavailableEvery: 4, RetryAfter: 7 * time.Second})
	var got []int
	for range 12 {
		a := d.Call("GET WhoAmI", "")
		got = append(got, a.Status)
		if a.Status != 200 && a.Header.Get("Retry-After") != "7" {
			t.Errorf("%d asks to come back after %q", a.Status, a.Header.Get("Retry-After"))
		}
		if a.Status == 429 {
			d.Checks(a, 429, "throttled", "0x80072322")
		}
	}
	for i, want := range []int{200, 200, 429, 503, 200, 429, 200, 503, 429, 200, 200, 429} {
		if got[i] != want {
			t.Fatalf("call %d: %v", i+1, got)
		}
	}
}

func TestADroppedAnswerIsOfACallThatWasExecuted(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{DropEvery: 2})
	d.Wants(204, "POST children", body("1"))
	if a, err := d.Try("POST children", body("2")); err == nil {
		t.Errorf("answered %d", a.Status)
	}
	d.Server.SetFaults(service.Faults{})
	d.Wants(200, "GET children(dataareaid='usmf',number='2')", "")
	if calls := d.Server.Calls(); calls.Dropped != 1 {
		t.Errorf("counted %+v", calls)
	}
}

func TestAServerThatIsDownAnswersNothing(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{Down: true})
	if a, err := d.Try("POST children", body("1")); err == nil {
		t.Errorf("answered %d", a.Status)
	}
	d.Server.SetFaults(service.Faults{})
	d.Wants(200, "GET children", "", `"value":[]`)
}

func TestWritesOfAnEntityAreRejectedInTheAppsOwnWords(t *testing.T) {
	d := start(t)
	id := d.child("1")
	d.Server.SetFaults(service.Faults{Reject: map[string]string{"children": "Not on a Monday."}})
	d.Wants(400, "POST children", body("2"), "0x80040265", "Not on a Monday.")
	d.Wants(400, "PATCH children("+id+")", `{"note":"x"}`, "Not on a Monday.")
	d.Wants(400, "DELETE children("+id+")", "", "Not on a Monday.")
	d.Wants(200, "GET children("+id+")", "")
	d.Wants(204, "POST parents", `{"dataareaid":"usmf","code":"1"}`)
	d.Server.SetFaults(service.Faults{Reject: map[string]string{"children": "Not on a Monday."}, RejectOnly: "3"})
	d.Wants(204, "POST children", body("2"))
	d.Wants(400, "POST children", body("3"), "Not on a Monday.")
	d.Wants(204, "PATCH children("+id+")", `{"note":"x"}`)
}

func TestALargeBodyAndALongAddressAreRefused(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{BodyLimit: 100})
	d.Wants(413, "POST children", `{"note":"`+strings.Repeat("x", 100)+`"}`)
	d.Wants(204, "POST children", body("1"))
	d.Wants(414, "GET children?$filter="+servicetest.Escape("number eq '"+strings.Repeat("x", 33_000)+"'"), "")
}

func TestSubscribersAreToldOfWrites(t *testing.T) {
	d := start(t)
	heard := servicetest.StartListener(t)
	d.Wants(204, "POST "+d.URL+"/practice/subscriptions", `{"url":"`+heard.URL+`"}`)
	id := d.child("1")
	if n, err := d.Server.Events().Deliver(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d events, %v", n, err)
	}
	d.Delete(t, "children", id)
	if n, err := d.Server.Events().Deliver(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d events, %v", n, err)
	}
	got := heard.Heard()
	if len(got) != 2 || !strings.Contains(got[0], `"PrimaryEntityName":"child","PrimaryEntityId":"`+id+`"`) || !strings.Contains(got[1], `"MessageName":"Delete"`) {
		t.Errorf("heard %v", got)
	}
}

func TestAHintIsOnceForEachEntityThatOthersWroteTo(t *testing.T) {
	d := start(t)
	heard := servicetest.StartListener(t)
	if err := d.Server.Events().Hint(t.Context(), heard.URL); err != nil {
		t.Fatal(err)
	}
	hints := func(when string, want int) {
		t.Helper()
		if _, err := d.Server.Events().Deliver(t.Context()); err != nil {
			t.Error(err)
		}
		if got := heard.Heard(); len(got) != want {
			t.Fatalf("%s: heard %v, want %d hints", when, got, want)
		}
	}
	d.Wants(204, "POST parents", `{"dataareaid":"usmf","code":"1"}`)
	hints("a client wrote", 0)
	id := d.child("1")
	d.parent("2")
	d.parent("3")
	hints("others wrote to two entities", 2)
	hints("nobody wrote", 2)
	if err := d.Server.Events().Hint(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	d.Delete(t, "children", id)
	hints("hints have ended", 2)
}

func TestTooManyCallsAtOnceAreThrottled(t *testing.T) {
	d := start(t)
	d.Server.SetFaults(service.Faults{MostAtOnce: 2})
	begun, finish := make(chan bool), make(chan bool)
	go func() { // one write holds the app's file
		_ = d.Server.Store().Write(t.Context(), "somebody", func(*service.Tx) error {
			close(begun)
			<-finish
			return nil
		})
	}()
	<-begun
	answers := make(chan servicetest.Answer, 3)
	for _, number := range []string{"1", "2", "3"} {
		go func() {
			a, err := d.Try("POST children", body(number))
			if err != nil {
				a.Body = err.Error()
			}
			answers <- a
		}()
	}
	if a := <-answers; a.Status != 429 || a.Header.Get("Retry-After") != "1" {
		t.Errorf("the third call: %d %s", a.Status, a.Body)
	}
	close(finish)
	for range 2 {
		if a := <-answers; a.Status != 204 {
			t.Errorf("a call that waited: %d %s", a.Status, a.Body)
		}
	}
}

func TestCallsThatDoNotStayAwayAreCounted(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	d := startAt(t, func() time.Time { return now })
	d.Server.SetFaults(service.Faults{ThrottleEvery: 2, RetryAfter: 3 * time.Second})
	for i, c := range []struct {
		after time.Duration
		early int64
	}{{0, 0}, {0, 0}, {100 * time.Millisecond, 0}, {2 * time.Second, 1}, {3 * time.Second, 1}} {
		now = now.Add(c.after)
		d.Call("GET WhoAmI", "")
		if calls := d.Server.Calls(); calls.Early != c.early {
			t.Errorf("after call %d: counted %+v", i+1, calls)
		}
	}
}
