package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"dualwrite/connectors"
	"dualwrite/models"
)

// UseOther gives a conflict the other outcome: the loser's values of the
// conflict's fields are written into the winner's record as an ordinary edit,
// which the map then carries to the other side like any other. It bears no mark
// of ours, and only replaces what the record held when it was read. Fails with
// kind Conflict when the record or the conflict has moved on, Invalid when the
// app refuses or there is nothing to write.
func (e *Engine) UseOther(ctx context.Context, who string, mapID, conflictID int64) error {
	c, err := e.store.ConflictByID(ctx, conflictID)
	if err != nil {
		return err
	}
	m, err := e.store.FreshMap(ctx, mapID)
	if err != nil {
		return err
	}
	switch {
	case c.MapID != mapID:
		return models.Errorf(models.NotFound, "there is no such conflict of %s", m.Name)
	case c.ReviewedAt != nil:
		return models.Errorf(models.Conflict, "%s has reviewed this conflict already", c.ReviewedBy)
	case !m.Status.Captures():
		return models.Errorf(models.Invalid, "%s is not running: the value would stay on one side. Run the map first", m.Name)
	}
	w, err := e.newReader(ctx, &m)
	if err != nil {
		return e.reach(c.Winner, err)
	}
	defer w.close()
	if err := w.useOther(ctx, &c); err != nil {
		return err
	}
	if err := e.store.ReviewConflicts(ctx, mapID, []int64{conflictID}, who, c.RecordKey+", used the other value"); err != nil {
		return err
	}
	e.changed(mapID)
	return nil
}

// useOther writes the loser's values into the winner's record.
func (w *worker) useOther(ctx context.Context, c *models.ConflictRecord) error {
	side := c.Winner.Index()
	ids, images := [2]string{c.LeftID, c.RightID}, [2]string{c.LeftImage, c.RightImage}
	row, err := w.rowOf(1-side, images[1-side])
	if err != nil {
		return err
	}
	now, err := w.entities[side].Get(ctx, []string{ids[side]})
	if err != nil {
		return w.e.reach(c.Winner, err)
	}
	if len(now) == 0 {
		return models.Errorf(models.Conflict, "the record %s is gone from %s", c.RecordKey, w.e.label(c.Winner))
	}
	n := len(w.m.selection[side].Fields)
	out := connectors.Write{Op: connectors.Update, ID: ids[side], If: now[0].Version, Row: make(connectors.Row, n), Fields: make([]bool, n)}
	for i := range w.m.fields {
		f := &w.m.fields[i]
		if f.constant() || !slices.Contains(c.Fields, f.name()) {
			continue
		}
		v, fault := f.project(1-side, row)
		if fault != nil {
			return models.Errorf(models.Invalid, "%s", fault.message)
		}
		out.Row[f.at[side]], out.Fields[f.at[side]] = v, true
	}
	if !slices.Contains(out.Fields, true) {
		return models.Errorf(models.Invalid, "this conflict names no field that could be written")
	}
	return w.edit(ctx, side, out)
}

// edit sends one write of a person.
func (w *worker) edit(ctx context.Context, side int, out connectors.Write) error {
	results, err := w.entities[side].Write(ctx, []connectors.Write{out})
	if err != nil {
		return w.e.reach(models.Sides[side], err)
	}
	switch r := results[0]; r.Outcome {
	case connectors.Stored:
		return nil
	case connectors.Moved:
		return models.Errorf(models.Conflict, "the record was changed in %s meanwhile. Look at it again; nothing was written", w.e.label(models.Sides[side]))
	default:
		return models.Errorf(models.Invalid, "%s refuses the value: %s", w.e.label(models.Sides[side]), w.words(side, r.Err).message)
	}
}

// rowOf reads a kept image back into a row of a side.
func (w *worker) rowOf(side int, image string) (connectors.Row, error) {
	if image == "" {
		return nil, models.Errorf(models.Invalid, "the other side had no record, so there is no value to use. Delete the record in the app if that is meant")
	}
	var texts map[string]*string
	if err := json.Unmarshal([]byte(image), &texts); err != nil {
		return nil, fmt.Errorf("read the kept record: %w", err)
	}
	row := make(connectors.Row, len(w.m.selection[side].Fields))
	for i, path := range w.m.selection[side].Fields {
		row[i] = connectors.NullValue()
		text := texts[path]
		if text == nil {
			continue
		}
		_, field, err := w.schemas[side].Resolve(w.m.entity[side], path)
		if err != nil {
			return nil, models.Errorf(models.Invalid, "%s is not in the app any more", path)
		}
		v, ok := recast(connectors.TextValue(*text), field.Type)
		if !ok || field.Type == connectors.Bytes {
			v = connectors.TextValue(*text)
		}
		row[i] = v
	}
	return row, nil
}
