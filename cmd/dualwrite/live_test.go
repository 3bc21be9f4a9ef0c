package main

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dualwrite/models"
)

// customerField reads a field of a customer of USMF, by its number.
func customerField(name string) string {
	return "SELECT " + name + " FROM CustomersV3 WHERE CUSTOMERACCOUNT = ? AND DATAAREAID = 'USMF'"
}

// TestLiveWrites edits the apps' files while every map is running.
func TestLiveWrites(t *testing.T) {
	s := liveSite(t)
	for _, promise := range []struct {
		name string
		test func(*site)
	}{
		{"an edit on either side arrives within a second", (*site).editsArrive},
		{"of two edits of one field the master's stays and the other is kept to look at", (*site).sameFieldConflicts},
		{"edits of different fields both stay", (*site).differentFieldsMerge},
		{"an edit beats a delete", (*site).editBeatsDelete},
		{"new records arrive", (*site).newRecordsArrive},
		{"a changed key is a change and no new record", (*site).keysChange},
		{"deletes arrive", (*site).deletesArrive},
		{"a record that leaves the filter is unlinked and not deleted", (*site).leavingIsNoDelete},
		{"at rest nothing is written", (*site).restsIdle},
	} {
		t.Run(promise.name, func(t *testing.T) { promise.test(s.at(t)) })
	}
}

// isRight and isLeft wait until a contact who buys has a value on a side.
func (s *site) isRight(field, key, want string) {
	s.t.Helper()
	s.await(fmt.Sprintf("%s of %s is %q on the right", field, key, want), func() bool { return s.right.text(contactField(field), key) == want })
}

func (s *site) isLeft(field, key, want string) {
	s.t.Helper()
	s.await(fmt.Sprintf("%s of %s is %q on the left", field, key, want), func() bool { return s.left.text(customerField(field), key) == want })
}

// setLeft and setRight edit a contact who buys.
func (s *site) setLeft(field, key, value string) {
	s.t.Helper()
	s.left.exec("UPDATE CustomersV3 SET "+field+" = ? WHERE CUSTOMERACCOUNT = ? AND DATAAREAID = 'USMF'", value, key)
}

func (s *site) setRight(field, key, value string) {
	s.t.Helper()
	s.right.exec("UPDATE contacts SET "+field+" = ? WHERE msdyn_contactpersonid = ? AND msdyn_sellable = 1", value, key)
}

func (s *site) editsArrive() {
	var took []time.Duration
	for i := range 10 {
		key, memo := fmt.Sprintf("US07%02d", i+1), fmt.Sprintf("memo %d", i)
		begin := time.Now()
		if i%2 == 0 {
			s.setLeft("SALESMEMO", key, memo)
			s.isRight("description", key, memo)
		} else {
			s.setRight("description", key, memo)
			s.isLeft("SALESMEMO", key, memo)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	s.t.Logf("from commit to commit: median %v, longest %v", took[len(took)/2], took[len(took)-1])
	if median := took[len(took)/2]; median > time.Second {
		s.t.Errorf("an edit takes %v", median)
	}
}

// while runs edits while a map is paused, then plays them back.
func (s *site) while(mapName string, edits func()) {
	s.t.Helper()
	s.check(s.engine.Pause(context.Background(), who, s.ids(mapName)))
	edits()
	s.resume(mapName)
}

// resume plays the queue of a map back and waits until it is live.
func (s *site) resume(mapName string) {
	s.t.Helper()
	s.check(s.engine.Resume(context.Background(), who, s.ids(mapName)))
	s.await(mapName+" has caught up", func() bool { return s.summary(mapName).Status == models.Running })
	s.quiet()
}

// newConflicts lists the conflicts of contacts that a function leads to.
func (s *site) newConflicts(f func()) []models.ConflictRecord {
	s.t.Helper()
	before, _, err := s.store.ConflictPage(context.Background(), models.ConflictFilter{MapID: s.id(contactsMap), Reviewed: true}, 0, 1)
	s.check(err)
	last := int64(0)
	if len(before) > 0 {
		last = before[0].ID
	}
	f()
	all, _, err := s.store.ConflictPage(context.Background(), models.ConflictFilter{MapID: s.id(contactsMap), Reviewed: true}, 0, 100)
	s.check(err)
	return slices.DeleteFunc(all, func(c models.ConflictRecord) bool { return c.ID <= last })
}

func (s *site) sameFieldConflicts() {
	found := s.newConflicts(func() {
		s.while(contactsMap, func() {
			s.setLeft("SALESMEMO", "US0720", "left says so")
			s.setRight("description", "US0720", "right says so")
		})
	})
	s.isLeft("SALESMEMO", "US0720", "right says so")
	s.isRight("description", "US0720", "right says so")
	s.oneConflict(found, models.BothEdited, "US0720", "left says so", "right says so")
}

// oneConflict fails unless there is just one conflict, which the right side won,
// with what both sides held.
func (s *site) oneConflict(found []models.ConflictRecord, kind models.ConflictKind, key, left, right string) {
	s.t.Helper()
	if len(found) != 1 {
		s.t.Fatalf("there are %d new conflicts: %+v", len(found), found)
	}
	c := found[0]
	if c.Kind != kind || c.Winner != models.Right || c.RecordKey != key+" · USMF" {
		s.t.Errorf("the conflict is %s, won by %s, of %s", c.Kind, c.Winner, c.RecordKey)
	}
	s.held(c.LeftImage, "SALESMEMO", left)
	s.held(c.RightImage, "description", right)
}

func (s *site) differentFieldsMerge() {
	found := s.newConflicts(func() {
		s.while(contactsMap, func() {
			s.setLeft("SALESMEMO", "US0721", "from the left")
			s.setRight("jobtitle", "US0721", "from the right")
		})
	})
	for _, side := range []struct{ memo, title string }{
		{s.left.text(customerField("SALESMEMO"), "US0721"), s.left.text(customerField("PERSONPROFESSIONALTITLE"), "US0721")},
		{s.right.text(contactField("description"), "US0721"), s.right.text(contactField("jobtitle"), "US0721")},
	} {
		if side.memo != "from the left" || side.title != "from the right" {
			s.t.Errorf("one edit is gone: %+v", side)
		}
	}
	if len(found) > 0 {
		s.t.Errorf("there is a conflict: %+v", found)
	}
}

func (s *site) editBeatsDelete() {
	found := s.newConflicts(func() {
		s.while(contactsMap, func() {
			s.left.exec("DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'US0722'")
			s.setRight("description", "US0722", "still in use")
		})
	})
	s.isLeft("SALESMEMO", "US0722", "still in use")
	s.isRight("description", "US0722", "still in use")
	s.oneConflict(found, models.DeleteVsEdit, "US0722", "", "still in use")
}

// newRecordsArrive makes a customer on each side by copying one under a new number.
func (s *site) newRecordsArrive() {
	s.left.copyRow("CustomersV3", "RECID", "CUSTOMERACCOUNT", "US0723", "NEWLEFT", "(SELECT max(RECID) + 1 FROM CustomersV3)")
	s.right.copyRow("contacts", "contactid", "msdyn_contactpersonid", "US0723", "NEWRIGHT", "'12345678-1234-1234-1234-123456789abc'")
	s.isRight("lastname", "NEWLEFT", s.left.text(customerField("PERSONLASTNAME"), "US0723"))
	s.isLeft("PERSONLASTNAME", "NEWRIGHT", s.right.text(contactField("lastname"), "US0723"))
}

func (s *site) keysChange() {
	id := s.right.text(contactField("contactid"), "US0724")
	s.setLeft("CUSTOMERACCOUNT", "US0724", "RENAMED1")
	s.isRight("contactid", "RENAMED1", id)

	row := s.left.text(customerField("RECID"), "US0725")
	s.setRight("msdyn_contactpersonid", "US0725", "RENAMED2")
	s.isLeft("RECID", "RENAMED2", row)
	s.quiet()
	for _, gone := range []string{"US0724", "US0725"} {
		if l, r := s.left.text(customerField("RECID"), gone), s.right.text(contactField("contactid"), gone); l != "<none>" || r != "<none>" {
			s.t.Errorf("%s is still there: left %s, right %s", gone, l, r)
		}
	}
}

func (s *site) deletesArrive() {
	s.left.exec("DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'US0726'")
	s.right.exec("DELETE FROM contacts WHERE msdyn_contactpersonid = 'US0727' AND msdyn_sellable = 1")
	s.isRight("contactid", "US0726", "<none>")
	s.isLeft("RECID", "US0727", "<none>")
}

func (s *site) leavingIsNoDelete() {
	s.quiet()
	linked := s.summary(contactsMap).Tally.Linked
	s.setRight("msdyn_sellable", "US0728", "0")
	s.await("US0728 is unlinked", func() bool { return s.summary(contactsMap).Tally.Linked == linked-1 })
	s.quiet()
	if got := s.left.text(customerField("RECID"), "US0728"); got == "<none>" {
		s.t.Error("US0728 was deleted on the left")
	}
	s.right.exec("UPDATE contacts SET msdyn_sellable = 1 WHERE msdyn_contactpersonid = 'US0728'")
	s.await("US0728 is linked again", func() bool { return s.summary(contactsMap).Tally.Linked == linked })
}

// restsIdle has every map look twenty times at a record that somebody stored
// without a change. The apps' logs grow by just that.
func (s *site) restsIdle() {
	s.quiet()
	s.differsOnly(nil, runnable()...)
	const cycles = 20
	touch := map[*app]map[string]string{
		s.left:  {"CustomersV3": "CUSTOMERACCOUNT", "VendorsV2": "VENDORACCOUNTNUMBER", "CustCustomerGroups": "CUSTOMERGROUPID", "Currencies": "CURRENCYCODE", "CDSContactsV2": "CONTACTPERSONID"},
		s.right: {"contacts": "lastname", "accounts": "name", "msdyn_vendors": "msdyn_name", "msdyn_paymentterms": "msdyn_name", "cdm_companies": "cdm_name"},
	}
	before := map[*app]map[string]int{}
	for app, tables := range touch {
		before[app] = map[string]int{}
		for table := range tables {
			before[app][table] = app.logEndNumber(table)
		}
	}
	for range cycles {
		for app, tables := range touch {
			for table, column := range tables {
				app.exec(fmt.Sprintf("UPDATE %s SET %s = %s WHERE rowid = (SELECT min(rowid) FROM %s)", table, column, column, table))
			}
		}
		s.quiet()
	}
	for app, tables := range touch {
		for table := range tables {
			if grown := app.logEndNumber(table) - before[app][table]; grown != cycles {
				s.t.Errorf("the log of %s has grown by %d changes, %d of them ours", table, grown, grown-cycles)
			}
		}
	}
	s.differsOnly(nil, runnable()...)
}
