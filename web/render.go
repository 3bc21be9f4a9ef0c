package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"dualwrite/views"
)

// Render answers with a component. It is rendered before the first byte is
// sent, so a fault still becomes an error page; an empty result is a fault.
func Render(c echo.Context, status int, component templ.Component) error {
	var b bytes.Buffer
	if err := component.Render(c.Request().Context(), &b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	if b.Len() == 0 {
		return errors.New("render page: it is empty")
	}
	c.Response().Header().Add(echo.HeaderVary, "HX-Request")
	return c.HTMLBlob(status, b.Bytes())
}

// Page begins a page: who asks, the form token, and the messages that wait. nav
// is the path of the navigation entry that the page belongs to.
func (s *Server) Page(c echo.Context, title, nav string) (views.Page, error) {
	p := s.bare(c, title)
	p.Nav = nav
	if c.Request().Header.Get("HX-Request") != "" && c.Request().Header.Get("HX-Boosted") == "" {
		return p, nil // a part of a page has no room for messages
	}
	var err error
	p.Notices, err = s.takeNotices(c)
	return p, err
}

// bare is a page without messages.
func (s *Server) bare(c echo.Context, title string) views.Page {
	token, _ := c.Get(csrfKey).(string)
	p := views.Page{Title: title, User: User(c), CSRF: token, Practice: s.practice}
	if s.faults != nil {
		p.Faults = s.faults()
	}
	return p
}

// Done leaves a message and sends the browser on after a form was obeyed.
func (s *Server) Done(c echo.Context, to, message string) error {
	if err := s.Notify(c, "ok", message); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// TakeTime lets an answer take longer than the server's write time-out.
func TakeTime(c echo.Context) error {
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("lift write time-out: %w", err)
	}
	return nil
}
