package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"dualwrite/handlers"
	"dualwrite/models"
	"dualwrite/views"
)

// fakeServers are two practice apps of which the right one tracks changes.
type fakeServers struct {
	apps    [2]views.PracticeServer
	expired int
}

func newFakeServers() *fakeServers {
	f := &fakeServers{}
	for i := range f.apps {
		f.apps[i] = views.PracticeServer{Entities: []string{"Currencies", "Vendors"}, Tracks: i == 1, Calls: views.PracticeCalls{All: 4321, Throttled: 17, Dropped: 23}}
	}
	return f
}

func (f *fakeServers) Server(side models.Side) views.PracticeServer { return f.apps[side.Index()] }

func (f *fakeServers) Switch(who string, side models.Side, now views.PracticeFaults) {
	a := &f.apps[side.Index()]
	a.Faults, a.By, a.At = now, who, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
}

func (f *fakeServers) ExpireCursors(context.Context, models.Side) error {
	f.expired++
	return nil
}

// faulty is a console with practice apps that are served.
func faulty(t *testing.T) (*console, *fakeServers) {
	t.Helper()
	f := newFakeServers()
	c := openConsoleWith(t, handlers.Options{Practice: &fakePractice{environment: 1}, Servers: f})
	c.addMaps()
	return c, f
}

const leftFaults, rightFaults = "form[action='/practice/faults/left']", "form[action='/practice/faults/right']"

func TestAnAdministratorSwitchesTheFaultsOfOneApp(t *testing.T) {
	c, f := faulty(t)
	b := c.signedIn(models.Administrator)
	page := b.get("/practice/faults").wants(http.StatusOK).says("main", "No faults are on.").says("main", "4,321").says("main", "17 throttled").says("main", "23")
	page.submit(rightFaults, url.Values{"throttle": {"5"}, "unavailable": {"11"}, "drop": {" 7 "}, "wait": {"2"}, "lag": {"3"}, "token": {"4"}, "entity": {"Vendors"}, "message": {"Not on a Monday."}, "down": {"1"}}).
		leadsTo("/practice/faults")
	want := views.PracticeFaults{Throttle: 5, Unavailable: 11, Drop: 7, Wait: 2, Lag: 3, Token: 4, Entity: "Vendors", Message: "Not on a Monday.", Down: true}
	if f.apps[1].Faults != want || f.apps[0].Faults != (views.PracticeFaults{}) {
		t.Errorf("switched to %+v and %+v", f.apps[0].Faults, f.apps[1].Faults)
	}
	page = b.get("/practice/faults").says("main", "every 5th call throttled").says("main", "every 11th call unavailable").says("main", "writes to Vendors refused").says("main", "Switched by "+f.apps[1].By)
	for field, value := range map[string]string{"throttle": "5", "drop": "7", "message": "Not on a Monday."} {
		if got := page.Find("#right-"+field).AttrOr("value", ""); got != value {
			t.Errorf("%s shows %q, want %q", field, got, value)
		}
	}
	b.get("/activity").says("main", "down, every 5th call throttled")
	page.submit(rightFaults, url.Values{"off": {"1"}, "throttle": {"many"}}).leadsTo("/practice/faults")
	if f.apps[1].Faults != (views.PracticeFaults{}) {
		t.Errorf("switched off they are %+v", f.apps[1].Faults)
	}
	page.submit("form[action='/practice/faults/right/cursors']", nil).leadsTo("/practice/faults")
	if f.expired != 1 || page.Find("form[action='/practice/faults/left/cursors']").Length() != 0 {
		t.Errorf("cursors expired %d times", f.expired)
	}
	if status := b.do("POST", "/practice/faults/left/cursors", url.Values{"_csrf": {b.token()}}).status; status != http.StatusNotFound || f.expired != 1 {
		t.Errorf("cursors of an app without any: status %d", status)
	}
}

func TestAFaultThatCannotBeSwitchedShowsWhatWasTyped(t *testing.T) {
	c, f := faulty(t)
	b := c.signedIn(models.Administrator)
	page := b.get("/practice/faults").submit(leftFaults, url.Values{"throttle": {"often"}, "wait": {"-1"}, "drop": {"7"}, "entity": {"None"}, "message": {"x"}}).wants(http.StatusUnprocessableEntity)
	page.says("#left-throttle-wrong", "whole number").says("#left-wait-wrong", "whole number").says("[role=alert]", "mend")
	for field, want := range map[string]string{"#left-throttle": "often", "#left-drop": "7", "#left-message": "x", "#right-drop": ""} {
		if got := page.Find(field).AttrOr("value", ""); got != want {
			t.Errorf("%s shows %q, want %q", field, got, want)
		}
	}
	if f.apps[0].By != "" {
		t.Errorf("switched to %+v", f.apps[0].Faults)
	}
	for _, path := range []string{"/practice/faults/up", "/practice/faults/up/cursors"} {
		if status := b.do("POST", path, url.Values{"_csrf": {b.token()}}).status; status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestOnlyServedAppsCanFail(t *testing.T) {
	c := openConsoleWith(t, handlers.Options{Practice: &fakePractice{environment: 1}})
	c.addMaps()
	b := c.signedIn(models.Administrator)
	b.get("/practice/faults").wants(http.StatusNotFound)
	if b.get("/practice").Find("a[href='/practice/faults']").Length() != 0 {
		t.Error("apps that are not served lead to faults")
	}
	c, _ = faulty(t)
	if c.signedIn(models.Administrator).get("/practice").Find("a[href='/practice/faults']").Length() == 0 {
		t.Error("apps that are served do not lead to faults")
	}
	if c.signedIn(models.Operator).get("/practice").Find("a[href='/practice/faults']").Length() != 0 {
		t.Error("an operator is led to faults")
	}
}

func TestFaultsAreSaidInWords(t *testing.T) {
	for want, f := range map[string]views.PracticeFaults{
		"":                     {Wait: 3, Message: "unused"},
		"down":                 {Down: true},
		"all writes refused":   {Entity: views.EveryEntity},
		"every call throttled": {Throttle: 1},
		"every 2nd call throttled, every 3rd call unavailable, every 21st call done but not answered":    {Throttle: 2, Unavailable: 3, Drop: 21},
		"every 11th call throttled, every 12th call unavailable, every 113th call done but not answered": {Throttle: 11, Unavailable: 12, Drop: 113},
		"changes told 1 second late, tokens good for 5 seconds":                                          {Lag: 1, Token: 5},
	} {
		if got := f.Words(); got != want {
			t.Errorf("%+v is said as %q, want %q", f, got, want)
		}
	}
}
