package main

import (
	"context"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// TestChangesThatAnExpiredCursorPassedOverAreFoundAndNoDeleteIsInvented has
// Dataverse forget what users did while the cursor of its changes was too old.
func TestChangesThatAnExpiredCursorPassedOverAreFoundAndNoDeleteIsInvented(t *testing.T) {
	s := newServed(t)
	s.left.exec("INSERT INTO Currencies (CURRENCYCODE, NAME) VALUES ('XTA', 'before')")
	s.left.exec("INSERT INTO Currencies (CURRENCYCODE, NAME) VALUES ('XTB', 'goes')")
	s.run(currencyMap)
	s.filled(currencyMap)
	left := func(code string) string {
		return s.left.text("SELECT NAME FROM Currencies WHERE CURRENCYCODE = ?", code)
	}
	right := func(code string) string {
		return s.right.text("SELECT currencyname FROM transactioncurrencies WHERE isocurrencycode = ?", code)
	}
	rename := func(code, name string) {
		s.right.exec("UPDATE transactioncurrencies SET currencyname = ? WHERE isocurrencycode = ?", name, code)
	}
	s.rest()
	s.servers.Dataverse.SetFaults(service.Faults{Lag: time.Hour})
	rename("XTA", "meanwhile")
	s.right.exec("DELETE FROM transactioncurrencies WHERE isocurrencycode = 'XTB'")
	s.check(s.servers.Dataverse.ExpireCursors(context.Background()))
	s.servers.Dataverse.SetFaults(service.Faults{})
	s.await("an edit that no cursor told of is on the left", func() bool { return left("XTA") == "meanwhile" })
	s.await("the map is live again", func() bool { return s.summary(currencyMap).Status == models.Running })
	s.rest()
	if left("XTB") != "goes" || right("XTB") != "goes" {
		t.Errorf("the record that went on the right is %q on the left and %q on the right, want it copied back", left("XTB"), right("XTB"))
	}
	if n := s.storeText("SELECT count(*) FROM conflicts WHERE kind = 'copied_back'"); n != "1" {
		t.Errorf("%s records are listed as copied back, want 1", n)
	}
	rename("XTA", "afterwards")
	s.await("the feed goes on", func() bool { return left("XTA") == "afterwards" })
}
