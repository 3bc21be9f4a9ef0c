package sqlcore_test

import (
	"slices"
	"testing"

	"dualwrite/connectors/sqlcore"
)

func FuzzPartsOfANativeIDComeApartAgain(f *testing.F) {
	f.Add("a|b", `c\`)
	f.Add("", "|")
	f.Add(`\|`, `\\`)
	f.Fuzz(func(t *testing.T, a, b string) {
		table := &sqlcore.Table{Columns: make([]sqlcore.Column, 2), Key: []int{0, 1}}
		got, ok := table.SplitID(table.JoinID([]string{a, b}))
		if !ok || !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q and %q come apart as %q", a, b, got)
		}
		single := &sqlcore.Table{Columns: make([]sqlcore.Column, 1), Key: []int{0}}
		if got, ok := single.SplitID(single.JoinID([]string{a})); !ok || len(got) != 1 || got[0] != a {
			t.Errorf("%q comes apart as %q", a, got)
		}
	})
}

func TestMarksAreNumberedInOrder(t *testing.T) {
	sql := "a = " + sqlcore.Mark + " AND (b, c) IN (" + sqlcore.Tuples(2, 2) + ")"
	got := sqlcore.Number(sql, func(n int) string { return "$" + string(rune('0'+n)) })
	if got != "a = $1 AND (b, c) IN (($2, $3), ($4, $5))" {
		t.Errorf("numbered as %s", got)
	}
}
