package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/web"
)

func openStore(t *testing.T) *models.Store {
	t.Helper()
	s, err := models.Open(context.Background(), t.TempDir(), models.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// openServer is a server with a few routes, on loopback.
func openServer(t *testing.T, log io.Writer, opt web.Options, routes ...web.Route) *web.Server {
	t.Helper()
	opt.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := web.New(openStore(t), opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		s.Handle(r)
	}
	if err := s.Open("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

func public(path string, h echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Need: web.Public, Handler: h}
}

// get asks one server by its true address under another name.
func get(t *testing.T, s *web.Server, path, host string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

func ok(c echo.Context) error { return c.String(http.StatusOK, "ok") }

func TestOnlyOwnNamesAreAnswered(t *testing.T) {
	s := openServer(t, io.Discard, web.Options{}, public("/", ok))
	for host, want := range map[string]int{"": 200, "localhost": 200, "LOCALHOST.:80": 200, "[::1]:8080": 200, "127.0.0.1": 200, "127.8.9.1:1": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example:80": 421, "10.0.0.1": 421, "[::ffff:10.0.0.1]": 421} {
		if got, _, _ := get(t, s, "/", host); got != want {
			t.Errorf("%q: status %d, want %d", host, got, want)
		}
	}
}

func TestErrorsBecomePagesWithTheStatusOfTheirKind(t *testing.T) {
	var log strings.Builder
	var routes []web.Route
	want := map[string]int{}
	for path, try := range map[string]struct {
		err    error
		status int
	}{
		"/notfound": {models.Errorf(models.NotFound, "no such map"), 404}, "/invalid": {models.Errorf(models.Invalid, "no key"), 422},
		"/conflict": {models.Errorf(models.Conflict, "it moved"), 409}, "/busy": {models.Errorf(models.Busy, "in use"), 503},
		"/fenced": {models.Errorf(models.Fenced, "taken over"), 409}, "/plain": {errors.New("secret detail"), 500},
	} {
		want[path] = try.status
		routes = append(routes, public(path, func(echo.Context) error { return try.err }))
	}
	routes = append(routes, public("/panic", func(echo.Context) error { panic("secret detail") }),
		public("/empty", func(c echo.Context) error { return web.Render(c, 200, templ.NopComponent) }),
		web.Route{Method: http.MethodPost, Path: "/post", Need: web.Public, Handler: ok})
	want["/panic"], want["/empty"], want["/post"], want["/none"] = 500, 500, 405, 404
	s := openServer(t, &log, web.Options{}, routes...)
	for path, status := range want {
		got, body, header := get(t, s, path, "")
		if got != status || !strings.Contains(body, "<h1>") || strings.Contains(body, "secret") || !strings.Contains(body, header.Get("X-Request-Id")) {
			t.Errorf("%s: status %d, want %d\n%s", path, got, status, body)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), `"msg":"request failed"`); n != 4 { // busy, plain, panic, empty
		t.Errorf("%d faults are logged, want 4\n%s", n, log.String())
	}
	if !strings.Contains(log.String(), "secret detail") || !strings.Contains(log.String(), `"msg":"panic"`) {
		t.Error("the log does not hold the detail")
	}
}

func TestTheRequestLogHoldsNoQuery(t *testing.T) {
	var log strings.Builder
	s := openServer(t, &log, web.Options{}, public("/setup", ok))
	get(t, s, "/setup?token=topsecret", "")
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), `"path":"/setup"`) || strings.Contains(log.String(), "topsecret") {
		t.Errorf("log: %s", log.String())
	}
}

func TestTheRequestLogHoldsNoAddressOfAHook(t *testing.T) {
	var log strings.Builder
	fails := func(echo.Context) error { return errors.New("on purpose") }
	s := openServer(t, &log, web.Options{}, web.Route{Method: "GET", Path: "/hooks/:hook", Handler: ok, Hook: true}, web.Route{Method: "GET", Path: "/broken/:hook", Handler: fails, Hook: true})
	get(t, s, "/hooks/unguessable", "")
	get(t, s, "/broken/unguessable", "")
	if got := log.String(); strings.Contains(got, "unguessable") || !strings.Contains(got, "/hooks/:hook") {
		t.Errorf("the log is %s", got)
	}
}

func TestCookiesAreBoundToTheHostUnderHTTPS(t *testing.T) {
	for base, prefix := range map[string]string{"": "dualwrite-csrf=", "http://sync.example": "dualwrite-csrf=", "https://sync.example": "__Host-dualwrite-csrf="} {
		opt := web.Options{BaseURL: base, Log: slog.New(slog.DiscardHandler)}
		s, err := web.New(openStore(t), opt)
		if err != nil {
			t.Fatal(err)
		}
		cookie := cookieOf(t, s)
		if !strings.HasPrefix(cookie, prefix) || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(cookie, "Path=/") {
			t.Errorf("%q: %s", base, cookie)
		}
		if secure := strings.Contains(cookie, "Secure"); secure != strings.HasPrefix(base, "https") {
			t.Errorf("%q: %s", base, cookie)
		}
	}
}

func TestBadBaseURLsAreRefused(t *testing.T) {
	for _, base := range []string{"sync.example", "ftp://sync.example", "https://", "https://a/b", "://"} {
		if _, err := web.New(openStore(t), web.Options{BaseURL: base}); models.KindOf(err) != models.Invalid {
			t.Errorf("%q: %v, want invalid", base, err)
		}
	}
}

func TestOpenAndCloseForgiveMisuse(t *testing.T) {
	s, err := web.New(openStore(t), web.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open("no port"); models.KindOf(err) != models.Invalid {
		t.Errorf("a bad address: %v", err)
	}
	if err := s.Open("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := s.Open("127.0.0.1:0"); err == nil {
		t.Error("opening twice succeeds")
	}
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := s.Open("127.0.0.1:0"); err == nil {
		t.Error("opening after closing succeeds")
	}
	unopened, err := web.New(openStore(t), web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := unopened.Close(t.Context()); err != nil || unopened.URL() != "" {
		t.Errorf("closing before opening: %v", err)
	}
}

// cookieOf is the first cookie that a server sets for a visitor.
func cookieOf(t *testing.T, s *web.Server) string {
	t.Helper()
	s.Handle(public("/", ok))
	if err := s.Open("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.Header.Get("Set-Cookie")
}
