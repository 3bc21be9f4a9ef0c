package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

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
	if v.Overview.Overview, err = h.store.OverviewNow(c.Request().Context()); err != nil {
		return err
	}
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

// overview is the numbers over the list alone, for the refresh.
func (h *console) overview(c echo.Context) error {
	o, err := h.store.OverviewNow(c.Request().Context())
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.MapOverview{Overview: o}.View())
}

// openMap leads to a part of the page of the one map that is selected.
func (h *console) openMap(c echo.Context) error {
	ids, err := web.IDs(c.QueryParams()["id"])
	if err != nil {
		return err
	}
	tab := c.QueryParam("tab")
	known := slices.ContainsFunc(views.MapTabs(), func(t views.MapTab) bool { return t.Path == tab })
	switch {
	case !known:
		return echo.ErrNotFound
	case len(ids) != 1:
		return models.Errorf(models.Invalid, "Select exactly one entity map in the list first.")
	}
	return c.Redirect(http.StatusSeeOther, mapPath(ids[0], tab))
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
	rows.Query = views.MapQuery{Search: strings.TrimSpace(c.QueryParam("q")), Status: models.Status(c.QueryParam("status")),
		Sort: c.QueryParam("sort"), Desc: c.QueryParam("desc") != ""}
	rows.Maps = matching(all, rows.Query)
	arrange(rows.Maps, rows.Query)
	rows.Operates = web.User(c).Role.Allows(models.Operator)
	rows.Ticked = set(ids)
	return rows, len(all), nil
}

// matching picks the maps that a query asks for, in their order.
func matching(all []models.Summary, q views.MapQuery) []models.Summary {
	search := strings.ToLower(q.Search)
	var out []models.Summary
	for _, m := range all {
		text := strings.ToLower(strings.Join([]string{m.Name, m.LeftEntity, m.RightEntity, m.Publisher, m.LastIssue}, "\n"))
		if (q.Status == "" || m.Status == q.Status) && strings.Contains(text, search) {
			out = append(out, m)
		}
	}
	return out
}

// arrange sorts maps, which come by name, as a query asks for. An unknown
// column leaves them as they are.
func arrange(list []models.Summary, q views.MapQuery) {
	by, ok := map[string]func(a, b *models.Summary) int{
		"": func(a, b *models.Summary) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) },
		"status": func(a, b *models.Summary) int {
			return cmp.Compare(views.StatusWord(a.Status), views.StatusWord(b.Status))
		},
		"queue":   func(a, b *models.Summary) int { return cmp.Compare(a.Tally.Queued, b.Tally.Queued) },
		"linked":  func(a, b *models.Summary) int { return cmp.Compare(a.Tally.Linked, b.Tally.Linked) },
		"errors":  func(a, b *models.Summary) int { return cmp.Compare(a.Tally.OpenErrors, b.Tally.OpenErrors) },
		"changed": func(a, b *models.Summary) int { return timeOf(a.LastChangeAt).Compare(timeOf(b.LastChangeAt)) },
		"version": func(a, b *models.Summary) int {
			return cmp.Or(cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.Version, b.Version))
		},
		"issue": func(a, b *models.Summary) int { return timeOf(a.LastIssueAt).Compare(timeOf(b.LastIssueAt)) },
	}[q.Sort]
	if !ok {
		return
	}
	slices.SortStableFunc(list, func(a, b models.Summary) int {
		if q.Desc {
			return by(&b, &a)
		}
		return by(&a, &b)
	})
}

// timeOf is a time that may be missing; then it is before all others.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// set makes membership of a few ids cheap to ask.
func set(ids []int64) map[int64]bool {
	out := make(map[int64]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}
