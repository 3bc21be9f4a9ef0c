package main

import (
	"context"

	"dualwrite/models"
)

// contactField reads a field of a contact who buys, by its number.
func contactField(name string) string {
	return "SELECT " + name + " FROM contacts WHERE msdyn_contactpersonid = ? AND msdyn_sellable = 1"
}

// checkReferences looks with plain SQL at records that refer to themselves, to
// each other, and to a group that was on one side only.
func (s *site) checkReferences() {
	s.t.Helper()
	for what, query := range map[string]string{
		"US0461 bills itself": "SELECT count(*) FROM accounts WHERE accountnumber = 'US0461' AND msdyn_billingaccount = accountid",
		"US0462 and 000046 refer to each other": `SELECT count(*) FROM accounts a JOIN contacts c ON a.primarycontactid = c.contactid AND c.parentcustomerid = a.accountid
			WHERE a.accountnumber = 'US0462' AND c.msdyn_contactpersonid = '000046'`,
		"US0463 is in group 110": `SELECT count(*) FROM accounts a JOIN msdyn_customergroups g ON a.msdyn_customergroupid = g.msdyn_customergroupid
			JOIN msdyn_paymentterms t ON g.msdyn_paymenttermid = t.msdyn_paymenttermid
			WHERE a.accountnumber = 'US0463' AND g.msdyn_groupid = '110' AND t.msdyn_name = 'Net75'`,
	} {
		if s.right.count(query) != 1 {
			s.t.Errorf("not so on the right: %s", what)
		}
	}
	for what, query := range map[string]string{
		"US5010 has the contact person 500001": "SELECT count(*) FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'US5010' AND CONTACTPERSONID = '500001'",
		"500001 is a contact person of US5010": "SELECT count(*) FROM CDSContactsV2 WHERE CONTACTPERSONID = '500001' AND ASSOCIATEDCONTACTNUMBER = 'US5010'",
		"US5011 is in group 120":               "SELECT count(*) FROM CustomersV3 JOIN CustCustomerGroups USING (DATAAREAID, CUSTOMERGROUPID) WHERE CUSTOMERACCOUNT = 'US5011' AND CUSTOMERGROUPID = '120'",
	} {
		if s.left.count(query) != 1 {
			s.t.Errorf("not so on the left: %s", what)
		}
	}
}

// mendAll mends in the left app what keeps records from being copied, as its
// own users would, and waits until the maps have no errors.
func (s *site) mendAll() {
	s.t.Helper()
	ctx := context.Background()
	s.left.exec("UPDATE CustomersV3 SET PERSONPROFESSIONALTITLE = 'Deputy' WHERE CUSTOMERACCOUNT = 'US0921'")
	s.check(s.engine.RetryErrors(ctx, who, s.id(contactsMap), nil))
	s.await("US0921 is mended", func() bool { return len(s.openErrors(contactsMap)) == 3 })
	s.is(contactsMap, models.Initializing)

	// The missing parent arrives by its own map and wakes those that wait for it.
	s.left.exec("INSERT INTO CustCustomerGroups (DATAAREAID, CUSTOMERGROUPID, DESCRIPTION) VALUES ('USMF', 'GHOST', 'Found at last')")
	s.await("US0922 found its group", func() bool { return len(s.openErrors(contactsMap)) == 2 })
	s.await("US0472 found its group", func() bool { return len(s.openErrors(accountsMap)) == 1 })

	s.left.exec("UPDATE CustomersV3 SET CUSTOMERACCOUNT = 'US0924' WHERE CUSTOMERACCOUNT = 'us0923'")
	s.check(s.engine.RetryErrors(ctx, who, s.id(contactsMap), nil))
	s.await("contacts have no errors", func() bool { return len(s.openErrors(contactsMap)) == 0 })
	s.await("contacts are running", func() bool { return s.summary(contactsMap).Status == models.Running })

	s.left.exec("UPDATE CustomersV3 SET ORGANIZATIONNAME = 'Lighthouse Equipment Inc.' WHERE CUSTOMERACCOUNT = 'US0471'")
	s.check(s.engine.RetryErrors(ctx, who, s.id(accountsMap), nil))
	s.await("accounts have no errors", func() bool { return len(s.openErrors(accountsMap)) == 0 })
	s.is(accountsMap, models.Running)
	s.quiet()
	s.differsOnly(nil, runnable()...)
}
