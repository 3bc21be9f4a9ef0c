package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// runPage shows the Run dialog for the chosen maps.
func (h *console) runPage(c echo.Context) error {
	f, err := parseRunForm(c.QueryParams())
	if err != nil {
		return err
	}
	plan, err := h.engine.Plan(c.Request().Context(), f.chosen)
	if err != nil {
		return err
	}
	return h.renderRun(c, http.StatusOK, f, plan, views.RunDialog{})
}

// run starts what the Run dialog says, or changes the dialog when a control of
// it asked for that. The plan is made anew: what was sent can only narrow and
// reorder it.
func (h *console) run(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	f, err := parseRunForm(values)
	if err != nil {
		return err
	}
	plan, err := h.engine.Plan(c.Request().Context(), f.chosen)
	if err != nil {
		return err
	}
	if f.asks() {
		return h.renderRun(c, http.StatusOK, f, plan, views.RunDialog{})
	}
	rows := f.rows(plan)
	steps, err := f.check(rows)
	if err != nil {
		return h.refuseRun(c, f, plan, err)
	}
	if left := missing(plan, rows); len(left) > 0 && !f.confirm {
		return h.renderRun(c, http.StatusUnprocessableEntity, f, plan, views.RunDialog{Missing: left,
			Errors: views.Errors{Summary: "A needed map is left out. Tick it, or confirm that you want to run without it."}})
	}
	if err := h.engine.Run(c.Request().Context(), web.User(c).Name, steps); err != nil {
		return h.refuseRun(c, f, plan, err)
	}
	return h.web.Done(c, "/maps", "Run: "+countMaps(len(steps))+" started. What exists is copied first; follow it here, or open a map for the details.")
}

// refuseRun shows the dialog again with the reason; after a conflict with the
// maps as they stand now.
func (h *console) refuseRun(c echo.Context, f runForm, plan engine.Plan, err error) error {
	kind := models.KindOf(err)
	if kind != models.Invalid && kind != models.Conflict {
		return err
	}
	if kind == models.Conflict {
		fresh, planErr := h.engine.Plan(c.Request().Context(), f.chosen)
		if planErr != nil {
			return planErr
		}
		plan = fresh
	}
	return h.renderRun(c, web.Status(kind), f, plan, views.RunDialog{Errors: views.Errors{Summary: models.MessageOf(err)}})
}

func (h *console) renderRun(c echo.Context, status int, f runForm, plan engine.Plan, v views.RunDialog) (err error) {
	if v.Page, err = h.web.Page(c, "Run", "/maps"); err != nil {
		return err
	}
	v.Chosen, v.Related, v.Cycles, v.Rows = f.chosen, f.related, plan.Cycles, f.rows(plan)
	for _, s := range plan.Steps {
		v.HasRelated = v.HasRelated || !s.Chosen
	}
	if err := h.nameSides(c.Request().Context(), v.Rows); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// nameSides gives each row the names of its apps, asking once per environment.
func (h *console) nameSides(ctx context.Context, rows []views.RunRow) error {
	known := map[int64][2]string{}
	for i := range rows {
		env := rows[i].Map.EnvironmentID
		if _, ok := known[env]; !ok {
			names, err := h.sideNames(ctx, env)
			if err != nil {
				return err
			}
			known[env] = names
		}
		rows[i].Sides = known[env]
	}
	return nil
}
