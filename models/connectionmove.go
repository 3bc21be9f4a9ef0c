package models

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"
)

// MoveConnection changes settings and secrets of a connection to an app that the
// program itself looks after; what is not named stays. It is the same app that
// answers at the new address, so unlike SaveConnection this clears no secret and
// waits for no map: cursors and links hold on. The caller sees to it that
// nothing has the app open.
func (s *Store) MoveConnection(ctx context.Context, id int64, settings, secrets map[string]string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var c Connection
		if err := tx.Take(&c, id).Error; err != nil {
			return err
		}
		next := Connection{Settings: maps.Clone(c.Settings), Revision: c.Revision + 1}
		maps.Copy(next.Settings, settings)
		for _, field := range slices.Sorted(maps.Keys(secrets)) {
			if err := s.setSecret(tx, connectionSecrets, id, field, secrets[field]); err != nil {
				return err
			}
		}
		if err := tx.Model(&c).Select("Settings", "Revision").Updates(&next).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: System, Verb: "connection changed", Detail: c.Name})
	})
}
