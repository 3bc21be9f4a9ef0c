package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// mapCompaniesPage shows the legal entities that a map is limited to.
func (h *console) mapCompaniesPage(c echo.Context) error {
	v, err := h.mapCompaniesForm(c)
	if err != nil {
		return err
	}
	v.Revision, v.Ticked = v.Map.Definition.Revision, v.Map.Definition.Companies
	return web.Render(c, http.StatusOK, v.View())
}

// mapCompaniesForm is the form with the legal entities of the environment to
// choose from.
func (h *console) mapCompaniesForm(c echo.Context) (v views.MapCompaniesForm, err error) {
	if v.MapPage, err = h.mapPage(c, "mappings"); err != nil {
		return v, err
	}
	env, err := h.store.EnvironmentByID(c.Request().Context(), v.Map.EnvironmentID)
	v.Companies, v.Beyond = env.Companies, v.Map.Definition.Companies.Beyond(env.Companies)
	return v, err
}

// saveMapCompanies saves the legal entities that a map is limited to.
func (h *console) saveMapCompanies(c echo.Context) error {
	v, err := h.mapCompaniesForm(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	v.Revision = revisionSent(c)
	v.Ticked = slices.DeleteFunc(slices.Concat(v.Companies, v.Beyond), func(code string) bool { return !listsCode(values["company"], code) })
	next := v.Map.Definition
	next.Companies = v.Ticked
	err = h.store.SaveDefinition(c.Request().Context(), v.Map.ID, v.Revision, next, web.User(c).Name, "legal entities: "+views.LimitText(next.Companies))
	if err == nil {
		return h.saved(c, v.Map.ID, "The legal entities are saved.")
	}
	if !refusedSave(err) {
		return err
	}
	v.Errors.Summary = models.MessageOf(err)
	if now := v.Map.Definition.Revision; models.KindOf(err) == models.Conflict && now != v.Revision {
		v.Revision, v.Now = now, views.LimitText(v.Map.Definition.Companies)
	}
	return web.Render(c, web.Status(models.KindOf(err)), v.View())
}
