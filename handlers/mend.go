package handlers

import (
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
)

// remind puts the error that the address says led to a record beside it. One
// that is not there any more is passed over.
func (h *console) remind(c echo.Context, v *views.PracticeForm) error {
	id, err := position(c, "error")
	if err != nil || id == 0 {
		return err
	}
	e, err := h.store.ErrorByID(c.Request().Context(), id)
	if models.KindOf(err) == models.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := h.store.MapByID(c.Request().Context(), e.MapID)
	if err != nil {
		return err
	}
	v.Mend = &views.PracticeMend{RecordError: e, MapName: m.Name, Here: fieldHere(&m, &e, v)}
	return nil
}

// fieldHere is the field at fault as the record that is shown has it, "" where
// it has none that can be edited. A lookup is edited by its first step.
func fieldHere(m *models.Map, e *models.RecordError, v *views.PracticeForm) string {
	for _, f := range m.Definition.Fields {
		if e.Field == "" || f.Left != e.Field && f.Right != e.Field {
			continue
		}
		name, _, _ := strings.Cut([2]string{f.Left, f.Right}[v.Side.Index()], ".")
		for _, c := range v.Entity.Columns {
			if c.Name == name && !c.Fixed {
				return name
			}
		}
	}
	return ""
}
