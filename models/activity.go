package models

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Activity is one thing that somebody, or the system, did.
type Activity struct {
	ID     int64 `gorm:"primaryKey"`
	MapID  *int64
	At     time.Time
	Actor  string // a user's name, or System
	Verb   string // "run", "pause", "signed in"
	Detail string
}

// System is the actor of what the program did by itself.
const System = "system"

// Record adds an activity outside any other change.
func (s *Store) Record(ctx context.Context, a Activity) error {
	return s.write(ctx, func(tx *gorm.DB) error { return s.record(tx, a) })
}

func (s *Store) record(tx *gorm.DB, a Activity) error {
	a.At = s.now()
	return tx.Create(&a).Error
}

// Activities lists the newest activities of a map, or of everything when mapID
// is 0, before a given id (0 for the newest).
func (s *Store) Activities(ctx context.Context, mapID, before int64, limit int) ([]Activity, error) {
	q := s.reader.WithContext(ctx).Order("id DESC").Limit(limit)
	if mapID != 0 {
		q = q.Where("map_id = ?", mapID)
	}
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	var out []Activity
	err := q.Find(&out).Error
	return out, storeError(err)
}
