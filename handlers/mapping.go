package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// mapMappings shows the field mappings, those of a keyword only, with what is
// wrong about them.
func (h *console) mapMappings(c echo.Context) error {
	v, err := h.mappingsPage(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

// refreshTables reads both apps anew and shows what has changed.
func (h *console) refreshTables(c echo.Context) error {
	if err := web.TakeTime(c); err != nil {
		return err
	}
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	m, err := h.store.MapByID(c.Request().Context(), id)
	if err != nil {
		return err
	}
	said, err := h.engine.RefreshTables(c.Request().Context(), m.EnvironmentID, &m.Definition)
	if err != nil {
		return err
	}
	v, err := h.mappingsPage(c)
	if err != nil {
		return err
	}
	v.Refreshed, v.Fresh = said, true
	return web.Render(c, http.StatusOK, v.View())
}

func (h *console) mappingsPage(c echo.Context) (v views.MappingsPage, err error) {
	p, err := h.mapPage(c, "mappings")
	if err != nil {
		return v, err
	}
	ctx, d := c.Request().Context(), &p.Map.Definition
	v = views.MappingsPage{MapPage: p, Search: strings.TrimSpace(c.QueryParam("q"))}
	found, err := h.engine.Check(ctx, p.Map.EnvironmentID, d)
	if err == nil {
		v.Types, err = h.engine.FieldTypes(ctx, p.Map.EnvironmentID, d)
	}
	if kind := models.KindOf(err); err != nil && kind != models.Invalid && kind != models.NotFound {
		return v, err
	}
	if err != nil {
		v.Unreached = models.MessageOf(err)
	}
	issues := map[int][]views.Issue{}
	for _, f := range found {
		i := issueOf(f, p.Sides)
		if f.At >= 0 {
			i.Where = "" // its row names the fields
		}
		issues[f.At] = append(issues[f.At], i)
	}
	v.Issues = issues[-1]
	for i, f := range d.Fields {
		if strings.Contains(strings.ToLower(f.Left+"\n"+f.Right), strings.ToLower(v.Search)) {
			v.Rows = append(v.Rows, views.MappingRow{FieldMapping: f, Issues: issues[i]})
		}
	}
	return v, nil
}

// issueOf is a finding as pages show it.
func issueOf(f engine.Finding, sides [2]string) views.Issue {
	out := views.Issue{Error: f.Severity == engine.Blocking, Message: f.Message, Mend: f.Mend}
	if f.Side != "" {
		out.Where = sides[f.Side.Index()]
	}
	return out
}

// sideOf reads the side that a form or an address names. Anything else is not found.
func sideOf(c echo.Context) (models.Side, error) {
	switch side := models.Side(c.FormValue("side")); side {
	case models.Left, models.Right:
		return side, nil
	case "":
		return models.Left, nil
	}
	return "", echo.ErrNotFound
}
