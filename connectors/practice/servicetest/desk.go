package servicetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Desk calls a server as the tests of the servers do, with nothing between them
// and the wire.
type Desk struct {
	testing.TB
	Origin string // "http://127.0.0.1:4711"
	Base   string // that relative addresses are below
	Token  string
}

// Answer is what came back from a call.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// SignIn gets a token by client credentials.
func (d *Desk) SignIn() {
	d.Helper()
	a := d.AskToken(ClientID, ClientSecret, d.Origin+"/.default")
	if d.Token = a.Field("access_token"); a.Status != http.StatusOK || d.Token == "" {
		d.Fatalf("sign in: %d %s", a.Status, a.Body)
	}
}

// AskToken asks for a token.
func (d *Desk) AskToken(id, secret, scope string) Answer {
	d.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {scope}}
	a, err := d.send("POST", d.Origin+"/"+Tenant+"/oauth2/v2.0/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	if err != nil {
		d.Fatal(err)
	}
	return a
}

// Call sends "METHOD address" with a body and headers "Name: value".
func (d *Desk) Call(line, body string, headers ...string) Answer {
	d.Helper()
	a, err := d.Try(line, body, headers...)
	if err != nil {
		d.Fatalf("%s: %v", line, err)
	}
	return a
}

// Try is Call for a call that may find no answer.
func (d *Desk) Try(line, body string, headers ...string) (Answer, error) {
	d.Helper()
	method, address, _ := strings.Cut(line, " ")
	if !strings.Contains(address, "://") {
		address = d.Base + address
	}
	return d.send(method, address, body, append([]string{"Authorization: Bearer " + d.Token, "Content-Type: application/json"}, headers...)...)
}

func (d *Desk) send(method, address, body string, headers ...string) (Answer, error) {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.GetBody = nil // so that nothing is sent twice behind the test's back
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, string(content)}, err
}

// Wants sends a call and demands a status and parts of the body.
func (d *Desk) Wants(status int, line, body string, parts ...string) Answer {
	d.Helper()
	a := d.Call(line, body)
	d.Checks(a, status, line, parts...)
	return a
}

// Checks demands a status and parts of the body.
func (d *Desk) Checks(a Answer, status int, line string, parts ...string) {
	d.Helper()
	if a.Status != status {
		d.Errorf("%s: status %d, want %d: %s", line, a.Status, status, a.Body)
	}
	for _, p := range parts {
		if !strings.Contains(a.Body, p) {
			d.Errorf("%s: %q is missing in %s", line, p, a.Body)
		}
	}
}

// ID is the native id that a write of the Dataverse dialect answered.
func (a Answer) ID() string {
	_, rest, _ := strings.Cut(a.Header.Get("OData-EntityId"), "(")
	return strings.TrimSuffix(rest, ")")
}

// Field is a member of a JSON answer, as text.
func (a Answer) Field(name string) string {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(a.Body), &all); err != nil {
		return fmt.Sprint(err)
	}
	var text string
	if json.Unmarshal(all[name], &text) == nil {
		return text
	}
	return string(all[name])
}

// Listed is a page of a collection.
type Listed struct {
	Next  string           `json:"@odata.nextLink"`
	Delta string           `json:"@odata.deltaLink"`
	Count int64            `json:"@odata.count"`
	Value []map[string]any `json:"value"`
}

// Pages follows next links from an address to the end.
func (d *Desk) Pages(address string, headers ...string) (all []map[string]any, last Listed, pages int) {
	d.Helper()
	for address != "" {
		a := d.Call("GET "+address, "", headers...)
		if a.Status != http.StatusOK {
			d.Fatalf("GET %s: %d %s", address, a.Status, a.Body)
		}
		last = Listed{}
		if err := json.Unmarshal([]byte(a.Body), &last); err != nil {
			d.Fatalf("%v in %s", err, a.Body)
		}
		all, address = append(all, last.Value...), last.Next
		if pages++; pages > 100 {
			d.Fatal("the pages do not end")
		}
	}
	return all, last, pages
}

// Column lists one member of records, where it is there.
func Column(records []map[string]any, name string) string {
	var out []string
	for _, r := range records {
		if r[name] != nil {
			out = append(out, fmt.Sprint(r[name]))
		}
	}
	return strings.Join(out, " ")
}

// Escape writes a text for an address.
func Escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
