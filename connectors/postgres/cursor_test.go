package postgres

import (
	"slices"
	"testing"
)

func TestACursorComesBackAsItWasSpelled(t *testing.T) {
	from := position{seen: snapshot{10, 20, []uint64{11, 15}}, end: 70, lows: []int64{0, 60}}
	for _, c := range []cursor{
		{oid: "1", epoch: "e", started: "2.1", from: position{seen: snapshot{xmin: 3, xmax: 3}, lows: []int64{}}},
		{oid: "1", epoch: "e", started: "2.1", from: from},
		{oid: "1", epoch: "e", started: "2.1", from: from, to: &position{seen: snapshot{15, 21, []uint64{15}}, end: 80, lows: []int64{60}}, at: 75},
	} {
		back, ok := parseCursor(c.String())
		if !ok || back.String() != c.String() || !slices.Equal(back.from.lows, c.from.lows) || (c.to == nil) != (back.to == nil) {
			t.Errorf("%s comes back as %s, %v", c.String(), back.String(), ok)
		}
	}
	if _, ok := parseCursor("1/1/e/2.1/3:3:/0"); ok {
		t.Error("a cursor of another form is read")
	}
}

// A transaction that is running has noted nothing before the position that it was
// not yet there at.
func TestAPositionKnowsWhereTheRowsOfEachTransactionBegin(t *testing.T) {
	first := position{seen: snapshot{10, 12, []uint64{10, 11}}, end: 50}
	first.since(position{})
	if want := []int64{0, 0}; !slices.Equal(first.lows, want) {
		t.Errorf("at first: %v, want %v", first.lows, want)
	}
	second := position{seen: snapshot{10, 14, []uint64{10, 12, 13}}, end: 60}
	second.since(first)
	third := position{seen: snapshot{10, 16, []uint64{10, 13, 14}}, end: 70}
	third.since(second)
	if want := []int64{0, 50, 60}; !slices.Equal(third.lows, want) {
		t.Errorf("the lows are %v, want %v", third.lows, want)
	}
	for name, c := range map[string]struct {
		later snapshot
		want  int64
	}{
		"none has ended":     {snapshot{10, 16, []uint64{10, 13, 14}}, 70},
		"the last has ended": {snapshot{10, 16, []uint64{10, 13}}, 60},
		"two have ended":     {snapshot{10, 16, []uint64{10}}, 50},
		"all have ended":     {snapshot{16, 16, nil}, 0},
	} {
		if got := third.behind(c.later); got != c.want {
			t.Errorf("%s: what is new begins at %d, want %d", name, got, c.want)
		}
	}
}
