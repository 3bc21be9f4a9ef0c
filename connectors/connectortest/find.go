package connectortest

import (
	"fmt"
	"slices"

	"dualwrite/connectors"
)

var findTests = []test{
	{promise: "find answers all holders of many keys at once", run: findsMany},
	{promise: "find compares as the fold says", run: findsFolded},
	{promise: "find answers every holder of a key that is not unique", run: findsDuplicates},
	{promise: "find looks a key up through a lookup", lacks: func(l Lacks) bool { return l.Lookups }, run: findsThroughLookup},
	{promise: "find takes a key of hundreds at a time", run: findsHundreds},
}

func key(parts ...string) (row connectors.Row) {
	for _, p := range parts {
		row = append(row, text(p))
	}
	return row
}

func findsMany(b *bench) {
	r := b.open(Children, nil)
	for _, c := range []string{"usmf", "dat"} {
		for _, n := range []string{"1", "2", "it's", `"quoted"`, "a|b", "ü"} {
			b.insert(Children, child(c, n))
		}
	}
	got := r.find(key("usmf", "1"), key("dat", "2"), key("usmf", "9"), key("frrt", "1"), key("dat", "it's"), key("dat", `"quoted"`), key("usmf", "a|b"), key("usmf", "ü"), key("usmf", "1"))
	var found []string
	for _, rec := range got {
		found = append(found, r.value(rec, "dataareaid").Text()+" "+r.value(rec, "number").Text())
	}
	slices.Sort(found)
	if want := []string{`dat "quoted"`, "dat 2", "dat it's", "usmf 1", "usmf a|b", "usmf ü"}; !slices.Equal(found, want) {
		b.Errorf("found %q", found)
	}
	for _, rec := range got {
		if now := r.now(rec.ID); now.Version != rec.Version {
			b.Errorf("find and get tell different versions of %s", rec.ID)
		}
	}
	if n := len(r.find()); n != 0 {
		b.Errorf("no keys find %d records", n)
	}
}

func findsFolded(b *bench) {
	own := b.open(Children, nil).Capabilities().Fold
	stored := []string{"Abc", "x  ", "É"}
	for _, n := range stored {
		b.insert(Children, child("usmf", n))
	}
	for _, fold := range []connectors.Fold{{}, {Case: true}, {Space: true}, {Case: true, Space: true}} {
		if own.Case && !fold.Case || own.Space && !fold.Space {
			continue // a map folds at least as the looser of its apps
		}
		r := b.open(Children, func(s *connectors.Selection) { s.Fold = fold })
		for _, c := range []struct {
			asked string
			holds string
			finds bool
		}{
			{"Abc", "Abc", true}, {"aBC", "Abc", fold.Case}, {"abc ", "Abc", fold.Case && fold.Space}, {"Abc  ", "Abc", fold.Space},
			{"x", "x  ", fold.Space}, {"X", "x  ", fold.Case && fold.Space}, {"é", "É", false}, {"Ab", "Abc", false},
		} {
			got := r.column(r.find(key("usmf", c.asked)), "number")
			if c.finds != slices.Contains(got, c.holds) || len(got) > 1 {
				b.Errorf("%+v: %q finds %q", fold, c.asked, got)
			}
		}
	}
}

func findsDuplicates(b *bench) {
	for i, title := range []string{"same", "same", "other"} {
		b.insert(Children, child("usmf", fmt.Sprint(i)).with("title", text(title)))
	}
	r := b.open(Children, nil)
	byTitle := b.open(Children, func(s *connectors.Selection) { s.Key = []int{slices.Index(r.fields, "title")} })
	if got := r.column(byTitle.find(key("same")), "number"); !slices.Equal(got, []string{"0", "1"}) {
		b.Errorf("found %v", got)
	}
}

func findsThroughLookup(b *bench) {
	one, two := b.insert(Parents, parent("usmf", "one")), b.insert(Parents, parent("usmf", "two"))
	b.insert(Children, child("usmf", "1").with("parent", text(one)))
	b.insert(Children, child("usmf", "2").with("parent", text(two)))
	b.insert(Children, child("usmf", "3"))
	r := b.open(Children, nil)
	pos := slices.Index(r.fields, "parent.code")
	for _, fold := range []connectors.Fold{r.Capabilities().Fold, {Case: true, Space: true}} {
		byParent := b.open(Children, func(s *connectors.Selection) { s.Key, s.Fold = []int{s.Company, pos}, fold })
		got := byParent.find(key("usmf", "two"), key("dat", "one"), connectors.Row{text("usmf"), connectors.NullValue()})
		if numbers := r.column(got, "number"); !slices.Equal(numbers, []string{"2", "3"}) {
			b.Errorf("%+v: found %v", fold, numbers)
		}
	}
}

func findsHundreds(b *bench) {
	r := b.open(Children, nil)
	var keys []connectors.Row
	var batch []connectors.Write
	for i := range 700 {
		number := fmt.Sprintf("N%d", i)
		keys = append(keys, key("usmf", number))
		if i%2 == 0 {
			batch = append(batch, r.creates(child("usmf", number)))
		}
	}
	r.write(batch...)
	for _, fold := range []connectors.Fold{r.Capabilities().Fold, {Case: true, Space: true}} {
		folded := b.open(Children, func(s *connectors.Selection) { s.Fold = fold })
		if n := len(folded.find(keys...)); n != 350 {
			b.Errorf("%+v: 700 keys find %d of 350 records", fold, n)
		}
	}
}
