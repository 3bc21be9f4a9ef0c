package engine

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

func TestZeroIsTheSameAsNoValueOnlyWhereAnAppCannotTellThemApart(t *testing.T) {
	decimal, err := connectors.DecimalValue("0")
	if err != nil {
		t.Fatal(err)
	}
	days, null := connectors.IntValue(7), connectors.NullValue()
	for _, c := range []struct {
		name        string
		typ         connectors.Type
		blank       bool
		left, right connectors.Value
		want        bool
	}{
		{"whole number", connectors.Int, true, connectors.IntValue(0), null, true},
		{"decimal", connectors.Decimal, true, decimal, null, true},
		{"yes or no", connectors.Bool, true, connectors.BoolValue(false), null, true},
		{"a value", connectors.Int, true, days, null, false},
		{"zero against a value", connectors.Int, true, connectors.IntValue(0), days, false},
		{"an app with null", connectors.Int, false, connectors.IntValue(0), null, false},
	} {
		blank, plain := &connectors.Field{Type: c.typ, BlankIsZero: c.blank}, &connectors.Field{Type: c.typ}
		left, right := connectors.Row{c.left}, connectors.Row{c.right}
		f := field{direction: models.Both, schema: [2]*connectors.Field{blank, plain}}
		if got := f.same(left, right); got != c.want {
			t.Errorf("%s: %v and %v are the same: %v", c.name, c.left, c.right, got)
		}
		if got := f.canonical(0, left) == f.canonical(1, right); got != c.want {
			t.Errorf("%s: %v and %v are remembered alike: %v", c.name, c.left, c.right, got)
		}
		f.key = true
		if got := f.canonical(1, connectors.Row{null}); got.IsSet() {
			t.Errorf("%s: a key without a value is taken for %v", c.name, got)
		}
		f.key, f.schema = false, [2]*connectors.Field{plain, blank}
		if got := f.same(right, left); got != c.want {
			t.Errorf("%s, on the right: %v and %v are the same: %v", c.name, c.left, c.right, got)
		}
	}
}
