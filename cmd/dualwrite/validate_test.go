package main

import (
	"context"
	"testing"

	"dualwrite/connectors"
	"dualwrite/engine"
	"dualwrite/models"
)

// practiceSchemas describes both practice apps of a data folder that has just
// been set up, and gives the maps between them.
func practiceSchemas(t *testing.T) (schemas [2]*connectors.Schema, all []models.Map) {
	t.Helper()
	folder := dataFolder{t.TempDir()}
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		if err := ensurePractice(ctx, s, folder.DataDir); err != nil {
			return err
		}
		env, err := s.Environments(ctx)
		if err != nil {
			return err
		}
		for i, side := range models.Sides {
			conn, err := s.ConnectionByID(ctx, env[0].ConnectionID(side))
			if err != nil {
				return err
			}
			app, err := openers(folder.DataDir)[conn.Kind](ctx, conn.Settings)
			if err != nil {
				return err
			}
			t.Cleanup(func() { _ = app.Close() })
			if schemas[i], err = app.Describe(ctx); err != nil {
				return err
			}
		}
		all, err = s.Maps(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return schemas, all
}

func TestTheMapsThatShipHaveNoErrors(t *testing.T) {
	schemas, all := practiceSchemas(t)
	for _, m := range all {
		for _, f := range engine.Validate(&m.Definition, schemas) {
			if m.Name == "Payment day lines CDS V2 (msdyn_paymentdaylines)" && f.Code == "key-not-unique" {
				continue // shipped so, to show what is said about it
			}
			if f.Severity == engine.Blocking {
				t.Errorf("%s: %+v", m.Name, f)
			} else {
				t.Logf("%s: %s", m.Name, f.Message)
			}
		}
	}
}
