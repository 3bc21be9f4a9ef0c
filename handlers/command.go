package handlers

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// commandPage shows the dialog of a command for the chosen maps.
func (h *console) commandPage(verb string) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := h.commandDialog(c, verb, c.QueryParams()["id"])
		if err != nil {
			return err
		}
		return web.Render(c, http.StatusOK, v.View())
	}
}

// command obeys the dialog of a command.
func (h *console) command(verb string) echo.HandlerFunc {
	return func(c echo.Context) error {
		values, err := c.FormParams()
		if err != nil {
			return err
		}
		v, err := h.commandDialog(c, verb, values["id"])
		if err != nil {
			return err
		}
		steps, err := web.IDs(values["step"])
		if err != nil {
			return err
		}
		if choice := values.Get("choice"); choice != "" {
			v.Choice = choice
		}
		if err = checkSteps(&v, steps); err == nil {
			err = h.obey(c.Request().Context(), verb, web.User(c).Name, steps, v.Choice)
		}
		kind := models.KindOf(err)
		if err != nil && kind != models.Invalid && kind != models.Conflict {
			return err
		}
		if err != nil {
			v.Errors.Summary = models.MessageOf(err)
			return web.Render(c, web.Status(kind), v.View())
		}
		return h.web.Done(c, "/maps", v.Command.Label+": "+countMaps(len(steps))+". "+outcome(verb, v.Choice))
	}
}

// commandDialog lists the chosen maps and, for pause and stop, those that
// belong with them. What the command is not valid for says why.
func (h *console) commandDialog(c echo.Context, verb string, ids []string) (v views.CommandDialog, err error) {
	ctx := c.Request().Context()
	v.Command, _ = views.CommandFor(verb)
	if v.Chosen, err = web.IDs(ids); err != nil {
		return v, err
	}
	if len(v.Chosen) == 0 {
		return v, models.Errorf(models.Invalid, "Choose at least one entity map in the list first.")
	}
	if v.Page, err = h.web.Page(c, v.Command.Label, "/maps"); err != nil {
		return v, err
	}
	for _, id := range v.Chosen {
		m, err := h.store.SummaryOf(ctx, id)
		if err != nil {
			return v, err
		}
		v.Rows = append(v.Rows, commandRow(v.Command, m, false))
	}
	if verb == "pause" || verb == "stop" {
		related, err := h.engine.Dependents(ctx, v.Chosen)
		if err != nil {
			return v, err
		}
		for _, m := range related {
			if r := commandRow(v.Command, m, true); r.Refusal == "" && !slices.Contains(v.Chosen, m.ID) {
				v.Rows = append(v.Rows, r)
			}
		}
	}
	v.Choice = defaultChoice(v.Rows)
	return v, nil
}

func commandRow(cmd views.Command, m models.Summary, related bool) views.CommandRow {
	r := views.CommandRow{Map: m, Related: related}
	if !cmd.Valid(m.Status) {
		r.Refusal = fmt.Sprintf("%s: %s", views.StatusWord(m.Status), cmd.Refuse)
	}
	r.Ticked = r.Refusal == "" && !related
	return r
}

// defaultChoice is to catch up, unless every map does so already.
func defaultChoice(rows []views.CommandRow) string {
	for _, r := range rows {
		if _, ok := r.Map.Status.On(models.Resume); ok {
			return views.ResumeCatchUp
		}
	}
	return views.ResumeKeep
}

// checkSteps keeps the ticks that were sent in the dialog and says what is
// wrong with them: kind Conflict when a map has moved on, Invalid otherwise.
func checkSteps(v *views.CommandDialog, steps []int64) error {
	ticked := set(steps)
	known := 0
	var moved error
	for i := range v.Rows {
		r := &v.Rows[i]
		if ticked[r.Map.ID] {
			known++
			if r.Refusal != "" {
				moved = models.Errorf(models.Conflict, "%s changed meanwhile: it is %s now. Nothing was done.", r.Map.Name, r.Map.Status)
			}
			if _, ok := r.Map.Status.On(models.Resume); v.Command.Verb == "resume" && v.Choice == views.ResumeCatchUp && !ok && moved == nil {
				return models.Errorf(models.Invalid, "%s catches up already. Untick it, or choose to go live now.", r.Map.Name)
			}
		}
		r.Ticked = ticked[r.Map.ID] && r.Refusal == ""
	}
	switch {
	case moved != nil:
		return moved
	case known < len(ticked):
		return models.Errorf(models.Conflict, "The maps that belong together changed meanwhile. Nothing was done.")
	case len(steps) == 0:
		return models.Errorf(models.Invalid, "Tick at least one map.")
	}
	return nil
}

// obey gives the engine the command.
func (h *console) obey(ctx context.Context, verb, who string, ids []int64, choice string) error {
	switch verb {
	case "pause":
		return h.engine.Pause(ctx, who, ids)
	case "stop":
		return h.engine.Stop(ctx, who, ids)
	case "skip":
		return h.engine.SkipInitialSync(ctx, who, ids)
	}
	switch choice {
	case views.ResumeCatchUp:
		return h.engine.Resume(ctx, who, ids)
	case views.ResumeKeep, views.ResumeDiscard:
		return h.engine.SkipToLive(ctx, who, ids, choice == views.ResumeDiscard)
	default:
		return models.Errorf(models.Invalid, "Choose what shall become of the queued changes.")
	}
}

// outcome says what follows from a command, for whoever has just given it.
func outcome(verb, choice string) string {
	switch {
	case verb == "pause":
		return "Changes on both sides are queued until you resume."
	case verb == "stop":
		return "Changes are not queued any more; the next initial sync finds them."
	case verb == "skip":
		return "Changes are written from now on; what failed waits under Catch-up errors."
	case choice == views.ResumeCatchUp:
		return "The queue is written first, then the map runs."
	case choice == views.ResumeKeep:
		return "Changes are written from now on; what was queued waits under Catch-up errors."
	default:
		return "Changes are written from now on; what was queued is given up."
	}
}

func countMaps(n int) string {
	if n == 1 {
		return "1 map"
	}
	return fmt.Sprintf("%d maps", n)
}
