package web

import (
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// checkHost refuses requests for a name that is not ours, so that a foreign
// name that resolves to this machine cannot reach the console through a
// visitor's browser.
func (s *Server) checkHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		host := foldHost(c.Request().Host)
		if isLoopback(host) || s.accepts(host) {
			return next(c)
		}
		return echo.NewHTTPError(http.StatusMisdirectedRequest,
			"This address is not one of the console's. If it should be, start Dualwrite with --base-url set to it.")
	}
}

func (s *Server) accepts(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hosts[host]
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// foldHost is the name in "Name:port" in lower case, without brackets and the
// dot at the end.
func foldHost(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
