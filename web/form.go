package web

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
)

// IDs reads numbers that name rows. Fails with kind Invalid on anything else.
func IDs(values []string) ([]int64, error) {
	out := make([]int64, 0, len(values))
	for _, v := range values {
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil || id <= 0 {
			return nil, models.Errorf(models.Invalid, "%q does not name anything", v)
		}
		out = append(out, id)
	}
	return out, nil
}

// PathID reads the number in the path of a route. Anything else is not found.
func PathID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, echo.ErrNotFound
	}
	return id, nil
}
