package main

import (
	"strings"
	"testing"
)

func storyByMouse(t *testing.T, b *chromium)        { story(t, b, byMouse) }
func storyByKeyboard(t *testing.T, b *chromium)     { story(t, b, byKeyboard) }
func storyWithoutScripts(t *testing.T, b *chromium) { story(t, b, withoutScripts) }

// story is what an administrator does in the first hour.
func story(t *testing.T, b *chromium, h hands) {
	s := freshSite(t)
	p := newPerson(t, b, s, h)
	p.signsIn()
	p.runsCustomers()
}

// signsIn follows the link that the program printed.
func (p *person) signsIn() {
	p.t.Helper()
	link := setupLink(p.t, p.site)
	p.visit(link)
	p.fill("textbox", "Name", "Ada")
	p.fill("textbox", "Password", goodPassword)
	p.fill("textbox", "Password again", goodPassword)
	p.press("button", "Create administrator")
	p.arrives("/maps")
	p.sees(contactsMap)
}

// runsCustomers runs one map with most of what it needs, in another order.
func (p *person) runsCustomers() {
	p.t.Helper()
	p.tick("Select "+contactsMap, true)
	p.press("button", "Run")
	p.sees("Initial writes and related entity maps")
	p.tick("Run "+methodsMap, false)
	p.moveUp(groupsMap)
	p.choose("Master of "+groupsMap, financeAndOperations)
	p.press("button", "Run")
	p.sees("needed")
}

const goodPassword = "correct horse battery"

// setupLink is the path of the link that makes the first administrator.
func setupLink(t *testing.T, s *site) string {
	t.Helper()
	_, secret, ok := strings.Cut(s.out.String(), "/setup?token=")
	if !ok {
		t.Fatalf("the program prints no link: %s", s.out)
	}
	return "/setup?token=" + strings.TrimSpace(secret)
}
