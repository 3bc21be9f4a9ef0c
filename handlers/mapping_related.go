package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"dualwrite/engine"
	"dualwrite/views"
	"dualwrite/web"
)

// relatedMaps draws which maps need which: those around the given ones, or all.
func (h *console) relatedMaps(c echo.Context) error {
	ids, err := web.IDs(c.QueryParams()["id"])
	if err != nil {
		return err
	}
	r, err := h.engine.Relations(c.Request().Context(), ids)
	if err != nil {
		return err
	}
	v := views.RelatedPage{Title: "Related maps", Cycles: r.Cycles}
	if v.Page, err = h.web.Page(c, v.Title, "/maps"); err != nil {
		return err
	}
	for i, m := range r.Maps {
		row := views.RelatedRow{Map: m, Cyclic: slices.ContainsFunc(r.Cycles, func(names []string) bool { return slices.Contains(names, m.Name) })}
		for _, n := range r.Needs[i] {
			row.Needs = append(row.Needs, r.Maps[n].Name)
		}
		v.Rows = append(v.Rows, row)
	}
	layOut(&v, r, ids)
	return web.Render(c, http.StatusOK, v.View())
}

// Distances of the picture, in its own units.
const (
	relatedGapX  = 70
	relatedGapY  = 18
	relatedFrame = 12
)

// layOut puts each map into the column of its rank, and draws a line to each that
// it needs.
func layOut(v *views.RelatedPage, r engine.Relations, given []int64) {
	rows := map[int]int{} // maps so far, by column
	for i, m := range r.Maps {
		column := r.Rank[i]
		b := views.RelatedBox{ID: m.ID, Name: m.Name, Cyclic: v.Rows[i].Cyclic, Given: slices.Contains(given, m.ID),
			X: relatedFrame + column*(views.RelatedWidth+relatedGapX), Y: relatedFrame + rows[column]*(views.RelatedHeight+relatedGapY)}
		rows[column]++
		v.Boxes = append(v.Boxes, b)
		v.Width, v.Height = max(v.Width, b.X+views.RelatedWidth+relatedFrame), max(v.Height, b.Y+views.RelatedHeight+relatedFrame)
	}
	for i, needs := range r.Needs {
		for _, n := range needs {
			from, to := v.Boxes[i], v.Boxes[n]
			v.Lines = append(v.Lines, views.RelatedLine{X1: from.X, Y1: from.Y + views.RelatedHeight/2, X2: to.X + views.RelatedWidth, Y2: to.Y + views.RelatedHeight/2,
				Cyclic: from.Cyclic && to.Cyclic})
		}
	}
}
