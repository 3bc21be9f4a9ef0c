package practice

import (
	"database/sql"
	"strings"
	"testing"

	"dualwrite/models"
)

func TestPlantedRecordsAreWhereTheListSays(t *testing.T) {
	left, right := openApps(t)
	for _, p := range Planted() {
		d := definition(t, mapNamed(t, p.Map))
		if p.Kind == NoAlternateKey {
			continue // TestKeysAreMappedBothWaysAndUniqueOnBothSides
		}
		l, r := holds(t, left, d, models.Left, p), holds(t, right, d, models.Right, p)
		wantLeft := !strings.HasPrefix(p.Note, "right only")
		wantRight := strings.HasPrefix(p.Note, "right only") || strings.HasPrefix(p.Note, "equal on both sides")
		if (l != nil) != wantLeft || (r != nil) != wantRight {
			t.Errorf("%s %s %s (%s): on the left %v, on the right %v", p.Map, p.Key, p.Kind, p.Note, l != nil, r != nil)
		}
	}
}

// holds reads the planted record on one side, nil if it is not there.
func holds(t *testing.T, db *sql.DB, d models.Definition, side models.Side, p Plant) row {
	t.Helper()
	table := d.Endpoint(side).Entity
	found := read(t, db, table, d.Key[0].KeyField(side)+` = '`+p.Key+`' AND `+
		valueOf(t, db, table, d.Endpoint(side).Company)+` = '`+p.Company+`' AND `+inFilter(p.Map, side))
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func TestPlantedTextsAreHeldAsWritten(t *testing.T) {
	left, right := openApps(t)
	const leftText = `SELECT ORGANIZATIONNAME || coalesce(SALESMEMO, '') FROM CustomersV3 WHERE CUSTOMERACCOUNT = ?`
	const rightText = `SELECT name || coalesce(description, '') FROM accounts WHERE accountnumber = ?`
	for _, text := range accountTexts() {
		found := ""
		for db, query := range map[*sql.DB]string{left: leftText, right: rightText} {
			for _, s := range texts(t, db, query, text.Key) {
				found += s
			}
		}
		v := values{}
		text.change(v)
		for _, want := range v {
			if !strings.Contains(found, want.(string)) {
				t.Errorf("%s %s: %q does not hold %q", text.Key, text.Kind, found, want)
			}
		}
	}
}

func TestReferencesCloseTheirCircles(t *testing.T) {
	left, right := openApps(t)
	for name, got := range map[string][]string{
		"self": texts(t, left, `SELECT CUSTOMERACCOUNT FROM CustomersV3 WHERE INVOICEACCOUNT = CUSTOMERACCOUNT`),
		"left circle": texts(t, left, `SELECT a.CUSTOMERACCOUNT FROM CustomersV3 a JOIN CDSContactsV2 c USING (DATAAREAID)
			WHERE a.CONTACTPERSONID = c.CONTACTPERSONID AND c.ASSOCIATEDCONTACTNUMBER = a.CUSTOMERACCOUNT AND a.CUSTOMERACCOUNT = 'US0462'`),
		"right circle": texts(t, right, `SELECT a.accountnumber FROM accounts a JOIN contacts c ON c.contactid = a.primarycontactid
			WHERE c.parentcustomerid = a.accountid AND a.accountnumber = 'US5010'`),
		"left group":  texts(t, left, `SELECT CUSTOMERACCOUNT FROM CustomersV3 WHERE DATAAREAID = 'USMF' AND CUSTOMERGROUPID = '110' AND PARTYTYPE = 'Person'`),
		"right group": texts(t, right, `SELECT accountnumber FROM accounts a JOIN msdyn_customergroups g USING (msdyn_customergroupid) WHERE msdyn_groupid = '120'`),
	} {
		if len(got) != 1 {
			t.Errorf("%s: %v, not exactly one", name, got)
		}
	}
}
