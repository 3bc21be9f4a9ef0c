// Package sqlite connects to an app that keeps its records in a SQLite file,
// which the app's own users go on writing to from other processes. Reads go
// through a small pool of read-only connections, writes through one writer
// connection. Changes are captured by triggers into one log table per entity.
package sqlite

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"dualwrite/connectors"
)

// writeMax keeps the write lock, which the app's own users wait for, short.
const writeMax = 1000

// Open connects to the database file that settings["path"] names. It must
// exist; it is switched to write-ahead logging so that readers and the writer
// do not wait for each other.
func Open(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
	if settings["path"] == "" {
		return nil, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "path", Message: "the path of the database file is missing"}
	}
	path, err := filepath.Abs(settings["path"])
	if err != nil {
		return nil, &connectors.Error{Kind: connectors.Unreachable, Op: "open", Err: err}
	}
	c := &connector{path: path, watch: newWatch()}
	c.life, c.end = context.WithCancel(context.Background())
	if _, err := c.current(ctx); err != nil {
		c.end()
		return nil, c.fault("open", "", err)
	}
	return c, nil
}

// connector is one app. Its pool is replaced when another file takes the place
// of the one that was opened.
type connector struct {
	path string
	life context.Context // ends with Close
	end  context.CancelFunc

	mu     sync.Mutex
	pool   *pool
	closed bool
	cat    *catalog // of pool, as of cat.version

	closing sync.WaitGroup // pools that were replaced
	watch   *watch
}

// Close ends running calls, which then fail, and waits for them.
func (c *connector) Close() error {
	c.mu.Lock()
	p := c.pool
	c.pool, c.closed = nil, true
	c.mu.Unlock()
	c.end()
	c.watch.close()
	c.closing.Wait()
	if p == nil {
		return nil
	}
	return p.close()
}

// Health tries the write lock, so that a file that can only be read shows.
func (c *connector) Health(ctx context.Context) (connectors.Health, error) {
	begin := time.Now()
	h := connectors.Health{Account: c.path}
	err := c.read(ctx, "health", "", func(ctx context.Context, q querier, _ *catalog) error {
		return q.QueryRowContext(ctx, "SELECT 'SQLite ' || sqlite_version()").Scan(&h.Product)
	})
	h.Latency = time.Since(begin)
	if err != nil {
		return connectors.Health{}, err
	}
	err = c.write(ctx, "health", "", func(context.Context, *session, *catalog) error { return nil })
	if connectors.KindOf(err) == connectors.Denied {
		h.Missing = append(h.Missing, "the right to write to "+c.path)
		err = nil
	}
	return h, err
}

// Describe reads the schema from SQLite itself.
func (c *connector) Describe(ctx context.Context) (*connectors.Schema, error) {
	var s *connectors.Schema
	err := c.read(ctx, "describe", "", func(_ context.Context, _ querier, cat *catalog) error {
		s = cat.Describe()
		return nil
	})
	return s, err
}

// Open prepares a selection.
func (c *connector) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	e := &entity{c: c, sel: sel}
	err := c.read(ctx, "open", sel.Entity, func(_ context.Context, _ querier, cat *catalog) error {
		_, err := e.compiled(cat)
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
	return &feed{c: c, table: entity}, nil
}
