package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// fieldPage shows the form of a field mapping, or of a new one.
func (h *console) fieldPage(c echo.Context) error {
	p, err := h.mapPage(c, "mappings")
	if err != nil {
		return err
	}
	v := views.MappingForm{MapPage: p, Revision: p.Map.Definition.Revision, Direction: models.Both}
	if c.QueryParams().Has("left") || c.QueryParams().Has("right") {
		f := fieldAt(&p.Map.Definition, c.QueryParam("left"), c.QueryParam("right"))
		if f == nil {
			return models.Errorf(models.NotFound, "This field mapping is not there any more.")
		}
		v.Was, v.WasLeft, v.WasRight, v.Left, v.Right, v.Direction = true, f.Left, f.Right, f.Left, f.Right, f.Direction
		showTransforms(&v, f.Transforms)
	}
	if err := h.lookFields(c.Request().Context(), &v); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, v.View())
}

// saveField saves, deletes, tries or only checks what the form of a field mapping says.
func (h *console) saveField(c echo.Context) error {
	v, err := h.fieldForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if c.FormValue("do") == "sample" {
		return h.renderSample(c, v)
	}
	next, err := editField(&v, c.FormValue("do") == "delete")
	if err == nil && c.FormValue("do") == "look" {
		if err := h.lookFields(ctx, &v); err != nil {
			return err
		}
		return web.Render(c, http.StatusOK, v.View())
	}
	if err == nil {
		err = h.store.SaveDefinition(ctx, v.Map.ID, v.Revision, next, web.User(c).Name, views.MappingText(&models.FieldMapping{Left: v.Left, Right: v.Right, Direction: v.Direction}, v.Sides))
	}
	if err == nil {
		return h.saved(c, v.Map.ID, "The mapping is saved.")
	}
	if !refusedSave(err) {
		return err
	}
	v.Errors.Summary = models.MessageOf(err)
	if models.KindOf(err) == models.Conflict && v.Map.Definition.Revision != v.Revision {
		v.Now = views.MappingText(fieldAt(&v.Map.Definition, v.WasLeft, v.WasRight), v.Sides)
		v.Revision = v.Map.Definition.Revision
	}
	if err := h.lookFields(ctx, &v); err != nil {
		return err
	}
	return web.Render(c, web.Status(models.KindOf(err)), v.View())
}

// saved leads back to the mappings, from the side panel too.
func (h *console) saved(c echo.Context, mapID int64, message string) error {
	if c.Request().Header.Get("HX-Request") == "" {
		return h.web.Done(c, mapPath(mapID, "mappings"), message)
	}
	if err := h.web.Notify(c, models.NoticeOK, message); err != nil {
		return err
	}
	c.Response().Header().Set("HX-Redirect", mapPath(mapID, "mappings"))
	return c.NoContent(http.StatusNoContent)
}

// fieldForm reads what was typed.
func (h *console) fieldForm(c echo.Context) (v views.MappingForm, err error) {
	if v.MapPage, err = h.mapPage(c, "mappings"); err != nil {
		return v, err
	}
	v.Revision = revisionSent(c)
	v.Was, v.WasLeft, v.WasRight = c.FormValue("was") != "", c.FormValue("was-left"), c.FormValue("was-right")
	v.Left, v.Right = strings.TrimSpace(c.FormValue("left")), strings.TrimSpace(c.FormValue("right"))
	v.Direction = models.Direction(c.FormValue("direction"))
	v.Defaulted, v.Default = c.FormValue("defaulted") != "", c.FormValue("default")
	v.Pairs, v.Expression, v.Length = c.FormValue("pairs"), strings.TrimSpace(c.FormValue("expression")), strings.TrimSpace(c.FormValue("length"))
	return v, nil
}

// fieldAt finds the mapping between two fields, nil if there is none.
func fieldAt(d *models.Definition, left, right string) *models.FieldMapping {
	i := slices.IndexFunc(d.Fields, func(f models.FieldMapping) bool { return f.Left == left && f.Right == right })
	if i < 0 {
		return nil
	}
	return &d.Fields[i]
}

// editField is the map's definition with what the form says.
func editField(v *views.MappingForm, remove bool) (models.Definition, error) {
	next := v.Map.Definition
	next.Fields = slices.Clone(next.Fields)
	at := -1
	if v.Was {
		at = slices.IndexFunc(next.Fields, func(f models.FieldMapping) bool { return f.Left == v.WasLeft && f.Right == v.WasRight })
	}
	if remove && at >= 0 {
		next.Fields = slices.Delete(next.Fields, at, at+1)
		return next, nil
	}
	f := models.FieldMapping{Left: v.Left, Right: v.Right, Direction: v.Direction}
	if f.Left == "" && f.Right == "" {
		return next, models.Errorf(models.Invalid, "Name a field of at least one side.")
	}
	var before []models.Transform
	if at >= 0 {
		before = next.Fields[at].Transforms
	}
	var err error
	if f.Transforms, err = typedTransforms(v, before); err != nil {
		return next, err
	}
	other := slices.IndexFunc(next.Fields, func(o models.FieldMapping) bool { return o.Left == f.Left && o.Right == f.Right })
	switch {
	case other >= 0 && other != at:
		return next, models.Errorf(models.Invalid, "These two fields are mapped to each other already.")
	case at >= 0:
		next.Fields[at] = f
	default:
		next.Fields = append(next.Fields, f)
	}
	return next, nil
}

// lookFields fills in what can be chosen, the fields behind the lookups that
// were typed among it, and what is wrong with the mapping as it stands there. An
// app that is out of reach has nothing to choose from.
func (h *console) lookFields(ctx context.Context, v *views.MappingForm) error {
	for i, side := range models.Sides {
		entity := v.Map.Definition.Endpoint(side).Entity
		typed, through := [2]string{v.Left, v.Right}[i], ""
		for {
			found, err := h.engine.Choices(ctx, v.Map.EnvironmentID, side, entity, through)
			if kind := models.KindOf(err); kind == models.NotFound || kind == models.Invalid {
				break
			}
			if err != nil {
				return err
			}
			for _, choice := range found {
				v.Choices[i] = append(v.Choices[i], views.FieldChoice{Path: choice.Path, Text: choiceText(choice)})
			}
			next, ok := deeper(found, typed)
			if !ok {
				break
			}
			through = next
		}
	}
	next, err := editField(v, false)
	if err != nil {
		return nil // said where it is saved
	}
	found, err := h.engine.Check(ctx, v.Map.EnvironmentID, &next)
	if err != nil {
		return nil // the page of the mappings says that an app is out of reach
	}
	for _, f := range found {
		if f.At >= 0 && next.Fields[f.At].Left == v.Left && next.Fields[f.At].Right == v.Right {
			v.Issues = append(v.Issues, issueOf(f, v.Sides))
		}
	}
	return nil
}

// deeper is the lookup among the choices that a typed path goes on through.
func deeper(choices []engine.Choice, typed string) (string, bool) {
	for _, c := range choices {
		if c.Lookup != "" && (typed == c.Path || strings.HasPrefix(typed, c.Path+".")) {
			return c.Path, true
		}
	}
	return "", false
}

func choiceText(c engine.Choice) string {
	text := c.Type
	if c.Limit != "" {
		text += " of " + c.Limit
	}
	if c.Lookup != "" {
		text = "lookup of " + c.Lookup
	}
	if c.Required {
		text += ", required"
	}
	if c.ReadOnly {
		text += ", read-only"
	}
	if c.Label != "" && c.Label != c.Path {
		text = c.Label + ", " + text
	}
	return text
}
