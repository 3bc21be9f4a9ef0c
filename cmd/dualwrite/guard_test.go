package main

import (
	"context"
	"fmt"
	"testing"

	"dualwrite/models"
)

func TestAnEmptiedSideDeletesNothingUntilReleased(t *testing.T) {
	s := liveSite(t)
	const table = "msdyn_paymentschedulelines"
	before := s.right.count("SELECT count(*) FROM " + table)
	s.left.execAll("DELETE FROM PaymentScheduleLines")
	s.heldUntilReleased(scheduleLinesMap, models.HoldEmptied, table, before, 0)
}

func TestManyDeletesAtOnceWaitForAPerson(t *testing.T) {
	s := liveSite(t)
	before := s.left.count("SELECT count(*) FROM CustomersV3 WHERE PARTYTYPE = 'Person'")
	const gone = 80
	deleted := s.right.execAll(fmt.Sprintf(`DELETE FROM contacts WHERE contactid IN
		(SELECT contactid FROM contacts WHERE msdyn_sellable = 1 ORDER BY msdyn_contactpersonid LIMIT %d)`, gone))
	if deleted != gone {
		t.Fatalf("%d contacts were deleted", deleted)
	}
	s.heldUntilReleased(contactsMap, models.HoldDeletes, "CustomersV3 WHERE PARTYTYPE = 'Person'", before, before-gone)
}

// heldUntilReleased waits for a hold and expects that nothing is deleted from a
// table before somebody releases it, not even after a restart.
func (s *site) heldUntilReleased(mapName string, hold models.Hold, table string, before, after int) {
	s.t.Helper()
	target := s.left
	if mapName == scheduleLinesMap {
		target = s.right
	}
	query := "SELECT count(*) FROM " + table
	s.await(mapName+" is on hold", func() bool { return s.summary(mapName).Hold == hold })
	s.check(s.stop())
	s.start()
	s.quiet()
	if m := s.summary(mapName); m.Hold != hold || m.Status != models.Running || m.HoldReason == "" {
		s.t.Errorf("%s is %s with the hold %q: %s", mapName, m.Status, m.Hold, m.HoldReason)
	}
	if n := target.count(query); n != before {
		s.t.Fatalf("%d of %d records are left, and nobody has released the hold", n, before)
	}
	s.check(s.engine.Release(context.Background(), who, s.id(mapName)))
	s.await("the deletes are through", func() bool { return target.count(query) == after })
	s.quiet()
	if m := s.summary(mapName); m.Hold != models.NoHold {
		s.t.Errorf("%s is on hold again: %s", mapName, m.HoldReason)
	}
	s.differsOnly(nil, runnable()...)
	s.sumsUp(mapName)
}
