package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"dualwrite/views"
	"dualwrite/web"
)

// pageSize is how many rows of a long list one page holds.
const pageSize = 50

// mapPage begins a part of a map's page.
func (h *console) mapPage(c echo.Context, tab string) (v views.MapPage, err error) {
	id, err := web.PathID(c)
	if err != nil {
		return v, err
	}
	if v.Map, err = h.store.SummaryOf(c.Request().Context(), id); err != nil {
		return v, err
	}
	if v.Sides, err = h.sideNames(c.Request().Context(), v.Map.EnvironmentID); err != nil {
		return v, err
	}
	if v.Page, err = h.web.Page(c, v.Map.Name, "/maps"); err != nil {
		return v, err
	}
	v.Tab, v.Live = tab, true
	return v, nil
}

// mapHead is a map's commands and standing alone, for the refresh.
func (h *console) mapHead(c echo.Context) error {
	v, err := h.mapPage(c, "")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.Head())
}

// mapDetails shows facts and counters.
func (h *console) mapDetails(c echo.Context) error {
	p, err := h.mapPage(c, "details")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.DetailsPage{MapPage: p}.View())
}

// compare walks both sides and shows what differs. It changes nothing but
// costs both apps a full read, so it is asked for by a form.
func (h *console) compare(c echo.Context) error {
	p, err := h.mapPage(c, "compare")
	if err != nil {
		return err
	}
	if err := web.TakeTime(c); err != nil {
		return err
	}
	found, err := h.engine.Compare(c.Request().Context(), p.Map.ID)
	if err != nil {
		return err
	}
	v := views.ComparePage{MapPage: p, Left: found.Left, Right: found.Right, Equal: found.Equal, Different: found.Different,
		OnlyLeft: found.OnlyLeft, OnlyRight: found.OnlyRight, Duplicate: found.Duplicate}
	for _, d := range found.First {
		v.First = append(v.First, views.Difference(d))
	}
	return web.Render(c, http.StatusOK, v.View())
}

// release ends a hold.
func (h *console) release(c echo.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	if err := h.engine.Release(c.Request().Context(), web.User(c).Name, id); err != nil {
		return err
	}
	return h.web.Done(c, mapPath(id, ""), "The hold is released.")
}

// mapPath is the address of a part of a map's page.
func mapPath(id int64, tab string) string {
	path := "/maps/" + strconv.FormatInt(id, 10)
	if tab != "" {
		path += "/" + tab
	}
	return path
}

// sameList is the address of a list with the filter and the place that a form
// over it was sent with.
func sameList(c echo.Context, mapID int64, tab string) string {
	path := mapPath(mapID, tab)
	if query := c.QueryString(); query != "" {
		path += "?" + query
	}
	return path
}

// position reads where a list goes on; absent is its beginning.
func position(c echo.Context, name string) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	ids, err := web.IDs([]string{text})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}
