package main

import (
	"context"
	"path/filepath"
	"testing"

	"dualwrite/connectors/practice"
	"dualwrite/models"
)

// linkFiles makes the practice environment in a data folder with the files of
// the apps linked directly, past their servers: the shortest way for tests that
// are not about protocols. It is also what earlier programs made.
func linkFiles(t testing.TB, dir string, maps []*models.Map) {
	t.Helper()
	err := dataFolder{dir}.withStore(func(ctx context.Context, s *models.Store) error {
		apps, err := practice.Create(ctx, filepath.Join(dir, practiceFolder))
		if err != nil {
			return err
		}
		file := func(name, path string) *models.Connection {
			return &models.Connection{Name: name, Kind: "sqlite", Settings: map[string]string{"path": practiceFolder + "/" + filepath.Base(path)}}
		}
		return s.CreateEnvironment(ctx, file(financeAndOperations, apps.Left), file(commonDataService, apps.Right),
			&models.Environment{Name: "Practice", Companies: apps.Companies}, maps)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fileMaps are the maps between the files of the practice apps.
func fileMaps(t testing.TB) []*models.Map {
	t.Helper()
	all, err := readMaps(practice.Maps())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// servedFolder is a data folder with the practice environment as the program
// makes it on its first start.
func servedFolder(t testing.TB) dataFolder {
	t.Helper()
	folder := dataFolder{t.TempDir()}
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		servers, err := makePractice(ctx, s, folder.DataDir)
		if err != nil {
			return err
		}
		return servers.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}
