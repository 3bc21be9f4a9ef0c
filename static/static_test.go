package static_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"dualwrite/static"
)

func get(path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	static.Handler().ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
	return rec
}

func TestNamesWithADigestAreKeptForEver(t *testing.T) {
	for _, name := range []string{"app.css", "app.js", "mark.svg", "vendor/htmx-2.0.11.min.js"} {
		url := static.URL(name)
		if !regexp.MustCompile(`-[0-9a-f]{16}\.(css|js|svg)$`).MatchString(url) || !static.Known(url) {
			t.Errorf("%s is served as %s", name, url)
		}
		if rec := get(url); rec.Code != 200 || !strings.Contains(rec.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %v", url, rec.Code, rec.Header())
		}
		if rec := get(static.Prefix + name); rec.Code != 200 || rec.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d, %v", name, rec.Code, rec.Header())
		}
	}
}

func TestFilesCarryTheirType(t *testing.T) {
	for name, want := range map[string]string{"app.css": "text/css", "app.js": "text/javascript", "mark.svg": "image/svg+xml"} {
		if got := get(static.URL(name)).Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
}

func TestUnknownNamesAreNotFound(t *testing.T) {
	for _, path := range []string{"/static/", "/static/none.css", "/static/../go.mod", "/static/vendor", "/static/static.go"} {
		if rec := get(path); rec.Code != 404 || static.Known(path) {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
