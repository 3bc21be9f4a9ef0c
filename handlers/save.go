package handlers

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
)

// revisionSent is the revision of what a form shows. None is no thing's revision,
// so that a form without one is taken for an old one.
func revisionSent(c echo.Context) int {
	revision, err := strconv.Atoi(c.FormValue("revision"))
	if err != nil {
		return 0
	}
	return revision
}

// refusedSave tells whether an error of a save is for the person who saves.
func refusedSave(err error) bool {
	kind := models.KindOf(err)
	return kind == models.Invalid || kind == models.Conflict
}
