package views

import "dualwrite/models"

// Hint is what a person reads about an error besides what happened.
type Hint struct {
	Why string // why it probably did
	Do  string // what to do about it
	// Mapping says that the mend may be to change how the field is mapped.
	Mapping bool
}

// hints has one line per kind of error: those of the connectors, and those
// that only the engine and the store know.
func hints() map[string]Hint {
	return map[string]Hint{
		"invalid":        {Why: "The app has a rule for this record that the value breaks.", Do: "Correct the record in the app it comes from, then retry."},
		"too large":      {Why: "The two apps allow different lengths or numbers of digits.", Do: "Shorten it in the app it comes from, or add a Truncate transform, then retry.", Mapping: true},
		"duplicate":      {Why: "Somebody entered the same record twice, or a key was given to another record.", Do: "Merge or rename one of the two, then retry."},
		"key taken":      {Why: "Somebody entered the same record twice, or a key was given to another record.", Do: "Merge or rename one of the two, then retry."},
		"duplicate key":  {Why: "Several records of one side share this key, so none is picked.", Do: "Give each its own key, then retry."},
		"empty key":      {Why: "A record without its key cannot be found on the other side.", Do: "Fill the key field in, then retry."},
		"unmapped value": {Why: "The value came up in the app after the value map was drawn.", Do: "Add a line for it to the value map, or correct the value, then retry.", Mapping: true},
		"expression":     {Why: "The expression of this field cannot be calculated of what the record holds.", Do: "Correct the value in the app it comes from, or change the expression, then retry.", Mapping: true},
		"held back":      {Why: "The map went live without catching up, and this change was kept for a person.", Do: "Retry writes it, discard gives it up."},
		"denied":         {Why: "The account of the connection lacks a right, or its password has changed.", Do: "Grant the right in the app, then retry."},
		"unreachable":    {Why: "The app or the network between is down.", Do: "Nothing: it is tried again by itself."},
		"throttled":      {Why: "The app asks for fewer calls for a while.", Do: "Nothing: it is tried again by itself."},
		"transient":      {Why: "A lock or a time-out that passes.", Do: "Nothing: it is tried again by itself."},
		"no entity":      {Why: "The entity or a field of it was renamed or taken away in the app.", Do: "Restore it, or change the map, then retry.", Mapping: true},
		"missing parent": {Why: "The record it refers to has not been copied yet, or exists on one side only.", Do: "Run the map that brings it, or create it there; this record is tried again by itself when it arrives."},
		"internal":       {Why: "The app answered in a way that is not understood.", Do: "The log of the server holds the detail. Retry, and if it stays, report it."},
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
		"duplicate key": "Several records share a key", "empty key": "Key is empty", "unmapped value": "Value not in the value map", "expression": "Value cannot be calculated", "held back": "Kept back, not written yet",
		"denied": "Not allowed", "unreachable": "App out of reach", "throttled": "App asks to slow down", "transient": "Passing fault",
		"no entity": "Entity or field is gone", "missing parent": "Referred record is missing", "internal": "Not understood",
	}[kind]
	if !ok {
		return kind
	}
	return word
}
