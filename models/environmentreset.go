package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Unlink ends what an environment knows of its apps' records and lets its maps
// not run until Relink. Otherwise it is Reset.
func (s *Store) Unlink(ctx context.Context, actor string, id int64, revision int) error {
	return s.forgetRecords(ctx, actor, "environment unlinked", id, revision, map[string]any{"unlinked_at": s.now()})
}

// Reset has an environment forget everything about records: links, queues,
// errors, conflicts and progress. The maps stay, with their definitions; the
// next initial write sees every record for the first time. Fails with kind
// Conflict unless all maps are at rest.
func (s *Store) Reset(ctx context.Context, actor string, id int64, revision int) error {
	return s.forgetRecords(ctx, actor, "environment reset", id, revision, map[string]any{})
}

func (s *Store) forgetRecords(ctx context.Context, actor, verb string, id int64, revision int, set map[string]any) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var e Environment
		if err := takeEnvironment(tx, &e, id, revision); err != nil {
			return err
		}
		var all []Map
		if err := tx.Where("environment_id = ?", id).Order("name").Find(&all).Error; err != nil {
			return err
		}
		for i := range all {
			if all[i].Status != NotRunning {
				return Errorf(Conflict, "%s is %s; all maps must be stopped first", all[i].Name, all[i].Status)
			}
			if err := s.forgetMap(tx, all[i].ID); err != nil {
				return err
			}
		}
		if err := tx.Exec("DELETE FROM plans WHERE environment_id = ?", id).Error; err != nil {
			return err
		}
		set["revision"] = revision + 1
		if err := tx.Model(&e).Updates(set).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: verb, Detail: fmt.Sprintf("%s, %d maps", e.Name, len(all))})
	})
}

// forgetMap leaves a map as it was before it first ran. Whoever still works on
// it from before the stop loses the lease (I10).
func (s *Store) forgetMap(tx *gorm.DB, id int64) error {
	if err := tx.Exec("DELETE FROM link_parts WHERE EXISTS (SELECT 1 FROM link_runs r WHERE r.map_id = ? AND link_parts.id >= r.first AND link_parts.id < r.first + (? << r.bits))", id, int(finders)).Error; err != nil {
		return err
	}
	for _, table := range []string{"owed", "links", "link_packs", "link_runs", "intents", "changes", "record_errors", "conflicts", "executions"} {
		if err := tx.Exec("DELETE FROM "+table+" WHERE map_id = ?", id).Error; err != nil {
			return err
		}
	}
	if err := tx.Exec("UPDATE leases SET token = token + 1 WHERE name = ?", fmt.Sprintf("map:%d", id)).Error; err != nil {
		return err
	}
	if err := tx.Save(&Tally{MapID: id}).Error; err != nil {
		return err
	}
	return tx.Model(&Map{}).Where("id = ?", id).Updates(map[string]any{"resume_mark": 0, "allowance": 0,
		"last_issue": "", "last_issue_at": nil, "last_change_at": nil, "hold": NoHold, "hold_reason": "", "hold_since": nil}).Error
}

// Relink has an unlinked environment link two connections, which may be others
// than before.
func (s *Store) Relink(ctx context.Context, actor string, id int64, revision int, left, right int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var e Environment
		if err := takeEnvironment(tx, &e, id, revision); err != nil {
			return err
		}
		if e.Linked() {
			return Errorf(Conflict, "the environment %s is linked already; unlink it first", e.Name)
		}
		e.LeftConnectionID, e.RightConnectionID = left, right
		if err := differentConnections(tx, &e); err != nil {
			return err
		}
		err := tx.Model(&e).Updates(map[string]any{"left_connection_id": left, "right_connection_id": right, "unlinked_at": nil, "revision": revision + 1}).Error
		if err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: "environment linked", Detail: e.Name})
	})
}

// DeleteEnvironment forgets an environment without maps.
func (s *Store) DeleteEnvironment(ctx context.Context, actor string, id int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var e Environment
		if err := tx.Take(&e, id).Error; err != nil {
			return err
		}
		var maps int64
		if err := tx.Model(&Map{}).Where("environment_id = ?", id).Count(&maps).Error; err != nil {
			return err
		}
		if maps > 0 {
			return Errorf(Conflict, "the environment %s has %d entity maps; delete those first", e.Name, maps)
		}
		if err := tx.Exec("DELETE FROM plans WHERE environment_id = ?", id).Error; err != nil {
			return err
		}
		if err := tx.Delete(&e).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: "environment deleted", Detail: e.Name})
	})
}
