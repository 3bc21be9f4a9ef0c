package handlers

import (
	"net/http"
	"net/url"
	"strconv"
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

// errorFilter reads which errors a list shows.
func errorFilter(c echo.Context, mapID int64, work models.Work) models.ErrorFilter {
	q := c.QueryParams()
	f := models.ErrorFilter{MapID: mapID, Work: work, Kind: q.Get("kind"), Field: q.Get("field"), ByField: q.Has("field"),
		Company: q.Get("company"), Search: strings.TrimSpace(q.Get("q"))}
	if side := models.Side(q.Get("side")); side == models.Left || side == models.Right {
		f.Side = side
	}
	return f
}

// renderErrors shows a list of errors on the part of the map's page that it
// belongs to: those of the initial write beside its executions, all others on
// a page of their own. v brings what was typed.
func (h *console) renderErrors(c echo.Context, status int, p views.MapPage, v views.ErrorList) error {
	work := models.LaterWork
	v.Title = "Catch-up errors"
	if p.Tab == "" {
		work, v.Title = models.InitialWork, "Errors of the initial sync"
	}
	v.MapPage, v.Filter = p, errorFilter(c, p.Map.ID, work)
	if err := h.fillErrors(c, &v); err != nil {
		return err
	}
	if work != models.InitialWork {
		return web.Render(c, status, views.ErrorsPage{MapPage: p, Errors: v}.View())
	}
	runs, err := h.executions(c, p)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.InitialPage{MapPage: p, Executions: runs, Errors: v}.View())
}

// fillErrors reads the causes and one page of errors, oldest first.
func (h *console) fillErrors(c echo.Context, v *views.ErrorList) error {
	ctx := c.Request().Context()
	var err error
	if v.After, err = position(c, "after"); err != nil {
		return err
	}
	list, next, err := h.store.OpenErrorPage(ctx, v.Filter, v.After, pageSize)
	if err != nil {
		return err
	}
	v.Next = next
	if v.Causes, err = h.store.CausesOf(ctx, v.Map.ID, v.Filter.Work); err != nil {
		return err
	}
	if v.Map.Definition.Left.Company != "" {
		env, err := h.store.EnvironmentByID(ctx, v.Map.EnvironmentID)
		if err != nil {
			return err
		}
		v.Companies = env.Companies
	}
	names, err := h.store.MapNames(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		image := views.NewImage(&v.Map.Definition, e.LeftImage, e.RightImage, nil)
		v.Rows = append(v.Rows, views.ErrorRow{RecordError: e, Image: image, Mends: h.mends(v.MapPage, names, &e)})
	}
	return nil
}

// mends lists the places where an error can be mended: the record itself where
// it can be edited here, the map that would bring a
// missing parent or the parent's entity, and the mapping of the field.
func (h *console) mends(p views.MapPage, names []models.MapName, e *models.RecordError) []views.Mend {
	var out []views.Mend
	for i, id := range [2]string{e.LeftID, e.RightID} {
		side := models.Sides[i]
		if path := h.practicePath(p.Map.EnvironmentID, side, p.Map.Definition.Endpoint(side).Entity, id); path != "" && id != "" {
			out = append(out, views.Mend{Text: "Open the record in " + p.Sides[i], URL: path + "?error=" + strconv.FormatInt(e.ID, 10)})
		}
	}
	if path := h.practicePath(p.Map.EnvironmentID, e.Side, e.Parent, ""); path != "" && h.practiced(e.Side, e.Parent) {
		out = append(out, views.Mend{Text: "Open " + e.Parent + " in " + p.Sides[e.Side.Index()], URL: path})
	}
	if views.HintFor(e).Mapping && e.Field != "" {
		out = append(out, views.Mend{Text: "Look at the mapping of " + e.Field, URL: mapPath(p.Map.ID, "mappings") + "?q=" + url.QueryEscape(e.Field)})
	}
	for _, m := range names {
		if e.Parent != "" && m.EnvironmentID == p.Map.EnvironmentID && m.Entity(e.Side) == e.Parent {
			out = append(out, views.Mend{Text: "Open " + m.Name, URL: mapPath(m.ID, "")})
		}
	}
	return out
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
	return h.web.Done(c, sameList(c, f.mapID, f.tab), "The records are tried again. Those that are mended leave the list.")
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
	return h.web.Done(c, sameList(c, f.mapID, f.tab), "The records are given up.")
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
	return h.renderErrors(c, web.Status(kind), p, views.ErrorList{Ticked: set(f.ids), Reason: f.reason, Wrong: views.Errors{Summary: models.MessageOf(err)}})
}
