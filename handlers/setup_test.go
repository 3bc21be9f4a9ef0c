package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"dualwrite/models"
)

func (c *console) setupToken() string {
	c.t.Helper()
	token, err := c.store.SetupToken(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return token
}

func setupForm(name string) url.Values {
	return url.Values{"name": {name}, "password": {goodPassword}, "again": {goodPassword}}
}

func TestTheFirstStartMakesAnAdministratorOnce(t *testing.T) {
	c := openConsole(t)
	b := c.browser()
	b.get("/signin").wants(http.StatusOK).says("main", "Open the link that the program printed")
	p := b.get("/setup?token=" + c.setupToken()).wants(http.StatusOK)
	if got := p.header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy = %q: the link's secret may leak", got)
	}
	p.submit("form[action='/setup']", setupForm("ann")).leadsTo("/")
	b.get("/").leadsTo("/maps")
	b.get("/maps").wants(http.StatusOK).says("#notices", "Welcome, ann").says(".who", "administrator")
	b.get("/maps").says("h1", "Entity maps")
	if text := c.browser().get("/signin").wants(http.StatusOK).Find("main").Text(); strings.Contains(text, "printed") {
		t.Errorf("somebody can sign in, and the page says %q", text)
	}
	if text := strings.TrimSpace(b.get("/maps").Find("#notices").Text()); text != "" {
		t.Errorf("the welcome is shown twice: %q", text)
	}
	b.get("/setup").wants(http.StatusNotFound)
	p.submit("form[action='/setup']", setupForm("eve")).wants(http.StatusNotFound)
}

func TestABadSetupLinkIsRefused(t *testing.T) {
	c := openConsole(t)
	c.setupToken()
	for _, query := range []string{"", "?token=", "?token=guess"} {
		c.browser().get("/setup"+query).wants(http.StatusForbidden).says("main", "start Dualwrite again")
	}
}

func TestSetupSaysWhatIsWrongAndKeepsTheName(t *testing.T) {
	c := openConsole(t)
	p := c.browser().get("/setup?token=" + c.setupToken())
	for field, form := range map[string]url.Values{
		"password": {"name": {"ann"}, "password": {"short"}, "again": {"short"}},
		"again":    {"name": {"ann"}, "password": {goodPassword}, "again": {goodPassword + "!"}},
		"name":     {"name": {"a\x00"}, "password": {goodPassword}, "again": {goodPassword}},
	} {
		got := p.submit("form[action='/setup']", form).wants(http.StatusUnprocessableEntity)
		if got.Find("#"+field+"[aria-invalid=true]").Length() != 1 || got.Find("#"+field+"-wrong").Length() != 1 {
			t.Errorf("%s is not marked:\n%s", field, got.body)
		}
		if name := got.Find("#name").AttrOr("value", ""); field != "name" && name != "ann" {
			t.Errorf("the name typed is lost: %q", name)
		}
		if got.Find("input[type=password][value]:not([value=''])").Length() != 0 {
			t.Error("a password is sent back")
		}
	}
}

func TestRacingFirstStartsMakeOneAdministrator(t *testing.T) {
	c := openConsole(t)
	p := c.browser().get("/setup?token=" + c.setupToken()).wants(http.StatusOK)
	var won, lost atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			switch p.submit("form[action='/setup']", setupForm(fmt.Sprint("ann", i))).status {
			case http.StatusSeeOther:
				won.Add(1)
			case http.StatusNotFound:
				lost.Add(1)
			}
		})
	}
	group.Wait()
	users, err := c.store.Users(context.Background())
	if err != nil || len(users) != 1 || users[0].Role != models.Administrator || won.Load() != 1 || lost.Load() != 19 {
		t.Errorf("%d users, %d won, %d lost, %v", len(users), won.Load(), lost.Load(), err)
	}
}
