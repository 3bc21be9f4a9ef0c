package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
)

// Public is the need of a route that is open to everybody.
const Public models.Role = ""

// Route is one line of the route table.
type Route struct {
	Method  string
	Path    string      // as Echo spells it: "/maps/:id"
	Need    models.Role // the weakest role that may call it, or Public
	Takes   int64       // most bytes that a request may carry, 0 for usualBody
	Handler echo.HandlerFunc
	// Hook is a route that programs call. Their proof is a secret in the path: so
	// no form token is asked for, and the log shows Path, not what was called.
	Hook bool
}

// Handle adds a route. All routes are added before Open; a path that is in no
// route is not found, whoever asks.
func (s *Server) Handle(r Route) {
	s.routes[r.Method+" "+r.Path] = r
	s.echo.Add(r.Method, r.Path, r.Handler)
}

// Registered lists every route that requests can reach, as method and path,
// whoever added it.
func (s *Server) Registered() []string {
	var out []string
	for _, r := range s.echo.Routes() {
		out = append(out, r.Method+" "+r.Path)
	}
	return out
}

// route is the line of the table that a request matched. A request that
// matched none needs nothing: it can only be told that there is nothing.
func (s *Server) route(c echo.Context) Route { return s.routes[c.Request().Method+" "+c.Path()] }

// safe reports whether the method changes nothing.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
