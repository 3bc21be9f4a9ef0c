package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/static"
)

// Context keys of a request.
const (
	currentKey = "session" // *sessions.Session
	userKey    = "user"    // models.User
)

// backgroundHeader marks what a page asks for by itself: it does not keep the
// session alive.
const backgroundHeader = "X-Background"

// loadSession finds out who asks.
func (s *Server) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if static.Known(c.Request().URL.Path) {
			return next(c) // the same for everybody
		}
		current, err := s.sessions.Get(c.Request(), s.cookieName("session"))
		if err != nil {
			return err
		}
		c.Set(currentKey, current)
		if v, ok := current.Values[sessionKey].(models.Session); ok {
			c.Set(userKey, v.User)
			if c.Request().Header.Get(backgroundHeader) == "" && !wantsEvents(c) {
				if err := s.store.SeeSession(c.Request().Context(), v); err != nil {
					return err
				}
			}
		}
		return next(c)
	}
}

// User is who asks; its Role is "" when nobody is signed in.
func User(c echo.Context) models.User {
	u, _ := c.Get(userKey).(models.User)
	return u
}

func current(c echo.Context) *sessions.Session {
	v, _ := c.Get(currentKey).(*sessions.Session)
	return v
}

// SignIn gives the browser a new session for the user and ends the one it had,
// so that an id from before is worth nothing.
func (s *Server) SignIn(c echo.Context, u models.User) error {
	v := current(c)
	if v.ID != "" {
		err := s.store.EndSession(c.Request().Context(), models.HashSecret(v.ID))
		if err != nil && models.KindOf(err) != models.NotFound {
			return err
		}
	}
	v.ID = ""
	agent := c.Request().UserAgent()
	v.Values[sessionKey] = models.Session{UserID: u.ID, User: u, Address: c.RealIP(), Agent: strings.ToValidUTF8(agent[:min(len(agent), 200)], "")}
	c.Set(userKey, u)
	return v.Save(c.Request(), c.Response())
}

// SignOut ends the browser's session.
func (s *Server) SignOut(c echo.Context) error {
	v := current(c)
	v.Options.MaxAge = -1
	return v.Save(c.Request(), c.Response())
}

// Notify leaves a message for the next page that the person sees.
func (s *Server) Notify(c echo.Context, level models.NoticeLevel, text string) error {
	return s.changeNotices(c, func(n []models.Notice) []models.Notice { return append(n, models.Notice{Level: level, Text: text}) })
}

// takeNotices gives the waiting messages, once.
func (s *Server) takeNotices(c echo.Context) ([]models.Notice, error) {
	var out []models.Notice
	err := s.changeNotices(c, func(n []models.Notice) []models.Notice {
		out = n
		return nil
	})
	return out, err
}

func (s *Server) changeNotices(c echo.Context, change func([]models.Notice) []models.Notice) error {
	saved := current(c)
	v, ok := saved.Values[sessionKey].(models.Session)
	if !ok {
		return nil
	}
	before := len(v.Notices)
	v.Notices = change(v.Notices)
	if len(v.Notices) == before {
		return nil
	}
	saved.Values[sessionKey] = v
	return saved.Save(c.Request(), c.Response())
}

// authorize lets a request pass when the user's role covers the route's need.
// An unknown person is sent to sign in.
func (s *Server) authorize(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		need, u := s.route(c).Need, User(c)
		switch {
		case need == Public || u.Role.Allows(need):
			return next(c)
		case u.Role != "":
			return echo.NewHTTPError(http.StatusForbidden, "This needs the role "+string(need)+"; yours is "+string(u.Role)+".")
		default:
			return s.challenge(c)
		}
	}
}

// challenge sends a browser to the sign-in page, and back to where it was.
func (s *Server) challenge(c echo.Context) error {
	to := "/signin"
	switch {
	case wantsEvents(c):
		return echo.NewHTTPError(http.StatusUnauthorized, "Sign in first.")
	case c.Request().Header.Get("HX-Request") != "":
		c.Response().Header().Set("HX-Redirect", to)
		return echo.NewHTTPError(http.StatusUnauthorized, "Sign in first.")
	case c.Request().Method == http.MethodGet && c.Request().URL.Path != "/":
		to += "?next=" + url.QueryEscape(c.Request().URL.RequestURI())
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// LocalPath gives a path of this console, or "/" for anything that a browser
// could take for another place.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return "/"
	}
	for _, r := range next {
		if r == '\\' || r < ' ' || r == 0x7f {
			return "/"
		}
	}
	return next
}
