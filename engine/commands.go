package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dualwrite/models"
)

// RunStep is one map that Run is to start.
type RunStep struct {
	MapID       int64
	InitialSync bool
	Master      models.Side
}

// Run starts maps in the given order, as one durable plan. Nothing is touched
// unless all of them may run. Capture begins before Run returns; the initial
// writes happen behind it. Fails with kind Invalid naming what is in the way.
func (e *Engine) Run(ctx context.Context, who string, steps []RunStep) error {
	if len(steps) == 0 {
		return models.Errorf(models.Invalid, "no entity map is chosen; tick at least one")
	}
	var maps []models.Map
	var moves []models.Move
	var reasons []string
	for _, s := range steps {
		m, err := e.store.MapByID(ctx, s.MapID)
		if err != nil {
			return err
		}
		reason, err := e.refusal(ctx, &m)
		if err != nil {
			return fmt.Errorf("check %s: %w", m.Name, err)
		}
		if reason != "" {
			reasons = append(reasons, reason)
			continue
		}
		move := models.Move{MapID: m.ID, Command: models.RunLive, Actor: who, Master: s.Master, Detail: "without initial sync, master " + e.label(s.Master)}
		if s.InitialSync {
			move.Command, move.Detail = models.Run, "with initial sync, master "+e.label(s.Master)
		}
		maps, moves = append(maps, m), append(moves, move)
	}
	if len(reasons) > 0 {
		return models.Errorf(models.Invalid, "%s", strings.Join(reasons, ". "))
	}
	e.capturing.Lock()
	defer e.capturing.Unlock()
	e.commands.Lock()
	defer e.commands.Unlock()
	if err := e.startFeeds(ctx, maps); err != nil {
		return err
	}
	return e.move(ctx, moves...)
}

// move carries out moves and lets the workers know.
func (e *Engine) move(ctx context.Context, moves ...models.Move) error {
	if err := e.store.Move(ctx, moves...); err != nil {
		return err
	}
	e.changed(0)
	for _, m := range moves {
		e.changed(m.MapID)
	}
	e.wakeAll()
	return nil
}

func (e *Engine) each(ctx context.Context, who string, c models.Command, ids []int64, discard bool) error {
	if len(ids) == 0 {
		return models.Errorf(models.Invalid, "no entity map is chosen")
	}
	var moves []models.Move
	for _, id := range ids {
		moves = append(moves, models.Move{MapID: id, Command: c, Actor: who, Discard: discard})
	}
	e.commands.Lock()
	defer e.commands.Unlock()
	return e.move(ctx, moves...)
}

// Pause lets the maps queue their changes and write none.
func (e *Engine) Pause(ctx context.Context, who string, ids []int64) error {
	return e.each(ctx, who, models.Pause, ids, false)
}

// Resume plays the queues back, then the maps are live.
func (e *Engine) Resume(ctx context.Context, who string, ids []int64) error {
	return e.each(ctx, who, models.Resume, ids, false)
}

// SkipToLive makes paused or resuming maps live at once. Their queues are kept
// as catch-up errors, or given up.
func (e *Engine) SkipToLive(ctx context.Context, who string, ids []int64, discard bool) error {
	return e.each(ctx, who, models.SkipToLive, ids, discard)
}

// SkipInitialSync makes initializing maps live; their errors stay, as catch-up errors.
func (e *Engine) SkipInitialSync(ctx context.Context, who string, ids []int64) error {
	return e.each(ctx, who, models.SkipInitialSync, ids, false)
}

// Stop ends capture and gives the queues up. Links are kept. Feeds that no
// other map uses are taken out of the apps.
func (e *Engine) Stop(ctx context.Context, who string, ids []int64) error {
	e.capturing.Lock()
	defer e.capturing.Unlock()
	if err := e.each(ctx, who, models.Stop, ids, false); err != nil {
		return err
	}
	e.commands.Lock()
	defer e.commands.Unlock()
	done := map[feedKey]bool{}
	for _, id := range ids {
		m, err := e.store.MapByID(ctx, id)
		if err != nil {
			return err
		}
		keys, err := e.feedKeys(ctx, &m)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if done[key] {
				continue
			}
			done[key] = true
			if err := e.stopFeed(ctx, key); err != nil {
				e.log.Warn("feed left in the app", "entity", key.entity, "error", err)
			}
		}
	}
	return nil
}

// Rerun does the initial write of a map once more, after it ended with errors.
func (e *Engine) Rerun(ctx context.Context, who string, id int64) error {
	m, err := e.store.SummaryOf(ctx, id)
	if err != nil {
		return err
	}
	if !m.EndedWithErrors() {
		return models.Errorf(models.Conflict, "the initial sync of %s is not over; it can be run again once it ended with errors", m.Name)
	}
	e.commands.Lock()
	defer e.commands.Unlock()
	return e.move(ctx, models.Move{MapID: id, Command: models.Rerun, Actor: who})
}

// RetryErrors tries failed records of a map again; nil means all open ones.
func (e *Engine) RetryErrors(ctx context.Context, who string, mapID int64, errorIDs []int64) error {
	m, err := e.store.MapByID(ctx, mapID)
	if err != nil {
		return err
	}
	if !m.Status.Applies() {
		return models.Errorf(models.Invalid, "%s is %s; its failed records can be tried again when it runs", m.Name, m.Status)
	}
	if _, err := e.store.RetryErrors(ctx, mapID, errorIDs, who); err != nil {
		return err
	}
	e.wake(mapID)
	e.changed(mapID)
	return nil
}

// DiscardErrors gives failed records of a map up, with a reason.
func (e *Engine) DiscardErrors(ctx context.Context, who string, mapID int64, errorIDs []int64, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return models.Errorf(models.Invalid, "say why these records are given up; the reason is kept in the activity log")
	}
	if err := e.store.DiscardErrors(ctx, mapID, errorIDs, who, reason); err != nil {
		return err
	}
	e.wake(mapID)
	e.changed(mapID)
	return nil
}

// Release ends a hold. What a guard has asked about is let through once.
func (e *Engine) Release(ctx context.Context, who string, id int64) error {
	m, err := e.store.SummaryOf(ctx, id)
	if err != nil {
		return err
	}
	if m.Hold == models.NoHold {
		return models.Errorf(models.Conflict, "%s is not on hold any more", m.Name)
	}
	if err := e.store.SetHold(ctx, id, models.NoHold, "", who, max(1, m.Tally.Linked)); err != nil {
		return err
	}
	e.wake(id)
	e.changed(id)
	return nil
}

// Subscribe tells which maps changed; 0 is the list of maps.
func (e *Engine) Subscribe() (events <-chan int64, cancel func()) { return e.hub.subscribe() }

// changed tells subscribers of a map.
func (e *Engine) changed(id int64) { e.hub.publish(id) }

// mapsOf names the maps of an environment that bring records into an entity.
func (e *Engine) mapsOf(environment int64, side int, entity string) []string {
	maps, err := e.store.MapHeads(context.Background())
	if err != nil {
		return nil
	}
	var out []string
	for i := range maps {
		if maps[i].EnvironmentID == environment && maps[i].Entity(models.Sides[side]) == entity {
			out = append(out, maps[i].Name)
		}
	}
	slices.Sort(out)
	return out
}
