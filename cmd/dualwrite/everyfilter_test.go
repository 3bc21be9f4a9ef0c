package main

import (
	"fmt"
	"testing"

	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// sieve is a filter of both sides in their own notations, and values of the
// column v that pass it and that do not.
type sieve struct {
	name            string
	left, right     string // types
	leftIs, rightIs string // filters
	passes, doesNot string
}

// sieves names every operator of a filter in both notations.
func sieves() []sieve {
	text := func(name, left, right, passes, doesNot string) sieve {
		return sieve{name: name, left: "VARCHAR(40)", right: "VARCHAR(40) COLLATE NOCASE", leftIs: left, rightIs: right, passes: passes, doesNot: doesNot}
	}
	number := func(name, left, right, passes, doesNot string) sieve {
		return sieve{name: name, left: "BIGINT", right: "BIGINT", leftIs: left, rightIs: right, passes: passes, doesNot: doesNot}
	}
	return []sieve{
		text("equals", `(v == "Organization")`, "v eq 'organization'", "Organization", "Person"),
		text("differs", `((v != "x"))`, "v ne 'X'", "y", "x"),
		number("greater", "(v > 5)", "v gt 5", "6", "5"),
		number("at_least", "(v >= 5)", "v ge 5", "5", "4"),
		number("less", "(v < -5)", "v lt -5", "-6", "-5"),
		number("at_most", "(v <= 5)", "v le 5.5", "5", "6"),
		text("begins", `(v like "A*")`, "startswith(v,'a')", "ab", "ba"),
		text("ends", `(v like "*b")`, "endswith(v,'B')", "ab", "ba"),
		text("within", `(v like "*O'Br*")`, "contains(v,'o''br')", "Mr O'Brien", "OBrien"),
		text("negated", `!(v == "x")`, "not (v eq 'x')", "y", "x"),
		number("all_of", "((v > 1) && (v < 5))", "v gt 1 and v lt 5", "3", "5"),
		number("one_of", "((v < 1) || (v > 5))", "v lt 1 or v gt 5", "0", "3"),
		number("is_null", "(v == null)", "v eq null", "", "3"),
		number("is_not_null", "(v != null)", "v ne null", "3", ""),
		{name: "yes", left: "BOOLEAN", right: "BOOLEAN", leftIs: "(v == true)", rightIs: "v", passes: "1", doesNot: "0"},
		{name: "since", left: "DATE", right: "DATE", leftIs: `(v >= 28\02\2026)`, rightIs: "v ge 2026-02-28", passes: "2026-02-28", doesNot: "2026-02-27"},
		{name: "before", left: "DATETIME", right: "DATETIME", leftIs: "v lt 2026-02-28T12:00:00Z", rightIs: "v lt 2026-02-28T13:00:00+01:00", passes: "2026-02-28T11:59:59Z", doesNot: "2026-02-28T12:00:00Z"},
	}
}

// sift adds two records of every sieve to a side, by their keys: one that passes
// and one that does not.
func (b *bridge) sift(side int, name, passing, failing string) {
	b.t.Helper()
	for _, s := range sieves() {
		for _, r := range [][2]string{{passing, s.passes}, {failing, s.doesNot}} {
			var v any
			if r[1] != "" {
				v = r[1]
			}
			if side == 0 {
				b.left.exec("INSERT INTO "+s.name+" (k, v, note) VALUES (?, ?, ?)", r[0], v, name)
			} else {
				b.right.exec("INSERT INTO "+s.name+" ("+s.name+"id, k, v, note) VALUES (?, ?, ?, ?)", service.NewGUID(), r[0], v, name)
			}
		}
	}
}

// sifted is that each side has these records of every sieve.
func (b *bridge) sifted(left, right string) (all []wanted) {
	for _, s := range sieves() {
		query := fmt.Sprintf("SELECT group_concat(k, ' ' ORDER BY k) FROM %s", s.name)
		all = append(all, wanted{s.name + " on the left", b.left, query, left}, wanted{s.name + " on the right", b.right, query, right})
	}
	return all
}

// TestEveryOperatorOfAFilterLetsRecordsThroughBothWays makes on each side, before the
// initial write and after it, a record that passes and one that does not; then one
// that passed is changed so that it does not, and another the other way round.
func TestEveryOperatorOfAFilterLetsRecordsThroughBothWays(t *testing.T) {
	var left, right, names []string
	var maps []models.Map
	for _, s := range sieves() {
		left = append(left, fmt.Sprintf("CREATE TABLE %s (k VARCHAR(10) PRIMARY KEY NOT NULL, v %s, note VARCHAR(20))", s.name, s.left))
		right = append(right, fmt.Sprintf("CREATE TABLE %[1]s (%[1]sid GUID PRIMARY KEY, k VARCHAR(10) COLLATE NOCASE NOT NULL, v %[2]s, note VARCHAR(20), UNIQUE (k))", s.name, s.right))
		names = append(names, s.name)
		d := models.Definition{Left: models.Endpoint{Entity: s.name, Label: s.name, Filter: s.leftIs}, Right: models.Endpoint{Entity: s.name, Label: s.name, Filter: s.rightIs},
			Key: []models.KeyPair{{Left: "k", Right: "k"}}}
		for _, f := range []string{"k", "v", "note"} {
			d.Fields = append(d.Fields, models.FieldMapping{Left: f, Right: f, Direction: models.Both})
		}
		maps = append(maps, models.Map{Name: s.name, Definition: d})
	}
	b := newBridge(t, left, right, func(*service.Model) {}, maps, names...)
	b.sift(0, "left", "a", "b")
	b.sift(1, "right", "c", "d")
	b.runAll()
	b.settle("after the initial write", b.sifted("a b c", "a c d"))
	b.sift(0, "left", "e", "f")
	b.sift(1, "right", "g", "h")
	b.settle("live", b.sifted("a b c e f g", "a c d e g h"))
	var moved []wanted
	for _, s := range sieves() {
		in, out := any(s.passes), any(s.doesNot)
		if s.passes == "" {
			in = nil
		}
		if s.doesNot == "" {
			out = nil
		}
		b.left.exec("UPDATE "+s.name+" SET v = ? WHERE k = 'f'", in) // comes into the map
		b.left.exec("UPDATE "+s.name+" SET v = ?, note = 'gone' WHERE k = 'a'", out)
		moved = append(moved, wanted{s.name + ": f", b.right, "SELECT note FROM " + s.name + " WHERE k = 'f'", "left"})
	}
	b.settle("what comes in", moved)
	b.rest()
	for _, s := range sieves() { // what leaves the map stays on the other side as it was
		if note := b.right.text("SELECT note FROM " + s.name + " WHERE k = 'a'"); note != "left" {
			t.Errorf("%s: the record that left the map has the note %q on the right", s.name, note)
		}
	}
}
