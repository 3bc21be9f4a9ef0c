package wire

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"
)

// Failure is a refusal by the service, in whatever form it came.
type Failure struct {
	Status  int
	Code    string // the service's own code, often empty
	Message string // the service's own words, one line
	Inner   string // the inner error's message, whole; may hold a stack trace
	After   time.Duration
	HasWait bool // the service said how long to stay away
}

func (f *Failure) Error() string {
	text := f.Message
	if text == "" {
		text = http.StatusText(f.Status)
	}
	if f.Code != "" {
		return fmt.Sprintf("%d %s: %s", f.Status, f.Code, text)
	}
	return fmt.Sprintf("%d: %s", f.Status, text)
}

// Kind is what a refusal means when nothing is known of the request but that it
// was refused.
func (f *Failure) Kind() connectors.Kind {
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return connectors.Denied
	case http.StatusNotFound:
		return connectors.NoEntity
	case http.StatusConflict:
		return connectors.Duplicate
	case http.StatusRequestEntityTooLarge:
		return connectors.TooLarge
	case http.StatusTooManyRequests:
		return connectors.Throttled
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return connectors.Transient
	case http.StatusInternalServerError:
		return connectors.Internal
	}
	return connectors.Invalid
}

// fault is the failure as connectors speak of it.
func (f *Failure) fault() *connectors.Error {
	return &connectors.Error{Kind: f.Kind(), Message: f.Error(), RetryAfter: f.After, Err: f}
}

// failureOf reads a refusal: JSON of OData, JSON with a bare Message, a bare
// JSON string, plain text, a page for people, or nothing. What is hidden is taken
// out before a text is shortened, which could leave a part of it.
func failureOf(status int, header http.Header, body []byte, now time.Time, hidden []string) *Failure {
	f := &Failure{Status: status}
	f.After, f.HasWait = retryAfter(header, now)
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	text := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	switch {
	case media == "text/html" || strings.HasPrefix(text, "<"):
	case f.readJSON(body, hidden):
	default:
		if s, err := strconv.Unquote(text); err == nil {
			text = s
		}
		f.Message = FirstLine(redact(text, hidden))
	}
	return f
}

func (f *Failure) readJSON(body []byte, hidden []string) bool {
	o, err := DecodeObject(body)
	if err != nil {
		return false
	}
	e := o.Object("error")
	if e == nil {
		if e = o; o.Object("odata.error") != nil {
			e = o.Object("odata.error")
		}
	}
	f.Code = redact(e.Text("code"), hidden)
	for _, text := range [...]string{e.Text("message"), e.Text("Message"), e.Object("message").Text("value")} {
		if f.Message == "" {
			f.Message = FirstLine(redact(text, hidden))
		}
	}
	for inner := e.Object("innererror"); inner != nil; inner = inner.Object("internalexception") {
		if m := inner.Text("message"); m != "" {
			f.Inner = redact(m, hidden)
		}
	}
	return true
}

// messageMost is how much of a foreign text is worth showing.
const messageMost = 500

// FirstLine is the first line of a text that says something, shortened.
func FirstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(line) > messageMost {
			return strings.ToValidUTF8(line[:messageMost], "") + "…"
		}
		return line
	}
	return ""
}

// retryAfter reads how long to stay away, in seconds or as a date. A part of a
// second is rounded up: coming back too early is what makes it grow.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now).Truncate(time.Second)+time.Second), true
	}
	return 0, false
}
