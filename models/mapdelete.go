package models

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// NeededBy names the other maps of its environment that name a map as needed
// first.
func (s *Store) NeededBy(ctx context.Context, m *Map) ([]string, error) {
	names, err := neededBy(s.reader.WithContext(ctx), m)
	return names, storeError(err)
}

func neededBy(tx *gorm.DB, m *Map) (names []string, err error) {
	var others []Map
	if err := tx.Where("environment_id = ? AND id <> ?", m.EnvironmentID, m.ID).Order("name, id").Find(&others).Error; err != nil {
		return nil, err
	}
	for i := range others {
		if slices.Contains(others[i].Definition.Needs, m.Name) {
			names = append(names, others[i].Name)
		}
	}
	return names, nil
}

// DeleteMap forgets a map with its versions and everything about its records;
// in the apps nothing is changed. Fails with kind Conflict while it is not
// stopped, or while another map names it as needed first.
func (s *Store) DeleteMap(ctx context.Context, actor string, id int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var m Map
		if err := tx.Take(&m, id).Error; err != nil {
			return err
		}
		if m.Status != NotRunning {
			return Errorf(Conflict, "%s is %s; stop it first, then it can be deleted", m.Name, m.Status)
		}
		needed, err := neededBy(tx, &m)
		if err != nil {
			return err
		}
		if len(needed) > 0 {
			return Errorf(Conflict, "%s is named as needed first by %s; take it out there, then it can be deleted", m.Name, strings.Join(needed, ", "))
		}
		if err := s.forgetMap(tx, id); err != nil {
			return err
		}
		if err := tx.Delete(&m).Error; err != nil { // with its versions and counters
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: "entity map deleted", Detail: fmt.Sprintf("%s, version %s", m.Name, m.Version)})
	})
}
