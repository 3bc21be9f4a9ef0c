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
func practiceSchemas(t *testing.T, folder dataFolder) (schemas [2]*connectors.Schema, all []models.Map) {
	t.Helper()
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		servers, err := openPractice(ctx, s, folder.DataDir)
		if err != nil {
			return err
		}
		if servers != nil {
			defer func() { _ = servers.Close() }()
		}
		env, err := s.Environments(ctx)
		if err != nil {
			return err
		}
		for i, side := range models.Sides {
			if schemas[i], err = describe(ctx, s, folder.DataDir, env[0].ConnectionID(side)); err != nil {
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

// describe asks the app of a connection for its schema.
func describe(ctx context.Context, s *models.Store, dataDir string, connection int64) (*connectors.Schema, error) {
	conn, err := s.ConnectionByID(ctx, connection)
	if err != nil {
		return nil, err
	}
	settings, err := s.OpenSettings(ctx, &conn)
	if err != nil {
		return nil, err
	}
	app, err := openers(dataDir)[conn.Kind](ctx, settings)
	if err != nil {
		return nil, err
	}
	defer func() { _ = app.Close() }()
	return app.Describe(ctx)
}

func TestTheMapsThatShipHaveNoErrors(t *testing.T) {
	files := dataFolder{t.TempDir()}
	linkFiles(t, files.DataDir, fileMaps(t))
	for name, folder := range map[string]dataFolder{"over their protocols": servedFolder(t), "with their files": files} {
		t.Run(name, func(t *testing.T) { mapsHaveNoErrors(t, folder) })
	}
}

func mapsHaveNoErrors(t *testing.T, folder dataFolder) {
	schemas, all := practiceSchemas(t, folder)
	if len(all) != 13 {
		t.Errorf("%d maps", len(all))
	}
	for _, m := range all {
		for _, f := range engine.Validate(&m.Definition, schemas, nil) {
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
