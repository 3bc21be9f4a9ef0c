package engine

import (
	"context"
	"sync"

	"dualwrite/models"
)

// Survey is what is found out about one app before it is linked with another.
type Survey struct {
	Probe
	// LegalEntities are those that the app knows, nil where it cannot be told
	// which entity holds them.
	LegalEntities []string
}

// Survey asks after two apps at once. What is wrong with an app is part of the
// answer; only a connection that does not exist is an error.
func (e *Engine) Survey(ctx context.Context, connections [2]int64) (out [2]Survey, err error) {
	var errs [2]error
	var both sync.WaitGroup
	for i := range connections {
		both.Go(func() { out[i], errs[i] = e.survey(ctx, connections[i]) })
	}
	both.Wait()
	for _, err := range errs {
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (e *Engine) survey(ctx context.Context, connection int64) (out Survey, err error) {
	c, err := e.store.ConnectionByID(ctx, connection)
	if err != nil {
		return out, err
	}
	settings, err := e.store.OpenSettings(ctx, &c)
	if models.KindOf(err) == models.Invalid {
		return Survey{Probe: Probe{Problem: models.MessageOf(err)}}, nil
	}
	if err != nil {
		return out, err
	}
	if out.Probe = e.TestConnection(ctx, c.Kind, settings); out.Problem != "" {
		return out, nil
	}
	if out.LegalEntities, err = e.legalEntities(ctx, connection); models.KindOf(err) == models.Invalid {
		return out, nil // an app that answers but cannot be read shows when a map is made of it
	}
	return out, err
}
