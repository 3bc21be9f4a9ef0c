package models

import (
	"fmt"
	"testing"
)

// counted groups the open errors themselves, as the kept counts claim to.
func counted(t *testing.T, s *Store, work Work) string {
	t.Helper()
	var out []Cause
	err := s.db.Raw("SELECT kind, field, count(*) AS count FROM record_errors WHERE map_id = 1 AND " + work.condition() +
		" GROUP BY kind, field ORDER BY count(*) DESC, kind, field").Scan(&out).Error
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(out)
}

func TestCountsOfCausesFollowWhateverBecomesOfErrors(t *testing.T) {
	s := errorStore(t)
	for _, step := range []struct{ name, statement string }{
		{"opened", "SELECT 1"},
		{"resolved", "UPDATE record_errors SET state = 'resolved' WHERE id % 3 = 0"},
		{"of another kind now", "UPDATE record_errors SET kind = 'duplicate', field = 'key' WHERE id % 5 = 1"},
		{"tried again", "UPDATE record_errors SET attempts = attempts + 1, retry_at = last_at"},
		{"skipped to live", "UPDATE record_errors SET stage = 'catch-up' WHERE state = 'open' AND stage = 'initial' AND id < 50"},
		{"from live to catch-up", "UPDATE record_errors SET stage = 'catch-up' WHERE stage = 'live'"},
		{"open again", "UPDATE record_errors SET state = 'open', kind = 'invalid' WHERE id % 6 = 0"},
		{"deleted", "DELETE FROM record_errors WHERE id % 2 = 0"},
		{"all gone", "UPDATE record_errors SET state = 'discarded'"},
	} {
		if _, err := s.writes.Exec(step.statement); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		for _, work := range []Work{InitialWork, LaterWork} {
			got, err := s.CausesOf(t.Context(), 1, work)
			if want := counted(t, s, work); err != nil || fmt.Sprint(got) != want {
				t.Errorf("%s, %s: %v is kept, %s is there (%v)", step.name, work, got, want, err)
			}
		}
	}
}

func TestRareErrorsStandOnTheFirstPageOfTheirFilter(t *testing.T) {
	s := errorStore(t)
	_, err := s.writes.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO record_errors (map_id, stage, side, company, record_key, field, kind, message, first_at, last_at)
		SELECT 1, 'initial', 'left', 'USMF', 'N-' || i, 'name', 'too large', 'm', e.first_at, e.last_at FROM n, record_errors e WHERE e.id = 1`, 2*searchWindow)
	if err == nil {
		_, err = s.writes.Exec(`UPDATE record_errors SET kind = 'rare', field = 'f', side = 'right', company = 'DEMF' WHERE id = (SELECT max(id) FROM record_errors)`)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]ErrorFilter{
		"kind": {Kind: "rare"}, "field": {Kind: "rare", Field: "f", ByField: true}, "company": {Company: "DEMF"}, "side and kind": {Side: Right, Kind: "rare"},
	} {
		f.MapID, f.Work = 1, InitialWork
		page, next, err := s.OpenErrorPage(t.Context(), f, 0, 50)
		if err != nil || len(page) != 1 || next != 0 {
			t.Errorf("%s: %d errors, goes on at %d (%v)", name, len(page), next, err)
		}
	}
}
