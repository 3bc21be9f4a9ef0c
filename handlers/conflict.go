package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// conflictsShown is how many conflicts, with both their records, one page holds.
const conflictsShown = 20

// mapConflicts shows what collided, and both sides of it.
func (h *console) mapConflicts(c echo.Context) error {
	return h.renderConflicts(c, http.StatusOK, views.ConflictsPage{})
}

func (h *console) renderConflicts(c echo.Context, status int, v views.ConflictsPage) (err error) {
	if v.MapPage, err = h.mapPage(c, "conflicts"); err != nil {
		return err
	}
	if v.Before, err = position(c, "before"); err != nil {
		return err
	}
	v.Filter = models.ConflictFilter{MapID: v.Map.ID, Kind: models.ConflictKind(c.QueryParam("kind")), Reviewed: c.QueryParam("reviewed") != ""}
	if v.Counts, err = h.store.ConflictCounts(c.Request().Context(), v.Map.ID); err != nil {
		return err
	}
	list, next, err := h.store.ConflictPage(c.Request().Context(), v.Filter, v.Before, conflictsShown)
	if err != nil {
		return err
	}
	v.Next = next
	for _, r := range list {
		v.Rows = append(v.Rows, views.ConflictRow{ConflictRecord: r, Image: views.NewImage(&v.Map.Definition, r.LeftImage, r.RightImage, r.Fields)})
	}
	return web.Render(c, status, v.View())
}

// chosenConflicts reads the map and the conflicts that a form names: the one
// whose button was pressed, or those that are ticked.
func chosenConflicts(c echo.Context) (mapID int64, ids []int64, err error) {
	if mapID, err = web.PathID(c); err != nil {
		return 0, nil, err
	}
	values, err := c.FormParams()
	if err != nil {
		return 0, nil, err
	}
	field := "conflict"
	if values.Has("one") {
		field = "one"
	}
	if ids, err = web.IDs(values[field]); err == nil && len(ids) == 0 {
		err = models.Errorf(models.Invalid, "Tick at least one conflict.")
	}
	return mapID, ids, err
}

// useOther gives a conflict the other outcome.
func (h *console) useOther(c echo.Context) error {
	mapID, ids, err := chosenConflicts(c)
	if err == nil {
		err = h.engine.UseOther(c.Request().Context(), web.User(c).Name, mapID, ids[0])
	}
	if err != nil {
		return h.refuseConflicts(c, err)
	}
	return h.web.Done(c, sameList(c, mapID, "conflicts"), "The other value is written, and is carried to the other side like any edit.")
}

// reviewConflicts notes that somebody has looked at conflicts.
func (h *console) reviewConflicts(c echo.Context) error {
	mapID, ids, err := chosenConflicts(c)
	if err == nil {
		err = h.store.ReviewConflicts(c.Request().Context(), mapID, ids, web.User(c).Name, "left as they are")
	}
	if err != nil {
		return h.refuseConflicts(c, err)
	}
	return h.web.Done(c, sameList(c, mapID, "conflicts"), "Marked as reviewed.")
}

// refuseConflicts shows the list again with the reason.
func (h *console) refuseConflicts(c echo.Context, err error) error {
	kind := models.KindOf(err)
	if kind != models.Invalid && kind != models.Conflict {
		return err
	}
	return h.renderConflicts(c, web.Status(kind), views.ConflictsPage{Wrong: views.Errors{Summary: models.MessageOf(err)}})
}
