// Package models is the persisted control plane: entity maps and their
// environments, the queue, links, errors, conflicts and users, with the pure
// rules that need only the value, and the writes that must be one transaction.
package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	moderncsqlite "modernc.org/sqlite"
)

// Store is the one store of an installation. On SQLite one connection writes
// and a pool reads; every commit is durable when it returns.
type Store struct {
	db     *gorm.DB // writes
	reader *gorm.DB // reads
	writes *sql.DB
	reads  *sql.DB
	lock   *folderLock
	now    func() time.Time
	rebind func(string) string
	epoch  int64 // token of every lease granted by this process
	keys   secretKeys

	packFrom, mergeFrom int // see those of Options
}

// Options changes how a store is opened.
type Options struct {
	// Now gives the time, in UTC; nil is the wall clock.
	Now func() time.Time
	// Volatile gives up durability for speed: for tests whose store need not
	// survive the machine.
	Volatile bool
	// PackFrom is how many new links of one commit are packed, MergeFrom how many
	// runs of packed links of one size are merged; 0 is what serves real maps.
	PackFrom, MergeFrom int
	// SecretKeys is the path of the file of keys that seal secrets; "" for
	// SecretKeyFile in the data folder.
	SecretKeys string
}

// StoreFile is the name of the store's file in the data folder.
const StoreFile = "dualwrite.db"

// Open opens the SQLite store in a data folder, creating and migrating it as
// needed, and locks the folder against a second program (I10). Fails with kind
// Busy when another program holds the folder.
func Open(ctx context.Context, dir string, opt Options) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusableFolder(dir, err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, StoreFile)
	s, err := openSQLite(ctx, path, opt)
	if damaged(err) {
		err = fmt.Errorf("the store %s is damaged (%w); put a copy of the whole data folder from before in the place of this one", path, err)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	if s.keys.path = opt.SecretKeys; s.keys.path == "" {
		s.keys.path = filepath.Join(dir, SecretKeyFile)
	}
	if err := s.resealSecrets(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// SQLite, built with SQLITE_ENABLE_MEMORY_MANAGEMENT as it is here, keeps the pages
// of all connections of the process in one cache, the apps' too, which grows as
// large as their sizes together; a page of 4 kB takes 8 of the process.
const (
	writerCache = "&_pragma=cache_size(-8000)" // in units of 1,024 bytes
	readerCache = "&_pragma=cache_size(-1000)"
)

func openSQLite(ctx context.Context, path string, opt Options) (*Store, error) {
	durable := "FULL"
	if opt.Volatile {
		durable = "OFF"
	}
	dsn := "file:" + filepath.ToSlash(path) + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)" +
		"&_pragma=synchronous(" + durable + ")&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)&_time_format=sqlite&_timezone=UTC&_dqs=0"
	s := &Store{now: opt.Now, rebind: func(q string) string { return q }, packFrom: cmp.Or(opt.PackFrom, packFrom), mergeFrom: cmp.Or(opt.MergeFrom, runsAlike)}
	if s.now == nil {
		s.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	}
	var err error
	if s.db, s.writes, err = openPool(dsn+writerCache+"&_txlock=immediate", 1, s.now); err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect store: %w", err), s.Close())
	}
	if err := s.migrate(ctx, "sqlite3", path); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.reader, s.reads, err = openPool(dsn+readerCache+"&_pragma=query_only(1)", 4, s.now); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.newEpoch(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openPool(dsn string, most int, now func() time.Time) (*gorm.DB, *sql.DB, error) {
	connector, err := moderncsqlite.NewConnector(dsn)
	if err != nil {
		return nil, nil, fmt.Errorf("open store: %w", err)
	}
	pool := sql.OpenDB(preparing{connector})
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	db, err := gorm.Open(dialect{sqlite.Dialector{Conn: pool}}, &gorm.Config{
		Logger: logger.Discard, NowFunc: now, TranslateError: true, SkipDefaultTransaction: true,
	})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open store: %w", err), pool.Close())
	}
	return db, pool, nil
}

// Close closes the store and gives the data folder free.
func (s *Store) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{s.reads, s.writes} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Now is the store's clock.
func (s *Store) Now() time.Time { return s.now() }

// write runs f in one transaction on the writing connection, through GORM.
func (s *Store) write(ctx context.Context, f func(tx *gorm.DB) error) error {
	return storeError(s.db.WithContext(ctx).Transaction(f))
}

// batch runs f in one transaction on the writing connection, without GORM: the
// hot tables are written in sets.
func (s *Store) batch(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return storeError(err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit this does nothing
	if err := f(tx); err != nil {
		return storeError(err)
	}
	return storeError(tx.Commit())
}

// dialect is GORM's SQLite dialect with the error codes of the pure Go driver,
// which the original does not know.
type dialect struct{ sqlite.Dialector }

// Result codes of SQLite: https://www.sqlite.org/rescode.html
const (
	constraintCheck      = 275
	constraintForeignKey = 787
	constraintPrimaryKey = 1555
	constraintUnique     = 2067
	fileCorrupt          = 11
	fileNoDatabase       = 26
)

// damaged tells an error that is about what the file holds.
func damaged(err error) bool {
	var e *moderncsqlite.Error
	return errors.As(err, &e) && (e.Code() == fileCorrupt || e.Code() == fileNoDatabase)
}

// Translate turns a constraint's code into GORM's error for it.
func (d dialect) Translate(err error) error {
	var e *moderncsqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case constraintPrimaryKey, constraintUnique:
		return gorm.ErrDuplicatedKey
	case constraintForeignKey:
		return gorm.ErrForeignKeyViolated
	case constraintCheck:
		return gorm.ErrCheckConstraintViolated
	default:
		return err
	}
}
