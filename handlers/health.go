package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
)

// live says that the process answers.
func (h *console) live(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready says that the store answers too. An app that does not answer does not
// make the console less ready.
func (h *console) ready(c echo.Context) error {
	if _, err := h.store.NeedsSetup(c.Request().Context()); err != nil {
		return &models.Error{Kind: models.Busy, Message: "The store does not answer.", Err: err}
	}
	return c.String(http.StatusOK, "ok\n")
}

// start sends people to the page they come for.
func (h *console) start(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/maps") }
