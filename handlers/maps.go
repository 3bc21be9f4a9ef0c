package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// maps lists the entity maps.
func (h *console) maps(c echo.Context) error {
	rows, total, err := h.listMaps(c)
	if err != nil {
		return err
	}
	v := views.MapList{Rows: rows, Total: total}
	if v.Page, err = h.web.Page(c, "Entity maps", "/maps"); err != nil {
		return err
	}
	v.Live = true
	return web.Render(c, http.StatusOK, v.View())
}

// mapRows is the list's body alone, for the refresh.
func (h *console) mapRows(c echo.Context) error {
	rows, _, err := h.listMaps(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, rows.View())
}

func (h *console) listMaps(c echo.Context) (rows views.MapRows, total int, err error) {
	ids, err := web.IDs(c.QueryParams()["id"])
	if err != nil {
		return rows, 0, err
	}
	all, err := h.store.Summaries(c.Request().Context())
	if err != nil {
		return rows, 0, err
	}
	rows.Query = views.MapQuery{Search: strings.TrimSpace(c.QueryParam("q")), Status: models.Status(c.QueryParam("status"))}
	rows.Maps = matching(all, rows.Query)
	rows.Operates = web.User(c).Role.Allows(models.Operator)
	rows.Ticked = set(ids)
	return rows, len(all), nil
}

// matching picks the maps that a query asks for, in their order.
func matching(all []models.Summary, q views.MapQuery) []models.Summary {
	search := strings.ToLower(q.Search)
	var out []models.Summary
	for _, m := range all {
		text := strings.ToLower(strings.Join([]string{m.Name, m.Definition.Left.Entity, m.Definition.Right.Entity, m.Publisher, m.LastIssue}, "\n"))
		if (q.Status == "" || m.Status == q.Status) && strings.Contains(text, search) {
			out = append(out, m)
		}
	}
	return out
}

// set makes membership of a few ids cheap to ask.
func set(ids []int64) map[int64]bool {
	out := make(map[int64]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}
