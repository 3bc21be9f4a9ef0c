package views

import "dualwrite/models"

// Hint is what a person reads about an error besides what happened.
type Hint struct {
	Why string // why it probably did
	Do  string // what to do about it
}

// hints has one line per kind of error: those of the connectors, and those
// that only the engine and the store know.
func hints() map[string]Hint {
	return map[string]Hint{
		"invalid":        {"The app has a rule for this record that the value breaks.", "Correct the record in the app it comes from, then retry."},
		"too large":      {"The two apps allow different lengths or numbers of digits.", "Shorten it in the app it comes from, or add a Truncate transform, then retry."},
		"duplicate":      {"Somebody entered the same record twice, or a key was given to another record.", "Merge or rename one of the two, then retry."},
		"key taken":      {"Somebody entered the same record twice, or a key was given to another record.", "Merge or rename one of the two, then retry."},
		"duplicate key":  {"Several records of one side share this key, so none is picked.", "Give each its own key, then retry."},
		"empty key":      {"A record without its key cannot be found on the other side.", "Fill the key field in, then retry."},
		"unmapped value": {"The value came up in the app after the value map was drawn.", "Add a line for it to the value map, or correct the value, then retry."},
		"held back":      {"The map went live without catching up, and this change was kept for a person.", "Retry writes it, discard gives it up."},
		"denied":         {"The account of the connection lacks a right, or its password has changed.", "Grant the right in the app, then retry."},
		"unreachable":    {"The app or the network between is down.", "Nothing: it is tried again by itself."},
		"throttled":      {"The app asks for fewer calls for a while.", "Nothing: it is tried again by itself."},
		"transient":      {"A lock or a time-out that passes.", "Nothing: it is tried again by itself."},
		"no entity":      {"The entity or a field of it was renamed or taken away in the app.", "Restore it, or change the map, then retry."},
		"missing parent": {"The record it refers to has not been copied yet, or exists on one side only.", "Run the map that brings it, or create it there; this record is tried again by itself when it arrives."},
		"internal":       {"The app answered in a way that is not understood.", "The log of the server holds the detail. Retry, and if it stays, report it."},
	}
}

// HintFor says why an error probably happened and what to do about it.
func HintFor(e *models.RecordError) Hint {
	h, ok := hints()[e.Kind]
	if !ok {
		return Hint{Why: "The app did not take the record.", Do: "Correct the record, then retry."}
	}
	if e.Kind == "missing parent" && e.Parent != "" {
		h.Why = e.Parent + " " + e.ParentKey + " has not been copied yet, or exists on one side only."
	}
	return h
}

// causeWord is a kind of error as the head of a group.
func causeWord(kind string) string {
	word, ok := map[string]string{
		"invalid": "Refused by the app's rules", "too large": "Value does not fit", "duplicate": "Key already taken", "key taken": "Key already taken",
		"duplicate key": "Several records share a key", "empty key": "Key is empty", "unmapped value": "Value not in the value map", "held back": "Kept back, not written yet",
		"denied": "Not allowed", "unreachable": "App out of reach", "throttled": "App asks to slow down", "transient": "Passing fault",
		"no entity": "Entity or field is gone", "missing parent": "Referred record is missing", "internal": "Not understood",
	}[kind]
	if !ok {
		return kind
	}
	return word
}
