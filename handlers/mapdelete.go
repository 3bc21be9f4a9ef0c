package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// deleteMapPage asks before an entity map is deleted.
func (h *console) deleteMapPage(c echo.Context) error {
	return h.renderDeleteMap(c, http.StatusOK, "")
}

func (h *console) renderDeleteMap(c echo.Context, status int, problem string) error {
	p, err := h.mapPage(c, "details")
	if err != nil {
		return err
	}
	v := views.DeleteMap{MapPage: p, Errors: views.Errors{Summary: problem}}
	if v.NeededBy, err = h.store.NeededBy(c.Request().Context(), &p.Map.Map); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// deleteMap deletes an entity map that is not running.
func (h *console) deleteMap(c echo.Context) error {
	p, err := h.mapPage(c, "details")
	if err != nil {
		return err
	}
	err = h.store.DeleteMap(c.Request().Context(), web.User(c).Name, p.Map.ID)
	if models.KindOf(err) == models.Conflict {
		return h.renderDeleteMap(c, http.StatusConflict, models.MessageOf(err))
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, "/maps", "The entity map "+p.Map.Name+" is deleted.")
}
