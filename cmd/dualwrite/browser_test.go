package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestBrowser holds the console to its promises in a real browser: one browser
// for all of them, a tab and a program for each.
func TestBrowser(t *testing.T) {
	b := startChromium(t)
	for _, promise := range []struct {
		name string
		test func(*testing.T, *chromium)
	}{
		{"the story can be lived with the mouse", storyByMouse},
		{"the story can be lived by keyboard alone", storyByKeyboard},
		{"the story can be lived with scripts off", storyWithoutScripts},
		{"from nothing to two apps in step with the mouse", fromNothingByMouse},
		{"from nothing to two apps in step with scripts off", fromNothingWithoutScripts},
		{"faults are switched with the mouse", faultsByMouse},
		{"faults are switched with scripts off", faultsWithoutScripts},
		{"no page of served apps breaks a rule of accessibility", faultsAccessible},
		{"no page for setting apps up breaks a rule of accessibility", setupAccessible},
		{"no page breaks a rule of accessibility", accessible},
		{"hostile text stays text", hostileTextStaysText},
		{"screenshots show that every page fits a phone", screenshots},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.test(t, b)
		})
	}
}

// soon is how long a test waits in the browser for what should happen at once.
const soon = 20 * time.Second

// chromium is the browser of the suite.
type chromium struct{ ctx context.Context }

// chromiumNames are the programs that will do, the smallest first.
func chromiumNames() []string {
	return []string{"chromium-headless-shell", "chromium", "google-chrome"}
}

// startChromium starts a browser with a fresh profile until the end of the
// test, and skips the test where none is installed.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	var program string
	for _, name := range chromiumNames() {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		t.Skipf("no browser: none of %s is installed", strings.Join(chromiumNames(), ", "))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.DisableGPU,
		chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")), chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox refuses to run as root
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return &chromium{ctx: ctx}
}

// tab is a window of the browser with cookies of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string // address of the console

	mu     sync.Mutex
	faults []string // dialogs, script errors and reports of the content policy
}

// open opens a tab for a console. A test in whose tab a script fails, a native
// dialog opens or the content policy is broken fails at its end.
func (b *chromium) open(t *testing.T, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tb := &tab{t: t, ctx: ctx, base: base}
	t.Cleanup(func() {
		if t.Failed() {
			tb.save()
		}
		cancel()
		for _, f := range tb.found() {
			t.Error(f)
		}
	})
	if err := chromedp.Listen(ctx, tb.listen); err != nil {
		t.Fatal(err)
	}
	call(tb, log.Enable, cdp.Empty{})
	return tb
}

func (tb *tab) listen(event any) {
	switch e := event.(type) {
	case *page.EventJavascriptDialogOpening:
		tb.fault("a dialog opens: " + e.Message)
		go func() { // the page stands still until it is answered
			_, _ = chromedp.Call(tb.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}()
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		tb.fault("a script fails: " + text)
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork && e.Entry.Level == log.EntryLevelError {
			tb.fault(fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	}
}

func (tb *tab) fault(what string) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.faults = append(tb.faults, what)
}

func (tb *tab) found() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.faults
}

// save keeps what the tab shows, for whoever looks into a failure.
func (tb *tab) save() {
	var text string
	if err := tb.try(func(ctx context.Context) (err error) {
		text, err = chromedp.Run(ctx, chromedp.Evaluate[string]("location.pathname + ' shows: ' + document.body.innerText.replace(/\\s+/g, ' ').slice(0, 1500)"))
		return err
	}); err == nil {
		tb.t.Log(text)
	}
	var picture []byte
	if err := tb.try(func(ctx context.Context) (err error) {
		picture, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		return err
	}); err != nil {
		tb.t.Logf("no screenshot: %v", err)
		return
	}
	name := filepath.Join(root, "bin", "failures", strings.NewReplacer("/", "_", " ", "_").Replace(tb.t.Name())+".png")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		tb.t.Log(err)
	} else if err := os.WriteFile(name, picture, 0o644); err != nil {
		tb.t.Log(err)
	} else if name, err = filepath.Abs(name); err == nil {
		tb.t.Logf("screenshot: %s", name)
	}
}

// try does something in the tab within the patience of a test.
func (tb *tab) try(do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(tb.ctx, soon)
	defer cancel()
	return do(ctx)
}

// await polls until something is so, and fails the test when it takes too long.
func (tb *tab) await(what string, holds func() bool) {
	tb.t.Helper()
	deadline := time.Now().Add(soon)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			tb.t.Fatalf("waited %v in vain until %s", soon, what)
		}
		<-tick.C
	}
}
