package models

import (
	"reflect"
	"slices"
)

// Revise gives the definition that a changed one becomes: each field mapping
// keeps its slot, new ones get slots that no other ever had, and what has changed
// its meaning is seen for the first time by the links there are. next needs no
// slots. The second result is false where nothing changes.
func (d *Definition) Revise(next Definition) (Definition, bool) {
	next.Revision, next.NextSlot, next.Companies = d.Revision+1, d.NextSlot, next.Companies.tidy()
	fields := slices.Clone(next.Fields)
	for i := range fields {
		f := &fields[i]
		at := slices.IndexFunc(d.Fields, func(old FieldMapping) bool { return old.Left == f.Left && old.Right == f.Right })
		if at < 0 {
			f.Slot, f.Since, next.NextSlot = next.NextSlot, next.Revision, next.NextSlot+1
			continue
		}
		old := d.Fields[at]
		f.Slot, f.Since = old.Slot, old.Since
		if f.Direction != old.Direction || !sameTransforms(f.Transforms, old.Transforms) {
			f.Since = next.Revision
		}
	}
	next.Fields = fields
	if same := next; d.Revision > 0 {
		same.Revision = d.Revision
		if reflect.DeepEqual(same, *d) {
			return *d, false
		}
	}
	return next, true
}

func sameTransforms(a, b []Transform) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// SameRecords reports whether links that were made under one definition hold
// for another: the same entities, legal entity and key. The limit to some legal
// entities does not count: like a filter, it picks records and identifies none.
func (d *Definition) SameRecords(o *Definition) bool {
	return d.Left.Entity == o.Left.Entity && d.Right.Entity == o.Right.Entity && d.Left.Company == o.Left.Company &&
		d.Right.Company == o.Right.Company && slices.Equal(d.Key, o.Key)
}
