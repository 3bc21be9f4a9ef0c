package practice

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"dualwrite/models"
)

// transfer looks at every record as if it were copied to the other side, by
// rules of its own: it shares nothing with what made the data.
type transfer struct {
	t       *testing.T
	dbs     [2]*sql.DB
	defs    map[string]models.Definition
	records map[string][2][]row        // of each map, by side
	known   map[string]map[string]bool // right entity to the folded company and key of what is there or will be
	parents map[string]string          // right "entity.column" to the entity looked up
}

func TestNoRecordFailsExceptThosePlanted(t *testing.T) {
	left, right := openApps(t)
	tr := &transfer{t: t, dbs: [2]*sql.DB{left, right}, defs: map[string]models.Definition{}, records: map[string][2][]row{},
		known: map[string]map[string]bool{}, parents: lookups(t, right)}
	for _, f := range Maps() {
		tr.load(f)
	}
	want := map[string]bool{}
	for _, p := range Planted() {
		if p.Kind.Bad() {
			want[p.Map+" "+p.Company+" "+p.Key] = true
		}
	}
	got := map[string]bool{}
	for name := range tr.defs {
		for _, from := range models.Sides {
			for _, bad := range tr.walk(name, from) {
				got[bad] = true
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("cannot be copied:\n%s\nplanted:\n%s", strings.Join(slices.Sorted(maps.Keys(got)), "\n"), strings.Join(slices.Sorted(maps.Keys(want)), "\n"))
	}
}

// load reads a map's records; paths through lookups are read as columns.
func (tr *transfer) load(f MapFile) {
	d := definition(tr.t, f)
	tr.defs[f.Name] = d
	var both [2][]row
	for _, side := range models.Sides {
		table, db := d.Endpoint(side).Entity, tr.dbs[side.Index()]
		records := read(tr.t, db, table, inFilter(f.Name, side))
		for _, path := range d.Selected(side) {
			if strings.Contains(path, ".") {
				column := texts(tr.t, db, `SELECT coalesce(`+valueOf(tr.t, db, table, path)+`, '') FROM `+table+` WHERE `+inFilter(f.Name, side)+` ORDER BY rowid`)
				for i, value := range column {
					if value != "" {
						records[i][path] = value
					}
				}
			}
		}
		both[side.Index()] = records
		for _, r := range records {
			if tr.known[d.Right.Entity] == nil {
				tr.known[d.Right.Entity] = map[string]bool{}
			}
			tr.known[d.Right.Entity][keyOf(d, side, r)] = true
		}
	}
	tr.records[f.Name] = both
}

// keyOf is a record's company and key without letter case.
func keyOf(d models.Definition, side models.Side, r row) string {
	key := r[d.Endpoint(side).Company]
	for _, k := range d.Key {
		key += "|" + r[k.KeyField(side)]
	}
	return strings.ToLower(key)
}

// walk names the records of one side that the other would refuse.
func (tr *transfer) walk(name string, from models.Side) []string {
	d, to := tr.defs[name], from.Other()
	required, lengths := tr.columns(d.Endpoint(to).Entity, to)
	holders := map[string]int{}
	for _, r := range tr.records[name][from.Index()] {
		holders[keyOf(d, from, r)]++
	}
	var bad []string
	for _, r := range tr.records[name][from.Index()] {
		label := name + " " + r[d.Endpoint(from).Company] + " " + r[d.Key[0].KeyField(from)]
		filled := map[string]bool{}
		fails := holders[keyOf(d, from, r)] > 1
		for _, f := range d.Fields {
			if f.Path(to) == "" || !f.Direction.Flows(to) {
				continue
			}
			value, has := tr.value(label, f, from, r)
			own, _, lookup := strings.Cut(f.Path(to), ".")
			filled[own] = has
			limit := lengths[own]
			fails = fails || limit > 0 && utf8.RuneCountInString(value) > limit
			fails = fails || lookup && has && !tr.hasParent(d, own, r[d.Endpoint(from).Company], value)
		}
		for _, column := range required {
			fails = fails || !filled[column]
		}
		if fails {
			bad = append(bad, label)
		}
	}
	return bad
}

// columns lists what a record of the entity must have, and how long texts may be.
func (tr *transfer) columns(table string, side models.Side) (required []string, lengths map[string]int) {
	db := tr.dbs[side.Index()]
	required = texts(tr.t, db, `SELECT name FROM pragma_table_info(?) WHERE "notnull" AND dflt_value IS NULL AND pk = 0 AND name NOT IN ('DATAAREAID', 'msdyn_company')`, table)
	if table == "contacts" {
		required = append(required, "msdyn_contactpersonid")
	}
	lengths = map[string]int{}
	for _, c := range texts(tr.t, db, `SELECT name || ' ' || type FROM pragma_table_info(?) WHERE type LIKE 'VARCHAR(%'`, table) {
		column, declared, _ := strings.Cut(c, " ")
		length, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(declared, "VARCHAR"), "()"))
		if err != nil {
			tr.t.Fatal(err)
		}
		lengths[column] = length
	}
	return required, lengths
}

// value is what a field would become on the other side.
func (tr *transfer) value(label string, f models.FieldMapping, from models.Side, r row) (string, bool) {
	value, has := r[f.Path(from)]
	for _, transform := range f.Transforms {
		if transform.Type == models.Default && !has {
			value, has = transform.Default, true
		}
		if transform.Type != models.ValueMap || !has {
			continue
		}
		i := slices.IndexFunc(transform.Pairs, func(p models.ValuePair) bool {
			if from == models.Left {
				return p.Left == value
			}
			return p.Right == value || p.Right == "false" && value == "0" || p.Right == "true" && value == "1"
		})
		if i < 0 {
			tr.t.Errorf("%s: %s has no value for %q", label, f.Left, value)
		}
	}
	return value, has
}

func lookups(t *testing.T, right *sql.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, l := range texts(t, right, `SELECT t.name || '.' || f."from" || ' ' || f."table" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'`) {
		path, parent, _ := strings.Cut(l, " ")
		all[path] = parent
	}
	return all
}

// hasParent reports whether the record that a lookup needs is on the right, or
// comes there by another map.
func (tr *transfer) hasParent(d models.Definition, column, company, key string) bool {
	parent := tr.parents[d.Right.Entity+"."+column]
	if parent == "transactioncurrencies" {
		company = ""
	}
	for _, p := range Planted() {
		if p.Kind.Bad() && strings.Contains(p.Map, "("+parent+")") && strings.EqualFold(p.Key, key) && p.Company == company {
			return false
		}
	}
	return tr.known[parent][strings.ToLower(fmt.Sprintf("%s|%s", company, key))]
}

func TestKeysOfBothAppsCannotCollide(t *testing.T) {
	left, right := openApps(t)
	for name, pair := range map[string][2][]string{
		"right-only accounts and left persons": {
			texts(t, right, `SELECT accountnumber FROM accounts`),
			texts(t, left, `SELECT CUSTOMERACCOUNT FROM CustomersV3 WHERE PARTYTYPE = 'Person'`)},
		"buying contacts and left organisations": {
			texts(t, right, `SELECT msdyn_contactpersonid FROM contacts WHERE msdyn_sellable = 1`),
			texts(t, left, `SELECT CUSTOMERACCOUNT FROM CustomersV3 WHERE PARTYTYPE = 'Organization'`)},
		"buying contacts and contact persons": {
			texts(t, right, `SELECT msdyn_contactpersonid FROM contacts WHERE msdyn_sellable = 1`),
			texts(t, left, `SELECT CONTACTPERSONID FROM CDSContactsV2`)},
	} {
		taken := map[string]bool{}
		for _, k := range pair[0] {
			taken[strings.ToLower(k)] = true
		}
		for _, k := range pair[1] {
			if taken[strings.ToLower(k)] {
				t.Errorf("%s share the key %s", name, k)
			}
		}
	}
}
