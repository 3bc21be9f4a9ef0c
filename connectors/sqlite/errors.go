package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"dualwrite/connectors"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// code is SQLite's extended result code in err's chain, 0 if there is none.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func isSQLite(err error) bool { return code(err) != 0 }

// kindOf tells what a result code means. The primary code is the low byte.
func kindOf(code int) connectors.Kind {
	switch code {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return connectors.Duplicate
	}
	switch code & 0xff {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH:
		return connectors.Invalid
	case lib.SQLITE_TOOBIG:
		return connectors.TooLarge
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_SCHEMA, lib.SQLITE_NOMEM, lib.SQLITE_INTERRUPT, lib.SQLITE_PROTOCOL:
		return connectors.Transient
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_AUTH:
		return connectors.Denied
	case lib.SQLITE_CANTOPEN, lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT, lib.SQLITE_IOERR, lib.SQLITE_FULL:
		return connectors.Unreachable
	}
	return connectors.Internal
}

// fault makes err the error that a call answers with.
func (c *connector) fault(op, entity string, err error) error {
	if err == nil {
		return nil
	}
	var e *connectors.Error
	if !errors.As(err, &e) {
		e = &connectors.Error{Kind: c.callKind(err), Err: err}
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.Entity == "" {
		e.Entity = entity
	}
	return e
}

// callKind is careful with a failed COMMIT: its records may come to light once
// the log is recovered, so it must not be a kind that says nothing was stored.
func (c *connector) callKind(err error) connectors.Kind {
	var commit *commitError
	switch {
	case errors.As(err, &commit):
		return connectors.Transient
	case errors.Is(err, errClosed), errors.Is(err, sql.ErrConnDone), c.life.Err() != nil:
		return connectors.Unreachable
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return connectors.Transient
	}
	return kindOf(code(err))
}

// unreachable marks a connection that cannot be had for a reason that SQLite
// does not name, such as a pool that was closed because its file is gone.
func unreachable(err error) error {
	if err == nil || isSQLite(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &connectors.Error{Kind: connectors.Unreachable, Err: err}
}

// words are what SQLite, or a trigger by RAISE, says in err, without the result
// code that the driver puts around it.
func words(err error) string {
	text := strings.TrimSuffix(err.Error(), fmt.Sprintf(" (%d)", code(err)))
	if _, own, ok := strings.Cut(text, ": "); ok {
		return own
	}
	return text
}

// failedColumns extracts the columns from SQLite's words about a violated
// constraint, "UNIQUE constraint failed: t.a, t.b", the only place that names
// them. It is empty when they are not named.
func failedColumns(err error, table string) []string {
	_, list, ok := strings.Cut(words(err), "constraint failed: "+table+".")
	if !ok {
		return nil
	}
	return strings.Split(list, ", "+table+".")
}
