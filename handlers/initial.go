package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/views"
	"dualwrite/web"
)

// executionsShown is how many initial writes the page goes back.
const executionsShown = 40

// mapInitial shows the initial writes and the errors they left.
func (h *console) mapInitial(c echo.Context) error {
	p, err := h.mapPage(c, "")
	if err != nil {
		return err
	}
	return h.renderErrors(c, http.StatusOK, p, views.ErrorList{})
}

// mapExecutions is the initial writes alone, for the refresh.
func (h *console) mapExecutions(c echo.Context) error {
	p, err := h.mapPage(c, "")
	if err != nil {
		return err
	}
	v, err := h.executions(c, p)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

func (h *console) executions(c echo.Context, p views.MapPage) (v views.Executions, err error) {
	v = views.Executions{Map: p.Map, Sides: p.Sides, Now: h.store.Now()}
	v.List, err = h.store.ExecutionsOf(c.Request().Context(), p.Map.ID, executionsShown)
	return v, err
}

// rerun does the initial write once more.
func (h *console) rerun(c echo.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	if err := h.engine.Rerun(c.Request().Context(), web.User(c).Name, id); err != nil {
		return err
	}
	return h.web.Done(c, mapPath(id, ""), "The initial sync runs again.")
}
