package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// target is a kind of record that traffic works on, as left and right call
// what belongs to it.
type target struct {
	name    string // of its map
	table   [2]string
	primary [2]string
	key     [2]string
	where   [2]string
	fields  [][2]string
	grows   bool // records are made and deleted too
}

// targets are the customers of USMF.
func targets() []*target {
	const company = " AND msdyn_company = (SELECT cdm_companyid FROM cdm_companies WHERE cdm_companycode = 'USMF')"
	return []*target{
		{name: contactsMap, table: [2]string{"CustomersV3", "contacts"}, primary: [2]string{"RECID", "contactid"},
			key:    [2]string{"CUSTOMERACCOUNT", "msdyn_contactpersonid"},
			where:  [2]string{"PARTYTYPE = 'Person' AND DATAAREAID = 'USMF'", "msdyn_sellable = 1" + company},
			fields: [][2]string{{"SALESMEMO", "description"}, {"PERSONPROFESSIONALTITLE", "jobtitle"}, {"ADDRESSSTREET", "address1_line1"}}, grows: true},
		{name: accountsMap, table: [2]string{"CustomersV3", "accounts"}, primary: [2]string{"RECID", "accountid"},
			key:    [2]string{"CUSTOMERACCOUNT", "accountnumber"},
			where:  [2]string{"PARTYTYPE = 'Organization' AND DATAAREAID = 'USMF'", "customertypecode = 3" + company},
			fields: [][2]string{{"SALESMEMO", "description"}, {"ORGANIZATIONNAME", "name"}, {"DELIVERYADDRESSSTREET", "address1_line1"}}},
	}
}

// edit is one committed edit of one field. Its value is like no other.
type edit struct {
	record
	side  int
	field int
	value string
	seen  bool // a later user saw the value and put another in its place
}

// record names one record of a target.
type record struct {
	target *target
	key    string
}

// traffic edits both apps as their users would, one edit after the other, and
// remembers what was acknowledged.
type traffic struct {
	t       testing.TB
	apps    [2]*app
	chance  *rand.Rand
	targets []*target
	hot     map[*target][]string // edited again and again: few, so that edits meet
	cold    map[*target][]string // yet to be edited, once: no later edit covers up what became of that
	all     map[record]bool      // every record that was ever there
	edits   []*edit
	byValue map[string]*edit
	deleted map[record]bool
	count   int // makes values and keys unlike any other
}

func newTraffic(s *site, chance *rand.Rand) *traffic {
	tr := &traffic{t: s.t, apps: [2]*app{s.left, s.right}, chance: chance, targets: targets(), hot: map[*target][]string{}, cold: map[*target][]string{},
		all: map[record]bool{}, byValue: map[string]*edit{}, deleted: map[record]bool{}}
	for _, tg := range tr.targets {
		for side, app := range tr.apps {
			for _, key := range app.list("SELECT " + tg.key[side] + " FROM " + tg.table[side] + " WHERE " + tg.where[side] + " ORDER BY 1") {
				r := record{tg, key}
				if !tr.all[r] && strings.HasSuffix(key, "7") {
					tr.hot[tg] = append(tr.hot[tg], key)
				} else if !tr.all[r] {
					tr.cold[tg] = append(tr.cold[tg], key)
				}
				tr.all[r] = true
			}
		}
		tr.shuffle(tg)
	}
	return tr
}

func (tr *traffic) shuffle(tg *target) {
	tr.chance.Shuffle(len(tr.cold[tg]), func(i, j int) { tr.cold[tg][i], tr.cold[tg][j] = tr.cold[tg][j], tr.cold[tg][i] })
}

// one does one thing: mostly an edit, now and then a new record or, where
// deletes count as deletes, a delete.
func (tr *traffic) one(deletes bool) {
	tr.t.Helper()
	tg := tr.targets[tr.chance.IntN(len(tr.targets))]
	side := tr.chance.IntN(2)
	switch n := tr.chance.IntN(400); {
	case n < 4 && tg.grows:
		tr.create(tg, side)
	case n < 30 && tg.grows && deletes:
		tr.remove(tg, side)
	default:
		tr.edit(tg, side)
	}
}

// pickHot draws a record that is edited often.
func (tr *traffic) pickHot(tg *target) record {
	return record{tg, tr.hot[tg][tr.chance.IntN(len(tr.hot[tg]))]}
}

// pick draws a record to edit.
func (tr *traffic) pick(tg *target) record {
	n := len(tr.cold[tg])
	if n == 0 || tr.chance.IntN(2) == 0 {
		return tr.pickHot(tg)
	}
	key := tr.cold[tg][n-1]
	tr.cold[tg] = tr.cold[tg][:n-1]
	return record{tg, key}
}

// edit changes one field and notes what it replaced, in one transaction.
func (tr *traffic) edit(tg *target, side int) {
	tr.t.Helper()
	tr.count++
	e := &edit{record: tr.pick(tg), side: side, field: tr.chance.IntN(len(tg.fields)), value: fmt.Sprintf("%s-%06d", [2]string{"left", "right"}[side], tr.count)}
	if tr.deleted[e.record] {
		return
	}
	column, where := tg.fields[e.field][side], " WHERE "+tg.where[side]+" AND "+tg.key[side]+" = ?"
	var before sql.NullString
	err := tr.apps[side].change(func(tx *sql.Tx) error {
		if err := tx.QueryRow("SELECT "+column+" FROM "+tg.table[side]+where, e.key).Scan(&before); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE "+tg.table[side]+" SET "+column+" = ?"+where, e.value, e.key)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return // it is not on this side yet
	}
	if err != nil {
		tr.t.Fatal(err)
	}
	if former := tr.byValue[before.String]; former != nil {
		former.seen = true
	}
	tr.edits = append(tr.edits, e)
	tr.byValue[e.value] = e
}

// create copies a record under a new key.
func (tr *traffic) create(tg *target, side int) {
	tr.t.Helper()
	tr.count++
	r := record{tg, fmt.Sprintf("NEW%06d", tr.count)}
	like := tr.apps[side].text("SELECT max(" + tg.key[side] + ") FROM " + tg.table[side] + " WHERE " + tg.where[side] + " AND " + tg.key[side] + " LIKE 'US__01'")
	if like == "<null>" {
		return
	}
	id := fmt.Sprintf("'00000000-0000-4000-8000-%012d'", tr.count)
	if side == 0 {
		id = "(SELECT max(RECID) + 1 FROM CustomersV3)"
	}
	tr.apps[side].copyRow(tg.table[side], tg.primary[side], tg.key[side], like, r.key, id)
	tr.all[r] = true
	tr.hot[tg] = append(tr.hot[tg], r.key)
}

// remove deletes a record that is on both sides, for good: it is not edited again.
func (tr *traffic) remove(tg *target, side int) {
	tr.t.Helper()
	r := tr.pickHot(tg)
	if !tr.has(0, r) || !tr.has(1, r) {
		return
	}
	tr.apps[side].exec("DELETE FROM "+tg.table[side]+" WHERE "+tg.where[side]+" AND "+tg.key[side]+" = ?", r.key)
	tr.deleted[r] = true
}

// change runs one transaction of a user of the app.
func (a *app) change(f func(*sql.Tx) error) error {
	tx, err := a.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// list reads one column.
func (a *app) list(query string, args ...any) []string {
	a.t.Helper()
	rows, err := a.db.Query(query, args...)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			a.t.Fatal(err)
		}
		out = append(out, v.String)
	}
	if err := rows.Err(); err != nil {
		a.t.Fatal(err)
	}
	return out
}

// has tells whether a side holds a record.
func (tr *traffic) has(side int, r record) bool {
	tr.t.Helper()
	return tr.value(side, r, "1") == "1"
}

// value reads one field of a record.
func (tr *traffic) value(side int, r record, column string) string {
	tr.t.Helper()
	tg := r.target
	return tr.apps[side].text("SELECT "+column+" FROM "+tg.table[side]+" WHERE "+tg.where[side]+" AND "+tg.key[side]+" = ?", r.key)
}

// verify holds the apps at rest to what was acknowledged: an edit is on both
// sides, was replaced by somebody who saw it, or is kept in a conflict; a record
// that was deleted is gone, or a conflict says why it is back; all others are
// there, once.
func (tr *traffic) verify(s *site) {
	tr.t.Helper()
	conflicts := strings.Join(s.storeList("SELECT record_key || ' ' || left_image || ' ' || right_image FROM conflicts"), "\n")
	kept := 0
	for _, e := range tr.edits {
		if e.seen || tr.deleted[e.record] {
			continue
		}
		left, right := tr.value(0, e.record, e.target.fields[e.field][0]), tr.value(1, e.record, e.target.fields[e.field][1])
		switch {
		case left == e.value && right == e.value:
		case strings.Contains(conflicts, `"`+e.value+`"`):
			kept++
		default:
			tr.t.Errorf("the edit %s of %s %s is lost: left holds %s, right holds %s", e.value, e.key, e.target.fields[e.field][e.side], left, right)
		}
	}
	want := map[*target]int{}
	for r := range tr.all {
		want[r.target]++
	}
	for r := range tr.deleted {
		switch left, right := tr.has(0, r), tr.has(1, r); {
		case !left && !right:
			want[r.target]--
		case !strings.Contains(conflicts, r.key+" · USMF "):
			tr.t.Errorf("%s was deleted and is there without a conflict: left %v, right %v", r.key, left, right)
		}
	}
	for tg, n := range want {
		for side, app := range tr.apps {
			if got := app.count("SELECT count(*) FROM " + tg.table[side] + " WHERE " + tg.where[side]); got != n {
				tr.t.Errorf("%s: side %d holds %d records, want %d", tg.name, side, got, n)
			}
		}
	}
	tr.t.Logf("%d edits, %d of them kept in conflicts; %d records deleted", len(tr.edits), kept, len(tr.deleted))
	tr.forget()
}

// forget begins anew after everything was found to be well.
func (tr *traffic) forget() {
	tr.edits = nil
	clear(tr.byValue)
	clear(tr.cold)
	for r := range tr.all {
		if !tr.deleted[r] && !slices.Contains(tr.hot[r.target], r.key) {
			tr.cold[r.target] = append(tr.cold[r.target], r.key)
		}
	}
	for _, tg := range tr.targets {
		slices.Sort(tr.cold[tg])
		tr.shuffle(tg)
	}
}

// storeList reads one column of the store.
func (s *site) storeList(query string, args ...any) []string {
	s.t.Helper()
	return (&app{t: s.t, db: s.reader}).list(query, args...)
}
