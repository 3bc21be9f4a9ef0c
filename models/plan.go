package models

import (
	"errors"
	"time"

	"gorm.io/gorm"
)

// Plan is one Run of several maps; its executions, in order, are the work.
type Plan struct {
	ID            int64 `gorm:"primaryKey"`
	EnvironmentID int64
	StartedBy     string
	CreatedAt     time.Time
}

// turns adds executions to a plan, which is made when the first is added.
type turns struct {
	tx   *gorm.DB
	plan Plan
	last int // position of the last execution
}

// add lets a map go through one initial write for each legal entity, after all
// that were added before.
func (t *turns) add(m *Map, actor string, companies []string) error {
	if t.plan.ID == 0 {
		t.plan = Plan{EnvironmentID: m.EnvironmentID, StartedBy: actor}
		if err := t.tx.Create(&t.plan).Error; err != nil {
			return err
		}
	}
	for _, company := range companies {
		t.last++
		e := Execution{PlanID: t.plan.ID, Position: t.last, MapID: m.ID, Company: company, State: Waiting}
		if err := t.tx.Create(&e).Error; err != nil {
			return err
		}
	}
	return nil
}

// openTurns is the plan that holds an open execution of a map; a new one where
// the map has none.
func openTurns(tx *gorm.DB, mapID int64) (*turns, error) {
	t := &turns{tx: tx}
	var last Execution
	err := tx.Where("map_id = ? AND state IN ?", mapID, openStates()).Order("id DESC").Take(&last).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	t.plan.ID = last.PlanID
	return t, tx.Model(&Execution{}).Where("plan_id = ?", last.PlanID).Select("max(position)").Scan(&t.last).Error
}
