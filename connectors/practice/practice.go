package practice

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Apps says where the two practice apps are and which legal entities they share.
type Apps struct {
	Left, Right string // paths of the SQLite files
	Companies   []string
}

// In says where the practice apps of a folder are, there or not.
func In(dir string) Apps {
	apps := Apps{
		Left:  filepath.Join(dir, "finance-and-operations.db"),
		Right: filepath.Join(dir, "common-data-service.db"),
	}
	for _, c := range companies() {
		apps.Companies = append(apps.Companies, c.code)
	}
	return apps
}

// Create makes the two practice apps in dir, with everything that Planted lists.
// An app that is already there is left as it is. Each file appears complete or
// not at all; both can be read and written by their owner only. Two processes
// must not create apps in the same folder at the same time.
func Create(ctx context.Context, dir string) (Apps, error) {
	apps := In(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Apps{}, fmt.Errorf("make the folder of the practice apps: %w", err)
	}
	if err := createMissing(ctx, apps); err != nil {
		return Apps{}, err
	}
	return apps, nil
}

// createMissing makes the data only when one of the files is not there yet.
func createMissing(ctx context.Context, apps Apps) error {
	leftThere, err := exists(apps.Left)
	if err != nil {
		return err
	}
	rightThere, err := exists(apps.Right)
	if err != nil || leftThere && rightThere {
		return err
	}
	data, err := generate()
	if err != nil {
		return fmt.Errorf("make the data of the practice apps: %w", err)
	}
	if !leftThere {
		if err := createApp(ctx, apps.Left, "schema/finance-and-operations.sql", data.fillLeft); err != nil {
			return err
		}
	}
	if !rightThere {
		return createApp(ctx, apps.Right, "schema/common-data-service.sql", data.fillRight)
	}
	return nil
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a practice app: %w", err)
	}
	return true, nil
}
