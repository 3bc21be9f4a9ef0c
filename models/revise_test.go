package models

import "testing"

func TestRevisingKeepsTheSlotsOfFieldsAndNeverGivesOneTwice(t *testing.T) {
	field := func(left, right string, d Direction, ts ...Transform) FieldMapping {
		return FieldMapping{Left: left, Right: right, Direction: d, Transforms: ts}
	}
	first, changed := (&Definition{}).Revise(Definition{Fields: []FieldMapping{field("a", "a", Both), field("b", "b", Both), field("c", "c", LeftToRight)}})
	if !changed || first.Revision != 1 || first.NextSlot != 3 || first.Fields[2].Slot != 2 || first.Fields[2].Since != 1 {
		t.Fatalf("first %+v", first)
	}
	same, changed := first.Revise(Definition{Fields: []FieldMapping{field("a", "a", Both), field("b", "b", Both), field("c", "c", LeftToRight)}})
	if changed || same.Revision != 1 {
		t.Fatalf("the same again is a change: %+v", same)
	}
	second, _ := first.Revise(Definition{Fields: []FieldMapping{field("c", "c", Both), field("d", "d", Both), field("a", "a", Both)}})
	want := []FieldMapping{{Slot: 2, Since: 2}, {Slot: 3, Since: 2}, {Slot: 0, Since: 1}}
	for i, w := range want {
		if g := second.Fields[i]; g.Slot != w.Slot || g.Since != w.Since {
			t.Errorf("field %d has slot %d since %d, want %d since %d", i, g.Slot, g.Since, w.Slot, w.Since)
		}
	}
	third, _ := second.Revise(Definition{Fields: []FieldMapping{field("b", "b", Both), field("a", "a", Both, Transform{Type: Truncate, Length: 3})}})
	if b := third.Fields[0]; b.Slot != 4 || b.Since != 3 {
		t.Errorf("a field that comes back has slot %d since %d, want a new one, 4 since 3", b.Slot, b.Since)
	}
	if a := third.Fields[1]; a.Slot != 0 || a.Since != 3 {
		t.Errorf("a field with another transform has slot %d since %d, want 0 since 3", a.Slot, a.Since)
	}
	if third.NextSlot != 5 || third.Revision != 3 {
		t.Errorf("next slot %d, revision %d", third.NextSlot, third.Revision)
	}
}
