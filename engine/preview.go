package engine

import (
	"context"

	"dualwrite/connectors"
	"dualwrite/models"
)

// Described gives the schemas of an environment's apps, left first, as they were
// last read, or read afresh.
func (e *Engine) Described(ctx context.Context, environmentID int64, afresh bool) (schemas [2]*connectors.Schema, err error) {
	env, err := e.store.EnvironmentByID(ctx, environmentID)
	if err != nil {
		return schemas, err
	}
	for i, side := range models.Sides {
		get := e.apps.schema
		if afresh {
			get = e.apps.refresh
		}
		if schemas[i], err = get(ctx, env.ConnectionID(side)); err != nil {
			return schemas, e.reach(side, err)
		}
	}
	return schemas, nil
}

// FitMap gives a map that comes from elsewhere the names of an environment's
// apps and a key, and says in words what it changed.
func (e *Engine) FitMap(ctx context.Context, environmentID int64, m *models.Map) (said []string, err error) {
	schemas, err := e.Described(ctx, environmentID, false)
	if err != nil {
		return nil, err
	}
	return Fit(&m.Definition, schemas), nil
}

// Check validates a definition against an environment and its apps.
func (e *Engine) Check(ctx context.Context, environmentID int64, def *models.Definition) ([]Finding, error) {
	env, err := e.store.EnvironmentByID(ctx, environmentID)
	if err != nil {
		return nil, err
	}
	schemas, err := e.Described(ctx, environmentID, false)
	if err != nil {
		return nil, err
	}
	return Validate(def, schemas, env.Companies), nil
}
