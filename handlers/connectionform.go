package handlers

import (
	"maps"
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

// newConnectionPage asks for the kind of app, then for its settings.
func (h *console) newConnectionPage(c echo.Context) error {
	next := nextSent(c)
	if kind := h.kind(c.QueryParam("kind")); kind != nil {
		return h.renderConnectionForm(c, http.StatusOK, views.ConnectionForm{Kind: *kind, Next: next})
	}
	v := views.KindChoice{Kinds: h.kinds, Next: next}
	var err error
	if v.Page, err = h.web.Page(c, "New connection", "/connections"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

// nextSent is where to go once the connection is saved, "" for its own page.
func nextSent(c echo.Context) string {
	next := web.LocalPath(c.FormValue("next"))
	if next == "/" {
		return ""
	}
	return next
}

// editConnectionPage shows the settings of a connection to be changed.
func (h *console) editConnectionPage(c echo.Context) error {
	found, err := h.pathConnection(c)
	if err != nil {
		return err
	}
	kind := h.kind(found.Kind)
	if kind == nil {
		return models.Errorf(models.NotFound, "%s is of kind %s, which cannot be edited here; use a file and dualwrite apply", found.Name, found.Kind)
	}
	v := views.ConnectionForm{ID: found.ID, Revision: found.Revision, Kind: *kind, Name: found.Name}
	return h.renderConnectionForm(c, http.StatusOK, storedValues(v, &found))
}

// storedValues fills a form with what is stored.
func storedValues(v views.ConnectionForm, c *models.Connection) views.ConnectionForm {
	v.Values, v.Refers = map[string]string{}, map[string]string{}
	for _, s := range v.Kind.Settings {
		if s.Secret {
			v.Refers[s.Name] = c.Settings[s.Name]
		} else {
			v.Values[s.Name] = c.Settings[s.Name]
		}
	}
	return v
}

func (h *console) renderConnectionForm(c echo.Context, status int, v views.ConnectionForm) error {
	title := "New connection"
	var err error
	if v.ID != 0 {
		title = "Edit " + v.Name
		if v.Kept, err = h.store.ConnectionSecrets(c.Request().Context(), v.ID); err != nil {
			return err
		}
	}
	if v.Page, err = h.web.Page(c, title, "/connections"); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// sentConnection is a form as it was sent, and the connection that it changes.
type sentConnection struct {
	form  views.ConnectionForm
	draft models.ConnectionDraft
	old   models.Connection // zero for a new one
	leaks []string          // settings in which a password was typed that would be shown
}

// connectionSent reads what was typed. Secrets go into the draft alone: a page
// never shows them.
func (h *console) connectionSent(c echo.Context, id int64) (s sentConnection, err error) {
	values, err := c.FormParams()
	if err != nil {
		return s, err
	}
	kind := values.Get("kind")
	if id != 0 {
		if s.old, err = h.store.ConnectionByID(c.Request().Context(), id); err != nil {
			return s, err
		}
		kind = s.old.Kind
	}
	k := h.kind(kind)
	if k == nil {
		return s, models.Errorf(models.Invalid, "choose the kind of app first")
	}
	revision, name, next := revisionSent(c), strings.TrimSpace(values.Get("name")), nextSent(c)
	s.form = storedValues(views.ConnectionForm{ID: id, Revision: revision, Kind: *k, Name: name, Next: next, Forget: map[string]bool{}}, &s.old)
	s.draft = models.ConnectionDraft{ID: id, Revision: revision, Name: name, Kind: kind, Settings: undescribed(k, s.old.Settings), Secrets: map[string]string{}}
	s.take(values)
	return s, nil
}

// undescribed keeps settings that the console has no field for: a file may have
// set them.
func undescribed(k *models.ConnectionKind, settings map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range settings {
		if _, ok := k.Setting(name); !ok {
			out[name] = value
		}
	}
	return out
}

// take puts typed settings into the form and the draft.
func (s *sentConnection) take(values url.Values) {
	for _, setting := range s.form.Kind.Settings {
		typed := values.Get("s-" + setting.Name)
		switch {
		case !setting.Secret:
			var leaks bool
			if typed, leaks = models.WithoutPassword(strings.TrimSpace(typed)); leaks {
				s.leaks = append(s.leaks, setting.Name)
			}
			s.form.Values[setting.Name] = typed
			if typed != "" && (typed != setting.Default || s.old.Settings[setting.Name] != "") {
				s.draft.Settings[setting.Name] = typed
			}
		case typed != "":
			s.draft.Secrets[setting.Name] = typed
		case values.Has("forget-" + setting.Name):
			s.form.Forget[setting.Name] = true
			s.draft.Forget = append(s.draft.Forget, setting.Name)
		case s.form.Refers[setting.Name] != "":
			s.draft.Settings[setting.Name] = s.form.Refers[setting.Name]
		}
	}
}

// check tells what is wrong with the typed settings, by field.
func (s *sentConnection) check() map[string]string {
	wrong := map[string]string{}
	if s.form.Name == "" {
		wrong["name"] = "The connection needs a name."
	}
	for _, setting := range s.form.Kind.Settings {
		value, given := s.draft.Settings[setting.Name]
		if value == "" {
			value = setting.Default
		}
		switch {
		case slices.Contains(s.leaks, setting.Name):
			wrong[setting.Name] = "A password must not stand here, because it is shown to people. It was taken out: type it where it is asked for, or give the whole as env:NAME or file:PATH."
		case setting.Required && !given && (setting.Instead == "" || s.draft.Settings[setting.Instead] == ""):
			wrong[setting.Name] = setting.Label + " must be given."
		case setting.Choices != nil && !slices.Contains(setting.Choices, value) && !models.Referred(value):
			wrong[setting.Name] = "Choose one of " + strings.Join(setting.Choices, ", ") + "."
		}
	}
	return wrong
}

// tryConnection tests a connection as it is typed, and saves nothing.
func (h *console) tryConnection(c echo.Context) error {
	id, err := draftID(c)
	if err != nil {
		return err
	}
	s, err := h.connectionSent(c, id)
	if err != nil {
		return err
	}
	if len(s.leaks) > 0 {
		s.form.Errors.Field = s.check()
		return h.refuseConnection(c, http.StatusUnprocessableEntity, s)
	}
	settings, err := h.store.TrialSettings(c.Request().Context(), s.draft)
	if err != nil {
		return err
	}
	found := h.engine.TestConnection(c.Request().Context(), s.draft.Kind, settings)
	probe := probeView(found)
	s.form.Probe = &probe
	if _, ok := s.form.Kind.Setting(found.Field); ok {
		s.form.Errors.Field = map[string]string{found.Field: found.Problem}
	}
	if len(s.draft.Secrets) > 0 && c.Request().Header.Get("HX-Request") == "" {
		s.form.Errors.Summary = "Nothing is saved yet. Type the " + secretNames(s.draft.Secrets) + " again before you save: it is never sent back to a page."
	}
	return h.renderConnectionForm(c, http.StatusOK, s.form)
}

// draftID is the connection that a form changes, 0 for a new one.
func draftID(c echo.Context) (int64, error) {
	text := c.FormValue("id")
	if text == "" || text == "0" {
		return 0, nil
	}
	ids, err := web.IDs([]string{text})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

func secretNames(secrets map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(secrets)), " and the ")
}

// addConnection saves a new connection.
func (h *console) addConnection(c echo.Context) error {
	s, err := h.connectionSent(c, 0)
	if err != nil {
		return err
	}
	return h.saveConnection(c, s)
}

// editConnection saves a changed connection.
func (h *console) editConnection(c echo.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	s, err := h.connectionSent(c, id)
	if err != nil {
		return err
	}
	return h.saveConnection(c, s)
}

func (h *console) saveConnection(c echo.Context, s sentConnection) error {
	if s.form.Errors.Field = s.check(); s.form.Errors.Any() {
		return h.refuseConnection(c, http.StatusUnprocessableEntity, s)
	}
	ctx := c.Request().Context()
	saved, cleared, err := h.store.SaveConnection(ctx, web.User(c).Name, s.draft)
	if refusedSave(err) {
		s.form.Errors.Summary = models.MessageOf(err)
		return h.refuseConnection(c, web.Status(models.KindOf(err)), s)
	}
	if err != nil {
		return err
	}
	if err := h.engine.Reconnect(ctx, saved.ID); err != nil {
		return err
	}
	said := "The connection " + saved.Name + " is saved."
	if len(cleared) > 0 {
		said += " It leads elsewhere now, so the " + strings.Join(cleared, " and the ") + " that was kept is forgotten: edit the connection and type it again."
	}
	to := s.form.Next
	if to == "" {
		to = "/connections/" + strconv.FormatInt(saved.ID, 10)
	}
	return h.web.Done(c, to, said)
}

// refuseConnection shows the form again with what was typed. Where somebody else
// saved meanwhile, it shows theirs beside it, and saving again replaces that.
func (h *console) refuseConnection(c echo.Context, status int, s sentConnection) error {
	if s.form.ID != 0 && s.form.Revision != s.old.Revision {
		s.form.Revision = s.old.Revision
		s.form.Theirs = theirs(s)
		s.form.Errors.Summary = "Somebody else changed this connection meanwhile. What they saved stands beside what you typed; save again to replace it, or cancel to keep it."
	}
	if len(s.draft.Secrets) > 0 {
		s.form.Errors.Summary += " Type the " + secretNames(s.draft.Secrets) + " again: it is never sent back to a page."
	}
	return h.renderConnectionForm(c, status, s.form)
}

// theirs is what is stored where it differs from what was typed.
func theirs(s sentConnection) map[string]string {
	out := map[string]string{}
	note := func(name, typed, stored string) {
		if stored == "" && typed != "" {
			stored = "nothing"
		}
		if typed != stored {
			out[name] = stored
		}
	}
	note("name", s.form.Name, s.old.Name)
	for name, typed := range s.form.Values {
		setting, _ := s.form.Kind.Setting(name)
		stored := s.old.Settings[name]
		if stored == "" {
			stored = setting.Default
		}
		if typed == "" {
			typed = setting.Default
		}
		note(name, typed, stored)
	}
	return out
}
