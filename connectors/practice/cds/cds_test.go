package cds_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dualwrite/connectors/practice/servicetest"
)

// desk calls a server and looks at its answers.
type desk struct {
	*testing.T
	*servicetest.Dataverse
	token string
}

func start(t *testing.T) *desk {
	d := &desk{T: t, Dataverse: servicetest.StartDataverse(t, nil)}
	d.signIn()
	return d
}

// signIn gets a token by client credentials.
func (d *desk) signIn() {
	d.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {servicetest.ClientID}, "client_secret": {servicetest.ClientSecret}, "scope": {d.URL + "/.default"}}
	r, err := http.PostForm(d.URL+"/"+servicetest.Tenant+"/oauth2/v2.0/token", form)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Token == "" {
		d.Fatalf("status %d, %v", r.StatusCode, err)
	}
	d.token = answer.Token
}

// answer is what came back: the status, the body and its parts.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends "METHOD path" with headers "Name: value" and a body.
func (d *desk) call(line, body string, headers ...string) answer {
	d.Helper()
	a, err := d.try(line, body, headers...)
	if err != nil {
		d.Fatalf("%s: %v", line, err)
	}
	return a
}

func (d *desk) try(line, body string, headers ...string) (answer, error) {
	d.Helper()
	method, path, _ := strings.Cut(line, " ")
	if !strings.Contains(path, "://") {
		path = d.URL + "/api/data/v9.2/" + path
	}
	r, err := http.NewRequestWithContext(d.Context(), method, path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(content)}, err
}

// wants sends a call and demands a status and parts of the body.
func (d *desk) wants(status int, line, body string, parts ...string) answer {
	d.Helper()
	a := d.call(line, body)
	d.checks(a, status, line, parts...)
	return a
}

func (d *desk) checks(a answer, status int, line string, parts ...string) {
	d.Helper()
	if a.status != status {
		d.Errorf("%s: status %d, want %d: %s", line, a.status, status, a.body)
	}
	for _, p := range parts {
		if !strings.Contains(a.body, p) {
			d.Errorf("%s: %q is missing in %s", line, p, a.body)
		}
	}
}

// id is the native id that a write answered.
func (a answer) id() string {
	_, rest, _ := strings.Cut(a.header.Get("OData-EntityId"), "(")
	return strings.TrimSuffix(rest, ")")
}

// field is a member of a JSON answer, as text.
func (a answer) field(name string) string {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(a.body), &all); err != nil {
		return fmt.Sprint(err)
	}
	var text string
	if json.Unmarshal(all[name], &text) == nil {
		return text
	}
	return string(all[name])
}

func ptr(s string) *string { return &s }

func (d *desk) child(number string) string {
	d.Helper()
	return d.Insert(d, "children", map[string]*string{"dataareaid": ptr("usmf"), "number": ptr(number), "title": ptr("t")})
}

func (d *desk) parent(code string) string {
	d.Helper()
	return d.Insert(d, "parents", map[string]*string{"dataareaid": ptr("usmf"), "code": ptr(code)})
}
