package engine

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/models"
)

// TestReconcileKeepsItsPromises holds every row of the table against every promise.
func TestReconcileKeepsItsPromises(t *testing.T) {
	const enough = 5 // examples of one broken promise
	rows, failures := 0, map[string]int{}
	all := promises()
	eachCase(func(c pairCase) {
		rows++
		r := try(c)
		for _, p := range all {
			how := p.broken(r)
			if how == "" {
				continue
			}
			if failures[p.name]++; failures[p.name] <= enough {
				t.Errorf("%s: %s\n  case %v\n  link %+v\n  now %+v\n  gives %v %+v\n  link %+v", p.name, how, c, r.pair.link, r.pair.now,
					r.verdict.write, r.verdict.conflicts, r.verdict.link)
			}
		}
	})
	for name, n := range failures {
		t.Errorf("%s: broken in %d of %d cases", name, n, rows)
	}
	if rows < 12_000 {
		t.Errorf("only %d cases", rows)
	}
	t.Logf("%d cases", rows)
}

// summary is a verdict in words: each write with its fields, each conflict with
// its fields and winner.
func (v *verdict) summary() string {
	var out []string
	fields := func(s models.Slots) string {
		text := ""
		s.Each(func(slot int) { text += string("ab"[slot]) })
		return text
	}
	for side, a := range v.write {
		switch a {
		case leave:
		case createRecord:
			out = append(out, fmt.Sprintf("create %s %s", models.Sides[side], fields(v.link.Sides[side].Owed)))
		case updateRecord:
			out = append(out, fmt.Sprintf("update %s %s", models.Sides[side], fields(v.link.Sides[side].Owed)))
		case deleteRecord:
			out = append(out, fmt.Sprintf("delete %s", models.Sides[side]))
		}
	}
	for _, c := range v.conflicts {
		out = append(out, fmt.Sprintf("%s %s won by %s", c.kind, fields(c.slots), models.Sides[c.winner]))
	}
	return strings.Join(out, ", ")
}

// TestReconcileByExample spells out what a person would check first. In every
// row both sides receive records, and the right is the master.
func TestReconcileByExample(t *testing.T) {
	both, toLeft, toRight := [2]bool{true, true}, [2]bool{true, false}, [2]bool{false, true}
	const nobody = -1
	for _, ex := range []struct {
		promise string
		row     pairCase
		want    string
	}{
		{"a record seen for the first time is created on the other side",
			pairCase{link: noLink, now: [2]sighting{untouched, absent}, flows: both}, "create right ab"},
		{"a new record is created without the fields that are not copied there",
			pairCase{link: noLink, now: [2]sighting{absent, untouched}, flows: toRight}, "create left b"},
		{"equal records are linked and nothing is written",
			pairCase{link: noLink, now: [2]sighting{untouched, untouched}, flows: both, initial: true}, ""},
		{"in an initial write the master wins where two records differ, on record",
			pairCase{link: noLink, now: [2]sighting{edited, untouched}, flows: both, first: 1, initial: true}, "update left a, initial_differs a won by right"},
		{"where one of two unlinked records has just changed, that one wins",
			pairCase{link: noLink, now: [2]sighting{edited, untouched}, flows: both}, "update right a, both_created a won by left"},
		{"an edit flows to the other side without a conflict",
			pairCase{link: inStepLink, now: [2]sighting{edited, untouched}, flows: both}, "update right a"},
		{"edits of different fields both survive",
			pairCase{link: inStepLink, now: [2]sighting{edited, touched}, editsB: 1, flows: both}, "update left b, update right a"},
		{"of two edits of one field the master's wins, on record",
			pairCase{link: inStepLink, now: [2]sighting{edited, edited}, flows: both}, "update left a, both_edited a won by right"},
		{"the same edit on both sides is no conflict",
			pairCase{link: inStepLink, now: [2]sighting{met, met}, flows: both}, ""},
		{"what an app made of our value is no edit",
			pairCase{link: normalisedBy, linkSide: 1, now: [2]sighting{touched, touched}, flows: both}, ""},
		{"a deletion flows", pairCase{link: inStepLink, now: [2]sighting{absent, untouched}, flows: both}, "delete right"},
		{"an edit beats a deletion, on record",
			pairCase{link: inStepLink, now: [2]sighting{absent, edited}, flows: both}, "create left ab, delete_vs_edit ab won by right"},
		{"an initial write copies back what is gone, on record",
			pairCase{link: inStepLink, now: [2]sighting{absent, untouched}, flows: both, initial: true}, "create left ab, copied_back ab won by right"},
		{"what was deleted on both sides stays deleted", pairCase{link: inStepLink, now: [2]sighting{absent, absent}, flows: both}, ""},
		{"an edit of a one-way field's target stays as long as its source does",
			pairCase{link: inStepLink, now: [2]sighting{untouched, edited}, flows: toRight}, ""},
		{"an edit of a one-way field's source replaces its target's, on record",
			pairCase{link: inStepLink, now: [2]sighting{edited, edited}, flows: toRight}, "update right a, target_edited a won by left"},
		{"a record made anew receives its one-way fields again",
			pairCase{link: inStepLink, now: [2]sighting{untouched, replacedEdited}, flows: toRight}, "update right a, target_edited a won by left"},
		{"conflicts of different kinds are kept apart",
			pairCase{link: owedField, linkSide: 1, now: [2]sighting{edited, edited}, editsB: 1, flows: toLeft},
			"update left ab, target_edited a won by right, both_edited b won by right"},
		{"a deletion takes along what was edited in the target of a one-way field, on record",
			pairCase{link: inStepLink, now: [2]sighting{absent, edited}, flows: toRight}, "delete right, target_edited a won by left"},
		{"a write that did not arrive is sent again",
			pairCase{link: updateIntent, linkSide: 1, now: [2]sighting{untouched, untouched}, flows: both}, "update right a"},
		{"a write that arrived without an answer is recognised, however the app spells it",
			pairCase{link: updateIntent, linkSide: 1, now: [2]sighting{untouched, writtenAlike}, flows: both}, ""},
		{"a created record that arrived without an answer is recognised",
			pairCase{link: createIntent, linkSide: 1, now: [2]sighting{untouched, writtenAlike}, flows: toRight}, ""},
		{"what a person filled into a record that we made flows on, on record",
			pairCase{link: createIntent, now: [2]sighting{writtenFilled, untouched}, flows: toRight}, "update right a, target_edited a won by left"},
		{"an edit made since an unfinished write is not taken for our own",
			pairCase{link: updateIntent, linkSide: 0, now: [2]sighting{edited, untouched}, flows: both}, "update left a, unsure_owner a won by right"},
		{"beside an unfinished write every edit is on record, the winner's too",
			pairCase{link: updateIntent, linkSide: 1, now: [2]sighting{untouched, written}, editsB: 1, flows: both}, "update left b, unsure_owner b won by right"},
		{"a record that is gone since an unfinished update is not made again in silence",
			pairCase{link: updateIntent, linkSide: 1, now: [2]sighting{untouched, absent}, flows: both}, "create right ab, edit_vs_delete ab won by left"},
		{"what was refused is still to be written",
			pairCase{link: owedField, linkSide: 1, now: [2]sighting{untouched, touched}, flows: both}, "update right a"},
		{"what was refused and has been made by a person since is taken for what was agreed",
			pairCase{link: owedRecord, linkSide: 1, now: [2]sighting{edited, touched}, flows: both}, "update right a"},
		{"a field that is newer than the link is as at first sight",
			pairCase{link: newField, now: [2]sighting{edited, untouched}, flows: both}, "update right a, both_created a won by left"},
		{"a field that is newer than the link holds back no deletion",
			pairCase{link: newField, now: [2]sighting{absent, untouched}, flows: both}, "delete right"},
	} {
		t.Run(ex.promise, func(t *testing.T) {
			c := ex.row
			c.master, c.receives = 1, both
			if c.editsB == 0 { // no row has the left edit b
				c.editsB = nobody
			}
			v := reconcile(c.pair())
			if got := v.summary(); got != ex.want {
				t.Errorf("%q, want %q", got, ex.want)
			}
		})
	}
}

// TestStoredKeepsWhatTheAppChangedByItself holds an answer against what was
// written: a field that was not, but came back different, still counts as
// changed, and no version hides it.
func TestStoredKeepsWhatTheAppChangedByItself(t *testing.T) {
	p := pairCase{link: inStepLink, now: [2]sighting{edited, untouched}, editsB: -1, flows: [2]bool{true, true}, receives: [2]bool{true, true}}.pair()
	for _, app := range []struct {
		name      string
		b         models.Sum
		version   string
		stillNews bool
	}{
		{"left alone", agreedB, "w", false},
		{"changed by the app", agreedB + 50, "", true},
	} {
		t.Run(app.name, func(t *testing.T) {
			l := copyLink(reconcile(p).link)
			now := image{present: true, id: "R", version: "w", sums: models.Sums{p.now[0].sums[fieldA] | normalised, app.b}}
			stored(&l, 1, updateRecord, now, nil, p.rules)
			right := l.Sides[1]
			if right.Version != app.version || right.Intent || !right.Owed.Empty() || right.Sums[fieldA] != now.sums[fieldA] {
				t.Errorf("the link holds %+v", right)
			}
			if news := right.Sums[fieldB] != app.b; news != app.stillNews {
				t.Errorf("b counts as changed: %v, want %v", news, app.stillNews)
			}
		})
	}
}
