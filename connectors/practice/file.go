package practice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// createApp builds an app's file beside its place and moves it there when it is
// complete and on disk, so that a start that was killed leaves no half app.
func createApp(ctx context.Context, path, schema string, fill func(context.Context, *sql.Tx) error) error {
	part := path + ".part"
	err := removePart(part)
	if err == nil {
		err = buildApp(ctx, part, schema, fill)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("create the practice app %s: %w", filepath.Base(path), err), removePart(part))
	}
	if err := syncPath(filepath.Dir(path)); err != nil {
		return fmt.Errorf("store the practice app %s: %w", filepath.Base(path), err)
	}
	return nil
}

// buildApp writes the whole file. Until it is complete nothing needs to survive
// a crash, so it goes without a journal and reaches the disk once, at the end.
func buildApp(ctx context.Context, part, schema string, fill func(context.Context, *sql.Tx) error) error {
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	db, err := open(part)
	if err != nil {
		return err
	}
	if err := errors.Join(fillApp(ctx, db, schema, fill), db.Close()); err != nil {
		return err
	}
	return syncPath(part)
}

func fillApp(ctx context.Context, db *sql.DB, schema string, fill func(context.Context, *sql.Tx) error) error {
	script, err := schemaFiles.ReadFile(schema)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	if err := fill(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

// open opens a file on one connection, whatever characters its path holds.
func open(path string) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(full)}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// removePart clears what a killed start left behind.
func removePart(part string) error {
	var all error
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(part + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// syncPath waits until a file, or the entries of a folder, are on disk.
func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
