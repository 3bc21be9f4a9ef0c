package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// setupPage shows the form of the first start to whoever has its link.
func (h *console) setupPage(c echo.Context) error {
	token := c.QueryParam("token")
	if err := h.store.CheckSetup(c.Request().Context(), token); err != nil {
		return setupError(err)
	}
	return h.renderSetup(c, http.StatusOK, views.Setup{Token: token})
}

// setup makes the administrator and signs him in.
func (h *console) setup(c echo.Context) error {
	ctx := c.Request().Context()
	v := views.Setup{Token: c.FormValue("token"), Name: c.FormValue("name")}
	if err := h.store.CheckSetup(ctx, v.Token); err != nil {
		return setupError(err)
	}
	password := c.FormValue("password")
	v.Errors.Field = h.newPasswordErrors(password, c.FormValue("again"))
	if v.Errors.Any() {
		return h.renderSetup(c, http.StatusUnprocessableEntity, v)
	}
	hash, err := h.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	u, err := h.store.ClaimSetup(ctx, v.Token, models.User{Name: v.Name, PasswordHash: hash})
	switch models.KindOf(err) {
	case models.Invalid:
		v.Errors.Field = map[string]string{"name": models.MessageOf(err)}
		return h.renderSetup(c, http.StatusUnprocessableEntity, v)
	case models.NotFound:
		return setupError(err)
	}
	if err != nil {
		return err
	}
	if err := h.web.SignIn(c, u); err != nil {
		return err
	}
	return h.web.Done(c, "/", "Welcome, "+u.Name+". You are the administrator.")
}

// newPasswordErrors tells what is wrong with a password typed twice, by field.
func (h *console) newPasswordErrors(password, again string) map[string]string {
	if err := h.passwords.Check(password); err != nil {
		return map[string]string{"password": models.MessageOf(err)}
	}
	if password != again {
		return map[string]string{"again": "the two passwords differ"}
	}
	return nil
}

// setupError hides the page once it is done, and refuses a bad link.
func setupError(err error) error {
	switch models.KindOf(err) {
	case models.NotFound:
		return echo.ErrNotFound
	case models.Invalid:
		return echo.NewHTTPError(http.StatusForbidden, models.MessageOf(err)).SetInternal(err)
	default:
		return err
	}
}

// renderSetup keeps the link's secret from leaking to any other address.
func (h *console) renderSetup(c echo.Context, status int, v views.Setup) (err error) {
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	if v.Page, err = h.web.Page(c, "Welcome", ""); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}
