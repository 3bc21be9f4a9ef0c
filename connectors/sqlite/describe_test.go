package sqlite_test

import (
	"fmt"
	"slices"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func described(t *testing.T, script ...string) *connectors.Schema {
	t.Helper()
	s, err := newApp(t, script...).connect(t).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDeclaredTypesAreDescribedByTheirMeaning(t *testing.T) {
	for declared, want := range map[string]string{
		"TEXT": "text 0 0 0", "VARCHAR(20)": "text 20 0 0", "nvarchar ( 7 )": "text 7 0 0", "LONGTEXT": "text 0 0 0", "": "text 0 0 0",
		"JSON": "text 0 0 0", "TIME": "text 0 0 0", "INTEGER": "whole number 0 0 0", "UNSIGNED BIG INT": "whole number 0 0 0", "tinyint": "whole number 0 0 0",
		"DECIMAL(18,4)": "decimal 0 18 4", "NUMERIC(9)": "decimal 0 9 0", "DECIMAL": "decimal 0 15 15", "DECIMAL TEXT(38, 10)": "decimal 0 38 10",
		"DOUBLE PRECISION": "floating point 0 0 0", "real": "floating point 0 0 0", "BOOLEAN": "yes/no 0 0 0", "BIT": "yes/no 0 0 0",
		"DATE": "date 0 0 0", "DATETIME": "date and time 0 0 6", "timestamp": "date and time 0 0 6", "DATETIME2(7)": "date and time 0 0 6",
		"GUID": "unique identifier 0 0 0", "UniqueIdentifier": "unique identifier 0 0 0", "BLOB": "bytes 0 0 0",
	} {
		f := described(t, "CREATE TABLE x (id INTEGER PRIMARY KEY, v "+declared+")").Entities[0].Fields[1]
		if got := fmt.Sprint(f.Type, f.Length, f.Digits, f.Scale); got != want {
			t.Errorf("%q is %s, want %s", declared, got, want)
		}
	}
}

func TestWhoFillsAFieldIsDescribed(t *testing.T) {
	e := described(t, `CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL DEFAULT 'x', c TEXT DEFAULT NULL,
		d TEXT GENERATED ALWAYS AS (a || b) VIRTUAL, e TEXT AS (a) STORED)`,
		`CREATE TABLE y (id GUID PRIMARY KEY NOT NULL)`, `CREATE TABLE z (id INT PRIMARY KEY)`)
	var got []string
	for _, table := range e.Entities {
		for _, f := range table.Fields {
			got = append(got, fmt.Sprint(table.Name+"."+f.Name+" ", f.Required, f.HasDefault, f.ReadOnly))
		}
	}
	probe.Want(t, "required, default, read-only", got, "x.id false true true", "x.a true false false", "x.b true true false", "x.c false false false",
		"x.d false false true", "x.e false false true", "y.id true true false", "z.id false false false")
}

func TestKeysAndLookupsAreDescribedAsPaths(t *testing.T) {
	s := described(t, cds...)
	keys := func(entity string) (all []string) {
		e, _ := s.Entity(entity)
		for _, k := range e.Keys {
			all = append(all, fmt.Sprint(k.Fields))
		}
		slices.Sort(all)
		return all
	}
	probe.Want(t, "company keys", keys("cdm_company"), "[cdm_companycode]")
	probe.Want(t, "account keys", keys("account"), "[msdyn_company.cdm_companycode accountnumber]")
	probe.Want(t, "order keys", keys("orders"), "[account.accountnumber line]", "[slug]")
	e, _ := s.Entity("account")
	if e.Company != "msdyn_company.cdm_companycode" {
		t.Errorf("the company of accounts is %q", e.Company)
	}
	f, _ := e.Field("country")
	if f.References != "countries.iso" || f.Lookup != "" {
		t.Errorf("a foreign key by value is described as %+v", f)
	}
	f, _ = e.Field("msdyn_company")
	if f.Lookup != "cdm_company" {
		t.Errorf("a lookup is described as %+v", f)
	}
	if slices.ContainsFunc(s.Entities, func(e connectors.EntitySchema) bool { return e.Name == "a_view" }) {
		t.Error("a view, which has no native id, is described")
	}
}

// cds is an app whose company is a lookup, as in Common Data Service.
var cds = []string{
	`CREATE TABLE cdm_company (id GUID PRIMARY KEY, cdm_companycode VARCHAR(4) NOT NULL UNIQUE COLLATE NOCASE)`,
	`CREATE TABLE countries (id INTEGER PRIMARY KEY, iso TEXT UNIQUE)`,
	`CREATE TABLE account (id GUID PRIMARY KEY, msdyn_company GUID REFERENCES cdm_company, accountnumber VARCHAR(20) NOT NULL COLLATE NOCASE,
		name TEXT, country TEXT REFERENCES countries (iso), parent GUID REFERENCES account (id), UNIQUE (msdyn_company, accountnumber))`,
	`CREATE TABLE orders (id INTEGER PRIMARY KEY, account GUID NOT NULL REFERENCES account, line INT, slug TEXT, half TEXT,
		UNIQUE (account, line))`,
	`CREATE UNIQUE INDEX by_slug ON orders (slug)`,
	`CREATE UNIQUE INDEX partial ON orders (half) WHERE half > 'm'`,
	`CREATE UNIQUE INDEX computed ON orders (slug, lower(half))`,
	`CREATE VIEW a_view AS SELECT 1 AS one`,
	`INSERT INTO cdm_company VALUES ('00000000-0000-4000-8000-000000000001', 'USMF'), ('00000000-0000-4000-8000-000000000002', 'DAT')`,
}

func TestBookkeepingOfOursIsNoEntity(t *testing.T) {
	s := described(t, "CREATE TABLE practice (id INTEGER PRIMARY KEY)", "CREATE TABLE practiced (id INTEGER PRIMARY KEY)",
		"CREATE TABLE practice_versions (id INTEGER PRIMARY KEY, entity TEXT)", "CREATE TABLE Practice_Clock (id INTEGER PRIMARY KEY)",
		"CREATE TABLE dualwrite_capture (entity TEXT PRIMARY KEY)")
	var names []string
	for _, e := range s.Entities {
		names = append(names, e.Name)
	}
	probe.Want(t, "entities", names, "practice", "practiced")
}
