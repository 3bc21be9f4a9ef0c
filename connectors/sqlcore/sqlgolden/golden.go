// Package sqlgolden holds the statements that SQL connectors make to texts that
// were looked through. Only tests use it.
package sqlgolden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Texts collects statements by name. Bound spells the marks of bound values.
type Texts struct {
	Bound func(sql string) string
	all   strings.Builder
}

// Add adds a statement.
func (x *Texts) Add(name, sql string) {
	x.all.WriteString("-- " + name + "\n" + x.Bound(sql) + ";\n\n")
}

// Check compares with a file in the folder testdata, or writes it with -update;
// look through it then.
func (x *Texts) Check(t *testing.T, file string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(x.all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	reviewed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(reviewed) != x.all.String() {
		t.Errorf("the statements are not those of %s; they are now:\n%s", path, x.all.String())
	}
}

// Children selects from a table of the native id number and day, with a company,
// two lookups one behind the other, and a filter.
func Children(entity string, fold connectors.Fold) connectors.Selection {
	return connectors.Selection{Entity: entity, Fields: []string{"dataareaid", "number", "parent.code", "amount", "seen", "day"}, Key: []int{0, 1}, Company: 0,
		Companies: []string{"USMF", "dat"}, Fold: fold, Filter: filter.And{
			Left:  filter.Compare{Field: "parent.code", Op: filter.Ne, Value: filter.Literal{Kind: filter.TextLiteral, Text: "A "}},
			Right: filter.Not{X: filter.Compare{Field: "seen", Op: filter.Ge, Value: filter.Literal{Kind: filter.DateLiteral, Text: "2024-02-29"}}}}}
}

// Nested selects what is two lookups away, the key too.
func Nested(entity string) connectors.Selection {
	return connectors.Selection{Entity: entity, Fields: []string{"number", "parent.region.code", "parent.code"}, Key: []int{0, 1}, Company: -1}
}

// Folds are the ways to compare keys, by name.
func Folds() map[string]connectors.Fold {
	return map[string]connectors.Fold{"as they are": {}, "letter case aside": {Case: true}, "trailing spaces aside": {Space: true}, "letter case and trailing spaces aside": {Case: true, Space: true}}
}

// FoldNames lists the names of Folds in order.
func FoldNames() []string {
	return []string{"as they are", "letter case aside", "trailing spaces aside", "letter case and trailing spaces aside"}
}

// Filters are all operators with all forms of constants on the fields of the
// table of Children.
func Filters() []filter.Expr {
	var all []filter.Expr
	for _, op := range []filter.CompareOp{filter.Eq, filter.Ne, filter.Gt, filter.Ge, filter.Lt, filter.Le} {
		all = append(all, filter.Compare{Field: "number", Op: op, Value: filter.Literal{Kind: filter.TextLiteral, Text: "It's "}})
	}
	for _, op := range []filter.MatchOp{filter.StartsWith, filter.EndsWith, filter.Contains} {
		all = append(all, filter.Match{Field: "number", Op: op, Text: "50%_!'"})
	}
	for _, each := range []struct {
		field string
		kind  filter.LiteralKind
		text  string
	}{
		{"amount", filter.NumberLiteral, "1.50"}, {"day", filter.DateLiteral, "2024-02-29"}, {"day", filter.DateTimeLiteral, "2024-02-29T12:30:00Z"},
		{"seen", filter.DateLiteral, "2024-02-29"}, {"seen", filter.DateTimeLiteral, "2024-02-29T12:30:00.25Z"}, {"parent.region.code", filter.TextLiteral, "EU"},
	} {
		all = append(all, filter.Compare{Field: each.field, Op: filter.Gt, Value: filter.Literal{Kind: each.kind, Text: each.text}})
	}
	null := filter.Literal{Kind: filter.NullLiteral, Text: "null"}
	isNull, isSet := filter.Compare{Field: "day", Op: filter.Eq, Value: null}, filter.Compare{Field: "parent.code", Op: filter.Ne, Value: null}
	return append(all, isNull, isSet, filter.And{Left: isNull, Right: filter.Not{X: filter.Or{Left: isSet, Right: all[0]}}})
}
