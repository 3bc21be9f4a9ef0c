package practice

import (
	"database/sql"
	"strings"
	"testing"

	"dualwrite/models"
)

func TestTheAppsAreSound(t *testing.T) {
	left, right := openApps(t)
	for name, db := range map[string]*sql.DB{"left": left, "right": right} {
		if got := texts(t, db, `PRAGMA integrity_check`); got[0] != "ok" {
			t.Errorf("%s: %v", name, got)
		}
		if got := texts(t, db, `SELECT "table" FROM pragma_foreign_key_check`); len(got) > 0 {
			t.Errorf("%s: lookups lead nowhere in %v", name, got)
		}
	}
}

func TestTheRightAppEnforcesItsRules(t *testing.T) {
	_, right := openApps(t)
	if _, err := right.ExecContext(t.Context(), `PRAGMA foreign_keys = ON`); err != nil {
		t.Fatal(err)
	}
	for name, statement := range map[string]string{
		"a text that is too long":             `UPDATE accounts SET name = '` + strings.Repeat("x", 161) + `' WHERE accountnumber = 'US0001'`,
		"a buyer without a group":             `UPDATE contacts SET msdyn_customergroupid = NULL WHERE msdyn_contactpersonid = 'US0601'`,
		"an account without a group":          `UPDATE accounts SET msdyn_customergroupid = NULL WHERE accountnumber = 'US0001'`,
		"a lookup to nothing":                 `UPDATE accounts SET msdyn_vendor = '00000000-0000-0000-0000-000000000000' WHERE accountnumber = 'US0001'`,
		"a key that differs in case alone":    `UPDATE accounts SET accountnumber = 'us0002' WHERE accountnumber = 'US0001'`,
		"a yes/no value that is neither":      `UPDATE contacts SET donotemail = 2 WHERE msdyn_contactpersonid = '000001'`,
		"a group that is still in use, going": `DELETE FROM msdyn_customergroups WHERE msdyn_groupid = '10'`,
	} {
		if _, err := right.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("the app took %s", name)
		}
	}
	if _, err := right.ExecContext(t.Context(), `UPDATE accounts SET name = '`+strings.Repeat("😀", 160)+`' WHERE accountnumber = 'US0001'`); err != nil {
		t.Errorf("the app refused 160 characters: %v", err)
	}
}

func TestTheLeftAppComparesKeysWithLetterCase(t *testing.T) {
	left, _ := openApps(t)
	if got := texts(t, left, `SELECT count(*) FROM CustomersV3 WHERE DATAAREAID = 'USMF' AND CUSTOMERACCOUNT IN ('US0923', 'us0923')`); got[0] != "2" {
		t.Errorf("%s holders of the key, not 2", got[0])
	}
	if _, err := left.ExecContext(t.Context(), `UPDATE CustomersV3 SET CUSTOMERACCOUNT = 'US0923' WHERE CUSTOMERACCOUNT = 'us0923'`); err == nil {
		t.Error("the app took the same key twice")
	}
}

func TestEachKindOfRecordIsOnBothSidesAndOnOne(t *testing.T) {
	left, right := openApps(t)
	for _, want := range []struct {
		mapName                   string
		both, onlyLeft, onlyRight int
	}{
		{legalEntities, 3, 1, 0},
		{currencies, 6, 1, 1},
		{paymentDays, 11, 1, 0},
		{paymentDayLines, 17, 1, 0},
		{paymentSchedules, 11, 1, 0},
		{paymentScheduleLines, 37, 5, 0},
		{termsOfPayment, 31, 1, 1},
		{paymentMethods, 25, 1, 1},
		{customerGroups, 34, 1, 1},
		{vendors, 108, 36, 36},
		{accounts, 900, 300, 300},
		{contacts, 600, 200, 200},
		{contactPersons, 90, 30, 30},
	} {
		d := definition(t, mapNamed(t, want.mapName))
		l, r := keys(t, left, d, models.Left, want.mapName), keys(t, right, d, models.Right, want.mapName)
		both := 0
		for k := range l {
			if r[k] {
				both++
			}
		}
		if both != want.both || len(l)-both != want.onlyLeft || len(r)-both != want.onlyRight {
			t.Errorf("%s: %d on both sides, %d left only, %d right only", want.mapName, both, len(l)-both, len(r)-both)
		}
	}
}

func mapNamed(t *testing.T, name string) MapFile {
	t.Helper()
	for _, f := range Maps() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no map %s", name)
	return MapFile{}
}

// keys gives the keys of the records within a map's filter, as they are spelled.
func keys(t *testing.T, db *sql.DB, d models.Definition, side models.Side, mapName string) map[string]bool {
	t.Helper()
	table := d.Endpoint(side).Entity
	parts := []string{valueOf(t, db, table, d.Endpoint(side).Company)}
	for _, k := range d.Key {
		parts = append(parts, valueOf(t, db, table, k.KeyField(side)))
	}
	all := map[string]bool{}
	for _, k := range texts(t, db, `SELECT `+strings.Join(parts, ` || ' ' || `)+` FROM `+table+` WHERE `+inFilter(mapName, side)) {
		all[k] = true
	}
	return all
}

// valueOf is a path as SQL.
func valueOf(t *testing.T, db *sql.DB, table, path string) string {
	t.Helper()
	column, rest, lookup := strings.Cut(path, ".")
	switch {
	case path == "":
		return "''"
	case !lookup:
		return table + "." + column
	}
	parent := texts(t, db, `SELECT "table" FROM pragma_foreign_key_list(?) WHERE "from" = ?`, table, column)[0]
	primary := texts(t, db, `SELECT name FROM pragma_table_info(?) WHERE pk = 1`, parent)[0]
	return `(SELECT p.` + rest + ` FROM ` + parent + ` p WHERE p.` + primary + ` = ` + table + `.` + column + `)`
}
