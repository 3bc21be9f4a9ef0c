package service

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Store reads and writes the records of one app's file.
type Store struct {
	Model *Model
	read  *sql.DB
	write *sql.DB // one connection: SQLite has one writer
}

// Open opens an existing file and begins to keep row versions in it. The model
// must not change afterwards. Close it when done.
func Open(ctx context.Context, path string, m *Model) (*Store, error) {
	write, err := openFile(path, "mode=rw&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := openFile(path, "mode=ro")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(4)
	s := &Store{Model: m, read: read, write: write}
	tx, err := write.BeginTx(ctx, nil)
	if err == nil {
		if err = capture(ctx, tx, m); err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback()
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the app %s: %w", filepath.Base(path), err), s.Close())
	}
	return s, nil
}

func openFile(path, options string) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(full),
		RawQuery: options + "&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(1)"}
	return sql.Open("sqlite", address.String())
}

// Close frees the connections. Calling it twice is harmless.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// Tx is one transaction, for reading or for writing.
type Tx struct {
	*Store
	tx       *sql.Tx
	prepared map[string]*sql.Stmt // that end with the transaction
}

// prepare prepares a statement once in a transaction: a bulk message runs the
// same few for each of its records.
func (t *Tx) prepare(ctx context.Context, statement string) (*sql.Stmt, error) {
	if known, ok := t.prepared[statement]; ok {
		return known, nil
	}
	stmt, err := t.tx.PrepareContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	if t.prepared == nil {
		t.prepared = map[string]*sql.Stmt{}
	}
	t.prepared[statement] = stmt
	return stmt, nil
}

// query reads rows.
func (t *Tx) query(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepare(ctx, statement)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// one reads the values of one row.
func (t *Tx) one(ctx context.Context, into []any, statement string, args ...any) error {
	stmt, err := t.prepare(ctx, statement)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(ctx, args...).Scan(into...)
}

// exec runs a statement.
func (t *Tx) exec(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	stmt, err := t.prepare(ctx, statement)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// Read runs f on one consistent state of the file.
func (s *Store) Read(ctx context.Context, f func(*Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return f(&Tx{Store: s, tx: tx})
}

// Write runs f as one transaction, which is stored if f succeeds. who is noted
// as the one who wrote.
func (s *Store) Write(ctx context.Context, who string, f func(*Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, "UPDATE practice_clock SET who = ?", who); err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	if err := f(&Tx{Store: s, tx: tx}); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE practice_clock SET who = NULL"); err != nil {
		return fmt.Errorf("end a write: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Version is the reading of the clock that counts all writes. With a lag it is
// the last one from before the lag, by the clock of the file's machine.
func (t *Tx) Version(ctx context.Context, lag time.Duration) (int64, error) {
	query, args := "SELECT version FROM practice_clock", []any(nil)
	if lag > 0 {
		query = `SELECT coalesce((SELECT min(version) - 1 FROM practice_versions WHERE at > ` + nowSQL + ` - ?), version) FROM practice_clock`
		args = []any{lag.Seconds()}
	}
	var version int64
	if err := t.one(ctx, []any{&version}, query, args...); err != nil {
		return 0, fmt.Errorf("read the row version: %w", err)
	}
	return version, nil
}

// Tombstone is a deleted record.
type Tombstone struct {
	ID      string
	Version int64
}

// Deleted lists the records of an entity that were deleted after one version
// and up to another, in order.
func (t *Tx) Deleted(ctx context.Context, e *Entity, after, upTo int64, limit int) ([]Tombstone, error) {
	rows, err := t.query(ctx, `SELECT CAST(id AS TEXT), version FROM practice_versions
		WHERE entity = ? AND version > ? AND version <= ? AND deleted = 1 ORDER BY version LIMIT ?`, e.Table, after, upTo, limit)
	if err != nil {
		return nil, fmt.Errorf("read what was deleted in %s: %w", e.Table, err)
	}
	defer func() { _ = rows.Close() }()
	var out []Tombstone
	for rows.Next() {
		var d Tombstone
		if err := rows.Scan(&d.ID, &d.Version); err != nil {
			return nil, fmt.Errorf("read what was deleted in %s: %w", e.Table, err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// Advance moves the clock that counts all writes and answers its reading.
func (s *Store) Advance(ctx context.Context) (int64, error) {
	var version int64
	if err := s.write.QueryRowContext(ctx, "UPDATE practice_clock SET version = version + 1 RETURNING version").Scan(&version); err != nil {
		return 0, fmt.Errorf("advance the row version: %w", err)
	}
	return version, nil
}
