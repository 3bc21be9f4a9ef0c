package engine

import (
	"slices"
	"testing"

	"dualwrite/connectors"
)

func TestAParentIsKnownByItsKeyInWhateverWayItIsLookedUp(t *testing.T) {
	m := &mapping{key: [2][]int{{0, 1, 2}, {1, 0, 2}}}
	row := connectors.Row{connectors.TextValue("Monthly "), connectors.IntValue(7), connectors.TextValue("USMF")}
	keys := m.parentKeys(&item{rec: [2]*connectors.Record{{Row: row}, nil}})
	for _, missing := range []string{"monthly", "MONTHLY  ", "7", "Monthly | 7", "7 | monthly", "usmf | 7 | Monthly"} {
		if !slices.Contains(keys, awaitedKey(missing)) {
			t.Errorf("%q waits for %q, and the record is known by %q", missing, awaitedKey(missing), keys)
		}
	}
}
