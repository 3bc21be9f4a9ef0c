package models

import (
	"context"
	"strings"

	"gorm.io/gorm"
)

// AddMap adds an entity map to its environment: not running, with slots of its
// own. The id is set in place. Fails with kind Conflict when the environment has
// a map of that name, which commands and files would take for the same.
func (s *Store) AddMap(ctx context.Context, actor string, m *Map) error {
	m.Name = strings.TrimSpace(m.Name)
	if err := checkName(m.Name); err != nil {
		return err
	}
	m.Definition, _ = (&Definition{}).Revise(m.Definition)
	return s.write(ctx, func(tx *gorm.DB) error {
		var e Environment
		if err := tx.Take(&e, m.EnvironmentID).Error; err != nil {
			return err
		}
		var same int64
		if err := tx.Model(&Map{}).Where("environment_id = ? AND name = ?", e.ID, m.Name).Count(&same).Error; err != nil {
			return err
		}
		if same > 0 {
			return Errorf(Conflict, "%s has a map named %s already; give this one another name", e.Name, m.Name)
		}
		if err := s.createMap(tx, m); err != nil {
			return err
		}
		return s.record(tx, Activity{MapID: &m.ID, Actor: actor, Verb: "map added", Detail: m.Name})
	})
}
