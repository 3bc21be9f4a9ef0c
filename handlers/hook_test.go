package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dualwrite/handlers"
	"dualwrite/models"
)

// post calls an address as an app does: without cookies, from anywhere.
func (c *console) post(address, entity, body string) int {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Origin", "https://org.crm.dynamics.com")
	r.Header.Set("x-ms-dynamics-entity-name", entity)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// hooked is a console with a connection to an app that can call.
func hooked(t *testing.T, opt handlers.Options) (c *console, path string) {
	t.Helper()
	opt.Kinds = []models.ConnectionKind{{Name: "dataverse", Label: "Dataverse", Hook: "Register it as a webhook.", Settings: []models.Setting{{Name: "url", Label: "Address"}}}}
	c = openConsoleWith(t, opt)
	made, _, err := c.store.SaveConnection(t.Context(), "ann", models.ConnectionDraft{Name: "CRM", Kind: "dataverse", Settings: map[string]string{"url": "https://crm.example"}})
	if err != nil {
		t.Fatal(err)
	}
	return c, fmt.Sprintf("/connections/%d", made.ID)
}

func TestAnAppWakesItsFeedAtTheAddressThatThePageShows(t *testing.T) {
	c, path := hooked(t, handlers.Options{})
	b := c.signedIn(models.Administrator)
	form := "form[action='" + path + "/hook']"
	if n := b.get(path).Find("pre").Length(); n != 0 {
		t.Error("there is an address before one was made")
	}
	b.get(path).submit(form, nil).leadsTo(path)
	address := b.get(path).says("main", "Register it as a webhook.").Find("pre").Text()
	if !strings.HasPrefix(address, c.server.URL()+"/hooks/") {
		t.Fatalf("the address is %q", address)
	}
	c.engine.took()
	for _, call := range []struct{ entity, body string }{{"account", `{"PrimaryEntityName":"contact"}`}, {"", ""}, {strings.Repeat("x", 201), "no JSON"}} {
		if status := c.post(address, call.entity, call.body); status != http.StatusAccepted {
			t.Errorf("a call about %q is answered %d", call.entity, status)
		}
	}
	id := path[len("/connections/"):]
	if got, want := c.engine.took(), []string{"wake " + id + ` "account"`, "wake " + id + ` ""`, "wake " + id + ` ""`}; !slices.Equal(got, want) {
		t.Errorf("asked for: %q, want %q", got, want)
	}
	b.get(path).submit(form, nil).leadsTo(path)
	for bad, want := range map[string]int{address: 404, c.server.URL() + "/hooks/" + id: 404, c.server.URL() + "/hooks/" + id + "-guess": 404} {
		if status := c.post(bad, "account", ""); status != want {
			t.Errorf("%s is answered %d", bad, status)
		}
	}
	if status := c.post(b.get(path).Find("pre").Text(), "account", strings.Repeat("x", 1<<19)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("half a megabyte is answered %d", status)
	}
	if got := c.engine.took(); len(got) > 0 {
		t.Errorf("what was refused woke %q", got)
	}
}

func TestTheAddressOfAHookIsForAdministratorsOnly(t *testing.T) {
	c, path := hooked(t, handlers.Options{})
	admin := c.signedIn(models.Administrator)
	admin.get(path).submit("form[action='"+path+"/hook']", nil).leadsTo(path)
	address := admin.get(path).Find("pre").Text()
	secret := address[strings.LastIndex(address, "/")+1:]
	if page := c.signedIn(models.Operator).get(path); strings.Contains(page.body, secret) {
		t.Error("an operator is shown the address")
	}
	for _, page := range []string{"/activity", "/connections"} {
		if strings.Contains(admin.get(page).body, secret) {
			t.Errorf("%s shows the address", page)
		}
	}
}

func TestWhoRegisteredAnAddressIsToldThatItIsRenewed(t *testing.T) {
	var told []int64
	c, path := hooked(t, handlers.Options{Rehook: func(_ context.Context, connection int64) error {
		told = append(told, connection)
		return nil
	}})
	c.signedIn(models.Administrator).get(path).submit("form[action='"+path+"/hook']", nil).leadsTo(path)
	if got := fmt.Sprint(told); got != "["+path[len("/connections/"):]+"]" {
		t.Errorf("told of %s", got)
	}
}
