package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"

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

// practiceClient is whom the practice apps know the program as. A connection
// with it is one to a practice app that the program serves itself.
const practiceClient = "dualwrite-practice"

// practiceServers are the practice apps, served over their protocols, and the
// environment that links them.
type practiceServers struct {
	*practice.Servers
	store       *models.Store
	environment models.Environment
	connections [2]models.Connection // left, right

	mu       sync.Mutex
	console  string // host and port that the apps reach the console at; "" until register
	switched [2]switched
}

// makePractice serves fresh practice apps and links them, in a store that has
// no environment yet. nil where it has one.
func makePractice(ctx context.Context, store *models.Store, dataDir string) (*practiceServers, error) {
	if existing, err := store.Environments(ctx); err != nil || len(existing) > 0 {
		return nil, err
	}
	apps, err := practice.Create(ctx, filepath.Join(dataDir, practiceFolder))
	if err != nil {
		return nil, err
	}
	all, err := practiceMaps()
	if err != nil {
		return nil, err
	}
	servers, err := practice.Serve(ctx, apps, practice.ServeOptions{Credentials: practiceCredentials("")})
	if err != nil {
		return nil, err
	}
	s := &practiceServers{Servers: servers, store: store, environment: models.Environment{Name: "Practice", Companies: apps.Companies},
		connections: [2]models.Connection{{Name: financeAndOperations, Kind: "finops"}, {Name: commonDataService, Kind: "dataverse"}}}
	for side := range s.connections {
		s.connections[side].Settings = s.settings(side)
		s.connections[side].Settings["interval"] = "1"
	}
	if err := store.CreateEnvironment(ctx, &s.connections[0], &s.connections[1], &s.environment, all); err != nil {
		return s, fmt.Errorf("link the practice environment: %w", err)
	}
	return s, s.keep(ctx)
}

// openPractice serves the practice apps of an environment that was made before,
// where they were served then if possible. nil where the store has none.
func openPractice(ctx context.Context, store *models.Store, dataDir string) (*practiceServers, error) {
	s := &practiceServers{store: store}
	if found, err := s.find(ctx); err != nil || !found {
		return nil, err
	}
	options := practice.ServeOptions{Credentials: practiceCredentials(s.secret(ctx)),
		Finance: authority(s.connections[0].Settings["url"]), Dataverse: authority(s.connections[1].Settings["url"])}
	var err error
	if s.Servers, err = practice.Serve(ctx, practice.In(filepath.Join(dataDir, practiceFolder)), options); err != nil {
		return nil, err
	}
	return s, s.keep(ctx)
}

// practiceMaps are the maps between the practice apps as they are served.
func practiceMaps() ([]*models.Map, error) {
	files, err := practice.ServedMaps()
	if err != nil {
		return nil, err
	}
	return readMaps(files)
}

func readMaps(files []practice.MapFile) ([]*models.Map, error) {
	var out []*models.Map
	for _, f := range files {
		m := &models.Map{Name: f.Name, Description: f.Description, Publisher: f.Publisher, Version: f.Version}
		if err := json.Unmarshal(f.Definition, &m.Definition); err != nil {
			return nil, fmt.Errorf("read the map %s: %w", f.Name, err)
		}
		out = append(out, m)
	}
	return out, nil
}
