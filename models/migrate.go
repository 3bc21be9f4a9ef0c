package models

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the store to the newest schema, each step in a transaction.
// An existing SQLite store is copied beside itself first. A store of a newer
// program is refused.
func (s *Store) migrate(ctx context.Context, dialect goose.Dialect, path string) error {
	folder := map[goose.Dialect]string{goose.DialectSQLite3: "sqlite", goose.DialectPostgres: "postgres"}[dialect]
	steps, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(dialect, s.writes, steps)
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have > want {
		return Errorf(Invalid, "the store is of schema version %d, this program knows %d; run the newer dualwrite, or restore the copy made before its upgrade", have, want)
	}
	if have == want {
		return nil
	}
	if have > 0 && dialect == goose.DialectSQLite3 {
		if err := s.copyBefore(ctx, path, have); err != nil {
			return err
		}
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate store: %w", err)
	}
	return nil
}

// copyBefore writes a consistent copy of the store to "dualwrite-before-N.db".
func (s *Store) copyBefore(ctx context.Context, path string, version int64) error {
	to := filepath.Join(filepath.Dir(path), fmt.Sprintf("dualwrite-before-%d.db", version+1))
	if err := os.Remove(to); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("replace copy before migration: %w", err)
	}
	if _, err := s.writes.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy store before migration: %w", err)
	}
	return os.Chmod(to, 0o600)
}
