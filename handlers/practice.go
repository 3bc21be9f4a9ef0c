package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// Practice is what the console needs of the two practice apps. What does not
// exist fails with kind NotFound.
type Practice interface {
	// Environment is the id of the practice environment.
	Environment() int64
	Entities(ctx context.Context, side models.Side) ([]views.PracticeEntity, error)
	Entity(side models.Side, name string) (views.PracticeEntity, error)
	// Records lists records by key after the one with an id, "" for the first.
	Records(ctx context.Context, side models.Side, entity, search, after string, size int) ([]views.PracticeRecord, error)
	Record(ctx context.Context, side models.Side, entity, id string) (views.PracticeRecord, error)
	// Save stores the given fields, nil for no value; the id "" makes a record.
	// Fails with *FieldError when the app refuses.
	Save(ctx context.Context, side models.Side, entity, id string, values map[string]*string) (string, error)
	Delete(ctx context.Context, side models.Side, entity, id string) error
}

// FieldError is a record that an app refuses, and the field at fault, "" for
// none.
type FieldError struct{ Field, Message string }

func (e *FieldError) Error() string { return e.Message }

// practicePath is the page of a record of a practice app, of the entity when id
// is "", and "" when the environment is not the practice one.
func (h *console) practicePath(environmentID int64, side models.Side, entity, id string) string {
	if h.practice == nil || h.practice.Environment() != environmentID {
		return ""
	}
	path := "/practice/" + string(side) + "/" + url.PathEscape(entity)
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return path
}

// practiced reports whether a practice app has an entity.
func (h *console) practiced(side models.Side, entity string) bool {
	_, err := h.practice.Entity(side, entity)
	return err == nil
}

// practicePage begins a page of the practice apps.
func (h *console) practicePage(c echo.Context, title string) (v views.PracticePage, err error) {
	if h.practice == nil {
		return v, echo.ErrNotFound
	}
	if v.Sides, err = h.sideNames(c.Request().Context(), h.practice.Environment()); err != nil {
		return v, err
	}
	v.Served = h.servers != nil
	v.Page, err = h.web.Page(c, title, "/practice")
	return v, err
}

// practiceEntity reads side and entity of an address.
func (h *console) practiceEntity(c echo.Context) (side models.Side, e views.PracticeEntity, err error) {
	side = models.Side(c.Param("side"))
	if h.practice == nil || side != models.Left && side != models.Right {
		return side, e, echo.ErrNotFound
	}
	e, err = h.practice.Entity(side, param(c, "entity"))
	return side, e, err
}

// param is a part of the path as it was meant.
func param(c echo.Context, name string) string {
	if text, err := url.PathUnescape(c.Param(name)); err == nil {
		return text
	}
	return c.Param(name)
}

// practiceApps lists the entities of both apps.
func (h *console) practiceApps(c echo.Context) error {
	p, err := h.practicePage(c, "Practice apps")
	if err != nil {
		return err
	}
	v := views.PracticeApps{PracticePage: p}
	for i, side := range models.Sides {
		if v.Entities[i], err = h.practice.Entities(c.Request().Context(), side); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, v.View())
}

// practiceRecords lists the records of an entity.
func (h *console) practiceRecords(c echo.Context) error {
	side, e, err := h.practiceEntity(c)
	if err != nil {
		return err
	}
	v := views.PracticeRecords{Side: side, Entity: e, Search: strings.TrimSpace(c.QueryParam("q"))}
	if v.PracticePage, err = h.practicePage(c, e.Name); err != nil {
		return err
	}
	if v.Rows, err = h.practice.Records(c.Request().Context(), side, e.Name, v.Search, c.QueryParam("after"), pageSize+1); err != nil {
		return err
	}
	if len(v.Rows) > pageSize {
		v.Rows = v.Rows[:pageSize]
		v.Next = v.Rows[pageSize-1].ID
	}
	return web.Render(c, http.StatusOK, v.View())
}

// practiceRecord shows one record to edit.
func (h *console) practiceRecord(c echo.Context) error {
	side, e, err := h.practiceEntity(c)
	if err != nil {
		return err
	}
	r, err := h.practice.Record(c.Request().Context(), side, e.Name, param(c, "id"))
	if err != nil {
		return err
	}
	return h.renderRecord(c, http.StatusOK, views.PracticeForm{Side: side, Entity: e, Record: r})
}

// practiceNew shows an empty form.
func (h *console) practiceNew(c echo.Context) error {
	side, e, err := h.practiceEntity(c)
	if err != nil {
		return err
	}
	return h.renderRecord(c, http.StatusOK, views.PracticeForm{Side: side, Entity: e, Record: views.PracticeRecord{Values: make([]*string, len(e.Columns))}})
}

func (h *console) renderRecord(c echo.Context, status int, v views.PracticeForm) (err error) {
	if v.PracticePage, err = h.practicePage(c, v.Entity.Name); err != nil {
		return err
	}
	if err := h.remind(c, &v); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// practiceSave stores what was changed in the form.
func (h *console) practiceSave(c echo.Context) error {
	side, e, err := h.practiceEntity(c)
	if err != nil {
		return err
	}
	v := views.PracticeForm{Side: side, Entity: e, Record: views.PracticeRecord{ID: param(c, "id"), Values: make([]*string, len(e.Columns))}}
	if v.Record.ID != "" {
		if v.Record, err = h.practice.Record(c.Request().Context(), side, e.Name, v.Record.ID); err != nil {
			return err
		}
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	id, err := h.practice.Save(c.Request().Context(), side, e.Name, v.Record.ID, take(&v, form))
	var refused *FieldError
	if errors.As(err, &refused) {
		v.Errors = views.Errors{Summary: refused.Message}
		if refused.Field != "" {
			v.Errors = views.Errors{Field: map[string]string{refused.Field: refused.Message}}
		}
		return h.renderRecord(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	to := h.practicePath(h.practice.Environment(), side, e.Name, id)
	if query := c.QueryString(); query != "" {
		to += "?" + query
	}
	return h.web.Done(c, to, "Saved in the app. The entity maps on it carry the change on.")
}

// take puts what was typed into the form and gives the fields that differ from
// what was there.
func take(v *views.PracticeForm, form url.Values) map[string]*string {
	changed := map[string]*string{}
	for i, column := range v.Entity.Columns {
		field := "f-" + column.Name
		if column.Fixed || !form.Has(field) {
			continue
		}
		before, typed := v.Record.Values[i], strings.ReplaceAll(form.Get(field), "\r\n", "\n")
		if before == nil && typed == "" || before != nil && strings.ReplaceAll(*before, "\r\n", "\n") == typed {
			continue
		}
		v.Record.Values[i] = nil
		if typed != "" {
			v.Record.Values[i] = &typed
		}
		changed[column.Name] = v.Record.Values[i]
	}
	return changed
}

// practiceDelete deletes a record in its app.
func (h *console) practiceDelete(c echo.Context) error {
	side, e, err := h.practiceEntity(c)
	if err != nil {
		return err
	}
	id := param(c, "id")
	err = h.practice.Delete(c.Request().Context(), side, e.Name, id)
	var refused *FieldError
	if errors.As(err, &refused) {
		r, readErr := h.practice.Record(c.Request().Context(), side, e.Name, id)
		if readErr != nil {
			return readErr
		}
		return h.renderRecord(c, http.StatusUnprocessableEntity, views.PracticeForm{Side: side, Entity: e, Record: r, Errors: views.Errors{Summary: refused.Message}})
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, h.practicePath(h.practice.Environment(), side, e.Name, ""), "Deleted in the app. The entity maps on it carry that on.")
}
