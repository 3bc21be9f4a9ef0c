package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// newEnvironmentPage asks for two connections, then shows how they are and asks
// for the rest.
func (h *console) newEnvironmentPage(c echo.Context) error {
	v := views.EnvironmentChoice{Chosen: [2]int64{chosenID(c.QueryParam("left")), chosenID(c.QueryParam("right"))}}
	sent := c.QueryParams().Has("left") && c.QueryParam("step") != "1"
	if !sent {
		return h.renderChoice(c, http.StatusOK, v)
	}
	if wrong := wrongChoice(v.Chosen); wrong != "" {
		v.Errors.Summary = wrong
		return h.renderChoice(c, http.StatusUnprocessableEntity, v)
	}
	return h.renderLink(c, http.StatusOK, v.Chosen, func(*views.EnvironmentLink) {})
}

// chosenID is the connection that a list has chosen, 0 for none.
func chosenID(text string) int64 {
	ids, err := web.IDs([]string{text})
	if err != nil {
		return 0
	}
	return ids[0]
}

func wrongChoice(chosen [2]int64) string {
	switch {
	case chosen[0] == 0 || chosen[1] == 0:
		return "Choose a connection for each side."
	case chosen[0] == chosen[1]:
		return "Choose two different connections: an app cannot be kept in step with itself."
	default:
		return ""
	}
}

func (h *console) renderChoice(c echo.Context, status int, v views.EnvironmentChoice) (err error) {
	if v.Connections, err = h.store.Connections(c.Request().Context()); err != nil {
		return err
	}
	title := "New environment"
	if v.Unlinked != nil {
		title = "Link " + v.Unlinked.Name
	}
	if v.Page, err = h.web.Page(c, title, "/environments"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// renderLink asks after both apps and shows the second step, changed as a form
// that was refused needs it.
func (h *console) renderLink(c echo.Context, status int, chosen [2]int64, change func(*views.EnvironmentLink)) error {
	ctx := c.Request().Context()
	var v views.EnvironmentLink
	var err error
	for i, id := range chosen {
		if v.Sides[i], err = h.store.ConnectionByID(ctx, id); err != nil {
			return err
		}
	}
	found, err := h.engine.Survey(ctx, chosen)
	if err != nil {
		return err
	}
	for i := range found {
		v.Probes[i] = probeView(found[i].Probe)
	}
	v.Companies = companyChoice([2]string{v.Sides[0].Name, v.Sides[1].Name}, found, nil)
	for _, code := range v.Companies.Both {
		v.Companies.Ticked[code] = v.Companies.Telling == [2]bool{true, true}
	}
	if v.Name, err = h.freeName(ctx, v.Sides[0].Name+" – "+v.Sides[1].Name); err != nil {
		return err
	}
	change(&v)
	if v.Page, err = h.web.Page(c, "New environment", "/environments"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// freeName is a name that no environment has yet.
func (h *console) freeName(ctx context.Context, wanted string) (string, error) {
	all, err := h.store.Environments(ctx)
	if err != nil {
		return "", err
	}
	name := wanted
	for n := 2; slices.ContainsFunc(all, func(e models.Environment) bool { return e.Name == name }); n++ {
		name = wanted + " " + strconv.Itoa(n)
	}
	return name, nil
}

// addEnvironment links two connections.
func (h *console) addEnvironment(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	chosen := [2]int64{chosenID(values.Get("left")), chosenID(values.Get("right"))}
	if wrong := wrongChoice(chosen); wrong != "" {
		return h.renderChoice(c, http.StatusUnprocessableEntity, views.EnvironmentChoice{Chosen: chosen, Errors: views.Errors{Summary: wrong}})
	}
	name := strings.TrimSpace(values.Get("name"))
	e := models.Environment{Name: name, LeftConnectionID: chosen[0], RightConnectionID: chosen[1],
		Companies: companiesSent(values)}
	made, err := h.store.LinkEnvironment(c.Request().Context(), web.User(c).Name, e)
	if refusedSave(err) {
		return h.renderLink(c, web.Status(models.KindOf(err)), chosen, func(v *views.EnvironmentLink) {
			v.Name = name
			v.Companies.Keep(values)
			v.Errors.Field = map[string]string{"name": models.MessageOf(err)}
		})
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, environmentPath(made.ID), "The environment "+made.Name+" is linked. Add an entity map next.")
}

// relinkPage asks which apps an unlinked environment shall link.
func (h *console) relinkPage(c echo.Context) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	if row.Linked() {
		return c.Redirect(http.StatusSeeOther, environmentPath(row.ID))
	}
	return h.renderChoice(c, http.StatusOK, views.EnvironmentChoice{Unlinked: &row, Chosen: [2]int64{row.LeftConnectionID, row.RightConnectionID}})
}

// relink links an unlinked environment again.
func (h *console) relink(c echo.Context) error {
	row, _, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	chosen := [2]int64{chosenID(c.FormValue("left")), chosenID(c.FormValue("right"))}
	err = h.store.Relink(c.Request().Context(), web.User(c).Name, row.ID, revisionSent(c), chosen[0], chosen[1])
	if refusedSave(err) {
		return h.renderChoice(c, web.Status(models.KindOf(err)), views.EnvironmentChoice{Unlinked: &row, Chosen: chosen, Errors: views.Errors{Summary: models.MessageOf(err)}})
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, environmentPath(row.ID), "The environment "+row.Name+" is linked again. Its maps can run.")
}

// forgetPage asks before an environment forgets all it knows of records.
func (h *console) forgetPage(unlink bool) echo.HandlerFunc {
	return func(c echo.Context) error { return h.renderForget(c, http.StatusOK, unlink, "") }
}

func (h *console) renderForget(c echo.Context, status int, unlink bool, problem string) error {
	row, maps, err := h.pathEnvironment(c)
	if err != nil {
		return err
	}
	v := views.EnvironmentForget{Environment: row, Maps: maps, Unlink: unlink, Errors: views.Errors{Summary: problem}}
	if v.Page, err = h.web.Page(c, row.Name, "/environments"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// forget stops all maps of an environment and has it forget its records.
func (h *console) forget(unlink bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		row, maps, err := h.pathEnvironment(c)
		if err != nil {
			return err
		}
		if c.FormValue("sure") == "" {
			return h.renderForget(c, http.StatusUnprocessableEntity, unlink, "Tick the box if you want all this to be forgotten.")
		}
		ctx, who := c.Request().Context(), web.User(c).Name
		revision := revisionSent(c)
		if err = h.stopAll(ctx, who, maps); err == nil {
			if unlink {
				err = h.store.Unlink(ctx, who, row.ID, revision)
			} else {
				err = h.store.Reset(ctx, who, row.ID, revision)
			}
		}
		if models.KindOf(err) == models.Conflict {
			return h.renderForget(c, http.StatusConflict, unlink, models.MessageOf(err)+". Nothing was forgotten; look at it again.")
		}
		if err != nil {
			return err
		}
		return h.web.Done(c, environmentPath(row.ID), forgotten(row.Name, unlink))
	}
}

func (h *console) stopAll(ctx context.Context, who string, maps []models.Summary) error {
	var busy []int64
	for _, m := range maps {
		if m.Status != models.NotRunning {
			busy = append(busy, m.ID)
		}
	}
	if len(busy) == 0 {
		return nil
	}
	return h.engine.Stop(ctx, who, busy)
}

func forgotten(name string, unlink bool) string {
	if unlink {
		return "The environment " + name + " is unlinked. Its maps are kept; they can run once it is linked again."
	}
	return "The environment " + name + " is reset. Its maps are kept; run them with the initial sync."
}
