package probe

import (
	"strings"
	"testing"

	"dualwrite/connectors"
)

// Feed is a started feed, followed up to At.
type Feed struct {
	connectors.Feed
	At connectors.Cursor
	t  testing.TB
}

// Start starts the feed of an entity.
func Start(t testing.TB, c connectors.Connector, entity string) *Feed {
	t.Helper()
	f, err := c.Feed(t.Context(), entity)
	if err != nil {
		t.Fatal(err)
	}
	at, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &Feed{Feed: f, At: at, t: t}
}

// Told spells the changes since At, up to a thousand, as "op id origin", or "op
// old>new origin" where the id has changed, and moves At behind them.
func (f *Feed) Told() (told []string) {
	f.t.Helper()
	batch, next, caughtUp, err := f.Changes(f.t.Context(), f.At, 1000)
	if err != nil || !caughtUp {
		f.t.Fatalf("caught up: %v, %v", caughtUp, err)
	}
	f.At = next
	for _, c := range batch {
		id := c.ID
		if c.OldID != "" {
			id = c.OldID + ">" + c.ID
		}
		told = append(told, strings.TrimSpace(string(c.Op)+" "+id+" "+c.Origin))
	}
	return told
}
