package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// mapQueue shows the changes that wait.
func (h *console) mapQueue(c echo.Context) error {
	return h.renderQueue(c, http.StatusOK, views.QueuePage{})
}

func (h *console) renderQueue(c echo.Context, status int, v views.QueuePage) (err error) {
	if v.MapPage, err = h.mapPage(c, "queue"); err != nil {
		return err
	}
	if v.After, err = position(c, "after"); err != nil {
		return err
	}
	v.Now, v.Search = h.store.Now(), strings.TrimSpace(c.QueryParam("q"))
	if v.Rows, v.Next, err = h.store.QueuePage(c.Request().Context(), v.Map.ID, v.Search, v.After, pageSize); err != nil {
		return err
	}
	return web.Render(c, status, v.View())
}

// discardChanges gives queued changes up, for a reason that is kept.
func (h *console) discardChanges(c echo.Context) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	seqs, err := web.IDs(values["change"])
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(values.Get("reason"))
	switch {
	case len(seqs) == 0:
		err = models.Errorf(models.Invalid, "Tick the changes to discard.")
	case reason == "":
		err = models.Errorf(models.Invalid, "Say why the changes are given up; the reason is kept in the activity log.")
	default:
		err = h.store.DiscardChanges(c.Request().Context(), id, seqs, web.User(c).Name, reason)
	}
	if refusedSave(err) {
		return h.renderQueue(c, web.Status(models.KindOf(err)), views.QueuePage{Ticked: set(seqs), Reason: reason, Wrong: views.Errors{Summary: models.MessageOf(err)}})
	}
	if err != nil {
		return err
	}
	return h.web.Done(c, sameList(c, id, "queue"), "The changes are given up.")
}
