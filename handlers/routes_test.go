package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/handlers"
	"dualwrite/models"
)

var _ handlers.Engine = (*engine.Engine)(nil)

// access says who may use which route. A route that is missing here, or here
// and nowhere else, fails the test.
func access() map[string]models.Role {
	return map[string]models.Role{
		"GET /static/*": "", "GET /livez": "", "GET /readyz": "", "GET /setup": "", "POST /setup": "", "GET /signin": "", "POST /signin": "",
		"POST /hooks/:hook": "", "POST /connections/:id/hook": models.Administrator,
		"POST /signout": models.Viewer, "GET /": models.Viewer, "GET /activity": models.Viewer, "GET /events": models.Viewer,
		"GET /maps": models.Viewer, "GET /maps/rows": models.Viewer, "GET /maps/overview": models.Viewer, "GET /maps/open": models.Viewer,
		"GET /maps/run": models.Operator, "POST /maps/run": models.Operator, "GET /maps/pause": models.Operator, "POST /maps/pause": models.Operator,
		"GET /maps/resume": models.Operator, "POST /maps/resume": models.Operator, "GET /maps/stop": models.Operator, "POST /maps/stop": models.Operator,
		"GET /maps/skip": models.Operator, "POST /maps/skip": models.Operator,
		"GET /maps/:id": models.Viewer, "GET /maps/:id/head": models.Viewer, "GET /maps/:id/executions": models.Viewer, "GET /maps/:id/errors": models.Viewer,
		"GET /maps/:id/errors.csv": models.Viewer,
		"GET /maps/:id/conflicts":  models.Viewer, "GET /maps/:id/queue": models.Viewer, "GET /maps/:id/activity": models.Viewer,
		"GET /maps/related": models.Viewer, "GET /maps/import": models.Administrator, "POST /maps/import": models.Administrator,
		"GET /maps/:id/map.yaml": models.Viewer, "GET /maps/:id/versions": models.Viewer, "GET /maps/:id/versions/diff": models.Viewer,
		"GET /maps/:id/test": models.Operator, "POST /maps/:id/preview": models.Operator, "POST /maps/:id/mappings/refresh": models.Administrator,
		"GET /maps/:id/mappings/field": models.Administrator, "POST /maps/:id/mappings/field": models.Administrator,
		"GET /maps/:id/mappings/filter": models.Administrator, "POST /maps/:id/mappings/filter": models.Administrator,
		"GET /maps/:id/mappings/companies": models.Administrator, "POST /maps/:id/mappings/companies": models.Administrator,
		"GET /maps/:id/mappings/needs": models.Administrator, "POST /maps/:id/mappings/needs": models.Administrator,
		"GET /maps/:id/mappings/key": models.Administrator, "POST /maps/:id/mappings/key": models.Administrator,
		"POST /maps/:id/versions": models.Administrator, "POST /maps/:id/versions/use": models.Administrator,
		"GET /maps/:id/mappings": models.Viewer, "GET /maps/:id/details": models.Viewer,
		"GET /maps/:id/delete": models.Administrator, "POST /maps/:id/delete": models.Administrator,
		"GET /connections": models.Viewer, "GET /connections/:id": models.Viewer, "GET /connections/new": models.Administrator, "POST /connections/new": models.Administrator,
		"POST /connections/test": models.Administrator, "POST /connections/:id/test": models.Administrator, "GET /connections/:id/edit": models.Administrator,
		"POST /connections/:id/edit": models.Administrator, "GET /connections/:id/delete": models.Administrator, "POST /connections/:id/delete": models.Administrator,
		"GET /maps/new": models.Administrator, "POST /maps/new": models.Administrator,
		"GET /environments": models.Viewer, "GET /environments/:id": models.Viewer, "GET /environments/new": models.Administrator, "POST /environments/new": models.Administrator,
		"POST /environments/:id/edit": models.Administrator, "GET /environments/:id/companies": models.Administrator, "POST /environments/:id/companies": models.Administrator, "POST /environments/:id/check": models.Administrator, "GET /environments/:id/link": models.Administrator,
		"POST /environments/:id/link": models.Administrator, "GET /environments/:id/reset": models.Administrator, "POST /environments/:id/reset": models.Administrator,
		"GET /environments/:id/unlink": models.Administrator, "POST /environments/:id/unlink": models.Administrator, "POST /environments/:id/delete": models.Administrator,
		"GET /practice/faults": models.Administrator, "POST /practice/faults/:side": models.Administrator, "POST /practice/faults/:side/cursors": models.Administrator,
		"GET /practice": models.Viewer, "GET /practice/:side/:entity": models.Viewer, "GET /practice/:side/:entity/:id": models.Viewer,
		"GET /practice/:side/:entity/new": models.Operator, "POST /practice/:side/:entity/new": models.Operator,
		"POST /practice/:side/:entity/:id": models.Operator, "POST /practice/:side/:entity/:id/delete": models.Operator,
		"POST /maps/:id/rerun": models.Operator, "POST /maps/:id/errors/retry": models.Operator, "POST /maps/:id/errors/discard": models.Operator,
		"POST /maps/:id/queue/discard": models.Operator, "POST /maps/:id/conflicts/use": models.Operator, "POST /maps/:id/conflicts/review": models.Operator,
		"POST /maps/:id/release": models.Operator, "POST /maps/:id/compare": models.Operator,
	}
}

// visitors is a browser for everybody who might call.
func (c *console) visitors() map[models.Role]*browser {
	out := map[models.Role]*browser{"": c.browser()}
	for _, role := range models.Roles {
		out[role] = c.signedIn(role)
	}
	return out
}

func TestEveryRouteAsksForTheRoleOfTheTable(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	close(c.engine.events) // streams end at once
	want := access()
	for _, route := range c.server.Registered() {
		if _, ok := want[route]; !ok {
			t.Errorf("%s is in no table", route)
		}
	}
	if n := len(c.server.Registered()); n != len(want) {
		t.Errorf("%d routes, the table has %d", n, len(want))
	}
	for role, b := range c.visitors() {
		for route, need := range want {
			method, path, _ := strings.Cut(route, " ")
			if path == "/signout" {
				continue // would end the visit; TestASignedOutSessionIsDead covers it
			}
			p := b.call(method, path)
			denied := p.status == http.StatusForbidden && strings.Contains(p.body, "This needs the role") ||
				p.status == http.StatusSeeOther && strings.HasPrefix(p.header.Get("Location"), "/signin")
			if may := need == "" || role.Allows(need); may == denied {
				t.Errorf("%s as %q: status %d, %s", route, role, p.status, p.header.Get("Location"))
			}
		}
	}
}

// call requests a route with a sensible value for its parameters and, on POST,
// a valid form token.
func (b *browser) call(method, path string) *page {
	b.c.t.Helper()
	path = strings.Replace(path, ":id", "1", 1)
	if method == "GET" {
		return b.get(path)
	}
	return b.do(method, path, url.Values{"_csrf": {b.token()}})
}

// token is the form token of the browser's cookie.
func (b *browser) token() string {
	base, err := url.Parse(b.c.server.URL())
	if err != nil {
		b.c.t.Fatal(err)
	}
	for _, cookie := range b.client.Jar.Cookies(base) {
		if strings.HasSuffix(cookie.Name, "csrf") {
			return cookie.Value
		}
	}
	return b.get("/signin").Find("input[name=_csrf]").First().AttrOr("value", "")
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	good := url.Values{"_csrf": {b.token()}, "id": {"1"}, "step": {"1"}}
	without := url.Values{"id": {"1"}, "step": {"1"}}
	origin := c.server.URL()
	for name, try := range map[string]struct {
		header  map[string]string
		form    url.Values
		refused bool
	}{
		"no token":                      {nil, without, true},
		"a wrong token":                 {nil, url.Values{"_csrf": {"guess"}}, true},
		"the token":                     {nil, good, false},
		"same origin without token":     {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": origin}, without, false},
		"cross-site with token":         {map[string]string{"Sec-Fetch-Site": "cross-site"}, good, true},
		"same-site without token":       {map[string]string{"Sec-Fetch-Site": "same-site"}, without, true},
		"another origin with token":     {map[string]string{"Origin": "https://evil.example"}, good, true},
		"another port with token":       {map[string]string{"Origin": "http://127.0.0.1:1"}, good, true},
		"a hidden origin without token": {map[string]string{"Origin": "null"}, without, true},
		"a hidden origin with token":    {map[string]string{"Origin": "null"}, good, false},
		"by htmx without token":         {map[string]string{"HX-Request": "true"}, without, true},
	} {
		for route := range access() {
			method, path, _ := strings.Cut(route, " ")
			if method == "GET" || path == "/signout" || path == "/hooks/:hook" { // which takes no form
				continue
			}
			b.header = http.Header{}
			for k, v := range try.header {
				b.header.Set(k, v)
			}
			p := b.do(method, strings.Replace(path, ":id", "1", 1), try.form)
			if refused := p.status == http.StatusForbidden || p.status == http.StatusBadRequest; refused != try.refused && path != "/setup" {
				t.Errorf("%s, %s: status %d", name, route, p.status)
			}
			if calls := c.engine.took(); try.refused && len(calls) > 0 {
				t.Errorf("%s, %s reached the engine: %v", name, route, calls)
			}
		}
	}
}

func TestNoGetReachesACommand(t *testing.T) {
	c, groups, _, _ := mustOpenWithMaps(t)
	close(c.engine.events)
	c.engine.plan = engine.Plan{Steps: []engine.Step{{Map: c.summary(groups), Chosen: true}}}
	b := c.signedIn(models.Administrator)
	for route := range access() {
		method, path, _ := strings.Cut(route, " ")
		path = strings.Replace(path, ":id", "1", 1)
		p := b.get(path + "?id=1&step=1&shown=1&all=1&confirm=1")
		if method == "POST" && p.status != http.StatusOK && p.status != http.StatusMethodNotAllowed && p.status != http.StatusNotFound && p.status != http.StatusSeeOther {
			t.Errorf("GET %s: status %d", path, p.status)
		}
	}
	if calls := c.engine.took(); len(calls) > 0 {
		t.Errorf("a GET reached the engine: %v", calls)
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	close(c.engine.events)
	b := c.signedIn(models.Administrator)
	for route := range access() {
		method, path, _ := strings.Cut(route, " ")
		if method != "GET" || path == "/static/*" {
			continue
		}
		p := b.get(strings.Replace(path, ":id", "1", 1))
		for name, want := range map[string]string{
			"Content-Security-Policy": `^default-src 'none'; script-src 'self'; .*form-action 'self'; base-uri 'none'; frame-ancestors 'none'$`,
			"X-Content-Type-Options":  `^nosniff$`, "Referrer-Policy": `^(same-origin|no-referrer)$`, "Cross-Origin-Opener-Policy": `^same-origin$`,
			"Cache-Control": `^no-store$`, "X-Request-Id": `^[\w-]{16}$`,
		} {
			if got := p.header.Get(name); !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}
