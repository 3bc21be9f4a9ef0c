package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"dualwrite/connectors"

	_ "modernc.org/sqlite" // the driver
)

// readerConnections is how many reads run at the same time; one more is for
// the poller.
const readerConnections = 4

// What each connection adds to the one cache that all of the process share, in
// units of 1,024 bytes. Most connections rest, and the operating system keeps the
// file's pages besides.
const (
	writerCache = "cache_size(-2000)"
	readerCache = "cache_size(-500)"
)

// pool is one opened database file: the readers, and the one writer that is
// handed from call to call through a channel.
type pool struct {
	path    string
	info    os.FileInfo
	readers *sql.DB
	writers *sql.DB
	writer  chan *session
}

func openPool(ctx context.Context, path string, info os.FileInfo) (*pool, error) {
	p := &pool{path: path, info: info, writer: make(chan *session, 1)}
	var err error
	if p.writers, err = sql.Open("sqlite", dataSource(path, "rw")); err != nil {
		return nil, err
	}
	if p.readers, err = sql.Open("sqlite", dataSource(path, "ro")); err != nil {
		return nil, errors.Join(err, p.writers.Close())
	}
	p.writers.SetMaxOpenConns(1)
	p.readers.SetMaxOpenConns(readerConnections + 1)
	p.readers.SetMaxIdleConns(readerConnections + 1)
	s := &session{pool: p}
	p.writer <- s
	// The writer comes first: it makes the log files that readers need.
	err = s.connect(ctx)
	if err == nil {
		err = p.readers.PingContext(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pool) close() error {
	s := <-p.writer
	s.disconnect()
	p.writer <- s
	return errors.Join(p.readers.Close(), p.writers.Close())
}

// there reports whether the opened file is still the one at the path.
func (p *pool) there() bool {
	info, err := os.Stat(p.path)
	return err == nil && os.SameFile(p.info, info)
}

// dataSource names the file for the driver. Every part of a path is escaped, so
// nothing in it can become a setting. Triggers and foreign keys must work as
// they do for the app's own users: recursive_triggers stays at SQLite's default,
// and texts in double quotes, which old schemas contain, stay allowed.
func dataSource(path, mode string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	settings := url.Values{"mode": {mode}, "_busy_timeout": {"5000"}, "_pragma": {readerCache}}
	if mode == "rw" {
		settings.Set("_journal_mode", "WAL")
		settings.Set("_foreign_keys", "ON")
		settings.Set("_synchronous", "FULL")
		settings["_pragma"] = []string{writerCache, "recursive_triggers(0)"}
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	return u.String()
}

// current is the pool of the file that is there now. The file is looked at each
// time because SQLite itself goes on working in a file that was removed. It must
// never be opened here: closing it would drop SQLite's locks.
func (c *connector) current(ctx context.Context) (*pool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	info, err := os.Stat(c.path)
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	if err != nil {
		return nil, &connectors.Error{Kind: connectors.Unreachable, Message: "the database file " + c.path + " is not there", Err: err}
	}
	if c.pool != nil && os.SameFile(c.pool.info, info) {
		return c.pool, nil
	}
	if c.pool != nil {
		old := c.pool
		c.pool, c.cat = nil, nil
		c.closing.Go(func() { old.close() }) // waits for calls that still run in the file that is gone
	}
	p, err := openPool(ctx, c.path, info)
	if err != nil {
		return nil, err
	}
	c.pool = p
	return p, nil
}
