package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hands is how a person works the console.
type hands string

const (
	byMouse        hands = "mouse"
	byKeyboard     hands = "keyboard"
	withoutScripts hands = "mouse, scripts off"
)

// person works the console through a tab, finding things by role and name.
type person struct {
	*tab
	site  *site
	hands hands
}

// newPerson sits down before the console of a site.
func newPerson(t *testing.T, b *chromium, s *site, h hands) *person {
	t.Helper()
	p := &person{tab: b.open(t, s.server.URL()), site: s, hands: h}
	p.resize(1280, 900)
	if h == withoutScripts {
		p.withoutScripts()
	}
	return p
}

// press activates the button, link or other control of a role and a name.
func (p *person) press(role, name string) {
	p.t.Helper()
	if p.hands == byKeyboard {
		p.reach(role, name)
		p.do(chromedp.KeyEvent(kb.Enter))
		return
	}
	p.click(role, name)
}

// click presses the mouse over a control, once that stands still and in front of
// a page that was painted: before that the browser lets clicks fall.
func (p *person) click(role, name string) {
	p.t.Helper()
	var x, y float64
	p.await(fmt.Sprintf("the mouse can reach the %s %q", role, name), func() bool {
		found := p.named(role, name)
		if len(found) == 0 {
			return false
		}
		var ok bool
		if x, y, ok = found[0].middle(); !ok {
			return false
		}
		hit, ok := on[bool](found[0], fmt.Sprintf("if (!performance.getEntriesByType('paint').length) return false; const at = document.elementFromPoint(%f, %f); return this.contains(at) || at !== null && at.contains(this) && this.matches('option')", x, y))
		return ok && hit
	})
	p.do(chromedp.MouseClickXY(x, y))
}

// reach presses Tab, or Shift and Tab, until a control has the focus.
func (p *person) reach(role, name string) {
	p.t.Helper()
	const most = 400 // stops; a page with more is not usable by keyboard
	target := p.find(role, name)
	for range most {
		var where int
		p.await("the focus is somewhere", func() (ok bool) {
			where, ok = on[int](target, `const at = document.activeElement;
				if (at === this) return 0;
				return at && at !== document.body && (at.compareDocumentPosition(this) & Node.DOCUMENT_POSITION_PRECEDING) ? -1 : 1`)
			if !ok {
				target = p.find(role, name) // the page was refreshed
			}
			return ok
		})
		switch where {
		case 0:
			return
		case 1:
			p.do(chromedp.KeyEvent(kb.Tab))
		default:
			p.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
		}
	}
	p.t.Fatalf("the focus does not come to %s", target.what)
}

// tick makes a box ticked or not.
func (p *person) tick(name string, ticked bool) {
	p.t.Helper()
	is := func() bool {
		v, ok := on[bool](p.find("checkbox", name), "return this.checked")
		return ok && v
	}
	if is() == ticked {
		return
	}
	if p.hands == byKeyboard {
		p.reach("checkbox", name)
		p.do(chromedp.KeyEvent(" "))
	} else {
		p.click("checkbox", name)
	}
	p.await(fmt.Sprintf("the box %q is ticked: %t", name, ticked), func() bool { return is() == ticked })
}

// fill types a text in place of what a field holds.
func (p *person) fill(role, name, text string) {
	p.t.Helper()
	if p.hands == byKeyboard {
		p.reach(role, name)
	} else {
		p.click(role, name)
	}
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace))
	p.await(name+" is empty", func() bool { v, ok := on[string](p.find(role, name), "return this.value"); return ok && v == "" })
	p.do(chromedp.KeyEvent(text))
}

// choose picks an option of a list by the arrow keys, which every kind of
// person has.
func (p *person) choose(name, option string) {
	p.t.Helper()
	if p.hands == byKeyboard {
		p.reach("combobox", name)
	} else {
		on[bool](p.find("combobox", name), "this.focus(); return true")
	}
	chosen := func() string {
		v, _ := on[string](p.find("combobox", name), "return this.selectedOptions[0].textContent.trim()")
		return v
	}
	options, _ := on[[]string](p.find("combobox", name), "return Array.from(this.options, (o) => o.textContent.trim())")
	want := slices.Index(options, option)
	if want < 0 {
		p.t.Fatalf("%s offers %v, not %q", name, options, option)
	}
	for at := slices.Index(options, chosen()); at != want; at = slices.Index(options, chosen()) {
		key := kb.ArrowDown
		if at > want {
			key = kb.ArrowUp
		}
		p.do(chromedp.KeyEvent(key))
	}
}

// moveUp puts a map of the Run dialog before the one above it.
func (p *person) moveUp(mapName string) {
	p.t.Helper()
	before := p.order()
	at := slices.Index(before, mapName)
	if at < 1 {
		p.t.Fatalf("%s is number %d of %v", mapName, at+1, before)
	}
	switch p.hands {
	case byMouse:
		p.drag(mapName, before[at-1])
	case byKeyboard:
		p.reach("checkbox", "Run "+mapName)
		p.do(chromedp.KeyEvent(kb.ArrowUp, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	default:
		p.press("button", "Move "+mapName+" up")
	}
	want := slices.Clone(before)
	want[at-1], want[at] = want[at], want[at-1]
	p.await("the order is "+strings.Join(want, ", "), func() bool { return slices.Equal(p.order(), want) })
	if p.hands != withoutScripts { // spoken to who does not see it
		p.sees(fmt.Sprintf("%s is number %d of %d now.", mapName, at, len(want)))
	}
}

// order lists the maps of the Run dialog from top to bottom.
func (p *person) order() []string {
	v, _ := tryScript[[]string](p.tab, "Array.from(document.querySelectorAll('input[name=step]'), (box) => box.getAttribute('aria-label').replace(/^Run /, ''))")
	return v
}

// drag takes a row of the Run dialog by its handle and drops it on another.
func (p *person) drag(mapName, onto string) {
	p.t.Helper()
	p.find("checkbox", "Run "+onto).middle() // in view
	x, y, grip := p.grip(mapName)
	_, toY, target := p.find("checkbox", "Run "+onto).place()
	if !grip || !target {
		p.t.Fatalf("nothing to drag %s by", mapName)
	}
	p.do(chromedp.DragAndDropXY(x, y, x, toY-4, 12))
}

// place is the centre of an element where the page is scrolled to now.
func (e element) place() (x, y float64, ok bool) {
	at, ok := on[[2]float64](e, "const r = this.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]")
	return at[0], at[1], ok
}

// grip is where a row of the Run dialog can be taken.
func (p *person) grip(mapName string) (x, y float64, ok bool) {
	at, ok := on[[2]float64](p.find("checkbox", "Run "+mapName),
		"const r = this.closest('tr').querySelector('[title^=Drag]').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]")
	return at[0], at[1], ok
}

// looksAgain reloads the page where it does not refresh itself.
func (p *person) looksAgain() {
	p.t.Helper()
	if p.hands == withoutScripts {
		p.reload()
	}
}

// awaits waits until the page says something, loading it anew where there are
// no scripts to do so.
func (p *person) awaits(text string) {
	p.t.Helper()
	if p.hands != withoutScripts {
		p.sees(text)
		return
	}
	p.reloadsUntil(text)
}

// reloadsUntil loads the page anew until it says something.
func (p *person) reloadsUntil(text string) {
	p.t.Helper()
	p.await(fmt.Sprintf("a page loaded anew says %q", text), func() bool {
		if strings.Contains(p.text(), text) {
			return true
		}
		p.reload()
		return false
	})
}

// reload loads the page anew. It may fail: the page may be about to change.
func (p *person) reload() {
	_ = p.try(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Reload()) })
}

// mark leaves a trace in the page that a reload would wipe out.
func (p *person) mark() {
	p.t.Helper()
	call(p.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: "window.__mark = true"})
}

// stayed fails the test when the page was loaded anew since mark.
func (p *person) stayed() {
	p.t.Helper()
	if p.hands != withoutScripts && !script[bool](p.tab, "window.__mark === true") {
		p.t.Error("the page was loaded anew")
	}
}
