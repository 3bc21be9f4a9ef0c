package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// call sends the browser a command about a tab.
func call[P, R any](tb *tab, cmd cdp.Command[P, R], params P) R {
	tb.t.Helper()
	out, err := attempt(tb, cmd, params)
	if err != nil {
		tb.t.Fatalf("%s: %v", cmd.Method, err)
	}
	return out
}

// attempt is call for what may fail because the page moves meanwhile.
func attempt[P, R any](tb *tab, cmd cdp.Command[P, R], params P) (out R, err error) {
	err = tb.try(func(ctx context.Context) (err error) {
		out, err = chromedp.Call(ctx, cmd, params)
		return err
	})
	return out, err
}

// do acts on the tab.
func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := tb.try(func(ctx context.Context) error { return chromedp.Do(ctx, steps...) }); err != nil {
		tb.t.Fatal(err)
	}
}

// visit goes to an address of the console.
func (tb *tab) visit(path string) {
	tb.t.Helper()
	tb.do(chromedp.Navigate(tb.base + path))
}

// script runs an expression in the page, also where pages may run none.
// It fails the test unless the value is of type T.
func script[T any](tb *tab, expression string) T {
	tb.t.Helper()
	v, err := tryScript[T](tb, expression)
	if err != nil {
		tb.t.Fatalf("%s: %v", expression[:min(len(expression), 200)], err)
	}
	return v
}

func tryScript[T any](tb *tab, expression string) (out T, err error) {
	err = tb.try(func(ctx context.Context) (err error) {
		out, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
		return err
	})
	return out, err
}

// arrives waits until the tab is at a path, and loaded.
func (tb *tab) arrives(path string) {
	tb.t.Helper()
	tb.await("the tab is at "+path, func() bool {
		at, err := tryScript[string](tb, "document.readyState === 'complete' ? location.pathname : ''")
		return err == nil && at == path
	})
}

// text is what a person can read on the page, in an open dialog only if there is one.
func (tb *tab) text() string {
	text, err := tryScript[string](tb, "(document.querySelector('dialog[open]') || document.body).innerText")
	if err != nil {
		return "" // the page is about to change
	}
	return strings.Join(strings.Fields(text), " ")
}

// sees waits for a text.
func (tb *tab) sees(text string) {
	tb.t.Helper()
	tb.await(fmt.Sprintf("the page says %q", text), func() bool { return strings.Contains(tb.text(), text) })
}

// element is something on the page as assistive technology knows it.
type element struct {
	tab  *tab
	node cdp.BackendNodeID
	what string
}

// named lists the elements of a role and a name that people can reach now.
func (tb *tab) named(role, name string) []element {
	document, err := attempt(tb, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil || document.Result == nil {
		return nil
	}
	found, err := attempt(tb, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: document.Result.ObjectID, Role: role})
	if err != nil {
		return nil
	}
	var out []element
	for _, n := range found.Nodes {
		var is string
		if n.Ignored || n.Name == nil || json.Unmarshal(n.Name.Value, &is) != nil || strings.Join(strings.Fields(is), " ") != name {
			continue
		}
		out = append(out, element{tab: tb, node: n.BackendDOMNodeID, what: fmt.Sprintf("the %s %q", role, name)})
	}
	return out
}

// find waits for an element of a role and a name, and takes the first.
func (tb *tab) find(role, name string) element {
	tb.t.Helper()
	var found []element
	tb.await(fmt.Sprintf("there is a %s %q", role, name), func() bool {
		found = tb.named(role, name)
		return len(found) > 0
	})
	return found[0]
}

// on calls a function with the element as this. The second value is false when
// the element is gone.
func on[T any](e element, function string) (out T, ok bool) {
	resolved, err := attempt(e.tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: e.node})
	if err != nil {
		return out, false
	}
	yes := true
	res, err := attempt(e.tab, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: "function() {" + function + "}",
		ObjectID: resolved.Object.ObjectID, ReturnByValue: &yes})
	if err != nil || res.ExceptionDetails != nil {
		return out, false
	}
	if len(res.Result.Value) == 0 {
		return out, true
	}
	return out, json.Unmarshal(res.Result.Value, &out) == nil
}

// middle scrolls the element into view and gives its centre, in pixels of the
// window. The second value is false while it has none.
func (e element) middle() (x, y float64, ok bool) {
	if _, ok = on[bool](e, "this.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'}); return true"); !ok {
		return 0, 0, false
	}
	quads, err := attempt(e.tab, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: e.node})
	if err != nil || len(quads.Quads) == 0 || len(quads.Quads[0]) != 8 {
		return 0, 0, false
	}
	q := quads.Quads[0]
	return (q[0] + q[4]) / 2, (q[1] + q[5]) / 2, true
}

// withoutScripts keeps the tab's pages from running any script.
func (tb *tab) withoutScripts() {
	tb.t.Helper()
	call(tb, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// prefers makes the tab that of a person who wants "light" or "dark".
func (tb *tab) prefers(scheme string) {
	tb.t.Helper()
	call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// resize gives the tab a window of a size in pixels.
func (tb *tab) resize(width, height int64) {
	tb.t.Helper()
	tb.do(chromedp.EmulateViewport(width, height))
}
