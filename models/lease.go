package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Lease is the right to work on one thing: a map, a feed. Every engine verb of
// the store takes one and fails with kind Fenced when its token is no longer
// the newest (I10).
type Lease struct {
	Name  string
	Token int64
}

// newEpoch raises the token that this process grants. The folder's lock is
// already held, so nobody else grants at the same time.
func (s *Store) newEpoch(ctx context.Context) error {
	return s.batch(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO leases (name, token) VALUES ('epoch', 1)
			ON CONFLICT (name) DO UPDATE SET token = leases.token + 1 RETURNING token`).Scan(&s.epoch)
	})
}

// MapLease grants the right to work on a map.
func (s *Store) MapLease(ctx context.Context, mapID int64) (Lease, error) {
	return s.acquire(ctx, fmt.Sprintf("map:%d", mapID))
}

// FeedLease grants the right to read the feed of an entity.
func (s *Store) FeedLease(ctx context.Context, feedID int64) (Lease, error) {
	return s.acquire(ctx, fmt.Sprintf("feed:%d", feedID))
}

// acquire grants a lease to this process and fences every earlier holder. On
// SQLite the lock of the data folder is what makes this safe.
func (s *Store) acquire(ctx context.Context, name string) (Lease, error) {
	l := Lease{Name: name}
	err := s.batch(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, s.rebind(`INSERT INTO leases (name, token) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET token = CASE WHEN leases.token < excluded.token THEN excluded.token ELSE leases.token + 1 END RETURNING token`), name, s.epoch).Scan(&l.Token)
	})
	return l, err
}

// hold fails with kind Fenced unless the lease is still the newest (I10).
func (s *Store) hold(ctx context.Context, tx *sql.Tx, l Lease) error {
	var token int64
	err := tx.QueryRowContext(ctx, s.rebind("SELECT token FROM leases WHERE name = ?"), l.Name).Scan(&token)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if token != l.Token {
		return Errorf(Fenced, "the lease on %s was taken over", l.Name)
	}
	return nil
}
