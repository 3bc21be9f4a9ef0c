package models

import (
	"slices"
	"strings"
	"testing"
)

// linkedStore has an environment with one map.
func linkedStore(t *testing.T) (*Store, Environment, Map) {
	t.Helper()
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	all, err := s.Environments(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	maps, err := s.Maps(t.Context())
	if err != nil || len(maps) != 1 {
		t.Fatal(maps, err)
	}
	return s, all[0], maps[0]
}

func TestUnlinkingForgetsTheRecordsAndKeepsTheMaps(t *testing.T) {
	s, e, m := linkedStore(t)
	for _, statement := range []string{
		"INSERT INTO links (map_id, record_key, left_id, flags, revision, image) VALUES (1, 'a', '1', 0, 1, x'')",
		"INSERT INTO link_packs (id, map_id, links) VALUES (32, 1, x'01')",
		"INSERT INTO link_runs (first, map_id, entries, bits) VALUES (2, 1, 500, 1)",
		"INSERT INTO link_parts (id, entries) VALUES (2, x''), (3, x''), (7, x'')",
		"INSERT INTO changes (map_id, side, op, native_id, at, captured_at) VALUES (1, 'left', 'update', '1', '2026-01-01', '2026-01-01')",
		"INSERT INTO record_errors (map_id, stage, side, record_key, left_id, kind, message, first_at, last_at) VALUES (1, 'live', 'left', 'a', '1', 'invalid', 'no', '2026-01-01', '2026-01-01')",
		"INSERT INTO conflicts (map_id, kind, record_key, fields, winner, at) VALUES (1, 'both_edited', 'a', '[]', 'left', '2026-01-01')",
		"UPDATE tallies SET captured = 1, queued = 1, linked = 1, open_errors = 1, conflicts = 1",
		"UPDATE entity_maps SET last_issue = 'no', resume_mark = 1, definition = replace(definition, 'customers', 'clients')",
	} {
		if _, err := s.writes.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := s.Move(t.Context(), Move{MapID: m.ID, Command: Run, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlink(t.Context(), "ann", e.ID, e.Revision); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "Customers is initializing") {
		t.Errorf("unlinking while a map works gives %v", err)
	}
	if err := s.Move(t.Context(), Move{MapID: m.ID, Command: Stop, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlink(t.Context(), "ann", e.ID, e.Revision); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"links", "link_packs", "link_runs", "link_parts", "changes", "record_errors", "error_causes", "conflicts", "executions", "plans"} {
		var n int
		if err := s.writes.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left in %s, %v", n, table, err)
		}
	}
	now, err := s.SummaryOf(t.Context(), m.ID)
	if err != nil || now.Definition.Left.Entity != "clients" || now.LastIssue != "" || now.Tally != (Tally{MapID: m.ID}) {
		t.Errorf("the map is %+v, %v", now, err)
	}
	if e, err := s.EnvironmentByID(t.Context(), e.ID); err != nil || e.Linked() || e.Revision != 2 {
		t.Errorf("the environment is %+v, %v", e, err)
	}
}

func TestAnUnlinkedEnvironmentCanLinkOtherApps(t *testing.T) {
	s, e, _ := linkedStore(t)
	if err := s.Relink(t.Context(), "ann", e.ID, e.Revision, 2, 1); KindOf(err) != Conflict {
		t.Errorf("linking what is linked gives %v", err)
	}
	if err := s.Unlink(t.Context(), "ann", e.ID, e.Revision); err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]int64{{1, 1}, {1, 9}} {
		if err := s.Relink(t.Context(), "ann", e.ID, 2, pair[0], pair[1]); KindOf(err) != Invalid {
			t.Errorf("linking %v gives %v", pair, err)
		}
	}
	if err := s.Relink(t.Context(), "ann", e.ID, 2, 2, 1); err != nil {
		t.Fatal(err)
	}
	if now, err := s.EnvironmentByID(t.Context(), e.ID); err != nil || !now.Linked() || now.LeftConnectionID != 2 || now.RightConnectionID != 1 {
		t.Errorf("it is %+v, %v", now, err)
	}
}

func TestAnAddedMapHasSlotsAndANameOfItsOwn(t *testing.T) {
	s, e, m := linkedStore(t)
	made := Map{EnvironmentID: e.ID, Name: " Vendors ", Definition: m.Definition}
	made.Definition.Fields = slices.Clone(m.Definition.Fields)
	for i := range made.Definition.Fields {
		made.Definition.Fields[i].Slot = 0
	}
	if err := s.AddMap(t.Context(), "ann", &made); err != nil {
		t.Fatal(err)
	}
	now, err := s.MapByID(t.Context(), made.ID)
	if err != nil || now.Name != "Vendors" || now.Status != NotRunning || now.Definition.Fields[1].Slot != 1 || now.LeftEntity != "customers" {
		t.Errorf("it is %+v, %v", now, err)
	}
	if err := s.AddMap(t.Context(), "ann", &Map{EnvironmentID: e.ID, Name: "Vendors"}); KindOf(err) != Conflict {
		t.Errorf("a second map of that name gives %v", err)
	}
	if err := s.DeleteEnvironment(t.Context(), "ann", e.ID); KindOf(err) != Conflict {
		t.Errorf("deleting an environment with maps gives %v", err)
	}
}
