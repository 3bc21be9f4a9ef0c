// Package practicetest tells whether the two practice apps agree. It reads both
// files itself and follows the maps' definitions by code of its own, so that a
// test of the whole can trust it where it must not trust what it tests.
package practicetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dualwrite/connectors/practice"
)

// Problem says in what way the two sides do not agree on a record.
type Problem string

// The problems.
const (
	OnlyLeft     Problem = "only left"
	OnlyRight    Problem = "only right"
	Different    Problem = "different"
	DuplicateKey Problem = "duplicate key" // several records of one side hold the key; each is listed
)

// Difference is one thing that the two sides do not agree on: a record, or one
// field of a record that is on both.
type Difference struct {
	Map     string
	Company string // "" for a global record
	Key     string // as the left app spells it if it holds the record; several fields are joined by ", "
	Problem Problem
	Field   string // Different: "LEFT = right", paths as in the definition
	Left    string // Different: the value as text, "<null>" for none
	Right   string
}

func (d Difference) String() string {
	s := fmt.Sprintf("%s: %s %s: %s", d.Map, d.Company, d.Key, d.Problem)
	if d.Problem == Different {
		s += fmt.Sprintf(": %s: %q, %q", d.Field, d.Left, d.Right)
	}
	return s
}

// Differences compares the practice apps in the files left and right under the
// named maps as they ship, under all maps when none is named. The answer is
// sorted by map, company and key.
//
// A record belongs to a map when it passes the filter of every side that holds
// it. Keys and values that come through a lookup are compared without the case
// of the letters A to Z, and through a lookup an empty text is no value. Everything else must be
// the same, null and empty text apart. Fields that go one way or have a default
// are not compared.
func Differences(left, right string, only []string) (found []Difference, err error) {
	return list(left, right, only, false)
}

// ServedDifferences is Differences for two apps that are synchronised through
// their servers. The left app's has no nulls: there, no value, an empty text and
// the number zero are the same.
func ServedDifferences(left, right string, only []string) ([]Difference, error) {
	return list(left, right, only, true)
}

func list(left, right string, only []string, served bool) (found []Difference, err error) {
	defs, err := definitions(only)
	if err != nil {
		return nil, err
	}
	var apps [2]*app
	for i, path := range []string{left, right} {
		a, openErr := openApp(path)
		if openErr != nil {
			return nil, openErr
		}
		defer func() { err = errors.Join(err, a.db.Close()) }()
		apps[i] = a
	}
	for _, d := range defs {
		d.served = served
		differences, err := d.compare(apps)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", d.name, err)
		}
		found = append(found, differences...)
	}
	return found, nil
}

func definitions(only []string) ([]*definition, error) {
	var defs []*definition
	wanted := map[string]bool{}
	for _, name := range only {
		wanted[name] = true
	}
	for _, f := range practice.Maps() {
		if len(only) > 0 && !wanted[f.Name] {
			continue
		}
		delete(wanted, f.Name)
		d, err := parse(f.Name, f.Definition)
		if err != nil {
			return nil, err
		}
		defs = append(defs, d)
	}
	for name := range wanted {
		return nil, fmt.Errorf("there is no map %q", name)
	}
	return defs, nil
}

// compare lists what two apps do not agree on under one map.
func (d *definition) compare(apps [2]*app) ([]Difference, error) {
	var sides [2]map[string][]*record
	for i := range apps {
		all, err := apps[i].read(d, i)
		if err != nil {
			return nil, err
		}
		sides[i] = all
	}
	var found []Difference
	keys := maps.Clone(sides[0])
	maps.Copy(keys, sides[1])
	for key := range keys {
		found = append(found, d.pair(sides[0][key], sides[1][key])...)
	}
	slices.SortFunc(found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Company, b.Company), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Field, b.Field))
	})
	return found, nil
}

// pair compares the holders of one key.
func (d *definition) pair(left, right []*record) []Difference {
	inLeft, inRight := passing(left), passing(right)
	switch {
	case len(inLeft) > 1 || len(inRight) > 1:
		var found []Difference
		for _, r := range slices.Concat(inLeft, inRight) {
			found = append(found, d.difference(r, DuplicateKey))
		}
		return found
	case len(inLeft) == 1 && len(inRight) == 1:
		return d.fields(inLeft[0], inRight[0])
	case len(inLeft) == 1 && len(right) == 0:
		return []Difference{d.difference(inLeft[0], OnlyLeft)}
	case len(inRight) == 1 && len(left) == 0:
		return []Difference{d.difference(inRight[0], OnlyRight)}
	}
	return nil
}

func passing(records []*record) []*record {
	var in []*record
	for _, r := range records {
		if r.passes {
			in = append(in, r)
		}
	}
	return in
}

func (d *definition) difference(r *record, p Problem) Difference {
	return Difference{Map: d.name, Company: r.company, Key: strings.Join(r.key, ", "), Problem: p}
}

// fields compares two records field by field.
func (d *definition) fields(left, right *record) []Difference {
	var found []Difference
	for i, f := range d.compared {
		if l, r := left.values[i], right.values[i]; !f.same(l, r) && !(d.served && l.nothing() && r.nothing()) {
			difference := d.difference(left, Different)
			difference.Field, difference.Left, difference.Right = f.Left+" = "+f.Right, l.String(), r.String()
			found = append(found, difference)
		}
	}
	return found
}
