// Package postgres connects to an app that keeps its records in PostgreSQL.
// Batches are read and written by one statement each, over arrays. Changes are
// captured by triggers into one log table per entity and read by snapshot, so
// that a transaction which stays open delays nothing but its own changes.
//
// A time without a time zone is taken as UTC. Types without a canonical one of
// their own (time of day, interval, json, arrays, networks and so on) are texts,
// as the server spells them.
package postgres

import (
	"context"
	"sync"
	"time"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// writeMax bounds a batch, and so how long its locks are held.
const writeMax = 4000

// oldest is the first version whose transactions have numbers of 64 bits.
const oldest = 130000

// Open connects to the database that the settings name: a url, or host, port,
// database, user, password and sslmode; schema lists the schemas to offer, by
// default all that the account may read.
func Open(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
	cfg, err := configure(settings)
	if err != nil {
		return nil, err
	}
	c := &connector{account: account(cfg), schemas: schemas(settings), cfg: cfg.ConnConfig.Copy()}
	c.life, c.end = context.WithCancel(context.Background())
	if c.pool, err = pgxpool.NewWithConfig(c.life, cfg); err == nil {
		err = c.on(ctx, func(ctx context.Context, conn *pgconn.PgConn) error { return query(ctx, conn, "SELECT 1", nil, nil) })
	}
	if err != nil {
		err = c.fault("open", "", err)
		_ = c.Close() // what never opened has nothing to add
		return nil, err
	}
	c.watch = newWatch(c)
	return c, nil
}

// connector is one app.
type connector struct {
	account string
	schemas []string
	cfg     *pgx.ConnConfig
	pool    *pgxpool.Pool
	life    context.Context // ends with Close
	end     context.CancelFunc
	watch   *watch

	mu  sync.Mutex
	cat *catalog

	closing sync.Once
}

// Close ends running calls, which then fail, and waits for them.
func (c *connector) Close() error {
	c.closing.Do(func() {
		c.end()
		if c.watch != nil {
			c.watch.close()
		}
		if c.pool != nil {
			c.pool.Close()
		}
	})
	return nil
}

// Health names what capture needs beside the rights on each table, which
// Feed.Start checks.
func (c *connector) Health(ctx context.Context) (connectors.Health, error) {
	h := connectors.Health{Account: c.account}
	err := c.do(ctx, "health", "", func(ctx context.Context, conn *pgconn.PgConn) error {
		begin := time.Now()
		var micros int
		err := query(ctx, conn, `SELECT 'PostgreSQL ' || current_setting('server_version'), (extract(epoch FROM clock_timestamp()) * 1000000)::int8::text, current_setting('server_version_num')`, nil,
			func(r row) error {
				h.Product, micros = r.text(0), number(r.text(1))
				if number(r.text(2)) < oldest {
					h.Missing = append(h.Missing, "PostgreSQL 13 or newer")
				}
				return nil
			})
		end := time.Now()
		h.Latency = end.Sub(begin)
		h.Skew = time.UnixMicro(int64(micros)).Sub(begin.Add(h.Latency / 2))
		if err != nil {
			return err
		}
		return c.rights(ctx, conn, &h)
	})
	return h, err
}

// Describe reads the schema from the server's catalog.
func (c *connector) Describe(ctx context.Context) (*connectors.Schema, error) {
	var s *connectors.Schema
	err := c.do(ctx, "describe", "", func(ctx context.Context, conn *pgconn.PgConn) error {
		cat, err := c.catalogAt(ctx, conn, true)
		if err == nil {
			s = cat.Describe()
		}
		return err
	})
	return s, err
}

// Open prepares a selection. The catalog is read anew only when the one that is
// known has not what is selected.
func (c *connector) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	e := &entity{c: c, sel: sel}
	err := c.do(ctx, "open", sel.Entity, func(ctx context.Context, conn *pgconn.PgConn) error {
		cat, err := c.catalogAt(ctx, conn, false)
		if err != nil {
			return err
		}
		if _, err = e.compiled(cat); connectors.KindOf(err) != connectors.NoEntity {
			return err
		}
		if cat, err = c.catalogAt(ctx, conn, true); err == nil {
			_, err = e.compiled(cat)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Feed gives the change feed of a table. The table need not exist any more:
// Stop then still clears what is left of the capture.
func (c *connector) Feed(_ context.Context, entity string) (connectors.Feed, error) {
	return &feed{c: c, entity: entity}, nil
}
