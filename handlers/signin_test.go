package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dualwrite/models"
)

func TestWrongNamePasswordAndDisabledUserLookTheSame(t *testing.T) {
	c := openConsole(t)
	c.addUser(models.Viewer)
	off := c.addUser(models.Operator)
	if err := c.store.SetDisabled(t.Context(), "root", off.Name, true); err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, try := range [][2]string{{"viewer", "wrong"}, {"nobody", goodPassword}, {off.Name, goodPassword}} {
		p := c.browser().signIn(try[0], try[1]).wants(http.StatusUnprocessableEntity).says("[role=alert]", "Name or password is wrong.")
		p.Find("input[name=_csrf]").SetAttr("value", "")
		p.Find("#name").SetAttr("value", "")
		html, err := p.Find("main").Html()
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, html)
	}
	if bodies[0] != bodies[1] || bodies[0] != bodies[2] {
		t.Errorf("the answers differ:\n%s", strings.Join(bodies, "\n---\n"))
	}
}

func TestSignInGoesOnToWhereOneWasButOnlyHere(t *testing.T) {
	c := openConsole(t)
	c.addUser(models.Viewer)
	for next, want := range map[string]string{"/maps?status=running": "/maps?status=running", "//evil.example": "/", "https://evil.example/": "/",
		`/\evil.example`: "/", "javascript:alert(1)": "/", "": "/", "/\t/evil.example": "/", "evil": "/"} {
		p := c.browser().get("/signin?next=" + url.QueryEscape(next)).wants(http.StatusOK)
		p.submit("form[action='/signin']", url.Values{"name": {"Viewer"}, "password": {goodPassword}}).leadsTo(want)
		p.submit("form[action='/signin']", url.Values{"name": {"Viewer"}, "password": {goodPassword}, "next": {next}}).leadsTo(want)
	}
}

func TestASignedOutSessionIsDead(t *testing.T) {
	c := openConsole(t)
	b := c.signedIn(models.Viewer)
	p := b.get("/maps").wants(http.StatusOK)
	base, _ := url.Parse(c.server.URL())
	before := b.client.Jar.Cookies(base)
	p.submit("form[action='/signout']", nil).leadsTo("/signin")
	b.get("/maps").leadsTo("/signin?next=%2Fmaps")
	b.client.Jar.SetCookies(base, before)
	b.get("/maps").wants(http.StatusSeeOther)
}

func TestSignInMakesANewSessionAndEndsTheOld(t *testing.T) {
	c := openConsole(t)
	u := c.addUser(models.Viewer)
	b := c.browser()
	p := b.get("/signin")
	form := url.Values{"name": {u.Name}, "password": {goodPassword}}
	p.submit("form[action='/signin']", form).wants(http.StatusSeeOther)
	base, _ := url.Parse(c.server.URL())
	before := b.client.Jar.Cookies(base)
	p.submit("form[action='/signin']", form).wants(http.StatusSeeOther)
	b.get("/maps").wants(http.StatusOK)
	b.client.Jar.SetCookies(base, before)
	b.get("/maps").wants(http.StatusSeeOther)
	if list, err := c.store.SessionsOf(t.Context(), u.ID); err != nil || len(list) != 1 {
		t.Errorf("%d sessions, %v; want 1", len(list), err)
	}
}

func TestASessionEndsWhenIdleAndIsKeptByThePersonOnly(t *testing.T) {
	c := openConsole(t)
	b := c.signedIn(models.Viewer)
	c.clock.Advance(20 * time.Minute)
	b.get("/maps").wants(http.StatusOK)
	c.clock.Advance(20 * time.Minute)
	b.header.Set("X-Background", "1")
	b.get("/maps/rows").wants(http.StatusOK)
	b.header.Del("X-Background")
	c.clock.Advance(11 * time.Minute)
	b.get("/maps").leadsTo("/signin?next=%2Fmaps")
}

func TestGuessingBecomesSlowForTheGuesserOnly(t *testing.T) {
	c := openConsole(t)
	c.addUser(models.Viewer)
	b := c.browser()
	for range 5 {
		b.signIn("viewer", "wrong").wants(http.StatusUnprocessableEntity)
	}
	p := b.signIn("VIEWER ", goodPassword).wants(http.StatusTooManyRequests)
	if p.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After = %q", p.header.Get("Retry-After"))
	}
	b.signIn("somebody else", "wrong").wants(http.StatusUnprocessableEntity)
	c.clock.Advance(30 * time.Second)
	b.signIn("viewer", goodPassword).wants(http.StatusSeeOther)
	b.get("/maps").wants(http.StatusOK)
}

func TestADemotedOrDisabledUserIsStoppedAtOnce(t *testing.T) {
	c := openConsole(t)
	b := c.signedIn(models.Operator)
	b.get("/maps").wants(http.StatusOK)
	if err := c.store.SetDisabled(t.Context(), "root", "operator", true); err != nil {
		t.Fatal(err)
	}
	b.get("/maps").wants(http.StatusSeeOther)
}
