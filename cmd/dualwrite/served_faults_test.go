package main

import (
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
)

// TestAppsThatFailAllTheTimeAreKeptInStep has both apps turn calls away, lose
// answers and let tokens end from the first call to the last. They hold the
// records of one legal entity, since a call that is turned away costs a second
// and each legal entity of a map takes calls one after the other.
func TestAppsThatFailAllTheTimeAreKeptInStep(t *testing.T) {
	s := serveApps(t)
	s.ofOneCompany()
	faults := service.Faults{ThrottleEvery: 5, UnavailableEvery: 11, DropEvery: 7, TokenLife: 5 * time.Second}
	s.servers.Finance.SetFaults(faults)
	s.servers.Dataverse.SetFaults(faults)
	s.apply(s.setup())
	s.begin()
	s.mainJob(t)
	s.idle(t)
	for name, c := range s.asked() {
		if t.Logf("%s: %+v", name, c); c.Throttled == 0 || c.Unavailable == 0 || c.Dropped == 0 || c.Tokens < 2 {
			t.Errorf("%s was asked too little to fail: %+v", name, c)
		}
		if c.Early > 0 {
			t.Errorf("%s was asked %d times while it had asked to stay away", name, c.Early)
		}
	}
}

// ofOneCompany leaves the records of the first legal entity alone in both apps.
func (s *served) ofOneCompany() {
	s.t.Helper()
	others := "('" + strings.Join(s.apps.Companies[1:], "', '") + "')"
	for path, c := range map[string]struct{ column, condition string }{
		s.apps.Left:  {"DATAAREAID", "upper(DATAAREAID) IN " + others},
		s.apps.Right: {"msdyn_company", "msdyn_company IN (SELECT cdm_companyid FROM cdm_companies WHERE cdm_companycode IN " + others + ")"},
	} {
		a := openApp(s.t, path)
		a.execAll("PRAGMA foreign_keys = 0")
		for _, table := range a.list("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = '" + c.column + "'") {
			a.execAll("DELETE FROM " + table + " WHERE " + c.condition)
		}
	}
	s.apps.Companies = s.apps.Companies[:1]
}
