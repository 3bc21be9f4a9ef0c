package handlers

import (
	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/static"
	"dualwrite/web"
)

// routes is every address of the console, with the weakest role that may use it.
func (h *console) routes() []web.Route {
	return []web.Route{
		// Open to everybody.
		{Method: "GET", Path: static.Prefix + "*", Need: web.Public, Handler: echo.WrapHandler(static.Handler())},
		{Method: "GET", Path: "/livez", Need: web.Public, Handler: h.live},
		{Method: "GET", Path: "/readyz", Need: web.Public, Handler: h.ready},
		{Method: "GET", Path: "/setup", Need: web.Public, Handler: h.setupPage},
		{Method: "POST", Path: "/setup", Need: web.Public, Handler: h.setup},
		{Method: "GET", Path: "/signin", Need: web.Public, Handler: h.signInPage},
		{Method: "POST", Path: "/signin", Need: web.Public, Handler: h.signIn},

		// Anybody who is signed in.
		{Method: "POST", Path: "/signout", Need: models.Viewer, Handler: h.signOut},
		{Method: "GET", Path: "/", Need: models.Viewer, Handler: h.start},

		// The list of entity maps.
		{Method: "GET", Path: "/maps", Need: models.Viewer, Handler: h.maps},
		{Method: "GET", Path: "/maps/rows", Need: models.Viewer, Handler: h.mapRows},
	}
}
