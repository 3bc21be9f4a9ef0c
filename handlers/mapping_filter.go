package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// filterPage shows the filter of one side.
func (h *console) filterPage(c echo.Context) error {
	v, err := h.filterForm(c)
	if err != nil {
		return err
	}
	v.Text, v.Revision = v.Map.Definition.Endpoint(v.Side).Filter, v.Map.Definition.Revision
	return web.Render(c, http.StatusOK, v.View())
}

// saveFilter saves a filter, or shows what it lets through. A filter that the app
// could not take is not saved.
func (h *console) saveFilter(c echo.Context) error {
	v, err := h.filterForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v.Text, v.Revision = strings.TrimSpace(c.FormValue("filter")), revisionSent(c)
	if err := web.TakeTime(c); err != nil {
		return err
	}
	found, err := h.engine.PreviewFilter(ctx, v.Map.ID, v.Side, v.Text)
	if err == nil && c.FormValue("do") == "preview" {
		v.Preview = &views.FilterPreview{Pass: found.Pass, All: found.All, Exact: found.Exact, Fields: found.Fields, First: found.First, OData: found.OData}
		return web.Render(c, http.StatusOK, v.View())
	}
	if err == nil {
		next := v.Map.Definition
		next.Endpoint(v.Side).Filter = v.Text
		err = h.store.SaveDefinition(ctx, v.Map.ID, v.Revision, next, web.User(c).Name, "filter of "+v.Sides[v.Side.Index()])
	}
	if err == nil {
		return h.saved(c, v.Map.ID, "The filter is saved.")
	}
	if !refusedSave(err) {
		return err
	}
	v.Errors.Summary = models.MessageOf(err)
	if now := v.Map.Definition.Revision; models.KindOf(err) == models.Conflict && now != v.Revision {
		v.Revision = now
		if v.Now = v.Map.Definition.Endpoint(v.Side).Filter; v.Now == "" {
			v.Now = "no filter"
		}
	}
	return web.Render(c, web.Status(models.KindOf(err)), v.View())
}

func (h *console) filterForm(c echo.Context) (v views.FilterForm, err error) {
	if v.MapPage, err = h.mapPage(c, "mappings"); err != nil {
		return v, err
	}
	v.Side, err = sideOf(c)
	return v, err
}
