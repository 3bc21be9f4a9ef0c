package wire

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"dualwrite/connectors"
)

// Auth proves who we are. The zero value proves nothing. One of Basic, Bearer
// and ClientCredentials is used, in that order.
type Auth struct {
	User, Password string // Basic
	Bearer         string // a token that somebody else renews

	// Client credentials of OAuth 2.0.
	TokenURL, ClientID, ClientSecret, Scope string
}

// spellings are a secret as we send it and as a service may spell it when it
// repeats it; none of no secret.
func spellings(secret string) []string {
	if secret == "" {
		return nil
	}
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)}
}

// tokens keeps the token of client credentials and renews it after four fifths
// of its life, or when the service does not take it any more.
type tokens struct {
	auth   Auth
	http   *http.Client
	now    func() time.Time
	mu     sync.Mutex
	token  string
	renew  time.Time
	former string // to be kept out of errors as well
}

// authorize puts the proof on a request and gives the token that it used.
func (t *tokens) authorize(ctx context.Context, r *http.Request) (token string, err error) {
	switch a := &t.auth; {
	case a.User != "":
		r.SetBasicAuth(a.User, a.Password)
		return "", nil
	case a.Bearer != "":
		token = a.Bearer
	case a.TokenURL != "":
		if token, err = t.current(ctx); err != nil {
			return "", err
		}
	default:
		return "", nil
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return token, nil
}

// reject drops a token that the service refused. It reports whether another one
// can be had.
func (t *tokens) reject(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token, t.former = "", token
	}
	return t.auth.TokenURL != "" && t.auth.User == "" && t.auth.Bearer == ""
}

func (t *tokens) current(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && t.now().Before(t.renew) {
		return t.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.auth.ClientID}, "client_secret": {t.auth.ClientSecret}}
	if t.auth.Scope != "" {
		form.Set("scope", t.auth.Scope)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.auth.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", &connectors.Error{Kind: connectors.Invalid, Op: "token", Message: "the address of the token service cannot be used"}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	asked := t.now()
	answer, err := t.http.Do(r)
	if err != nil {
		return "", &connectors.Error{Kind: connectors.Unreachable, Op: "token", Message: "the token service does not answer", Err: err}
	}
	defer answer.Body.Close()
	return t.take(answer, asked)
}

// tokenAnswer is the token service's JSON; expiry is in seconds, and some
// services write it as a text.
type tokenAnswer struct {
	Token     string      `json:"access_token"`
	ExpiresIn json.Number `json:"expires_in"`
	Error     string      `json:"error"`
}

// take reads the token service's answer. Its description of an error is left
// out: it may repeat what was sent.
func (t *tokens) take(answer *http.Response, asked time.Time) (string, error) {
	body, err := readBody(answer, 1<<20)
	if err != nil {
		return "", &connectors.Error{Kind: connectors.Transient, Op: "token", Message: "the token service's answer was cut off", Err: err}
	}
	var a tokenAnswer
	invalid := json.Unmarshal(body, &a) != nil
	switch f := failureOf(answer.StatusCode, answer.Header, nil, t.now(), nil); {
	case answer.StatusCode == http.StatusTooManyRequests:
		return "", &connectors.Error{Kind: connectors.Throttled, Op: "token", RetryAfter: f.After, Message: "the token service asks for fewer calls"}
	case answer.StatusCode >= 500:
		return "", &connectors.Error{Kind: connectors.Unreachable, Op: "token", Message: fmt.Sprintf("the token service answers %d", answer.StatusCode)}
	case answer.StatusCode >= 300 || invalid || a.Token == "":
		return "", &connectors.Error{Kind: connectors.Denied, Op: "token", Message: strings.TrimSuffix("the token service gives no token: "+a.Error, ": ")}
	}
	life, err := a.ExpiresIn.Float64()
	if err != nil || life <= 0 {
		life = 300
	}
	if t.token != "" {
		t.former = t.token
	}
	t.token, t.renew = a.Token, asked.Add(time.Duration(life*0.8*float64(time.Second)))
	return t.token, nil
}

// hidden are the texts that must appear in no error.
func (t *tokens) hidden() (out []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := &t.auth
	for _, s := range [...]string{a.Password, a.Bearer, a.ClientSecret, t.token, t.former} {
		out = append(out, spellings(s)...)
	}
	if a.User != "" {
		out = append(out, base64.StdEncoding.EncodeToString([]byte(a.User+":"+a.Password)))
	}
	return out
}
