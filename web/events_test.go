package web_test

import (
	"bufio"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"dualwrite/web"
)

// stream opens an event stream and gives its lines.
func stream(t *testing.T, s *web.Server, path string) (*bufio.Scanner, func()) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("status %d, type %q", res.StatusCode, got)
	}
	return bufio.NewScanner(res.Body), func() { _ = res.Body.Close() }
}

// next gives the next line that is not empty, "" at the end.
func next(lines *bufio.Scanner) string {
	for lines.Scan() {
		if lines.Text() != "" {
			return lines.Text()
		}
	}
	return ""
}

func TestTheEventStreamCarriesNamesOnceEach(t *testing.T) {
	source := make(chan int64, 8)
	names := func(id int64) []string { return []string{"all", map[int64]string{1: "one", 2: "two"}[id]} }
	var s *web.Server
	s = openServer(t, io.Discard, web.Options{}, public("/events", func(c echo.Context) error { return s.Stream(c, source, names) }))
	lines, done := stream(t, s, "/events")
	defer done()
	for _, id := range []int64{1, 2, 1, 1} {
		source <- id
	}
	want := []string{": open", "event: all", "data: 1", "event: one", "data: 1", "event: two", "data: 1"}
	for _, w := range want {
		if got := next(lines); got != w {
			t.Fatalf("line %q, want %q", got, w)
		}
	}
	close(source)
	if got := next(lines); got != "" {
		t.Errorf("after the source's end: %q", got)
	}
}

func TestStreamsShowThatTheyLiveAndEndWhenTheServerCloses(t *testing.T) {
	var s *web.Server
	s = openServer(t, io.Discard, web.Options{Beat: time.Millisecond}, public("/events", func(c echo.Context) error {
		return s.Stream(c, make(chan int64), func(int64) []string { return nil })
	}))
	lines, done := stream(t, s, "/events")
	defer done()
	if got := next(lines); got != ": open" {
		t.Fatal(got)
	}
	if got := next(lines); got != ": beat" {
		t.Fatal(got)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("closing with an open stream: %v", err)
	}
	for got := next(lines); got != ""; got = next(lines) {
		if got != ": beat" {
			t.Fatal(got)
		}
	}
}
