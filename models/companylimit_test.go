package models

import (
	"slices"
	"strings"
	"testing"
)

// limit saves what legal entities a map is limited to.
func limit(t *testing.T, s *Store, mapID int64, companies ...string) {
	t.Helper()
	m, err := s.MapByID(t.Context(), mapID)
	if err != nil {
		t.Fatal(err)
	}
	next := m.Definition
	next.Companies = companies
	if err := s.SaveDefinition(t.Context(), mapID, next.Revision, next, "ann", "legal entities"); err != nil {
		t.Fatal(err)
	}
}

func TestALimitPicksAmongTheLegalEntitiesOfTheEnvironment(t *testing.T) {
	all := []string{"usmf", "demf", "frrt"}
	for _, c := range []struct {
		limit         CompanyLimit
		among, beyond string
	}{
		{nil, "usmf demf frrt", ""},
		{CompanyLimit{"FRRT", "usmf"}, "usmf frrt", ""},
		{CompanyLimit{"demf", "gone"}, "demf", "gone"},
		{CompanyLimit{"gone"}, "", "gone"},
	} {
		if among, beyond := strings.Join(c.limit.Among(all), " "), strings.Join(c.limit.Beyond(all), " "); among != c.among || beyond != c.beyond {
			t.Errorf("%q picks %q and %q is beyond, want %q and %q", c.limit, among, beyond, c.among, c.beyond)
		}
	}
}

func TestALimitedMapGoesThroughItsOwnLegalEntitiesAlone(t *testing.T) {
	s, e, maps := companyStore(t, NotRunning, NotRunning)
	e, err := s.ChangeEnvironment(t.Context(), "ann", e.ID, e.Revision, e.Name, []string{"demf", "frrt"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	limit(t, s, maps[0].ID, "FRRT", "usmf")
	for i := range maps {
		if err := s.Move(t.Context(), Move{MapID: maps[i].ID, Command: Run, Actor: "ann"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ChangeEnvironment(t.Context(), "ann", e.ID, e.Revision, e.Name, []string{"gbsi"}, nil); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"plan 1, 1: usmf, plan 1, 2: frrt", "plan 2, 1: usmf, plan 2, 2: demf, plan 2, 3: frrt, plan 2, 4: gbsi"} {
		if got := strings.Join(waiting(t, s, &maps[i]), ", "); got != want {
			t.Errorf("%s goes through %s, want %s", maps[i].Name, got, want)
		}
	}
}

func TestAnAddedLegalEntityThatALimitLeavesOutStartsNothing(t *testing.T) {
	s, e, maps := companyStore(t, NotRunning)
	limit(t, s, maps[0].ID, "usmf")
	if err := s.Move(t.Context(), Move{MapID: maps[0].ID, Command: RunLive, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeEnvironment(t.Context(), "ann", e.ID, e.Revision, e.Name, []string{"demf"}, nil); err != nil {
		t.Fatal(err)
	}
	if m, err := s.MapByID(t.Context(), maps[0].ID); err != nil || m.Status != Running || len(waiting(t, s, &m)) != 0 {
		t.Errorf("the map is %s and waits for %q, %v", m.Status, waiting(t, s, &m), err)
	}
}

func TestALimitNamesEachLegalEntityOnceAndIsAChangeOfTheMap(t *testing.T) {
	s, _, maps := companyStore(t, NotRunning)
	limit(t, s, maps[0].ID, " usmf ", "", "USMF", "demf")
	m, err := s.MapByID(t.Context(), maps[0].ID)
	if err != nil || !slices.Equal(m.Definition.Companies, []string{"usmf", "demf"}) || m.Definition.Revision != maps[0].Definition.Revision+1 {
		t.Fatalf("saved is %+v, %v", m.Definition, err)
	}
	if !m.Definition.SameRecords(&maps[0].Definition) {
		t.Error("links from before it do not hold")
	}
	if settings, _ := Difference(&maps[0].Definition, &m.Definition); len(settings) != 1 || settings[0].After != "usmf, demf" {
		t.Errorf("it differs by %+v", settings)
	}
	limit(t, s, m.ID, "usmf", "demf", "demf")
	if again, err := s.MapByID(t.Context(), m.ID); err != nil || again.Definition.Revision != m.Definition.Revision {
		t.Errorf("the same again is a change, %v", err)
	}
	limit(t, s, m.ID, []string{}...)
	if none, err := s.MapByID(t.Context(), m.ID); err != nil || none.Definition.Companies != nil {
		t.Errorf("no limit is %#v, %v", none.Definition.Companies, err)
	}
}

func TestOnlyAMapPerLegalEntityIsLimitedToSome(t *testing.T) {
	s, _, maps := companyStore(t, NotRunning)
	turnGlobal := func(d Definition) error {
		d.Left.Company, d.Right.Company = "", ""
		return s.SaveDefinition(t.Context(), maps[0].ID, d.Revision, d, "ann", "")
	}
	limit(t, s, maps[0].ID, "usmf")
	m, err := s.MapByID(t.Context(), maps[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := turnGlobal(m.Definition); KindOf(err) != Invalid || !strings.Contains(MessageOf(err), "is limited to usmf, so it must be per legal entity") {
		t.Errorf("turning it global gives %v", err)
	}
	m.Definition.Companies = nil
	if err := turnGlobal(m.Definition); err != nil {
		t.Errorf("without the limit it gives %v", err)
	}
}
