package finops

import (
	"net/http"
	"strings"

	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// The app has no codes for these; its inner message is all that tells them apart
// from a record that is not valid.
const (
	noResources    = "No resources were found when selecting for update."
	updateConflict = "update conflict"
)

func judge(f *wire.Failure) core.Verdict {
	if f.Status != http.StatusBadRequest && f.Status != http.StatusInternalServerError {
		return core.Plain
	}
	switch {
	case strings.Contains(f.Inner, noResources), strings.Contains(f.Message, noResources):
		return core.Gone
	case strings.Contains(strings.ToLower(f.Inner), updateConflict):
		return core.Busy
	}
	return core.Plain
}

// words are the first message of the app's log of a refused write: "Write failed
// for table row of type 'X'. Infolog: Error: The value is not valid.; Info: …".
// What follows, stack traces included, is for the operator.
func words(f *wire.Failure) string {
	text := f.Inner
	if text == "" {
		return f.Message
	}
	if _, log, ok := strings.Cut(text, "Infolog:"); ok {
		text = log
	}
	for entry := range strings.SplitSeq(text, ";") {
		entry = wire.FirstLine(entry)
		for _, level := range [...]string{"Error:", "Warning:", "Info:"} {
			entry = strings.TrimSpace(strings.TrimPrefix(entry, level))
		}
		if entry != "" {
			return entry
		}
	}
	return f.Message
}
