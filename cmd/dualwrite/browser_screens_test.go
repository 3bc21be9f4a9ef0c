package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// widths of windows that people have, in pixels.
func widths() []int64 { return []int64{390, 1280, 1920} }

// screenshots looks at every page and dialog on a phone: nothing may be wider
// than its window. With DUALWRITE_SCREENSHOTS set to a folder it also puts
// pictures there, in three sizes, light and dark, of sites in several states.
func screenshots(t *testing.T, b *chromium) {
	folder := os.Getenv("DUALWRITE_SCREENSHOTS")
	sites := []struct {
		state string
		open  func(*testing.T) *site
	}{{"busy", busySite}}
	if folder != "" {
		sites = append(sites, struct {
			state string
			open  func(*testing.T) *site
		}{"empty", freshSite})
	}
	for _, site := range sites {
		s := site.open(t)
		tb := b.open(t, s.server.URL())
		tb.resize(widths()[0], 844)
		for _, v := range outside(s) {
			tb.picture(folder, site.state, v)
		}
		tb.resize(1280, 900)
		tb.becomesAdministrator(s)
		for _, v := range sights(s) {
			if v.open == "" || v.open == "Run" || site.state != "empty" { // nothing runs on an empty site
				tb.picture(folder, site.state, v)
			}
		}
	}
}

// picture takes pictures of a sight, and fails the test when it does not fit a phone.
func (tb *tab) picture(folder, state string, v sight) {
	tb.t.Helper()
	for _, width := range widths() {
		if folder == "" && width != widths()[0] {
			continue
		}
		tb.resize(width, 900)
		tb.prefers("light")
		tb.show(v)
		if over := script[int](tb, "document.documentElement.scrollWidth - window.innerWidth"); over > 0 {
			tb.t.Errorf("%s is %d pixels wider than a window of %d", v.name, over, width)
		}
		if folder == "" {
			return
		}
		height := script[int64](tb, "Math.min(2400, Math.max(900, document.documentElement.scrollHeight))")
		tb.resize(width, height)
		for _, scheme := range []string{"light", "dark"} {
			tb.prefers(scheme)
			tb.keep(filepath.Join(folder, fmt.Sprintf("%s-%s-%d-%s.png", v.name, state, width, scheme)))
		}
	}
}

// keep writes what the tab shows to a file.
func (tb *tab) keep(name string) {
	tb.t.Helper()
	var picture []byte
	err := tb.try(func(ctx context.Context) (err error) {
		picture, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		return err
	})
	if err == nil {
		err = os.WriteFile(name, picture, 0o644)
	}
	if err != nil {
		tb.t.Fatal(err)
	}
}
