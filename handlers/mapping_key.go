package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// keyPage shows the key and the legal entity of a map.
func (h *console) keyPage(c echo.Context) error {
	p, err := h.mapPage(c, "mappings")
	if err != nil {
		return err
	}
	d := &p.Map.Definition
	v := views.KeyForm{MapPage: p, Revision: d.Revision, Company: [2]string{d.Left.Company, d.Right.Company}, Rows: keyRows(d, d.Key)}
	return web.Render(c, http.StatusOK, v.View())
}

// keyRows lists the fields that can be part of a key, those of the key itself
// even where they cannot any more.
func keyRows(d *models.Definition, key []models.KeyPair) []views.KeyRow {
	var out []views.KeyRow
	for _, k := range key {
		out = append(out, views.KeyRow{KeyPair: k, Ticked: true})
	}
	for _, f := range d.Fields {
		pair := models.KeyPair{Left: f.Left, Right: f.Right}
		if f.Left != "" && f.Right != "" && f.Direction == models.Both && !slices.Contains(key, pair) {
			out = append(out, views.KeyRow{KeyPair: pair})
		}
	}
	return out
}

// saveKey saves the key and the legal entity.
func (h *console) saveKey(c echo.Context) error {
	p, err := h.mapPage(c, "mappings")
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	revision, next := revisionSent(c), p.Map.Definition
	next.Left.Company, next.Right.Company = strings.TrimSpace(values.Get("company-left")), strings.TrimSpace(values.Get("company-right"))
	next.Key = typedKey(values["key"])
	if err = checkKey(&next); err == nil {
		err = h.store.SaveDefinition(c.Request().Context(), p.Map.ID, revision, next, web.User(c).Name, "key: "+models.KeyText(next.Key))
	}
	if err == nil {
		return h.saved(c, p.Map.ID, "The key is saved.")
	}
	if !refusedSave(err) {
		return err
	}
	v := views.KeyForm{MapPage: p, Revision: revision, Company: [2]string{next.Left.Company, next.Right.Company}, Rows: keyRows(&p.Map.Definition, next.Key)}
	v.Errors.Summary = models.MessageOf(err)
	if now := p.Map.Definition.Revision; models.KindOf(err) == models.Conflict && now != revision {
		v.Revision, v.Now = now, models.KeyText(p.Map.Definition.Key)
	}
	return web.Render(c, web.Status(models.KindOf(err)), v.View())
}

func typedKey(values []string) []models.KeyPair {
	var out []models.KeyPair
	for _, value := range values {
		left, right, _ := strings.Cut(strings.ReplaceAll(value, "\r", ""), "\n")
		out = append(out, models.KeyPair{Left: left, Right: right})
	}
	return out
}

func checkKey(d *models.Definition) error {
	switch {
	case len(d.Key) == 0:
		return models.Errorf(models.Invalid, "Tick at least one field: without a key records cannot be told apart.")
	case (d.Left.Company == "") != (d.Right.Company == ""):
		return models.Errorf(models.Invalid, "Name the legal entity on both sides, or on neither.")
	}
	for _, k := range d.Key {
		if fieldAt(d, k.Left, k.Right) == nil {
			return models.Errorf(models.Invalid, "%s and %s are not mapped to each other any more.", k.Left, k.Right)
		}
	}
	return nil
}
