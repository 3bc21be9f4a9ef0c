package handlers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// signInPage asks who somebody is.
func (h *console) signInPage(c echo.Context) error {
	next := web.LocalPath(c.QueryParam("next"))
	if web.User(c).Role != "" {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return h.renderSignIn(c, http.StatusOK, views.SignIn{Next: next})
}

// signIn checks name and password. It answers the same for an unknown name, a
// wrong password and a disabled user, in the same time.
func (h *console) signIn(c echo.Context) error {
	v := views.SignIn{Name: c.FormValue("name"), Next: web.LocalPath(c.FormValue("next"))}
	account := models.HashSecret(models.FoldName(v.Name) + " " + c.RealIP()) // of one size, however long the name
	if wait := h.attempts.Try(account); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		c.Response().Header().Set(echo.HeaderRetryAfter, fmt.Sprint(seconds))
		v.Errors.Summary = fmt.Sprintf("Too many attempts. Try again in %d seconds.", seconds)
		return h.renderSignIn(c, http.StatusTooManyRequests, v)
	}
	u, err := h.authenticate(c.Request().Context(), v.Name, c.FormValue("password"))
	if models.KindOf(err) == models.Invalid {
		v.Errors.Summary = models.MessageOf(err)
		return h.renderSignIn(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	h.attempts.Succeed(account)
	if err := h.web.SignIn(c, u); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, v.Next)
}

// authenticate gives the user of a name and password. Fails with kind Invalid
// when there is none.
func (h *console) authenticate(ctx context.Context, name, password string) (models.User, error) {
	u, err := h.store.UserByName(ctx, name)
	if err != nil && models.KindOf(err) != models.NotFound {
		return u, err
	}
	right, stale, err := h.passwords.Verify(ctx, u.PasswordHash, password)
	if err != nil {
		return u, err
	}
	if !right || u.Disabled {
		return models.User{}, models.Errorf(models.Invalid, "Name or password is wrong.")
	}
	if !stale {
		return u, nil
	}
	hash, err := h.passwords.Hash(ctx, password)
	if err != nil {
		return u, err
	}
	return u, h.store.Rehash(ctx, u, hash)
}

func (h *console) renderSignIn(c echo.Context, status int, v views.SignIn) (err error) {
	if v.Page, err = h.web.Page(c, "Sign in", ""); err != nil {
		return err
	}
	if v.NeedsSetup, err = h.store.NeedsSetup(c.Request().Context()); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

func (h *console) signOut(c echo.Context) error {
	if err := h.web.SignOut(c); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/signin")
}
