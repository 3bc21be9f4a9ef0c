package servicetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Listener is a subscriber that remembers what it is told.
type Listener struct {
	URL string

	mu    sync.Mutex
	heard []string
}

// StartListener starts a listener; it ends with the test.
func StartListener(t testing.TB) *Listener {
	t.Helper()
	l := &Listener{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.heard = append(l.heard, string(body))
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(web.Close)
	l.URL = web.URL
	return l
}

// Heard lists the bodies that were posted so far.
func (l *Listener) Heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heard)
}
