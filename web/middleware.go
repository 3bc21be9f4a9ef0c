package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"dualwrite/models"
	"dualwrite/static"
)

// use adds the middleware in the order in which requests pass it. All of it
// runs after routing, so each step may ask which route matched.
func (s *Server) use() {
	s.echo.Use(
		middleware.RecoverWithConfig(middleware.RecoverConfig{DisableStackAll: true, LogErrorFunc: s.logPanic}),
		requestID,
		s.logRequest,
		s.headers,
		s.checkHost,
		s.loadSession,
		s.authorize,
		s.checkOrigin,
		s.limitBody,
		middleware.CSRFWithConfig(middleware.CSRFConfig{
			TokenLookup:    "header:" + echo.HeaderXCSRFToken + ",form:_csrf",
			ContextKey:     csrfKey,
			CookieName:     s.cookieName("csrf"),
			CookiePath:     "/",
			CookieSecure:   s.secure(),
			CookieHTTPOnly: true,
			CookieSameSite: http.SameSiteLaxMode,
			Skipper:        func(c echo.Context) bool { return static.Known(c.Request().URL.Path) || s.route(c).Hook },
			ErrorHandler:   func(err error, _ echo.Context) error { return forbidden(err) },
		}),
	)
}

const csrfKey = "csrf"

// cookieName binds a cookie to this very host where https allows it.
func (s *Server) cookieName(name string) string { return cookieName(name, s.secure()) }

func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-dualwrite-" + name
	}
	return "dualwrite-" + name
}

func forbidden(cause error) error {
	return echo.NewHTTPError(http.StatusForbidden, "The form was not sent from a page of this console, or the page was open for too long. Go back, reload it and send it again.").SetInternal(cause)
}

func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, models.NewSecret()[:16])
		return next(c)
	}
}

// idOf is the request's id, which is in the log and on the error page.
func idOf(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

func (s *Server) logPanic(c echo.Context, err error, stack []byte) error {
	s.log.Error("panic", "id", idOf(c), "error", err, "stack", string(stack))
	return &models.Error{Kind: models.Internal, Err: err}
}

// logged is the path of a request as the log may show it: without the query, and
// for a hook as the route has it, because both may hold a secret (I9).
func (s *Server) logged(c echo.Context) string {
	if s.route(c).Hook {
		return c.Path()
	}
	return c.Request().URL.Path
}

// logRequest logs every request once it is answered.
func (s *Server) logRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		level := slog.LevelInfo
		if safe(c.Request().Method) || s.route(c).Hook {
			level = slog.LevelDebug
		}
		if c.Response().Status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		s.log.LogAttrs(c.Request().Context(), level, "request", slog.String("id", idOf(c)), slog.String("method", c.Request().Method),
			slog.String("path", s.logged(c)), slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size),
			slog.Duration("took", time.Since(begin)), slog.String("user", User(c).Name), slog.String("address", c.RealIP()))
		return nil
	}
}

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// checkOrigin refuses a form that another site's page sent. A browser that
// hides the origin ("null") is judged by the CSRF check alone.
func (s *Server) checkOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		origin := c.Request().Header.Get(echo.HeaderOrigin)
		if safe(c.Request().Method) || s.route(c).Hook || origin == "" || origin == "null" {
			return next(c)
		}
		u, err := url.Parse(origin)
		if err != nil || !s.ownHost(c.Request().Host, u.Host) {
			return forbidden(err)
		}
		return next(c)
	}
}

// ownHost reports whether an origin's host and port are those of the request
// or of the base URL.
func (s *Server) ownHost(request, origin string) bool {
	return strings.EqualFold(request, origin) || s.base != nil && strings.EqualFold(s.base.Host, origin)
}
