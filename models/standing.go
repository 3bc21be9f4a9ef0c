package models

import (
	"context"
	"database/sql"
	"errors"
)

// Standing is what a worker has to know of its map before every step.
type Standing struct {
	Status     Status
	Master     Side
	Hold       Hold
	Allowance  int64
	ResumeMark int64
	OpenErrors int64
	Open       bool // an execution of it is not over
	// EnvironmentRevision is that of the map's environment, whose legal entities
	// may have changed.
	EnvironmentRevision int
}

// Filling reports whether an initial write is under way, or waits for its turn.
func (s *Standing) Filling() bool { return s.Status == Initializing && s.Open }

// StandingOf reads how a map stands, as the last commit left it.
func (s *Store) StandingOf(ctx context.Context, mapID int64) (Standing, error) {
	var st Standing
	err := s.writes.QueryRowContext(ctx, s.rebind(`SELECT m.status, m.master, m.hold, m.allowance, m.resume_mark, t.open_errors,
		EXISTS (SELECT 1 FROM executions e WHERE e.map_id = m.id AND e.state IN ('waiting', 'reading', 'writing')), v.revision
		FROM entity_maps m JOIN tallies t ON t.map_id = m.id JOIN environments v ON v.id = m.environment_id WHERE m.id = ?`), mapID).
		Scan(&st.Status, &st.Master, &st.Hold, &st.Allowance, &st.ResumeMark, &st.OpenErrors, &st.Open, &st.EnvironmentRevision)
	if errors.Is(err, sql.ErrNoRows) {
		return st, Errorf(NotFound, "there is no entity map %d; it may have been deleted", mapID)
	}
	return st, storeError(err)
}

// HasTurn finds the open execution of a map that is the first open one of its
// plan, nil if it is not this map's turn.
func (s *Store) HasTurn(ctx context.Context, mapID int64) (*Execution, error) {
	var id int64
	err := s.writes.QueryRowContext(ctx, s.rebind(`SELECT x.id FROM executions x WHERE x.map_id = ? AND x.state IN ('waiting', 'reading', 'writing') AND x.position =
		(SELECT min(e.position) FROM executions e WHERE e.plan_id = x.plan_id AND e.state IN ('waiting', 'reading', 'writing')) ORDER BY x.id LIMIT 1`), mapID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // no turn is an answer
	}
	if err != nil {
		return nil, storeError(err)
	}
	return s.ExecutionByID(ctx, id)
}

// OpenCompanies lists the legal entities whose initial write by a map is not over.
func (s *Store) OpenCompanies(ctx context.Context, mapID int64) ([]string, error) {
	var out []string
	err := s.db.WithContext(ctx).Model(&Execution{}).Where("map_id = ? AND state IN ?", mapID, openStates()).Pluck("company", &out).Error
	return out, storeError(err)
}

// ExecutionByID reads one execution, as the last commit left it.
func (s *Store) ExecutionByID(ctx context.Context, id int64) (*Execution, error) {
	var e Execution
	err := s.db.WithContext(ctx).Take(&e, id).Error
	return &e, storeError(err)
}
