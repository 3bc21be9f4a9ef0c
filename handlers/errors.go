package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// mapErrors shows the errors of live writes and catch-up.
func (h *console) mapErrors(c echo.Context) error {
	p, err := h.mapPage(c, "errors")
	if err != nil {
		return err
	}
	return h.renderErrors(c, http.StatusOK, p, views.ErrorList{})
}

// renderErrors shows a list of errors on the part of the map's page that it
// belongs to: those of the initial write beside its executions, all others on
// a page of their own. v brings what was typed.
func (h *console) renderErrors(c echo.Context, status int, p views.MapPage, v views.ErrorList) error {
	after, err := position(c, "after")
	if err != nil {
		return err
	}
	v.MapPage, v.Search = p, c.QueryParam("q")
	q := models.ErrorQuery{MapID: p.Map.ID, State: models.ErrorOpen, Search: v.Search, After: after}
	initial := p.Tab == ""
	v.Title = "Catch-up errors"
	stages := []models.Stage{models.StageLive, models.StageCatchUp}
	if initial {
		v.Title = "Errors of the initial sync"
		stages = []models.Stage{models.StageInitial}
	}
	if err := h.fillErrors(c, &v, q, stages); err != nil {
		return err
	}
	if !initial {
		return web.Render(c, status, views.ErrorsPage{MapPage: p, Errors: v}.View())
	}
	runs, err := h.executions(c, p)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.InitialPage{MapPage: p, Executions: runs, Errors: v}.View())
}

// fillErrors reads one page of open errors of some stages, oldest first.
func (h *console) fillErrors(c echo.Context, v *views.ErrorList, q models.ErrorQuery, stages []models.Stage) error {
	q.Limit = pageSize + 1
	var list []models.RecordError
	for _, q.Stage = range stages {
		part, err := h.store.ErrorsOf(c.Request().Context(), q)
		if err != nil {
			return err
		}
		list = append(list, part...)
	}
	slices.SortFunc(list, func(a, b models.RecordError) int { return cmp.Compare(a.ID, b.ID) })
	if len(list) > pageSize {
		list = list[:pageSize]
		v.Next = list[pageSize-1].ID
	}
	for _, e := range list {
		image := views.NewImage(&v.Map.Definition, e.LeftImage, e.RightImage, nil)
		v.Rows = append(v.Rows, views.ErrorRow{RecordError: e, Image: image})
	}
	return nil
}

// errorForm is what the buttons over a list of errors send.
type errorForm struct {
	mapID  int64
	tab    string  // part of the page the list is on
	ids    []int64 // chosen errors; nil for all
	reason string
}

// parseErrorForm fails with kind Invalid when no error is chosen.
func parseErrorForm(c echo.Context) (f errorForm, err error) {
	if f.mapID, err = web.PathID(c); err != nil {
		return f, err
	}
	values, err := c.FormParams()
	if err != nil {
		return f, err
	}
	f.reason = strings.TrimSpace(values.Get("reason"))
	if values.Get("tab") == "errors" {
		f.tab = "errors"
	}
	switch {
	case values.Has("all"):
		return f, nil
	case values.Has("one"):
		f.ids, err = web.IDs(values["one"])
	default:
		f.ids, err = web.IDs(values["error"])
	}
	if err == nil && len(f.ids) == 0 {
		err = models.Errorf(models.Invalid, "Tick at least one error.")
	}
	return f, err
}

// retryErrors tries records again.
func (h *console) retryErrors(c echo.Context) error {
	f, err := parseErrorForm(c)
	if err == nil {
		err = h.engine.RetryErrors(c.Request().Context(), web.User(c).Name, f.mapID, f.ids)
	}
	if err != nil {
		return h.refuseErrors(c, f, err)
	}
	return h.web.Done(c, mapPath(f.mapID, f.tab), "The records are tried again.")
}

// discardErrors gives records up, for a reason that is kept.
func (h *console) discardErrors(c echo.Context) error {
	f, err := parseErrorForm(c)
	if err == nil && f.reason == "" {
		err = models.Errorf(models.Invalid, "Say why the records are given up; the reason is kept in the activity log.")
	}
	if err == nil && f.ids == nil {
		err = models.Errorf(models.Invalid, "Tick the errors to discard.")
	}
	if err == nil {
		err = h.engine.DiscardErrors(c.Request().Context(), web.User(c).Name, f.mapID, f.ids, f.reason)
	}
	if err != nil {
		return h.refuseErrors(c, f, err)
	}
	return h.web.Done(c, mapPath(f.mapID, f.tab), "The records are given up.")
}

// refuseErrors shows the list again with the reason.
func (h *console) refuseErrors(c echo.Context, f errorForm, err error) error {
	kind := models.KindOf(err)
	if kind != models.Invalid && kind != models.Conflict {
		return err
	}
	p, pageErr := h.mapPage(c, f.tab)
	if pageErr != nil {
		return pageErr
	}
	return h.renderErrors(c, web.Status(kind), p, views.ErrorList{Reason: f.reason, Wrong: views.Errors{Summary: models.MessageOf(err)}})
}
