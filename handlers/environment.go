package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// environments lists all environments.
func (h *console) environments(c echo.Context) error {
	ctx := c.Request().Context()
	all, err := h.store.Environments(ctx)
	if err != nil {
		return err
	}
	maps, err := h.store.Summaries(ctx)
	if err != nil {
		return err
	}
	var v views.EnvironmentList
	for i := range all {
		row, err := h.environmentRow(ctx, all[i], maps)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	if v.Page, err = h.web.Page(c, "Environments", "/environments"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

func (h *console) environmentRow(ctx context.Context, e models.Environment, maps []models.Summary) (row views.EnvironmentRow, err error) {
	row.Environment = e
	for _, m := range maps {
		if m.EnvironmentID == e.ID {
			row.Maps++
			if m.Status != models.NotRunning {
				row.Running++
			}
		}
	}
	row.Sides, err = h.sideNames(ctx, e.ID)
	return row, err
}

// pathEnvironment reads the environment that the address names, and its maps.
func (h *console) pathEnvironment(c echo.Context) (row views.EnvironmentRow, maps []models.Summary, err error) {
	id, err := web.PathID(c)
	if err != nil {
		return row, nil, err
	}
	ctx := c.Request().Context()
	e, err := h.store.EnvironmentByID(ctx, id)
	if err != nil {
		return row, nil, err
	}
	all, err := h.store.Summaries(ctx)
	if err != nil {
		return row, nil, err
	}
	for _, m := range all {
		if m.EnvironmentID == id {
			maps = append(maps, m)
		}
	}
	row, err = h.environmentRow(ctx, e, maps)
	return row, maps, err
}

// environment shows one environment.
func (h *console) environment(c echo.Context) error {
	return h.renderEnvironment(c, http.StatusOK, func(v *views.EnvironmentPage) {})
}

// renderEnvironment shows the environment of the address with what a form or a
// check has to add.
func (h *console) renderEnvironment(c echo.Context, status int, add func(*views.EnvironmentPage)) error {
	row, maps, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	v := views.EnvironmentPage{Environment: row, Maps: maps, Name: row.Name}
	add(&v)
	if v.Page, err = h.web.Page(c, row.Name, "/environments"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// checkEnvironment asks after both apps of an environment.
func (h *console) checkEnvironment(c echo.Context) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	found, err := h.engine.Survey(c.Request().Context(), [2]int64{row.LeftConnectionID, row.RightConnectionID})
	if err != nil {
		return err
	}
	return h.renderEnvironment(c, http.StatusOK, func(v *views.EnvironmentPage) {
		v.Probes = &[2]views.Probe{probeView(found[0].Probe), probeView(found[1].Probe)}
	})
}

// renameEnvironment gives an environment another name.
func (h *console) renameEnvironment(c echo.Context) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(c.FormValue("name"))
	saved, err := h.engine.ChangeEnvironment(c.Request().Context(), web.User(c).Name, row.ID, revisionSent(c), name, nil)
	if refusedSave(err) {
		return h.renderEnvironment(c, web.Status(models.KindOf(err)), func(v *views.EnvironmentPage) {
			v.Name, v.Errors.Summary = name, refusedChange(c, v.Environment.Environment, err)
		})
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, environmentPath(row.ID), "The environment is named "+saved.Name+" now.")
}

// refusedChange says why an environment was not changed, and what to do where
// somebody else changed it meanwhile.
func refusedChange(c echo.Context, now models.Environment, err error) string {
	said := models.MessageOf(err)
	if now.Revision != revisionSent(c) {
		said += ". This page shows what they saved; what you typed still stands in the form, so save again to have it as well"
	}
	return said
}

// commaList reads names with commas between.
func commaList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func environmentPath(id int64) string { return "/environments/" + strconv.FormatInt(id, 10) }

// deleteEnvironment deletes an environment without maps.
func (h *console) deleteEnvironment(c echo.Context) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	if err := h.store.DeleteEnvironment(c.Request().Context(), web.User(c).Name, row.ID); err != nil {
		return err
	}
	return h.web.Done(c, "/environments", "The environment "+row.Name+" is deleted.")
}
