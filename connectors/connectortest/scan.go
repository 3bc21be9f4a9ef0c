package connectortest

import (
	"fmt"
	"slices"

	"dualwrite/connectors"
)

var scanTests = []test{
	{promise: "every record exactly once, whatever the page size", run: scansOnce},
	{promise: "an empty table has no pages", run: scansNothing},
	{promise: "a position still holds in a new entity", run: scansOn},
	{promise: "edits between pages neither hide nor repeat what stays", run: scansThroughEdits},
	{promise: "records of other companies are left out", run: scansCompanies},
	{promise: "get answers what exists, filter and company notwithstanding", run: getsByID},
}

func scansOnce(b *bench) {
	r := b.open(Children, nil)
	var want []string
	for i := range 17 {
		number := fmt.Sprintf("N%02d", i)
		b.insert(Children, child("usmf", number))
		want = append(want, number)
	}
	for _, size := range []int{1, 2, 5, 17, 18, 100} {
		if got := r.column(r.scan(size, nil), "number"); !slices.Equal(got, want) {
			b.Errorf("pages of %d: %v", size, got)
		}
	}
	n, exact, err := r.Count(b.Context())
	if err != nil || exact && n != 17 {
		b.Errorf("count is %d (exact: %v), %v", n, exact, err)
	}
}

func scansNothing(b *bench) {
	r := b.open(Children, nil)
	page, next, err := r.Scan(b.Context(), "", 10)
	if err != nil || len(page) != 0 || next != "" {
		b.Errorf("page of %d, next %q, %v", len(page), next, err)
	}
}

func scansOn(b *bench) {
	for i := range 6 {
		b.insert(Parents, parent("usmf", fmt.Sprint(i)))
	}
	first := b.open(Parents, nil)
	page, next, err := first.Scan(b.Context(), "", 4)
	if err != nil || next == "" {
		b.Fatalf("next %q, %v", next, err)
	}
	second := b.open(Parents, nil)
	rest, next, err := second.Scan(b.Context(), next, 4)
	if err != nil {
		b.Fatal(err)
	}
	if got := second.column(append(page, rest...), "code"); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5"}) || next != "" {
		b.Errorf("two entities read %v, next %q", got, next)
	}
}

func scansThroughEdits(b *bench) {
	r := b.open(Children, nil)
	stays := map[string]bool{}
	var ids []string
	for i := range 12 {
		id := b.insert(Children, child("usmf", fmt.Sprintf("N%02d", i)))
		ids = append(ids, id)
		stays[id] = i%4 != 3
	}
	seen := map[string]int{}
	all := r.scan(3, func(page int) {
		if page > 2 {
			return
		}
		b.App.Delete(b, Children, ids[page*4+3])
		b.insert(Children, child("usmf", fmt.Sprintf("A%d", page)))
		b.insert(Children, child("usmf", fmt.Sprintf("Z%d", page)))
		b.update(Children, ids[page*4], values{"title": text(fmt.Sprint("edited ", page))})
		b.update(Children, ids[8-page*4], values{"quantity": connectors.IntValue(int64(page))})
	})
	for _, rec := range all {
		seen[rec.ID]++
	}
	for id, stay := range stays {
		if stay && seen[id] != 1 || seen[id] > 1 {
			b.Errorf("record %s (stays: %v) appears %d times", id, stay, seen[id])
		}
	}
}

func scansCompanies(b *bench) {
	for _, company := range []string{"usmf", "dat", "frrt"} {
		b.insert(Children, child(company, "1"))
		b.insert(Children, child(company, "2"))
	}
	r := b.open(Children, func(s *connectors.Selection) { s.Companies = []string{"USMF", "dat"} })
	if got := r.column(r.scan(3, nil), "dataareaid"); !slices.Equal(got, []string{"dat", "dat", "usmf", "usmf"}) {
		b.Errorf("companies %v", got)
	}
	if n, exact, err := r.Count(b.Context()); err != nil || exact && n != 4 {
		b.Errorf("count is %d (exact: %v), %v", n, exact, err)
	}
}

func getsByID(b *bench) {
	one, two := b.insert(Children, child("usmf", "1")), b.insert(Children, child("dat", "2"))
	r := b.open(Children, func(s *connectors.Selection) { s.Companies = []string{"usmf"} })
	gone := b.insert(Children, child("usmf", "3"))
	b.App.Delete(b, Children, gone)
	got := r.get(two, gone, one, two, "no such id")
	if numbers := r.column(got, "number"); !slices.Equal(numbers, []string{"1", "2"}) {
		b.Errorf("get finds %v", numbers)
	}
	if n := len(r.get()); n != 0 {
		b.Errorf("no ids find %d records", n)
	}
	if scanned := r.scan(10, nil); len(scanned) != 1 || scanned[0].ID != one || scanned[0].Version != r.now(one).Version {
		b.Errorf("scan and get disagree: %v", scanned)
	}
}
