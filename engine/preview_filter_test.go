package engine

import (
	"context"
	"testing"

	"dualwrite/connectors"
)

// picky is an app that reads three times as many records as pass a filter it
// cannot ask for; its pages hold one that passes.
type picky struct {
	connectors.Entity
	passing int
}

func (p *picky) Scan(_ context.Context, at connectors.Position, _ int) ([]connectors.Record, connectors.Position, error) {
	if len(at)+1 == p.passing {
		return []connectors.Record{{}}, "", nil
	}
	return []connectors.Record{{}}, at + "|", nil
}

func TestThePreviewOfAFilterCountsWhatTheAppCannotCount(t *testing.T) {
	for _, c := range []struct {
		name  string
		told  int64
		exact bool
		want  int64
		sure  bool
	}{
		{"the app knows", 40, true, 40, true},
		{"the app knows no better than all", 120, false, 40, true},
		{"too many to read", mostCounted + 1, false, mostCounted + 1, false},
	} {
		var p FilterPreview
		n, exact, err := p.look(t.Context(), &picky{passing: 40}, c.told, c.exact)
		if err != nil || n != c.want || exact != c.sure || len(p.First) != mostPreviewed {
			t.Errorf("%s: %d records pass, exact: %v, with %d of them: %v", c.name, n, exact, len(p.First), err)
		}
	}
}
