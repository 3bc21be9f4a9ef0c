package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors"
)

// library is a service that answers reads, by address, alone and in batches.
type library struct {
	parts map[string]string // answer within a batch; none: there are no batches
	mu    sync.Mutex
	calls []string // in the order in which they came
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address := strings.TrimPrefix(r.URL.Path, "/svc/")
	l.mu.Lock()
	l.calls = append(l.calls, address)
	l.mu.Unlock()
	switch {
	case address != "$batch":
		fmt.Fprint(w, address+" alone")
	case l.parts == nil:
		w.WriteHeader(http.StatusNotImplemented)
	default:
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "multipart/mixed; boundary=b")
		for line := range strings.Lines(string(body)) {
			if inner, ok := strings.CutPrefix(line, "GET "); ok {
				inner, _, _ = strings.Cut(inner, " ")
				fmt.Fprintf(w, "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 %s\r\n", l.parts[inner])
			}
		}
		fmt.Fprint(w, "--b--\r\n")
	}
}

// visit makes a client of a library.
func visit(t *testing.T, l *library) *Client {
	t.Helper()
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	c, err := New(Options{Root: s.URL + "/svc"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// ask queues reads, has them fetched, and tells what each is answered.
func ask(c *Client, paths ...string) (out []string) {
	var all []*reading
	for _, path := range paths {
		one := &reading{request: Request{Method: http.MethodGet, Path: path}, inner: path, done: make(chan struct{})}
		c.gather.join(one, time.Now())
		all = append(all, one)
	}
	c.fetch(Batching{Form: Multipart}, c.gather.group, 0)
	for _, one := range all {
		if <-one.done; one.err != nil {
			out = append(out, connectors.KindOf(one.err).String())
			continue
		}
		out = append(out, string(one.answer.Body))
	}
	return out
}

func TestReadsThatWaitTogetherAreOneCall(t *testing.T) {
	l := &library{parts: map[string]string{"a": "200 OK\r\n\r\nfor a", "b": "404 Not Found\r\n\r\n{}", "c": "503 Service Unavailable\r\n\r\n{}"}}
	got := strings.Join(ask(visit(t, l), "a", "b", "c"), ", ")
	if want := "for a, " + connectors.NoEntity.String() + ", c alone"; got != want {
		t.Errorf("answered %q, want %q", got, want)
	}
	if calls := strings.Join(l.calls, " "); calls != "$batch c" {
		t.Errorf("the service was asked %s", calls)
	}
}

func TestServiceWithoutBatchesOfReadsIsAskedForEach(t *testing.T) {
	l := &library{}
	c := visit(t, l)
	if got := strings.Join(ask(c, "a", "b"), ", "); got != "a alone, b alone" {
		t.Errorf("answered %q", got)
	}
	c.limit.throttled(time.Now())
	if answer, err := c.Read(t.Context(), Batching{Form: Multipart}, Reading{Path: "c"}); err != nil || string(answer.Body) != "c alone" {
		t.Errorf("then %v, %v", answer, err)
	}
	if len(l.calls) != 4 || l.calls[3] != "c" {
		t.Errorf("the service was asked %v", l.calls)
	}
}

func TestReadsShareCallsOnlyUnderPressureAndWithinTheService(t *testing.T) {
	l := &library{parts: map[string]string{}}
	c := visit(t, l)
	read := func(path string) {
		t.Helper()
		answer, err := c.Read(t.Context(), Batching{Form: Multipart}, Reading{Path: path, Patient: true})
		if err != nil || !strings.HasSuffix(string(answer.Body), " alone") {
			t.Errorf("%s: %v, %v", path, answer, err)
		}
	}
	read("a")
	c.limit.throttled(time.Now())
	read(strings.TrimSuffix(c.root.String(), "/svc/") + "/elsewhere")
	if c.gather.hurry != (time.Time{}) || len(c.gather.waiting) > 0 {
		t.Error("a read was queued that had no reason to wait")
	}
}

func TestPatientReadsTravelWithTheNextThatIsInAHurry(t *testing.T) {
	g, now := &gather{}, time.Now()
	joins := func(what string, one *reading, at time.Time, want time.Duration) (group int) {
		t.Helper()
		group, wait := g.join(one, at)
		if wait != want {
			t.Errorf("%s waits %v for company, want %v", what, wait, want)
		}
		return group
	}
	patient, other, hurried, late := &reading{patient: true}, &reading{patient: true}, &reading{}, &reading{}
	first := joins("a patient read while nobody else asks for anything", patient, now, crowd)
	joins("a patient read that travels with another", other, now, 0)
	joins("a read in a hurry", hurried, now, company)
	joins("a second one", late, now, 0)
	g.leave(other)
	out, next := g.take(2)
	if len(out) != 2 || out[0] != patient || next == 0 || !g.left(first) || g.left(next) {
		t.Errorf("%d travel together, the next group is %d", len(out), next)
	}
	g.take(2)
	joins("a patient read while others come all the time", patient, now.Add(lull/2), lull)
	g.take(2)
	joins("a patient read after them", patient, now.Add(2*lull), crowd)
}
