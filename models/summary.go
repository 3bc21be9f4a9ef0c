package models

import (
	"context"

	"gorm.io/gorm"
)

// Summary is a map as the list shows it.
type Summary struct {
	Map
	Tally      Tally
	Executions []Execution // those of the newest plan that holds this map, in order
	// InitialErrors is how many of the tally's open errors the initial write left.
	InitialErrors int64
}

// Fraction is the progress of the initial write, from 0 to 1.
func (s *Summary) Fraction() float64 {
	if len(s.Executions) == 0 {
		return 0
	}
	var sum float64
	for i := range s.Executions {
		sum += s.Executions[i].Fraction()
	}
	return sum / float64(len(s.Executions))
}

// EndedWithErrors reports whether the initial write is over and left errors.
func (s *Summary) EndedWithErrors() bool {
	if s.Status != Initializing || len(s.Executions) == 0 {
		return false
	}
	for i := range s.Executions {
		if s.Executions[i].State.Open() {
			return false
		}
	}
	return true
}

// Summaries lists all maps by name, without their definitions: those are long,
// and the list is read often.
func (s *Store) Summaries(ctx context.Context) ([]Summary, error) {
	return s.summariesOf(ctx, s.reader.Omit("Definition"))
}

// WholeSummaries lists all maps by name, with their definitions.
func (s *Store) WholeSummaries(ctx context.Context) ([]Summary, error) {
	return s.summariesOf(ctx, s.reader)
}

func (s *Store) summariesOf(ctx context.Context, db *gorm.DB) ([]Summary, error) {
	var maps []Map
	if err := db.WithContext(ctx).Order("name, id").Find(&maps).Error; err != nil {
		return nil, storeError(err)
	}
	return s.summarize(ctx, maps)
}

// SummaryOf is one map as the list shows it.
func (s *Store) SummaryOf(ctx context.Context, mapID int64) (Summary, error) {
	m, err := s.MapByID(ctx, mapID)
	if err != nil {
		return Summary{}, err
	}
	out, err := s.summarize(ctx, []Map{m})
	if err != nil {
		return Summary{}, err
	}
	return out[0], nil
}

func (s *Store) summarize(ctx context.Context, maps []Map) ([]Summary, error) {
	ids := make([]int64, len(maps))
	out := make([]Summary, len(maps))
	at := make(map[int64]*Summary, len(maps))
	for i, m := range maps {
		ids[i], out[i].Map = m.ID, m
		at[m.ID] = &out[i]
	}
	var tallies []Tally
	if err := s.reader.WithContext(ctx).Where("map_id IN ?", ids).Find(&tallies).Error; err != nil {
		return nil, storeError(err)
	}
	for _, t := range tallies {
		at[t.MapID].Tally = t
	}
	var initial []struct{ MapID, Open int64 }
	err := s.reader.WithContext(ctx).Raw("SELECT map_id, sum(open) AS open FROM error_causes WHERE work = ? AND map_id IN ? GROUP BY map_id", string(InitialWork), ids).Scan(&initial).Error
	if err != nil {
		return nil, storeError(err)
	}
	for _, e := range initial {
		at[e.MapID].InitialErrors = e.Open
	}
	var runs []Execution
	err = s.reader.WithContext(ctx).Where(`map_id IN ? AND plan_id = (SELECT max(e.plan_id) FROM executions e WHERE e.map_id = executions.map_id)`, ids).
		Order("plan_id, position").Find(&runs).Error
	if err != nil {
		return nil, storeError(err)
	}
	for _, r := range runs {
		at[r.MapID].Executions = append(at[r.MapID].Executions, r)
	}
	return out, nil
}

// MapByID reads one map.
func (s *Store) MapByID(ctx context.Context, id int64) (Map, error) {
	var m Map
	err := s.reader.WithContext(ctx).Take(&m, id).Error
	if KindOf(storeError(err)) == NotFound {
		return m, Errorf(NotFound, "there is no entity map %d; it may have been deleted", id)
	}
	return m, storeError(err)
}

// ExecutionsOf lists the newest executions of a map, newest first.
func (s *Store) ExecutionsOf(ctx context.Context, mapID int64, limit int) ([]Execution, error) {
	var out []Execution
	err := s.reader.WithContext(ctx).Where("map_id = ?", mapID).Order("id DESC").Limit(limit).Find(&out).Error
	return out, storeError(err)
}
