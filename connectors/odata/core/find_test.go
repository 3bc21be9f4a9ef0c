package core

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// customers is an entity with a key of company and account.
func customers(d Dialect) *Entity {
	company := &Field{Field: connectors.Field{Name: "dataAreaId", Type: connectors.Text}, Wire: "dataAreaId"}
	account := &Field{Field: connectors.Field{Name: "CustomerAccount", Type: connectors.Text}, Wire: "CustomerAccount"}
	s := &Set{Name: "CustomersV3", Fields: []*Field{company, account}, ID: []*Field{company, account}, Company: "dataAreaId"}
	e := &Entity{app: &App{Dialect: d}, set: s, own: d.Fold, fold: d.Fold, sel: connectors.Selection{Fields: []string{"dataAreaId", "CustomerAccount"}, Key: []int{0, 1}, Company: 0}}
	for _, f := range s.Fields {
		e.paths = append(e.paths, &Path{Text: f.Name, Steps: []Step{{s, f}}})
	}
	return e
}

var loose = connectors.Fold{Case: true, Space: true}

func keys(pairs ...string) (out []connectors.Row) {
	for _, p := range pairs {
		company, account, _ := strings.Cut(p, "/")
		out = append(out, connectors.Row{connectors.TextValue(company), connectors.TextValue(account)})
	}
	return out
}

func TestKeysArePackedIntoFewShortFilters(t *testing.T) {
	e := customers(Dialect{Fold: loose, FindMax: 3, URLMost: 2000})
	got := e.filters(e.paths, keys("usmf/1", "usmf/2", "dat/1", "usmf/O'Brien"), loose)
	want := []string{
		"dataAreaId eq 'usmf' and (CustomerAccount eq '1' or CustomerAccount eq '2' or CustomerAccount eq 'O''Brien')",
		"dataAreaId eq 'dat' and CustomerAccount eq '1'",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the filters are\n%s", strings.Join(got, "\n"))
	}
	if got := e.filters(e.paths, nil, loose); len(got) != 0 {
		t.Errorf("no keys give %q", got)
	}
}

func TestNoFilterIsLongerThanAServiceTakes(t *testing.T) {
	e := customers(Dialect{Fold: loose, FindMax: 1000, URLMost: 700})
	var all []string
	for i := range 300 {
		all = append(all, fmt.Sprintf("c%d/%s", i%7, strings.Repeat("ü", i%20)))
	}
	terms := 0
	for _, f := range e.filters(e.paths, keys(all...), loose) {
		if n := len(wire.EscapeQuery(f)); n > 720 {
			t.Errorf("a filter of %d bytes", n)
		}
		terms += strings.Count(f, "CustomerAccount eq")
	}
	if terms != 300 {
		t.Errorf("%d keys are asked for", terms)
	}
}

func TestServicesThatCompareExactlyAreAskedForMoreThanEquals(t *testing.T) {
	e := customers(Dialect{Functions: true})
	for fold, want := range map[connectors.Fold]string{
		{}:           "CustomerAccount eq 'Ä b '",
		{Case: true}: "tolower(CustomerAccount) eq 'Ä b ' or tolower(CustomerAccount) eq 'ä b '",
		loose:        "tolower(trim(CustomerAccount)) eq 'Ä b' or tolower(trim(CustomerAccount)) eq 'ä b'",
	} {
		if got := strings.Join(e.equals(e.paths[1], connectors.TextValue("Ä b "), fold), " or "); got != want {
			t.Errorf("%+v: %s", fold, got)
		}
	}
	bare := customers(Dialect{})
	if got := strings.Join(bare.equals(bare.paths[1], connectors.TextValue("aB"), loose), " or "); got != "CustomerAccount eq 'aB' or CustomerAccount eq 'AB' or CustomerAccount eq 'ab'" {
		t.Errorf("without functions: %s", got)
	}
}

func TestPagesGoOnBehindTheLastKey(t *testing.T) {
	e := customers(Dialect{Fold: loose})
	row := keys("usmf/O'Brien")[0]
	want := "((dataAreaId gt 'usmf') or (dataAreaId eq 'usmf' and CustomerAccount gt 'O''Brien'))"
	if got := e.set.beyond(row); got != want {
		t.Errorf("the condition is %s", got)
	}
	id := e.set.id(row)
	if again, ok := e.set.parseID(id); !ok || again[0] != row[0] || again[1] != row[1] {
		t.Errorf("%s is read as %v", id, again)
	}
	for _, bad := range []string{"", "no such id", "dataAreaId='usmf'", "a='b',c='d'", "dataAreaId=5,CustomerAccount='x'"} {
		if row, ok := e.set.parseID(bad); ok {
			t.Errorf("%q is read as %v", bad, row)
		}
	}
}

func TestWritesThatDependOnOneAnotherGoOneAfterTheOther(t *testing.T) {
	e := customers(Dialect{Fold: loose})
	id := func(s string) string { return e.set.id(keys(s)[0]) }
	create := func(s string) connectors.Write {
		return connectors.Write{Op: connectors.Create, Row: keys(s)[0], Fields: []bool{true, true}}
	}
	update := func(s string, rename bool) connectors.Write {
		return connectors.Write{Op: connectors.Update, ID: id(s), Row: keys("usmf/new")[0], Fields: []bool{false, rename}}
	}
	for name, c := range map[string]struct {
		writes []connectors.Write
		waves  []int
	}{
		"strangers":          {[]connectors.Write{create("usmf/1"), update("usmf/2", false), create("dat/1")}, []int{0, 0, 0}},
		"twice the same":     {[]connectors.Write{update("usmf/1", false), update("usmf/1", false), {Op: connectors.Delete, ID: id("usmf/1")}}, []int{0, 1, 2}},
		"one key twice":      {[]connectors.Write{create("usmf/a"), create("USMF/A ")}, []int{0, 1}},
		"a key set free":     {[]connectors.Write{{Op: connectors.Delete, ID: id("usmf/1")}, create("usmf/1")}, []int{0, 1}},
		"a rename, a create": {[]connectors.Write{update("usmf/1", true), create("usmf/1")}, []int{0, 1}},
	} {
		b := &batch{e: e}
		for _, w := range c.writes {
			b.items = append(b.items, &item{w: w})
		}
		b.order()
		for i, it := range b.items {
			if it.wave != c.waves[i] {
				t.Errorf("%s: write %d goes in wave %d, want %d", name, i, it.wave, c.waves[i])
			}
		}
	}
}
