package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// usualBody is the most bytes that a request may carry where its route does not
// say otherwise.
const usualBody = 1 << 20

// uploadTime is how long a request of a route that takes more may take to come in
// and be answered.
const uploadTime = 10 * time.Minute

// limitBody refuses requests that carry more than their route takes. It comes
// after authorize, so that only who may send something large is waited for, and
// before the first step that reads a form.
func (s *Server) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		most := s.route(c).Takes
		if most == 0 {
			most = usualBody
		} else if err := takeLong(c); err != nil {
			return err
		}
		req := c.Request()
		if req.ContentLength > most {
			// A browser that is still sending does not look at the answer.
			_, _ = io.CopyN(io.Discard, req.Body, 8*most) // who sends on is cut off
			return tooLarge(most)
		}
		req.Body = http.MaxBytesReader(c.Response(), req.Body, most)
		return next(c)
	}
}

func tooLarge(most int64) error {
	return echo.NewHTTPError(http.StatusRequestEntityTooLarge, fmt.Sprintf("What was sent is larger than %d MB, the most that is taken here. Nothing was changed. Go back and send less at once.", most>>20))
}

// takeLong lets a request come in, and its answer go out, for longer than the
// server's time-outs.
func takeLong(c echo.Context) error {
	control, end := http.NewResponseController(c.Response()), time.Now().Add(uploadTime)
	if err := errors.Join(control.SetReadDeadline(end), control.SetWriteDeadline(end)); err != nil {
		return fmt.Errorf("lift time-outs: %w", err)
	}
	return nil
}
