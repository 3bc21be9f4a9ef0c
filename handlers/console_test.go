package handlers_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dualwrite/handlers"
	"dualwrite/models"
	"dualwrite/web"
)

// goodPassword is the password of every user that a test adds.
const goodPassword = "correct horse battery"

// goodHash is made once: it is meant to be slow.
var goodHash = sync.OnceValues(func() (string, error) { return web.NewPasswords().Hash(context.Background(), goodPassword) })

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// console is a whole running console on loopback, with a fake engine.
type console struct {
	t      testing.TB
	store  *models.Store
	dir    string
	engine *fakeEngine
	clock  *clock
	server *web.Server
}

func openConsole(t testing.TB) *console {
	t.Helper()
	return openConsoleWith(t, handlers.Options{})
}

func openConsoleWith(t testing.TB, opt handlers.Options) *console {
	t.Helper()
	c := &console{t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, engine: &fakeEngine{events: make(chan int64, 4)}}
	var err error
	if c.store, err = models.Open(context.Background(), c.dir, models.Options{Volatile: true, Now: c.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.store.Close() })
	c.engine.store = c.store
	if c.server, err = web.New(c.store, web.Options{Log: slog.New(slog.DiscardHandler), Beat: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	opt.Now = c.clock.Now
	handlers.Mount(c.server, c.store, c.engine, opt)
	if err := c.server.Open("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.server.Close(context.Background()) })
	return c
}

// addUser makes a user whose name is the role.
func (c *console) addUser(role models.Role) models.User {
	c.t.Helper()
	hash, err := goodHash()
	if err != nil {
		c.t.Fatal(err)
	}
	u, err := c.store.AddUser(context.Background(), models.System, models.User{Name: string(role), Role: role, PasswordHash: hash})
	if err != nil {
		c.t.Fatal(err)
	}
	return u
}

// browser keeps cookies and does not follow redirects.
type browser struct {
	c      *console
	client *http.Client
	header http.Header // sent with every request
}

func (c *console) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	transport := &http.Transport{}
	c.t.Cleanup(transport.CloseIdleConnections)
	return &browser{c: c, header: http.Header{}, client: &http.Client{Jar: jar, Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is a browser of a new user of a role.
func (c *console) signedIn(role models.Role) *browser {
	c.t.Helper()
	u := c.addUser(role)
	b := c.browser()
	b.signIn(u.Name, goodPassword).wants(http.StatusSeeOther)
	return b
}

func (b *browser) signIn(name, password string) *page {
	b.c.t.Helper()
	return b.get("/signin").submit("form[action='/signin']", url.Values{"name": {name}, "password": {password}})
}

// page is an answer.
type page struct {
	*goquery.Document
	browser *browser
	status  int
	header  http.Header
	body    string
	path    string
}

func (b *browser) get(path string) *page {
	b.c.t.Helper()
	return b.do("GET", path, nil)
}

func (b *browser) do(method, path string, form url.Values) *page {
	b.c.t.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.send(method, path, kind, strings.NewReader(form.Encode()))
}

// send makes a request whose body is of a content type, "" for none.
func (b *browser) send(method, path, kind string, body io.Reader) *page {
	b.c.t.Helper()
	req, err := http.NewRequest(method, b.c.server.URL()+path, body)
	if err != nil {
		b.c.t.Fatal(err)
	}
	req.Header = b.header.Clone()
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.c.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(raw)))
	if err != nil {
		b.c.t.Fatal(err)
	}
	return &page{Document: doc, browser: b, status: res.StatusCode, header: res.Header, body: string(raw), path: path}
}

// submit sends a form as a browser would: every field with its value, those
// given replaced. press names the button, as "name=value" or a verb of
// formaction, "" for the first.
func (p *page) submit(selector string, change url.Values, press ...string) *page {
	t := p.browser.c.t
	t.Helper()
	form := p.Find(selector)
	if form.Length() != 1 {
		t.Fatalf("%s has %d forms %s\n%s", p.path, form.Length(), selector, p.body)
	}
	values := fields(form)
	for name, v := range change {
		values[name] = v
	}
	action := form.AttrOr("action", p.path)
	for _, b := range press {
		if name, value, _ := strings.Cut(b, "="); !strings.HasPrefix(b, "/") {
			values.Set(name, value)
		} else {
			action = form.Find(fmt.Sprintf("button[formaction='%s']", b)).AttrOr("formaction", "there is no such button")
		}
	}
	if strings.EqualFold(form.AttrOr("method", "get"), "get") {
		return p.browser.get(action + "?" + values.Encode())
	}
	return p.browser.do("POST", action, values)
}

// fields are the values that a form sends as it stands.
func fields(form *goquery.Selection) url.Values {
	out := url.Values{}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		name := f.AttrOr("name", "")
		_, checked := f.Attr("checked")
		_, disabled := f.Attr("disabled")
		kind := f.AttrOr("type", "")
		switch {
		case disabled || (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(f) == "select":
			option := f.Find("option[selected]")
			if option.Length() == 0 {
				option = f.Find("option").First()
			}
			out.Add(name, option.AttrOr("value", ""))
		case goquery.NodeName(f) == "textarea":
			out.Add(name, f.Text())
		default:
			out.Add(name, f.AttrOr("value", ""))
		}
	})
	return out
}

// wants fails the test when the status is another.
func (p *page) wants(status int) *page {
	p.browser.c.t.Helper()
	if p.status != status {
		p.browser.c.t.Fatalf("%s: status %d, want %d\n%s", p.path, p.status, status, strings.TrimSpace(p.Find("main").Text()))
	}
	return p
}

// leadsTo fails the test unless the answer is a 303 to the address.
func (p *page) leadsTo(address string) *page {
	p.browser.c.t.Helper()
	p.wants(http.StatusSeeOther)
	if got := p.header.Get("Location"); got != address {
		p.browser.c.t.Fatalf("%s leads to %q, want %q", p.path, got, address)
	}
	return p
}

// says fails the test unless the selected text contains the words.
func (p *page) says(selector, words string) *page {
	p.browser.c.t.Helper()
	text := strings.Join(strings.Fields(p.Find(selector).Text()), " ")
	if !strings.Contains(text, words) {
		p.browser.c.t.Fatalf("%s: %q does not say %q", p.path, text, words)
	}
	return p
}
