package models

import (
	"testing"
)

// savedMap is the one map of a store.
func savedMap(t *testing.T, s *Store) Map {
	t.Helper()
	all, err := s.Maps(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d maps, %v", len(all), err)
	}
	return all[0]
}

func changed(d Definition) Definition {
	d.Fields = append([]FieldMapping{}, d.Fields...)
	d.Fields[1].Direction = LeftToRight
	return d
}

func TestOfTwoWhoSaveAMapTheSecondIsTold(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	m := savedMap(t, s)
	if err := s.SaveDefinition(t.Context(), m.ID, m.Definition.Revision, changed(m.Definition), "ann", "name"); err != nil {
		t.Fatal(err)
	}
	late := m.Definition
	late.Left.Filter = "x eq 1"
	if err := s.SaveDefinition(t.Context(), m.ID, m.Definition.Revision, late, "ben", "filter"); KindOf(err) != Conflict {
		t.Errorf("the second gets %v", err)
	}
	if now := savedMap(t, s); now.Definition.Left.Filter != "" || now.Definition.Fields[1].Direction != LeftToRight || now.Definition.Revision != 2 {
		t.Errorf("kept %+v", now.Definition)
	}
}

func TestOnlyAMapThatIsNotRunningIsChanged(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	m := savedMap(t, s)
	if err := s.Move(t.Context(), Move{MapID: m.ID, Command: RunLive, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDefinition(t.Context(), m.ID, 1, changed(m.Definition), "ann", ""); KindOf(err) != Conflict {
		t.Errorf("saving gives %v", err)
	}
	if err := s.SaveVersion(t.Context(), m.ID, MapVersion{Publisher: "P", Version: "1.0.0.1"}, "ann"); KindOf(err) != Conflict {
		t.Errorf("saving a version gives %v", err)
	}
	if err := s.UseVersion(t.Context(), m.ID, 1, "ann"); KindOf(err) != Conflict {
		t.Errorf("switching gives %v", err)
	}
}

func TestTheOriginalOfAMapStaysAndCanBeUsedAgain(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(func(x *Setup) {
		x.Environments[0].Maps[0].Publisher, x.Environments[0].Maps[0].Version = "Maker", "1.0.0.0"
	}); err != nil {
		t.Fatal(err)
	}
	m := savedMap(t, s)
	if err := s.SaveDefinition(t.Context(), m.ID, 1, changed(m.Definition), "ann", "name"); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveVersion(t.Context(), m.ID, MapVersion{Publisher: "Us", Version: "1.0.0.1"}, "ann"); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveVersion(t.Context(), m.ID, MapVersion{Publisher: "Us", Version: "1.0.0.1"}, "ann"); KindOf(err) != Conflict {
		t.Errorf("the same version again gives %v", err)
	}
	for _, bad := range []MapVersion{{Version: "1.0.0.2"}, {Publisher: "Us", Version: "2"}, {Publisher: "Us", Version: "1.0.0.x"}} {
		if err := s.SaveVersion(t.Context(), m.ID, bad, "ann"); KindOf(err) != Invalid {
			t.Errorf("%+v gives %v", bad, err)
		}
	}
	versions, err := s.Versions(t.Context(), m.ID)
	if err != nil || len(versions) != 2 || !versions[1].Original || versions[0].Original || versions[1].Publisher != "Maker" {
		t.Fatalf("versions %+v, %v", versions, err)
	}
	if settings, fields := Difference(&versions[1].Definition, &versions[0].Definition); len(settings) != 0 || len(fields) != 1 || fields[0].After.Direction != LeftToRight {
		t.Errorf("they differ by %v, %v", settings, fields)
	}
	if err := s.UseVersion(t.Context(), m.ID, versions[1].ID, "ann"); err != nil {
		t.Fatal(err)
	}
	if now := savedMap(t, s); now.Publisher != "Maker" || now.Version != "1.0.0.0" || now.Definition.Fields[1].Direction != Both || now.Definition.Revision != 3 {
		t.Errorf("switched to %+v", now)
	}
}

func TestADifferenceNamesEverythingThatChanged(t *testing.T) {
	before := applySample().Environments[0].Maps[0].Definition
	after := before
	after.Right.Filter, after.Left.Company, after.Key = "a eq 1", "area", nil
	after.Fields = []FieldMapping{before.Fields[0], {Left: "new", Right: "new", Direction: Both}}
	settings, fields := Difference(&before, &after)
	if len(settings) != 3 || len(fields) != 2 || fields[0].After != nil || fields[1].Before != nil {
		t.Errorf("settings %v, fields %+v", settings, fields)
	}
}
