package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// companyStore has an environment of usmf with maps per legal entity, one a
// status, and one map of none.
func companyStore(t *testing.T, statuses ...Status) (*Store, Environment, []Map) {
	t.Helper()
	s, e, global := linkedStore(t)
	var maps []Map
	for i, status := range statuses {
		m := Map{EnvironmentID: e.ID, Name: fmt.Sprint("map ", i), Definition: global.Definition}
		m.Definition.Left.Company, m.Definition.Right.Company = "dataareaid", "company.code"
		if err := s.AddMap(t.Context(), "ann", &m); err != nil {
			t.Fatal(err)
		}
		for _, c := range map[Status][]Command{Initializing: {Run}, Running: {RunLive}, Paused: {RunLive, Pause}, Resuming: {RunLive, Pause, Resume}}[status] {
			if err := s.Move(t.Context(), Move{MapID: m.ID, Command: c, Actor: "ann"}); err != nil {
				t.Fatal(err)
			}
		}
		maps = append(maps, m)
	}
	return s, e, maps
}

// waiting lists the open executions of a map as plan, position and legal entity.
func waiting(t *testing.T, s *Store, m *Map) []string {
	t.Helper()
	all, err := s.ExecutionsOf(t.Context(), m.ID, 10)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range slices.Backward(all) {
		if e.State.Open() {
			out = append(out, fmt.Sprintf("plan %d, %d: %s", e.PlanID, e.Position, e.Company))
		}
	}
	return out
}

func TestLegalEntitiesAreAddedOnceWhateverTheirCase(t *testing.T) {
	s, e, _ := linkedStore(t)
	now, err := s.ChangeEnvironment(t.Context(), "ann", e.ID, e.Revision, "Renamed", []string{" demf ", "USMF", "", "DEMF"}, nil)
	if err != nil || now.Name != "Renamed" || !slices.Equal(now.Companies, []string{"usmf", "demf"}) {
		t.Fatalf("it is %+v, %v", now, err)
	}
	if _, err := s.ChangeEnvironment(t.Context(), "bob", e.ID, e.Revision, "Other", nil, nil); KindOf(err) != Conflict {
		t.Errorf("the second of two gets %v", err)
	}
}

func TestAnAddedLegalEntityIsOneExecutionMoreOfEveryMapThatIsPerLegalEntityAndRuns(t *testing.T) {
	s, e, maps := companyStore(t, NotRunning, Initializing, Running, Running, Paused, Resuming)
	order := []int64{maps[3].ID, maps[2].ID}
	if _, err := s.ChangeEnvironment(t.Context(), "ann", e.ID, e.Revision, e.Name, []string{"demf"}, order); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		status  Status
		waiting string
	}{
		{NotRunning, ""},
		{Initializing, "plan 1, 1: usmf, plan 1, 2: demf"}, // behind what it does already
		{Initializing, "plan 4, 2: demf"},                  // together with the next, in the given order
		{Initializing, "plan 4, 1: demf"},
		{Paused, "plan 2, 1: demf"}, // alone: nobody waits for it
		{Resuming, "plan 3, 1: demf"},
	} {
		m, err := s.MapByID(t.Context(), maps[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(waiting(t, s, &m), ", "); m.Status != want.status || got != want.waiting {
			t.Errorf("%s is %s and waits for %s, want %s and %s", m.Name, m.Status, got, want.status, want.waiting)
		}
	}
	other, err := s.SummaryOf(t.Context(), 1)
	if err != nil || len(other.Executions) != 0 {
		t.Errorf("a map of no legal entity has %+v, %v", other.Executions, err)
	}
}

func TestAFileAddsLegalEntitiesUnderARunningMapAndTakesNoneAway(t *testing.T) {
	s, _, maps := companyStore(t, Running)
	setup, err := s.ExportSetup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := func(companies ...string) error {
		setup.Environments[0].Companies = companies
		_, err := s.ApplySetup(t.Context(), setup, "file")
		return err
	}
	if err := set("demf"); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "no legal entity of Company can be taken away while map 0 is running") {
		t.Errorf("exchanging one gives %v", err)
	}
	if err := set("demf", "usmf"); err != nil {
		t.Fatal(err)
	}
	if got := waiting(t, s, &maps[0]); len(got) != 1 || !strings.HasSuffix(got[0], "demf") {
		t.Errorf("the map waits for %q", got)
	}
}
