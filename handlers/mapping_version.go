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

// versionsPage lists what a map was saved as.
func (h *console) versionsPage(c echo.Context) error {
	v, err := h.versions(c)
	if err != nil {
		return err
	}
	v.Form = models.MapVersion{Publisher: v.Map.Publisher, Version: views.NextVersion(v.Map.Version), Description: v.Map.Description}
	return web.Render(c, http.StatusOK, v.View())
}

func (h *console) versions(c echo.Context) (v views.VersionsPage, err error) {
	if v.MapPage, err = h.mapPage(c, "mappings"); err != nil {
		return v, err
	}
	if v.Versions, err = h.store.Versions(c.Request().Context(), v.Map.ID); err != nil {
		return v, err
	}
	at := slices.IndexFunc(v.Versions, func(x models.MapVersion) bool { return x.Publisher == v.Map.Publisher && x.Version == v.Map.Version })
	if at >= 0 {
		settings, fields := models.Difference(&v.Versions[at].Definition, &v.Map.Definition)
		v.Changed = len(settings)+len(fields) > 0
	}
	return v, nil
}

// saveVersion saves a map under a publisher and a version.
func (h *console) saveVersion(c echo.Context) error {
	v, err := h.versions(c)
	if err != nil {
		return err
	}
	v.Form = models.MapVersion{Publisher: strings.TrimSpace(c.FormValue("publisher")), Version: strings.TrimSpace(c.FormValue("version")), Description: strings.TrimSpace(c.FormValue("description"))}
	err = h.store.SaveVersion(c.Request().Context(), v.Map.ID, v.Form, web.User(c).Name)
	return h.versionDone(c, v, err, "Saved as version "+v.Form.Version+" of "+v.Form.Publisher+".")
}

// useVersion makes a map what it was saved as.
func (h *console) useVersion(c echo.Context) error {
	v, err := h.versions(c)
	if err != nil {
		return err
	}
	ids, err := web.IDs([]string{c.FormValue("version")})
	if err != nil {
		return err
	}
	v.Form = models.MapVersion{Publisher: v.Map.Publisher, Version: views.NextVersion(v.Map.Version), Description: v.Map.Description}
	err = h.store.UseVersion(c.Request().Context(), v.Map.ID, ids[0], web.User(c).Name)
	return h.versionDone(c, v, err, "The map is that version now.")
}

func (h *console) versionDone(c echo.Context, v views.VersionsPage, err error, message string) error {
	if err == nil {
		return h.web.Done(c, mapPath(v.Map.ID, "versions"), message)
	}
	if !refusedSave(err) {
		return err
	}
	v.Errors.Summary = models.MessageOf(err)
	return web.Render(c, web.Status(models.KindOf(err)), v.View())
}

// diffPage tells two versions of a map apart, or one from the map as it is.
func (h *console) diffPage(c echo.Context) error {
	v, err := h.versions(c)
	if err != nil {
		return err
	}
	d := views.DiffPage{MapPage: v.MapPage}
	before, name, err := pickVersion(v, c.QueryParam("before"))
	if err != nil {
		return err
	}
	d.Before = name
	after, name, err := pickVersion(v, c.QueryParam("after"))
	if err != nil {
		return err
	}
	d.After = name
	d.Settings, d.Fields = models.Difference(before, after)
	return web.Render(c, http.StatusOK, d.View())
}

// pickVersion finds a version by its number, "" for the map as it is.
func pickVersion(v views.VersionsPage, number string) (*models.Definition, string, error) {
	if number == "" {
		return &v.Map.Definition, "the map now", nil
	}
	ids, err := web.IDs([]string{number})
	if err != nil {
		return nil, "", err
	}
	at := slices.IndexFunc(v.Versions, func(x models.MapVersion) bool { return x.ID == ids[0] })
	if at < 0 {
		return nil, "", models.Errorf(models.NotFound, "There is no such version of this map.")
	}
	return &v.Versions[at].Definition, v.Versions[at].Version + " - " + v.Versions[at].Publisher, nil
}
