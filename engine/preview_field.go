package engine

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/models"
)

// FieldSample is what a field mapping would make of one record.
type FieldSample struct {
	Key string // of the record, the legal entity last
	FieldTest
}

// SampleField tells what a field mapping, as somebody is about to save it, makes of
// the first few records of the map on the side that it copies from, the left one
// where it copies both ways. It writes nothing. Fails with kind models.Invalid
// where the mapping does not fit its apps, or its expression cannot be read.
func (e *Engine) SampleField(ctx context.Context, mapID int64, f models.FieldMapping) ([]FieldSample, error) {
	m, err := e.store.MapByID(ctx, mapID)
	if err != nil {
		return nil, err
	}
	env, err := e.store.EnvironmentByID(ctx, m.EnvironmentID)
	if err != nil {
		return nil, err
	}
	schemas, err := e.Described(ctx, m.EnvironmentID, false)
	if err != nil {
		return nil, err
	}
	def := models.Definition{Left: m.Definition.Left, Right: m.Definition.Right, Companies: m.Definition.Companies, Key: m.Definition.Key, Fields: []models.FieldMapping{f}}
	compiled, err := compile(&def, schemas, env.Companies)
	if err != nil {
		return nil, err
	}
	from := models.Left
	if f.Direction == models.RightToLeft {
		from = models.Right
	}
	if !compiled.fields[0].flows(1 - from.Index()) {
		return nil, models.Errorf(models.Invalid, "%s is copied to no field", compiled.fields[0].name())
	}
	app, err := e.apps.connector(ctx, env.ConnectionID(from))
	if err != nil {
		return nil, e.reach(from, err)
	}
	out, err := compiled.sample(ctx, app, from.Index())
	if err != nil {
		return nil, e.reach(from, err)
	}
	return out, nil
}

// sample reads the first few records of a side and carries the first field over.
func (m *mapping) sample(ctx context.Context, app connectors.Connector, from int) (out []FieldSample, err error) {
	sel := m.selection[from]
	if m.company[from] >= 0 {
		sel.Companies = slices.Clone(m.companies)
	}
	entity, err := app.Open(ctx, sel)
	if err != nil {
		return nil, err
	}
	defer func() { _ = entity.Close() }() // it was only read
	for next := connectors.Position(""); len(out) < mostPreviewed; {
		page, after, err := entity.Scan(ctx, next, mostPreviewed)
		if err != nil {
			return nil, err
		}
		for _, r := range page[:min(len(page), mostPreviewed-len(out))] {
			out = append(out, FieldSample{m.recordKey(from, r.Row), m.fields[0].test(from, r.Row, nil)})
		}
		if next = after; next == "" {
			break
		}
	}
	return out, nil
}
