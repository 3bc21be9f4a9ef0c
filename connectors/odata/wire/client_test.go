package wire_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// clock is a clock that only waiting moves.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// dial makes a client of a handler, with a clock of its own.
func dial(t *testing.T, h http.HandlerFunc, change func(*wire.Options)) (*wire.Client, *clock) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	now := &clock{now: time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC)}
	opt := wire.Options{Root: s.URL + "/svc", Now: now.Now, Sleep: now.Sleep}
	if change != nil {
		change(&opt)
	}
	c, err := wire.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, now
}

func get(t *testing.T, c *wire.Client, path string) (*wire.Response, error) {
	return c.Do(t.Context(), wire.Request{Method: "GET", Path: path})
}

func post(t *testing.T, c *wire.Client) error {
	_, err := c.Do(t.Context(), wire.Request{Method: "POST", Path: "x", Body: []byte("{}")})
	return err
}

func kind(t *testing.T, err error, want connectors.Kind) *connectors.Error {
	t.Helper()
	e, ok := err.(*connectors.Error)
	if !ok || e.Kind != want {
		t.Fatalf("the error is %v (%v), want the kind %v", err, connectors.KindOf(err), want)
	}
	return e
}

func TestRetryAfterIsObeyedToTheSecond(t *testing.T) {
	for header, want := range map[string]time.Duration{"3": 3 * time.Second, "Mon, 01 Jul 2024 12:00:04 GMT": 5 * time.Second, "": 2 * time.Second} {
		calls := 0
		c, now := dial(t, func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls == 1 {
				if header != "" {
					w.Header().Set("Retry-After", header)
				}
				w.WriteHeader(429)
			}
		}, nil)
		if err := post(t, c); err != nil {
			t.Errorf("%q: %v", header, err)
		}
		if len(now.waits) != 1 || now.waits[0] != want || calls != 2 {
			t.Errorf("%q: waited %v, %d calls", header, now.waits, calls)
		}
	}
}

func TestLongWaitIsLeftToTheCallerAndKeepsEverybodyAway(t *testing.T) {
	calls := 0
	c, now := dial(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			w.Header().Set("Retry-After", "300")
			w.WriteHeader(429)
		}
	}, nil)
	if e := kind(t, post(t, c), connectors.Throttled); e.RetryAfter != 5*time.Minute {
		t.Errorf("to come back after %v", e.RetryAfter)
	}
	now.Sleep(t.Context(), 290*time.Second)
	_, err := get(t, c, "x")
	if e := kind(t, err, connectors.Throttled); e.RetryAfter != 10*time.Second || calls != 1 {
		t.Errorf("to come back after %v, %d calls", e.RetryAfter, calls)
	}
	now.Sleep(t.Context(), 6*time.Second)
	if _, err := get(t, c, "x"); err != nil || calls != 2 || now.waits[len(now.waits)-1] != 4*time.Second {
		t.Errorf("with four seconds left: %v, %d calls, waited %v", err, calls, now.waits)
	}
}

func TestLostAnswerToAWriteIsNeverSentAgain(t *testing.T) {
	var calls atomic.Int64
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%3 != 0 || r.Method != "GET" {
			panic(http.ErrAbortHandler)
		}
	}, nil)
	kind(t, post(t, c), connectors.Transient)
	if n := calls.Load(); n != 1 {
		t.Errorf("the write was sent %d times", n)
	}
	if _, err := get(t, c, "x"); err != nil || calls.Load() != 3 {
		t.Errorf("a read is not repeated: %v, %d calls", err, calls.Load())
	}
}

func TestServiceThatIsNotThereIsUnreachable(t *testing.T) {
	c, err := wire.New(wire.Options{Root: "http://127.0.0.1:1/"})
	if err != nil {
		t.Fatal(err)
	}
	kind(t, post(t, c), connectors.Unreachable)
	mute, _ := dial(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil)
	_, err = get(t, mute, "x")
	kind(t, err, connectors.Unreachable)
	for _, root := range []string{"", "ftp://host", "host/path", "https://user:word@host/"} {
		if _, err := wire.New(wire.Options{Root: root}); connectors.KindOf(err) != connectors.Invalid || strings.Contains(err.Error(), "word@") {
			t.Errorf("%q: %v", root, err)
		}
	}
}

func TestRefusalsAreReadInEveryForm(t *testing.T) {
	for _, c := range []struct {
		status          int
		media, body     string
		kind            connectors.Kind
		message, detail string
	}{
		{400, "application/json", `{"error":{"code":"0x80040265","message":"Name is too long.\nat Plugin"}}`, connectors.Invalid, "0x80040265: Name is too long.", ""},
		{400, "application/json", `{"error":{"code":"","message":"An error has occurred.","innererror":{"message":"No resources were found when selecting for update."}}}`, connectors.Invalid, "An error has occurred.", "No resources were found when selecting for update."},
		{404, "application/json", `{"Message":"No HTTP resource was found that matches the request URI 'x'"}`, connectors.NoEntity, "No HTTP resource was found", ""},
		{409, "application/json", `"the id is taken"`, connectors.Duplicate, "the id is taken", ""},
		{500, "text/plain", "SQLITE_CONSTRAINT_PRIMARYKEY", connectors.Internal, "SQLITE_CONSTRAINT_PRIMARYKEY", ""},
		{404, "text/html", "<html>Cannot GET /x</html>", connectors.NoEntity, "Not Found", ""},
		{403, "", "", connectors.Denied, "Forbidden", ""},
		{413, "", "", connectors.TooLarge, "", ""},
	} {
		client, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", c.media)
			w.WriteHeader(c.status)
			w.Write([]byte(c.body))
		}, nil)
		e := kind(t, post(t, client), c.kind)
		f, ok := e.Err.(*wire.Failure)
		if !ok || !strings.Contains(e.Message, c.message) || f.Inner != c.detail || strings.Contains(e.Message, "<") {
			t.Errorf("%s is read as %q, %+v", c.body, e.Message, f)
		}
	}
}

func TestSignInPageIsNoData(t *testing.T) {
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<html>Sign in</html>"))
	}, nil)
	_, err := get(t, c, "x")
	kind(t, err, connectors.Denied)
}

func TestRedirectionsAreFollowedByReadsWithinTheHostOnly(t *testing.T) {
	var elsewhere string
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/svc/near", "/svc/x":
			w.Header().Set("Location", "/svc/data%2Fx?$filter=a%20eq%201")
			w.WriteHeader(307)
		case "/svc/far":
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(302)
		case "/svc/loop":
			w.Header().Set("Location", "loop")
			w.WriteHeader(302)
		default:
			fmt.Fprintf(w, `{"path":%q}`, r.RequestURI)
		}
	}, nil)
	if r, err := get(t, c, "near"); err != nil || string(r.Body) != `{"path":"/svc/data%2Fx?$filter=a%20eq%201"}` {
		t.Errorf("%v, %v", r, err)
	}
	kind(t, post(t, c), connectors.Denied)
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a stranger was called") }))
	t.Cleanup(stranger.Close)
	elsewhere = stranger.URL
	_, err := get(t, c, "far")
	kind(t, err, connectors.Denied)
	_, err = get(t, c, stranger.URL+"/svc/x?$skiptoken=1")
	kind(t, err, connectors.Denied)
	_, err = get(t, c, "loop")
	kind(t, err, connectors.Internal)
}

// signIn is a service with tokens; each is good until the next one is given.
type signIn struct {
	mu      sync.Mutex
	given   int
	revoked bool
	life    int
	deny    bool
}

func (s *signIn) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "/token") {
		r.ParseForm()
		if r.PostForm.Get("client_secret") != secret || r.PostForm.Get("grant_type") != "client_credentials" || r.PostForm.Get("scope") != "https://org/.default" || s.deny {
			w.WriteHeader(401)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"wrong secret %s"}`, secret)
			return
		}
		s.given++
		s.revoked = false
		fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":%d,"token_type":"Bearer"}`, s.given, s.life)
		return
	}
	if s.revoked || r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", s.given) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(401)
		fmt.Fprintf(w, "%s is not good", r.Header.Get("Authorization"))
	}
}

const secret = "planted+S3cret/~"

func credentials(o *wire.Options) {
	u, _ := url.Parse(o.Root)
	o.Auth = wire.Auth{TokenURL: u.Scheme + "://" + u.Host + "/tenant/token", ClientID: "me", ClientSecret: secret, Scope: "https://org/.default"}
}

func TestTokenIsRenewedAtFourFifthsOfItsLife(t *testing.T) {
	s := &signIn{life: 5}
	c, now := dial(t, s.serve, credentials)
	for _, step := range []struct {
		wait  time.Duration
		given int
	}{{0, 1}, {3900 * time.Millisecond, 1}, {200 * time.Millisecond, 2}, {time.Second, 2}} {
		now.Sleep(t.Context(), step.wait)
		if err := post(t, c); err != nil || s.given != step.given {
			t.Errorf("after %v more: %v, %d tokens given", step.wait, err, s.given)
		}
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	s := &signIn{life: 3600}
	c, _ := dial(t, s.serve, credentials)
	if err := post(t, c); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.revoked = true
	s.mu.Unlock()
	if err := post(t, c); err != nil || s.given != 2 {
		t.Errorf("after a refusal: %v, %d tokens given", err, s.given)
	}
}

func TestNoErrorTellsASecret(t *testing.T) {
	s := &signIn{life: 3600, deny: true}
	c, _ := dial(t, s.serve, credentials)
	e := kind(t, post(t, c), connectors.Denied)
	if text := fmt.Sprintf("%v %+v", e, e); strings.Contains(text, secret) || strings.Contains(text, "S3cret") {
		t.Errorf("the error tells the secret: %s", text)
	}
}

// echo says back what it was told, in every part of a refusal: alone, in a batch,
// and far into a long text.
func echo(w http.ResponseWriter, r *http.Request) {
	_, password, _ := r.BasicAuth()
	said := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "Basic ") + " " + password
	said += " " + url.QueryEscape(said) + " " + url.PathEscape(password) + " " + html.EscapeString(password)
	refusal, _ := json.Marshal(map[string]any{"error": map[string]any{"code": said, "message": strings.Repeat("x", 480) + said, "innererror": map[string]string{"message": said}}})
	if !strings.HasSuffix(r.URL.Path, "$batch") {
		w.WriteHeader(400)
		w.Write(refusal)
		return
	}
	w.Header().Set("Content-Type", "multipart/mixed; boundary=b")
	for range 2 {
		fmt.Fprintf(w, "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n\r\n%s\r\n", refusal)
	}
	fmt.Fprint(w, "--b--\r\n")
}

func TestNoRefusalRepeatsASecret(t *testing.T) {
	const mark = "planted"
	word := mark + `/+&"' <word>`
	long := mark + strings.Repeat("-token-that-goes-on", 100)
	for name, auth := range map[string]wire.Auth{"bearer": {Bearer: mark + "-token"}, "long bearer": {Bearer: long}, "basic": {User: "u", Password: word}} {
		c, _ := dial(t, echo, func(o *wire.Options) { o.Auth = auth })
		e := kind(t, post(t, c), connectors.Invalid)
		told := fmt.Sprintf("%v %+v %+v", e, e, e.Err)
		ops := []wire.Operation{{Method: "POST", Path: "x", Body: []byte("{}")}, {Method: "POST", Path: "y", Body: []byte("{}")}}
		parts, err := c.Batch(t.Context(), wire.Batching{Form: wire.Multipart, Most: 10, Bytes: 1 << 20}, ops)
		if err != nil || parts[0] == nil || parts[1] == nil {
			t.Fatalf("%s: %v, %v", name, parts, err)
		}
		told += fmt.Sprintf(" %+v %+v", parts[0].Failure(), parts[1].Failure())
		if coded := base64.StdEncoding.EncodeToString([]byte("u:" + word)); strings.Contains(told, mark) || strings.Contains(told, coded) || !strings.Contains(told, "[hidden]") {
			t.Errorf("%s: %s", name, told)
		}
	}
}

func TestTokenServiceThatPointsElsewhereIsNotFollowed(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a stranger was told the secret") }))
	t.Cleanup(stranger.Close)
	for _, status := range []int{302, 307, 308} {
		c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", stranger.URL+"/token")
			w.WriteHeader(status)
		}, credentials)
		kind(t, post(t, c), connectors.Denied)
	}
}

func TestNumberOfRequestsAtOnceIsBoundAndShrinksWhenThrottled(t *testing.T) {
	var mu sync.Mutex
	busy, most := 0, 0
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		busy++
		most = max(most, busy)
		mu.Unlock()
		w.Write([]byte("{}"))
		mu.Lock()
		busy--
		mu.Unlock()
	}, func(o *wire.Options) { o.Concurrency = 3 })
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { post(t, c) })
	}
	wg.Wait()
	if most > 3 {
		t.Errorf("%d requests at once", most)
	}
}

func TestCloseEndsRunningCalls(t *testing.T) {
	release := make(chan struct{})
	entered := make(chan struct{})
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}, nil)
	answer := make(chan error, 1)
	go func() { answer <- post(t, c) }()
	<-entered
	c.Close()
	kind(t, <-answer, connectors.Transient)
	close(release)
	_, err := get(t, c, "x")
	kind(t, err, connectors.Unreachable)
}
