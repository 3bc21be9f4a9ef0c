// Package mysql connects to an app that keeps its records in MariaDB 10.11 or
// MySQL 8.0.19 and later, in InnoDB tables of one database. Changes are captured
// by triggers into one log table per entity. Conditional writes lock the records
// and compare within one transaction.
//
// Every table with a primary key, or a unique index over columns that are never
// null, is an entity. A DATETIME is taken to be in UTC. The triggers belong to
// the account that starts the feed: the app's own users need no rights of ours,
// but they cannot write any more once that account is removed while the feed is
// on. A trigger can be made only while no transaction uses its table: Start waits
// a few seconds for that, and whoever comes after it waits behind it.
//
// The tests run on MariaDB. What MySQL is sent is held to reviewed texts, but was
// not run. A Galera cluster that is written to on several nodes is none of what
// this keeps its promises for: a node does not list the transactions of others.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"time"

	"dualwrite/connectors"

	driver "github.com/go-sql-driver/mysql"
)

// Open connects to a database. The settings are host and port, or socket;
// database, user, password; and tls: "true", "skip-verify", "preferred" or "".
func Open(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
	config, err := configure(settings)
	if err != nil {
		return nil, err
	}
	c := &connector{database: config.DBName, watch: newWatch()}
	c.life, c.end = context.WithCancel(context.Background())
	if c.db, err = openPool(config); err != nil {
		c.end()
		return nil, err
	}
	if _, err = c.refresh(ctx, "open", ""); err != nil {
		c.Close() // the first error says what is wrong
		return nil, err
	}
	return c, nil
}

// connector is one app.
type connector struct {
	db       *sql.DB
	database string
	asks     bool            // for what an insert made, though the server would answer it
	life     context.Context // ends with Close
	end      context.CancelFunc

	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
	cat    *catalog

	watch   *watch
	horizon horizon
}

// Close ends running calls, which then fail, and waits for them.
func (c *connector) Close() error {
	c.mu.Lock()
	closed := c.closed
	c.closed = true
	c.mu.Unlock()
	if closed {
		return nil
	}
	c.end()
	c.calls.Wait()
	c.watch.close()
	c.horizon.close()
	return c.db.Close()
}

// refresh reads the catalog afresh.
func (c *connector) refresh(ctx context.Context, op, entity string) (cat *catalog, err error) {
	err = c.do(ctx, op, entity, func(ctx context.Context, l *link) error {
		cat, err = c.reread(ctx, l)
		return err
	})
	return cat, err
}

func (c *connector) reread(ctx context.Context, l *link) (*catalog, error) {
	row, err := l.row(ctx, "SELECT VERSION()")
	if err != nil {
		return nil, err
	}
	mariaDB := isMariaDB(str(row[0]))
	cat, err := readCatalog(ctx, l, dialect{mariaDB: mariaDB, returning: mariaDB && !c.asks, captured: map[string]bool{}})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.cat = cat
	c.mu.Unlock()
	return cat, nil
}

// known is the catalog as it was last read.
func (c *connector) known() *catalog {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cat
}

// catalogKept is how long a catalog is taken for true. What the app's owners
// change shows at once where a statement fails on it, else after this time.
const catalogKept = time.Minute

// current is the catalog, read afresh when it is old.
func (c *connector) current(ctx context.Context, l *link) (*catalog, error) {
	if cat := c.known(); time.Since(cat.read) < catalogKept {
		return cat, nil
	}
	return c.reread(ctx, l)
}

// outdated reports whether a statement failed because the catalog is not what it
// was when the statement was made.
func outdated(err error) bool {
	var e *driver.MySQLError
	return errors.As(err, &e) && kindOf(e.Number) == connectors.NoEntity
}

func isMariaDB(version string) bool { return strings.Contains(version, "MariaDB") }

// product is a server's name and version without what its packager adds.
func product(version string) string {
	number, _, _ := strings.Cut(version, "-")
	if isMariaDB(version) {
		return "MariaDB " + number
	}
	return "MySQL " + number
}

// Describe reads the schema from the server itself.
func (c *connector) Describe(ctx context.Context) (*connectors.Schema, error) {
	cat, err := c.refresh(ctx, "describe", "")
	if err != nil {
		return nil, err
	}
	return cat.Describe(), nil
}

// Open prepares a selection.
func (c *connector) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	cat, err := c.refresh(ctx, "open", sel.Entity)
	if err != nil {
		return nil, err
	}
	e := &entity{c: c, sel: sel}
	if _, err := e.compiled(cat); err != nil {
		return nil, c.fault("open", sel.Entity, err)
	}
	return e, nil
}

// Feed gives the change feed of a table. The table need not exist any more:
// Stop then still clears what is left of the capture.
func (c *connector) Feed(_ context.Context, entity string) (connectors.Feed, error) {
	return &feed{c: c, table: entity}, nil
}
