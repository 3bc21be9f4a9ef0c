package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"dualwrite/views"
	"dualwrite/web"
)

// activity shows what was done anywhere.
func (h *console) activity(c echo.Context) error {
	list, err := h.listActivity(c, 0, "/activity")
	if err != nil {
		return err
	}
	v := views.ActivityPage{List: list}
	if v.Page, err = h.web.Page(c, "Activity", "/activity"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

// mapActivity shows what was done with one map.
func (h *console) mapActivity(c echo.Context) error {
	p, err := h.mapPage(c, "activity")
	if err != nil {
		return err
	}
	list, err := h.listActivity(c, p.Map.ID, mapPath(p.Map.ID, "activity"))
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.MapActivityPage{MapPage: p, List: list}.View())
}

// listActivity reads one page of activity, of everything when mapID is 0.
func (h *console) listActivity(c echo.Context, mapID int64, path string) (v views.ActivityList, err error) {
	before, err := position(c, "before")
	if err != nil {
		return v, err
	}
	if v.Rows, err = h.store.Activities(c.Request().Context(), mapID, before, pageSize+1); err != nil {
		return v, err
	}
	if mapID == 0 {
		names, err := h.store.MapNames(c.Request().Context())
		if err != nil {
			return v, err
		}
		v.Maps = make(map[int64]string, len(names))
		for _, m := range names {
			v.Maps[m.ID] = m.Name
		}
	}
	if len(v.Rows) > pageSize {
		v.Rows = v.Rows[:pageSize]
		v.More = path + "?before=" + strconv.FormatInt(v.Rows[pageSize-1].ID, 10)
	}
	return v, nil
}
