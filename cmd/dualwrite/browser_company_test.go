package main

import (
	"fmt"
	"testing"

	"dualwrite/models"
)

// TestBrowserAddsALegalEntity founds a company in one app while maps run, and
// adds it in the console: its records reach the other app, and nothing stops.
func TestBrowserAddsALegalEntity(t *testing.T) {
	b := startChromium(t)
	for _, h := range []hands{byMouse, withoutScripts} {
		t.Run(string(h), func(t *testing.T) {
			s := freshSite(t)
			s.run(groupsMap, termsMap)
			s.filled(companiesMap, groupsMap, termsMap)
			s.check(s.engine.Pause(t.Context(), who, s.ids(termsMap)))
			s.left.copyRow("LegalEntities", "RECID", "LEGALENTITYID", "USMF", "FRRT", "(SELECT max(RECID) + 1 FROM LegalEntities)")
			s.left.execAll("INSERT INTO TermsOfPayment (RECID, DATAAREAID, NAME, DESCRIPTION) SELECT RECID + 900000, 'FRRT', NAME, DESCRIPTION FROM TermsOfPayment WHERE DATAAREAID = 'USMF'")
			s.left.execAll("INSERT INTO CustCustomerGroups (RECID, DATAAREAID, CUSTOMERGROUPID, PAYMENTTERMID) SELECT RECID + 900000, 'FRRT', CUSTOMERGROUPID, PAYMENTTERMID FROM CustCustomerGroups WHERE DATAAREAID = 'USMF'")
			groups := func(company string) string {
				return s.right.text("SELECT count(*) FROM msdyn_customergroups g JOIN cdm_companies c ON c.cdm_companyid = g.msdyn_company WHERE c.cdm_companycode = ?", company)
			}
			s.await("the company is in both apps", func() bool {
				return s.right.text("SELECT cdm_companycode FROM cdm_companies WHERE cdm_companycode = 'FRRT'") == "FRRT"
			})
			s.quiet()
			if n := groups("FRRT"); n != "0" {
				t.Fatalf("%s groups of a legal entity that is not synchronised", n)
			}

			p := newPerson(t, b, s, h)
			p.signsIn()
			p.press("link", "Environments")
			p.press("link", "Practice")
			p.press("link", "Add legal entities")
			p.sees("These are in both apps.")
			p.tick("FRRT", true)
			p.press("button", "Add")
			p.sees("Added to Practice: FRRT")
			s.await("its groups are on the right", func() bool { return groups("FRRT") == groups("USMF") })
			s.await("the map is live again", func() bool { return s.summary(groupsMap).Status == models.Running })
			s.is(termsMap, models.Paused)
			p.visit(fmt.Sprintf("/maps/%d", s.id(groupsMap)))
			p.sees("FRRT")
			p.visit(fmt.Sprintf("/maps/%d/activity", s.id(groupsMap)))
			p.sees("Legal entity added")
			s.check(s.engine.Resume(t.Context(), who, s.ids(termsMap)))
			s.await("both apps hold the same, what waited for a parent too", func() bool { return len(s.differences(companiesMap, termsMap, groupsMap)) == 0 })
			s.await("the map is live again", func() bool { return s.summary(termsMap).Status == models.Running })
			s.quiet()
		})
	}
}
