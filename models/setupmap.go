package models

import (
	"context"

	"gorm.io/gorm"
)

// CreateEnvironment links two connections that do not exist yet and gives the
// environment its maps, in one transaction. The ids are set in place.
func (s *Store) CreateEnvironment(ctx context.Context, left, right *Connection, env *Environment, maps []*Map) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		for _, c := range []*Connection{left, right} {
			if c.Settings == nil {
				c.Settings = map[string]string{}
			}
			if err := tx.Create(c).Error; err != nil {
				return err
			}
		}
		if env.Companies == nil {
			env.Companies = []string{}
		}
		env.LeftConnectionID, env.RightConnectionID = left.ID, right.ID
		if err := tx.Create(env).Error; err != nil {
			return err
		}
		for _, m := range maps {
			m.EnvironmentID = env.ID
			if err := s.createMap(tx, m); err != nil {
				return err
			}
		}
		return s.record(tx, Activity{Actor: System, Verb: "environment linked", Detail: env.Name})
	})
}

func (s *Store) createMap(tx *gorm.DB, m *Map) error {
	m.Status, m.LeftEntity, m.RightEntity = NotRunning, m.Definition.Left.Entity, m.Definition.Right.Entity
	if m.Master == "" {
		m.Master = Right
	}
	if err := tx.Create(m).Error; err != nil {
		return err
	}
	return tx.Create(&Tally{MapID: m.ID}).Error
}

// Maps lists all maps, as they stand on the writing connection: what a worker
// has just committed is seen.
func (s *Store) Maps(ctx context.Context) ([]Map, error) {
	var out []Map
	err := s.db.WithContext(ctx).Order("name, id").Find(&out).Error
	return out, storeError(err)
}

// MapHeads lists all maps as Maps does, without their definitions.
func (s *Store) MapHeads(ctx context.Context) ([]Map, error) {
	var out []Map
	err := s.db.WithContext(ctx).Omit("Definition").Order("name, id").Find(&out).Error
	return out, storeError(err)
}

// FreshMap reads one map as Maps does.
func (s *Store) FreshMap(ctx context.Context, id int64) (Map, error) {
	var m Map
	err := s.db.WithContext(ctx).Take(&m, id).Error
	return m, storeError(err)
}

// TallyOf reads the counters of a map as Maps does.
func (s *Store) TallyOf(ctx context.Context, id int64) (Tally, error) {
	var t Tally
	err := s.db.WithContext(ctx).Take(&t, id).Error
	return t, storeError(err)
}
