package sqlcore

import (
	"slices"
	"testing"

	"dualwrite/connectors"
)

func TestAComparisonTellsWhatIsNewOtherAndGoneAndNothingElse(t *testing.T) {
	shown := []connectors.Record{{ID: "same", Version: "1"}, {ID: "new", Version: "1"}, {ID: "other", Version: "2"}}
	want := []Difference{{connectors.Create, "new", "1"}, {connectors.Update, "other", "2"}}
	if found := Changed(shown, map[string]string{"same": "1", "other": "1", "gone": "1"}); !slices.Equal(found, want) {
		t.Errorf("changed: %v, want %v", found, want)
	}
	want = []Difference{{Op: connectors.Delete, ID: "gone"}, {Op: connectors.Delete, ID: "away"}}
	if found := Gone([]string{"gone", "other", "same", "away"}, shown); !slices.Equal(found, want) {
		t.Errorf("gone: %v, want %v", found, want)
	}
	if found := append(Changed(nil, nil), Gone(nil, nil)...); found != nil {
		t.Errorf("of nothing: %v", found)
	}
}
