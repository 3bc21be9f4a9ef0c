package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// PracticeServers is what the console needs of the practice apps as they are
// served: to have them fail on purpose.
type PracticeServers interface {
	// Server tells how an app is served.
	Server(side models.Side) views.PracticeServer
	// Switch has an app do these things wrong and no others.
	Switch(who string, side models.Side, f views.PracticeFaults)
	// ExpireCursors has an app that tracks changes forget up to where they were read.
	ExpireCursors(ctx context.Context, side models.Side) error
}

// mostFault is the largest number of the form: calls, or seconds.
const mostFault = 100_000

// practiceFaults shows the faults of both practice apps.
func (h *console) practiceFaults(c echo.Context) error {
	return h.renderFaults(c, http.StatusOK, views.PracticeFaultsPage{})
}

func (h *console) renderFaults(c echo.Context, status int, v views.PracticeFaultsPage) error {
	if h.servers == nil {
		return echo.ErrNotFound
	}
	p, err := h.practicePage(c, "Faults of the practice apps")
	if err != nil {
		return err
	}
	v.Page, v.Sides = p.Page, p.Sides
	for i, side := range models.Sides {
		v.Apps[i] = h.servers.Server(side)
	}
	return web.Render(c, status, v.View())
}

// faultySide is the app that the address names.
func (h *console) faultySide(c echo.Context) (models.Side, error) {
	side := models.Side(c.Param("side"))
	if h.servers == nil || side != models.Left && side != models.Right {
		return side, echo.ErrNotFound
	}
	return side, nil
}

// switchFaults has one practice app do wrong what the form says.
func (h *console) switchFaults(c echo.Context) error {
	side, err := h.faultySide(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	var f views.PracticeFaults
	if !form.Has("off") {
		var wrong map[string]string
		if f, wrong = parseFaults(form, h.servers.Server(side)); len(wrong) > 0 {
			v := views.PracticeFaultsPage{}
			v.Errors[side.Index()] = views.Errors{Field: wrong}
			v.Typed[side.Index()] = map[string]string{}
			for name := range form {
				v.Typed[side.Index()][name] = form.Get(name)
			}
			return h.renderFaults(c, http.StatusUnprocessableEntity, v)
		}
	}
	h.servers.Switch(web.User(c).Name, side, f)
	words := f.Words()
	if words == "" {
		words = "no faults"
	}
	return h.toldFaults(c, side, words)
}

// expireCursors has one practice app forget up to where its changes were read.
func (h *console) expireCursors(c echo.Context) error {
	side, err := h.faultySide(c)
	if err != nil {
		return err
	}
	if !h.servers.Server(side).Tracks {
		return echo.ErrNotFound
	}
	if err := h.servers.ExpireCursors(c.Request().Context(), side); err != nil {
		return err
	}
	return h.toldFaults(c, side, "change cursors expired")
}

// toldFaults notes in the activity log what was done to an app, and shows it.
func (h *console) toldFaults(c echo.Context, side models.Side, what string) error {
	names, err := h.sideNames(c.Request().Context(), h.practice.Environment())
	if err != nil {
		return err
	}
	text := names[side.Index()] + ": " + what
	if err := h.store.Record(c.Request().Context(), models.Activity{Actor: web.User(c).Name, Verb: "practice faults switched", Detail: text}); err != nil {
		return err
	}
	return h.web.Done(c, "/practice/faults", text+".")
}

// parseFaults reads the form; wrong says by field what cannot be taken.
func parseFaults(form url.Values, app views.PracticeServer) (f views.PracticeFaults, wrong map[string]string) {
	wrong = map[string]string{}
	number := func(name string) int {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			return 0
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > mostFault {
			wrong[name] = "Give a whole number up to " + strconv.Itoa(mostFault) + ", or nothing."
		}
		return n
	}
	f = views.PracticeFaults{Throttle: number("throttle"), Unavailable: number("unavailable"), Drop: number("drop"), Wait: number("wait"),
		Lag: number("lag"), Token: number("token"), Message: strings.TrimSpace(form.Get("message")), Down: form.Get("down") != ""}
	if entity := form.Get("entity"); entity == views.EveryEntity || slices.Contains(app.Entities, entity) {
		f.Entity = entity
	}
	return f, wrong
}
