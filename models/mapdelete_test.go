package models

import (
	"strings"
	"testing"
)

func TestADeletedMapLeavesNothingButTheLog(t *testing.T) {
	b := packed(t)
	b.save(Commit{Links: []*Link{b.link("a", "1", "x"), b.link("b", "2", "y")}})
	m, err := b.MapByID(t.Context(), b.mapID)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Move(t.Context(), Move{MapID: m.ID, Command: RunLive, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteMap(t.Context(), "ann", m.ID); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "M is running; stop it first") {
		t.Errorf("deleting a map that runs gives %v", err)
	}
	if err := b.Move(t.Context(), Move{MapID: m.ID, Command: Stop, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.writes.Exec("INSERT INTO entity_maps (environment_id, name, definition, left_entity, right_entity, created_at, updated_at) VALUES (?, 'Child', ?, '', '', datetime(), datetime())",
		m.EnvironmentID, `{"needs": ["M"]}`); err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteMap(t.Context(), "ann", m.ID); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "needed first by Child") {
		t.Errorf("deleting a map that another needs gives %v", err)
	}
	if _, err := b.writes.Exec("DELETE FROM entity_maps WHERE name = 'Child'"); err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteMap(t.Context(), "ann", m.ID); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"entity_maps", "map_versions", "tallies", "links", "link_packs", "link_runs", "link_parts", "changes", "executions"} {
		var n int
		if err := b.writes.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left in %s, %v", n, table, err)
		}
	}
	log, err := b.Activities(t.Context(), 0, 0, 1)
	if err != nil || len(log) != 1 || log[0].Verb != "entity map deleted" || log[0].Actor != "ann" {
		t.Errorf("the log says %+v, %v", log, err)
	}
	if err := b.DeleteEnvironment(t.Context(), "ann", m.EnvironmentID); err != nil {
		t.Errorf("its environment cannot be deleted then: %v", err)
	}
}
