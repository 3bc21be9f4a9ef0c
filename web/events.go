package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
)

// Limits of one event stream.
const (
	gather     = 250 * time.Millisecond // events of this time are sent together, each name once
	slowReader = 10 * time.Second       // a reader that takes longer for one write is cut off
)

const eventStream = "text/event-stream"

func wantsEvents(c echo.Context) bool {
	return strings.HasPrefix(c.Request().Header.Get(echo.HeaderAccept), eventStream)
}

// Stream sends the names of what changed, never content, until the browser
// leaves, the session is over, the source ends or the server closes. The page
// then asks for what it shows by an ordinary request.
func (s *Server) Stream(c echo.Context, source <-chan int64, names func(int64) []string) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, eventStream)
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)
	out := eventWriter{c: c, control: http.NewResponseController(c.Response())}
	beat := time.NewTicker(s.beat)
	defer beat.Stop()
	waiting := map[string]bool{}
	var due <-chan time.Time
	err := out.send(": open\n\n")
	for err == nil {
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-s.done:
			return nil
		case id, ok := <-source:
			if !ok {
				return nil
			}
			for _, name := range names(id) {
				waiting[name] = true
			}
			if due == nil {
				due = time.After(gather)
			}
		case <-due:
			err, due = out.sendNames(waiting), nil
			clear(waiting)
		case <-beat.C:
			if !s.lives(c) {
				return nil
			}
			err = out.send(": beat\n\n")
		}
	}
	return nil // the reader is gone or too slow
}

// lives reports whether the stream's session may still see the route.
func (s *Server) lives(c echo.Context) bool {
	need := s.route(c).Need
	if need == Public {
		return true
	}
	v, err := s.store.SessionByHash(c.Request().Context(), models.HashSecret(current(c).ID))
	return err == nil && v.User.Role.Allows(need)
}

// eventWriter writes to one event stream.
type eventWriter struct {
	c       echo.Context
	control *http.ResponseController
}

func (w eventWriter) send(text string) error {
	if err := w.control.SetWriteDeadline(time.Now().Add(slowReader)); err != nil {
		return err
	}
	if _, err := w.c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return w.control.Flush()
}

func (w eventWriter) sendNames(names map[string]bool) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&b, "event: %s\ndata: 1\n\n", name)
	}
	return w.send(b.String())
}
