package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// renderSample shows the form as it was typed, and what the mapping would make of
// real records.
func (h *console) renderSample(c echo.Context, v views.MappingForm) error {
	ctx := c.Request().Context()
	next, err := editField(&v, false)
	if err == nil {
		f := fieldAt(&next, v.Left, v.Right)
		found, sampleErr := h.engine.SampleField(ctx, v.Map.ID, *f)
		for _, s := range found {
			v.Samples = append(v.Samples, views.MappingSample{Key: s.Key, TestRow: testRow(s.FieldTest)})
		}
		err = sampleErr
	}
	if kind := models.KindOf(err); err != nil && kind != models.Invalid && kind != models.NotFound {
		return err
	}
	if err != nil {
		v.SampleFault = models.MessageOf(err)
	}
	if c.Request().Header.Get("HX-Target") != "sample" { // what can be chosen is on the page already
		if err := h.lookFields(ctx, &v); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, v.View())
}
