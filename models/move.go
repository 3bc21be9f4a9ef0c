package models

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// Move is one command on one map, with what goes with it.
type Move struct {
	MapID   int64
	Command Command
	Actor   string
	Detail  string // for the activity log

	Master  Side // Run, RunLive: kept on the map; "" leaves it
	Discard bool // SkipToLive: give the queue up instead of keeping it as errors
}

// Move carries out commands, all or none (I5): each is checked against the
// transition table and written only if the status is still the one it was
// checked against. Run and Rerun add executions, in the order of the moves, to
// one new plan. Fails with kind Conflict when a map has moved meanwhile.
func (s *Store) Move(ctx context.Context, moves ...Move) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		plan := &turns{tx: tx}
		for _, mv := range moves {
			m, err := s.step(tx, mv)
			if err != nil {
				return err
			}
			if err := s.consequences(tx, m, mv, plan); err != nil {
				return err
			}
		}
		return nil
	})
}

// step makes the one compare-and-set write of a status.
func (s *Store) step(tx *gorm.DB, mv Move) (*Map, error) {
	var m Map
	if err := tx.Take(&m, mv.MapID).Error; err != nil {
		return nil, err
	}
	to, ok := m.Status.On(mv.Command)
	if !ok {
		return nil, Errorf(Conflict, "%s is %s now: %s is not possible any more", m.Name, m.Status, mv.Command)
	}
	set := map[string]any{"status": to, "updated_at": s.now()}
	if mv.Master != "" {
		set["master"] = mv.Master
	}
	if to == NotRunning || m.Status == NotRunning {
		set["hold"], set["hold_reason"], set["hold_since"], set["allowance"] = NoHold, "", nil, 0
	}
	if mv.Command == Resume {
		set["resume_mark"] = tx.Model(&Change{}).Select("coalesce(max(seq), 0)").Where("map_id = ?", m.ID)
	}
	r := tx.Model(&Map{}).Where("id = ? AND status = ?", m.ID, m.Status).Updates(set)
	if r.Error != nil {
		return nil, r.Error
	}
	if r.RowsAffected != 1 {
		return nil, Errorf(Conflict, "%s moved meanwhile", m.Name)
	}
	return &m, s.record(tx, Activity{MapID: &m.ID, Actor: mv.Actor, Verb: string(mv.Command), Detail: mv.Detail})
}

// consequences writes what a move brings with it besides the status.
func (s *Store) consequences(tx *gorm.DB, m *Map, mv Move, plan *turns) error {
	switch mv.Command {
	case Run, Rerun, Recheck:
		if err := s.endExecutions(tx, m.ID, Stopped); err != nil {
			return err
		}
		companies, err := companiesOf(tx, m)
		if err != nil {
			return err
		}
		return plan.add(m, mv.Actor, companies)
	case SkipInitialSync:
		return s.skipInitial(tx, m.ID)
	case SkipToLive:
		return s.leaveQueue(tx, m, mv)
	case Stop:
		if err := s.endExecutions(tx, m.ID, Stopped); err != nil {
			return err
		}
		return s.discardQueue(tx, m.ID, mv.Actor)
	default:
		return nil
	}
}

func (s *Store) endExecutions(tx *gorm.DB, mapID int64, state ExecutionState) error {
	return tx.Model(&Execution{}).Where("map_id = ? AND state IN ?", mapID, openStates()).
		Updates(map[string]any{"state": state, "finished_at": s.now()}).Error
}

// skipInitial ends the initial write and turns its errors into catch-up errors.
func (s *Store) skipInitial(tx *gorm.DB, mapID int64) error {
	if err := s.endExecutions(tx, mapID, Skipped); err != nil {
		return err
	}
	return tx.Model(&RecordError{}).Where("map_id = ? AND state = ? AND stage = ?", mapID, ErrorOpen, StageInitial).
		Update("stage", StageCatchUp).Error
}

// discardQueue gives every queued change up, in the name of the actor.
func (s *Store) discardQueue(tx *gorm.DB, mapID int64, actor string) error {
	r := tx.Model(&Change{}).Where("map_id = ? AND fate = ?", mapID, Queued).
		Updates(map[string]any{"fate": Discarded, "fate_at": s.now(), "fate_by": actor})
	if r.Error != nil {
		return r.Error
	}
	return tx.Model(&Tally{}).Where("map_id = ?", mapID).Updates(map[string]any{
		"queued": gorm.Expr("queued - ?", r.RowsAffected), "discarded": gorm.Expr("discarded + ?", r.RowsAffected)}).Error
}

// leaveQueue discards the queue or keeps it as catch-up errors, one a record.
func (s *Store) leaveQueue(tx *gorm.DB, m *Map, mv Move) error {
	if mv.Discard {
		return s.discardQueue(tx, m.ID, mv.Actor)
	}
	now := s.now()
	for _, side := range Sides {
		id := string(side) + "_id"
		// A record that already has an open error keeps that one.
		err := tx.Exec(`INSERT INTO record_errors (map_id, stage, side, record_key, `+id+`, kind, message, first_at, last_at)
			SELECT c.map_id, 'catch-up', ?, max(c.record_key), c.native_id, 'held back', 'Kept back when the map went live before its queue was played back. Retry brings the record in step.', ?, ?
			FROM changes c WHERE c.map_id = ? AND c.side = ? AND c.fate = 'queued'
			AND NOT EXISTS (SELECT 1 FROM record_errors e WHERE e.map_id = c.map_id AND e.state = 'open' AND e.`+id+` = c.native_id)
			GROUP BY c.map_id, c.native_id`, side.Other(), now, now, m.ID, side).Error
		if err != nil {
			return err
		}
		err = tx.Exec(`UPDATE changes SET fate = 'error', fate_at = ?, error_id = (SELECT e.id FROM record_errors e
			WHERE e.map_id = changes.map_id AND e.state = 'open' AND e.`+id+` = changes.native_id)
			WHERE map_id = ? AND side = ? AND fate = 'queued'`, now, m.ID, side).Error
		if err != nil {
			return err
		}
	}
	return s.recount(tx, m.ID)
}

// recount sets the counters that a set-based move has changed from the rows
// themselves.
func (s *Store) recount(tx *gorm.DB, mapID int64) error {
	return tx.Exec(`UPDATE tallies SET
		error = error + queued - (SELECT count(*) FROM changes WHERE map_id = tallies.map_id AND fate = 'queued'),
		queued = (SELECT count(*) FROM changes WHERE map_id = tallies.map_id AND fate = 'queued'),
		open_errors = (SELECT count(*) FROM record_errors WHERE map_id = tallies.map_id AND state = 'open')
		WHERE map_id = ?`, mapID).Error
}

// SetHold puts a map on hold for a reason in people's words, or ends a hold.
// allowance is how many deletes a person lets through the guard.
func (s *Store) SetHold(ctx context.Context, mapID int64, h Hold, reason, actor string, allowance int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		set := map[string]any{"hold": h, "hold_reason": reason, "hold_since": nil, "allowance": allowance}
		verb := "hold ended"
		if h != NoHold {
			now := s.now()
			set["hold_since"], set["last_issue"], set["last_issue_at"], verb = &now, reason, &now, "put on hold"
		}
		r := tx.Model(&Map{}).Where("id = ? AND hold <> ?", mapID, h).Updates(set)
		if r.Error != nil || r.RowsAffected == 0 {
			return r.Error
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: actor, Verb: verb, Detail: reason})
	})
}

// Issue notes something in a map's last issue and in the activity log.
func (s *Store) Issue(ctx context.Context, mapID int64, text string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Map{}).Where("id = ?", mapID).Updates(map[string]any{"last_issue": text, "last_issue_at": s.now()}).Error
		if err != nil {
			return err
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: System, Verb: "issue", Detail: text})
	})
}

// UseAllowance takes deletes off what a person has let through the guard.
func (s *Store) UseAllowance(ctx context.Context, mapID, n int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Map{}).Where("id = ?", mapID).Update("allowance", gorm.Expr("CASE WHEN allowance > ? THEN allowance - ? ELSE 0 END", n, n)).Error
	})
}

// RetryErrors makes open errors of a map due now; nil ids means all of them.
func (s *Store) RetryErrors(ctx context.Context, mapID int64, ids []int64, actor string) (int64, error) {
	var n int64
	err := s.write(ctx, func(tx *gorm.DB) error {
		r := s.openErrors(tx, mapID, ids).Update("retry_at", s.now())
		if n = r.RowsAffected; r.Error != nil || n == 0 {
			return r.Error
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: actor, Verb: "retry", Detail: fmt.Sprintf("%d failed records", n)})
	})
	return n, err
}

// RetryAll makes every open error and every debt of a map due now.
func (s *Store) RetryAll(ctx context.Context, mapID int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := s.openErrors(tx, mapID, nil).Update("retry_at", s.now()).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE owed SET due_at = ? WHERE map_id = ?", s.now(), mapID).Error
	})
}

// DiscardErrors gives open errors up, in somebody's name and with a reason.
func (s *Store) DiscardErrors(ctx context.Context, mapID int64, ids []int64, actor, reason string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var chosen []int64
		if err := s.openErrors(tx, mapID, ids).Pluck("id", &chosen).Error; err != nil {
			return err
		}
		r := s.openErrors(tx, mapID, ids).Updates(map[string]any{"state": ErrorDiscarded, "closed_at": s.now(), "closed_by": actor, "retry_at": nil})
		if r.Error != nil {
			return r.Error
		}
		var changes int64
		for some := range slices.Chunk(chosen, mostParameters) {
			u := tx.Model(&Change{}).Where("error_id IN ? AND fate = ?", some, Errored).
				Updates(map[string]any{"fate": Discarded, "fate_at": s.now(), "fate_by": actor})
			if u.Error != nil {
				return u.Error
			}
			changes += u.RowsAffected
		}
		err := tx.Model(&Tally{}).Where("map_id = ?", mapID).Updates(map[string]any{"open_errors": gorm.Expr("open_errors - ?", r.RowsAffected),
			"error": gorm.Expr("error - ?", changes), "discarded": gorm.Expr("discarded + ?", changes)}).Error
		if err != nil {
			return err
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: actor, Verb: "discard errors", Detail: fmt.Sprintf("%d records: %s", r.RowsAffected, reason)})
	})
}

func (s *Store) openErrors(tx *gorm.DB, mapID int64, ids []int64) *gorm.DB {
	q := tx.Model(&RecordError{}).Where("map_id = ? AND state = ?", mapID, ErrorOpen)
	if ids != nil {
		q = q.Where("id IN ?", ids)
	}
	return q
}

// OpenErrors counts the open errors of a map in a stage.
func (s *Store) OpenErrors(ctx context.Context, mapID int64, stage Stage) (int64, error) {
	var n int64
	err := s.db.WithContext(ctx).Model(&RecordError{}).Where("map_id = ? AND state = ? AND stage = ?", mapID, ErrorOpen, stage).Count(&n).Error
	return n, storeError(err)
}
