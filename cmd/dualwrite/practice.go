package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"dualwrite/connectors/practice"
	"dualwrite/models"
)

// What the two apps of the practice environment are called.
const (
	financeAndOperations = "Finance and Operations"
	commonDataService    = "Common Data Service"
)

// practiceFolder is where the practice apps are, below the data folder.
const practiceFolder = "practice"

// ensurePractice sets up the practice environment in a store that has no
// environment yet.
func ensurePractice(ctx context.Context, store *models.Store, dataDir string) error {
	if existing, err := store.Environments(ctx); err != nil || len(existing) > 0 {
		return err
	}
	apps, err := practice.Create(ctx, filepath.Join(dataDir, practiceFolder))
	if err != nil {
		return err
	}
	all, err := practiceMaps()
	if err != nil {
		return err
	}
	left, right := practiceConnection(financeAndOperations, apps.Left), practiceConnection(commonDataService, apps.Right)
	env := &models.Environment{Name: "Practice", Companies: apps.Companies}
	if err := store.CreateEnvironment(ctx, left, right, env, all); err != nil {
		return fmt.Errorf("link the practice environment: %w", err)
	}
	return nil
}

func practiceConnection(name, file string) *models.Connection {
	path := practiceFolder + "/" + filepath.Base(file)
	return &models.Connection{Name: name, Kind: "sqlite", Settings: map[string]string{"path": path}}
}

func practiceMaps() ([]*models.Map, error) {
	var out []*models.Map
	for _, f := range practice.Maps() {
		m := &models.Map{Name: f.Name, Description: f.Description, Publisher: f.Publisher, Version: f.Version}
		if err := json.Unmarshal(f.Definition, &m.Definition); err != nil {
			return nil, fmt.Errorf("read the map %s: %w", f.Name, err)
		}
		out = append(out, m)
	}
	return out, nil
}
