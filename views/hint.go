package views

import "dualwrite/models"

// hint says what a person can do about an error, by its kind. The kinds are
// those of the connectors and three of the engine's own.
func hint(e *models.RecordError) string {
	if e.Kind == "missing parent" {
		parent := "The record it refers to"
		if e.Parent != "" {
			parent = e.Parent + " " + e.ParentKey
		}
		return parent + " is missing on that side. Run the map that brings it, or create it there; this record is tried again by itself when it arrives."
	}
	text, ok := map[string]string{
		"invalid":        "The app refuses the value. Correct the record in the app it comes from, then retry.",
		"too large":      "The value does not fit. Shorten it in the app it comes from, or add a Truncate transform, then retry.",
		"duplicate":      "Another record already holds a key that must be unique. Merge or rename one of the two, then retry.",
		"duplicate key":  "Several records of one side share this key, so none is picked. Give each its own key, then retry.",
		"unmapped value": "The value map has no line for this value. Add it to the map, or correct the value, then retry.",
		"held back":      "The change was kept when the map went live without catching up. Retry writes it, discard gives it up.",
		"denied":         "The account of the connection may not do this. Grant the right in the app, then retry.",
		"unreachable":    "The app did not answer. It is tried again by itself.",
		"throttled":      "The app asks for fewer calls. It is tried again by itself.",
		"transient":      "A passing fault. It is tried again by itself.",
		"no entity":      "The entity or a field of it is gone. Restore it, or change the map, then retry.",
		"internal":       "The log of the server holds the detail. Retry, and if it stays, report it.",
	}[e.Kind]
	if !ok {
		return "Correct the record, then retry."
	}
	return text
}
