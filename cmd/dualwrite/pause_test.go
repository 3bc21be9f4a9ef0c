package main

import (
	"context"
	"testing"

	"dualwrite/models"
)

// TestPauseQueuesOverARestartAndResumePlaysBack edits both apps while maps are
// paused and while the program is down.
func TestPauseQueuesOverARestartAndResumePlaysBack(t *testing.T) {
	s := liveSite(t)
	maps := []string{contactsMap, accountsMap}
	s.check(s.engine.Pause(context.Background(), who, s.ids(maps...)))
	s.setLeft("SALESMEMO", "US0701", "left, paused")
	s.setRight("description", "US0702", "right, paused")
	s.left.exec("UPDATE CustomersV3 SET SALESMEMO = 'account, paused' WHERE CUSTOMERACCOUNT = 'US0101'")
	s.await("the edits are queued", func() bool {
		return s.summary(contactsMap).Tally.Queued >= 2 && s.summary(accountsMap).Tally.Queued >= 1
	})
	s.check(s.stop())

	s.left.exec("UPDATE CustomersV3 SET SALESMEMO = 'left, down' WHERE CUSTOMERACCOUNT = 'US0703'")
	s.setRight("description", "US0704", "right, down")
	s.setRight("jobtitle", "US0701", "right, down")
	s.start()

	s.is(contactsMap, models.Paused)
	s.is(accountsMap, models.Paused)
	s.await("edits made while the program was down are queued", func() bool { return s.summary(contactsMap).Tally.Queued >= 5 })
	if got := s.right.text(contactField("description"), "US0701"); got == "left, paused" {
		t.Error("a paused map has written")
	}
	for _, m := range maps {
		s.resume(m)
	}
	s.isRight("description", "US0701", "left, paused")
	s.isLeft("PERSONPROFESSIONALTITLE", "US0701", "right, down")
	s.isLeft("SALESMEMO", "US0702", "right, paused")
	s.isRight("description", "US0703", "left, down")
	s.isLeft("SALESMEMO", "US0704", "right, down")
	if got := s.right.text("SELECT description FROM accounts WHERE accountnumber = 'US0101'"); got != "account, paused" {
		t.Errorf("the account's memo is %q", got)
	}
	s.differsOnly(nil, runnable()...)
	for _, m := range runnable() {
		s.sumsUp(m)
	}
}

// sumsUp fails unless every captured change of a map at rest has one fate, and
// the kept sums are those of the changes.
func (s *site) sumsUp(mapName string) {
	s.t.Helper()
	tally := s.summary(mapName).Tally
	var sum int64
	for _, fate := range models.Fates {
		n := tally.Of(fate)
		sum += n
		var rows int64
		s.check(s.reader.QueryRow("SELECT count(*) FROM changes WHERE map_id = ? AND fate = ?", tally.MapID, fate).Scan(&rows))
		// The echo of an own write whose outcome is stored is counted as equal and never queued.
		if rows > n || rows < n && fate != models.Equal {
			s.t.Errorf("%s counts %d changes as %s and has %d", mapName, n, fate, rows)
		}
	}
	if sum != tally.Captured || tally.Queued != 0 {
		s.t.Errorf("%s has captured %d changes; their fates add up to %d, %d of them queued", mapName, tally.Captured, sum, tally.Queued)
	}
}

func TestStopThenRunMergesAndDeletesNothing(t *testing.T) {
	s := liveSite(t)
	s.check(s.engine.Stop(context.Background(), who, s.ids(contactsMap)))
	s.is(contactsMap, models.NotRunning)
	s.setLeft("SALESMEMO", "US0701", "left, stopped")
	s.setRight("jobtitle", "US0701", "right, stopped")
	s.setRight("description", "US0702", "right, stopped")
	s.left.exec("DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'US0703'")
	s.right.exec("DELETE FROM contacts WHERE msdyn_contactpersonid = 'US0704' AND msdyn_sellable = 1")
	s.run(contactsMap)
	s.await("contacts are running", func() bool { return s.summary(contactsMap).Status == models.Running })
	s.quiet()

	s.isRight("description", "US0701", "left, stopped")
	s.isLeft("PERSONPROFESSIONALTITLE", "US0701", "right, stopped")
	s.isLeft("SALESMEMO", "US0702", "right, stopped")
	for _, key := range []string{"US0703", "US0704"} {
		if l, r := s.left.text(customerField("RECID"), key), s.right.text(contactField("contactid"), key); l == "<none>" || r == "<none>" {
			t.Errorf("%s, deleted on one side while stopped, was not copied back: left %s, right %s", key, l, r)
		}
	}
	s.differsOnly(nil, runnable()...)
	s.sumsUp(contactsMap)
}
