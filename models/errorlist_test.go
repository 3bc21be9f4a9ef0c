package models

import (
	"fmt"
	"testing"
	"time"
)

// errorStore holds 120 errors of one map: 100 of the initial write in two
// causes, 20 later ones.
func errorStore(t *testing.T) *Store {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := Open(t.Context(), t.TempDir(), Options{Volatile: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	m := &Map{Name: "M"}
	if err := s.CreateEnvironment(t.Context(), &Connection{Name: "L"}, &Connection{Name: "R"}, &Environment{Name: "E"}, []*Map{m}); err != nil {
		t.Fatal(err)
	}
	for i := range 120 {
		stage, kind, field, side := "initial", "too large", "name", "left"
		if i%4 == 0 {
			kind, field, side = "invalid", "", "right"
		}
		if i >= 100 {
			stage = []string{"live", "catch-up"}[i%2]
		}
		_, err := s.writes.Exec(`INSERT INTO record_errors (map_id, stage, side, company, record_key, field, kind, message, first_at, last_at) VALUES (?, ?, ?, 'USMF', ?, ?, ?, 'm', ?, ?)`,
			m.ID, stage, side, fmt.Sprintf("C-%03d", i), field, kind, now, now)
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestErrorsAreGroupedByCause(t *testing.T) {
	s := errorStore(t)
	got, err := s.CausesOf(t.Context(), 1, InitialWork)
	if want := "[{too large name 75} {invalid  25}]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("causes %v, want %s (%v)", got, want, err)
	}
}

func TestPagesOfErrorsAddUpToAllOfThem(t *testing.T) {
	s := errorStore(t)
	for name, try := range map[string]struct {
		f    ErrorFilter
		want int
	}{
		"initial":     {ErrorFilter{Work: InitialWork}, 100},
		"later":       {ErrorFilter{Work: LaterWork}, 20},
		"kind":        {ErrorFilter{Work: InitialWork, Kind: "too large"}, 75},
		"no field":    {ErrorFilter{Work: InitialWork, Kind: "invalid", ByField: true}, 25},
		"other field": {ErrorFilter{Work: InitialWork, Kind: "invalid", Field: "name", ByField: true}, 0},
		"side":        {ErrorFilter{Work: LaterWork, Side: Right}, 5},
		"company":     {ErrorFilter{Work: InitialWork, Company: "DEMF"}, 0},
		"search":      {ErrorFilter{Work: InitialWork, Search: "c-01"}, 10},
		"wildcard":    {ErrorFilter{Work: InitialWork, Search: "%"}, 0},
	} {
		try.f.MapID = 1
		n, after := 0, int64(0)
		for pages := 0; pages == 0 || after > 0; pages++ {
			page, next, err := s.OpenErrorPage(t.Context(), try.f, after, 7)
			if err != nil || len(page) > 7 {
				t.Fatalf("%s: %d errors, %v", name, len(page), err)
			}
			n, after = n+len(page), next
		}
		if n != try.want {
			t.Errorf("%s: %d errors, want %d", name, n, try.want)
		}
	}
}
