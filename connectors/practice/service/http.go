package service

import (
	"net/http"
	"strings"
)

// Request is one call, on its own or in a batch.
type Request struct {
	Method string
	Origin string // "http://127.0.0.1:4711"
	Path   string // escaped, from the root of the server
	Query  string // raw
	Header http.Header
	Body   []byte
	// Tx is the transaction of the change set that the call is in; nil outside.
	Tx *Tx
	// References are the addresses of what was created earlier in the change
	// set, by Content-ID.
	References map[string]string
}

// Response is the answer to a Request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Reply makes a response. Headers are given in pairs.
func Reply(status int, body []byte, headers ...string) *Response {
	r := &Response{Status: status, Header: http.Header{}, Body: body}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// Preference finds one of the preferences that the Prefer headers list, and
// what it is set to.
func (r *Request) Preference(name string) (value string, ok bool) {
	for _, line := range r.Header.Values("Prefer") {
		for _, p := range splitOutsideQuotes(line) {
			key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(key, name) {
				return strings.Trim(value, `"`), true
			}
		}
	}
	return "", false
}

// splitOutsideQuotes cuts at commas and semicolons that are not within double quotes.
func splitOutsideQuotes(s string) []string {
	inside := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			inside = !inside
		}
		return !inside && (r == ',' || r == ';')
	})
}
