package handlers

import (
	"strconv"

	"github.com/labstack/echo/v4"
)

// events tells the browser which maps changed, by name only.
func (h *console) events(c echo.Context) error {
	source, cancel := h.engine.Subscribe()
	defer cancel()
	return h.web.Stream(c, source, eventNames)
}

// eventNames are the events of a change of a map, or of the list for 0.
func eventNames(id int64) []string {
	if id == 0 {
		return []string{"maps"}
	}
	return []string{"maps", "map-" + strconv.FormatInt(id, 10)}
}
