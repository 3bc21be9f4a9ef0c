package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dualwrite/models"
	"dualwrite/views"
)

func faultsByMouse(t *testing.T, b *chromium)        { faults(t, b, byMouse) }
func faultsWithoutScripts(t *testing.T, b *chromium) { faults(t, b, withoutScripts) }

// faults is what an administrator does who wants to see an app fail.
func faults(t *testing.T, b *chromium, h hands) {
	s := firstSite(t)
	p := newPerson(t, b, s, h)
	p.signsIn()
	p.press("link", "Practice apps")
	p.arrives("/practice")
	p.press("link", "Switch faults")
	p.arrives("/practice/faults")
	of := " of " + financeAndOperations
	p.fill("textbox", "Throttle every n-th call"+of, "often")
	p.press("button", "Switch faults"+of)
	p.sees("Give a whole number")
	p.fill("textbox", "Throttle every n-th call"+of, "3")
	p.fill("textbox", "Drop the answer of every n-th call"+of, "7")
	p.press("button", "Switch faults"+of)
	p.sees("On: every 3rd call throttled, every 7th call done but not answered.")
	p.sees("Switched by Ada")
	p.press("link", "Entity maps")
	p.arrives("/maps")
	p.sees("Practice faults are on.")
	s.run(currencyMap)
	s.filled(currencyMap)
	s.left.exec("UPDATE Currencies SET NAME = 'Euro, with faults' WHERE CURRENCYCODE = 'EUR'")
	s.await("a change arrives in spite of the faults", func() bool {
		return s.right.text("SELECT currencyname FROM transactioncurrencies WHERE isocurrencycode = 'EUR'") == "Euro, with faults"
	})
	p.press("link", "Switch faults")
	if calls := s.served.Server(models.Left).Calls; calls.Throttled == 0 || calls.Dropped == 0 {
		t.Errorf("the faults were not felt: %+v", calls)
	}
	p.press("button", "Switch all off"+of)
	p.sees("No faults are on.")
	p.press("link", "Activity")
	p.arrives("/activity")
	p.sees("every 3rd call throttled")
}

// faultsAccessible runs axe over the pages of practice apps that are served, and
// looks whether they fit a phone.
func faultsAccessible(t *testing.T, b *chromium) {
	s := firstSite(t)
	tb := b.open(t, s.server.URL())
	tb.resize(1280, 900)
	axe, err := os.ReadFile(filepath.Join("testdata", "axe-core-4.14.1", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	tb.becomesAdministrator(s)
	s.served.Switch("Ada", models.Left, views.PracticeFaults{Throttle: 5, Unavailable: 11, Drop: 7})
	s.served.Switch("Ada", models.Right, views.PracticeFaults{Entity: views.EveryEntity, Lag: 5, Token: 5})
	for _, v := range []sight{{name: "faults", path: "/practice/faults"}, {name: "practice-served", path: "/practice"},
		{name: "connection-hook", path: fmt.Sprintf("/connections/%d", s.served.connections[1].ID)}} {
		tb.resize(1280, 900)
		tb.check(string(axe), v)
		tb.picture(os.Getenv("DUALWRITE_SCREENSHOTS"), "served", v)
	}
}
