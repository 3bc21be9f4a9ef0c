package handlers_test

import (
	"net/http"
	"testing"

	"dualwrite/static"
)

func TestFilesOfThePagesAreServedForAYearToEverybody(t *testing.T) {
	c := openConsole(t)
	p := c.browser().get(static.URL("app.css")).wants(http.StatusOK)
	if got := p.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" || p.header.Get("Set-Cookie") != "" {
		t.Errorf("Cache-Control %q, Set-Cookie %q", got, p.header.Get("Set-Cookie"))
	}
	c.browser().get("/static/none.css").wants(http.StatusNotFound)
}
