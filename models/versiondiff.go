package models

import (
	"slices"
	"strings"
)

// FieldDifference is one field mapping that two definitions do not have in
// common. One of the two is nil where only the other has it.
type FieldDifference struct {
	Before, After *FieldMapping
}

// SettingDifference is something about a whole definition that differs.
type SettingDifference struct {
	What          string // "left filter"
	Before, After string
}

// Difference tells what turns one definition into another: the settings, and the
// field mappings, in the order of the first, new ones last.
func Difference(before, after *Definition) (settings []SettingDifference, fields []FieldDifference) {
	setting := func(what, b, a string) {
		if b != a {
			settings = append(settings, SettingDifference{what, b, a})
		}
	}
	for _, side := range Sides {
		b, a := before.Endpoint(side), after.Endpoint(side)
		setting(string(side)+" entity", b.Entity, a.Entity)
		setting(string(side)+" legal entity", b.Company, a.Company)
		setting(string(side)+" filter", b.Filter, a.Filter)
	}
	setting("key", KeyText(before.Key), KeyText(after.Key))
	setting("only legal entities", strings.Join(before.Companies, ", "), strings.Join(after.Companies, ", "))
	setting("maps needed first", strings.Join(before.Needs, ", "), strings.Join(after.Needs, ", "))
	for i := range before.Fields {
		b := &before.Fields[i]
		a := sameFields(after, b)
		if a == nil || a.Direction != b.Direction || !sameTransforms(a.Transforms, b.Transforms) {
			fields = append(fields, FieldDifference{b, a})
		}
	}
	for i := range after.Fields {
		if a := &after.Fields[i]; sameFields(before, a) == nil {
			fields = append(fields, FieldDifference{nil, a})
		}
	}
	return settings, fields
}

// sameFields finds the mapping between the same two fields, nil if there is none.
func sameFields(d *Definition, f *FieldMapping) *FieldMapping {
	i := slices.IndexFunc(d.Fields, func(o FieldMapping) bool { return o.Left == f.Left && o.Right == f.Right })
	if i < 0 {
		return nil
	}
	return &d.Fields[i]
}

// KeyText is a key for people: "CUSTOMERACCOUNT = accountnumber".
func KeyText(key []KeyPair) string {
	text := ""
	for i, k := range key {
		if i > 0 {
			text += ", "
		}
		text += k.Left + " = " + k.Right
	}
	return text
}
