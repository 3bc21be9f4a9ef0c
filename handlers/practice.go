package handlers

import (
	"net/url"

	"dualwrite/models"
)

// practicePath is the page of a record of a practice app, of the entity when id
// is "", and "" when the environment is not the practice one.
func (h *console) practicePath(environmentID int64, side models.Side, entity, id string) string {
	if h.practice == nil || h.practice.Environment() != environmentID {
		return ""
	}
	path := "/practice/" + string(side) + "/" + url.PathEscape(entity)
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return path
}

// Practice is what the console needs of the two practice apps.
type Practice interface {
	// Environment is the id of the practice environment.
	Environment() int64
}
