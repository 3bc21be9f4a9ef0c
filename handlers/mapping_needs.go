package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// needsPage shows which maps somebody has named as needed first.
func (h *console) needsPage(c echo.Context) error {
	v, err := h.needsForm(c)
	if err != nil {
		return err
	}
	v.Revision, v.Ticked = v.Map.Definition.Revision, v.Map.Definition.Needs
	return web.Render(c, http.StatusOK, v.View())
}

// needsForm is the form with the other maps of the environment to choose from.
func (h *console) needsForm(c echo.Context) (v views.NeedsForm, err error) {
	if v.MapPage, err = h.mapPage(c, "mappings"); err != nil {
		return v, err
	}
	all, err := h.store.Summaries(c.Request().Context())
	for _, m := range all {
		if m.EnvironmentID == v.Map.EnvironmentID && m.ID != v.Map.ID {
			v.Others = append(v.Others, m.Name)
		}
	}
	return v, err
}

// saveNeeds saves which maps are needed first.
func (h *console) saveNeeds(c echo.Context) error {
	v, err := h.needsForm(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	v.Revision = revisionSent(c)
	v.Ticked = slices.DeleteFunc(values["needs"], func(name string) bool { return !slices.Contains(v.Others, name) })
	next := v.Map.Definition
	next.Needs = v.Ticked
	if len(next.Needs) == 0 {
		next.Needs = nil
	}
	err = h.store.SaveDefinition(c.Request().Context(), v.Map.ID, v.Revision, next, web.User(c).Name, "maps needed first: "+strings.Join(next.Needs, ", "))
	if err == nil {
		return h.saved(c, v.Map.ID, "The related maps are saved.")
	}
	if !refusedSave(err) {
		return err
	}
	v.Errors.Summary = models.MessageOf(err)
	if now := v.Map.Definition.Revision; models.KindOf(err) == models.Conflict && now != v.Revision {
		v.Revision = now
		if v.Now = strings.Join(v.Map.Definition.Needs, ", "); v.Now == "" {
			v.Now = "none"
		}
	}
	return web.Render(c, web.Status(models.KindOf(err)), v.View())
}
