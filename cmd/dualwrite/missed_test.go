package main

import (
	"testing"
)

// TestChangesThatCannotBeSeenAreFoundByLookingAtBothSides empties a table by
// TRUNCATE, which tells that it happened and not what went.
func TestChangesThatCannotBeSeenAreFoundByLookingAtBothSides(t *testing.T) {
	p := newTypes(t, "postgres", "postgres")
	p.run("Everything")
	p.filled("Everything")
	p.rest()
	p.hosts[0].exec("TRUNCATE [everything]")
	p.hosts[0].exec("INSERT INTO [everything] ([code], [words]) VALUES ('after', 'the table was emptied')")
	p.await("the new record is on the right", func() bool {
		return p.hosts[1].text("SELECT [words] FROM [everything] WHERE [code] = 'after'") == "the table was emptied"
	})
	p.filled("Everything")
	p.rest()
	for side, h := range p.hosts {
		if n := h.text("SELECT count(*) FROM [everything]"); n != "4" {
			t.Errorf("side %d holds %s records, want all 3 that were there and the new one", side, n)
		}
	}
	if n := p.storeText("SELECT count(*) FROM conflicts WHERE kind = 'copied_back'"); n != "3" {
		t.Errorf("%s records are listed as copied back, want 3", n)
	}
}
