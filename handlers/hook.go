package handlers

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/web"
)

const (
	hooksPath     = "/hooks/" // where apps tell of changes
	hookBody      = 1 << 18   // bytes that an event may have: Dataverse cuts its own to as many
	longestEntity = 200       // bytes of the longest name of an entity that is passed on
)

// entityHeader names the entity of an event as Dataverse sends it.
const entityHeader = "X-Ms-Dynamics-Entity-Name"

// HookPath is the path at which the app of a connection tells of changes.
func HookPath(hook string) string { return hooksPath + hook }

// woken has the app of a connection asked for changes. What the caller sends is
// not read, beyond the entity it may name: who finds out an address can make us
// look, no more.
func (h *console) woken(c echo.Context) error {
	connection, err := h.store.ConnectionOfHook(c.Request().Context(), c.Param("hook"))
	if err != nil {
		return err
	}
	entity := c.Request().Header.Get(entityHeader)
	if len(entity) > longestEntity {
		entity = ""
	}
	h.engine.Wake(connection, entity)
	return c.NoContent(http.StatusAccepted)
}

// hook is the address that a connection's app is to be told, "" if none was made
// or what is kept of it cannot be read.
func (h *console) hook(ctx context.Context, connection int64) (string, error) {
	hook, err := h.store.Hook(ctx, connection)
	if kind := models.KindOf(err); err != nil && (kind == models.NotFound || kind == models.Invalid) {
		return "", nil
	}
	return h.web.URL() + HookPath(hook), err
}

// renewHook makes a new address for the app of a connection.
func (h *console) renewHook(c echo.Context) error {
	found, err := h.pathConnection(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := h.store.RenewHook(ctx, web.User(c).Name, found.ID); err != nil {
		return err
	}
	if h.rehook != nil {
		if err := h.rehook(ctx, found.ID); err != nil {
			return err
		}
	}
	return h.web.Done(c, fmt.Sprintf("/connections/%d", found.ID), "There is a new address for "+found.Name+" to call. One from before is not answered any more.")
}
