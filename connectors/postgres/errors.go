package postgres

import (
	"context"
	"errors"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE codes that mean something special here
// (postgresql.org/docs/current/errcodes-appendix.html).
const (
	notNullViolation     = "23502"
	foreignKeyViolation  = "23503"
	uniqueViolation      = "23505"
	checkViolation       = "23514"
	exclusionViolation   = "23P01"
	protocolViolation    = "08P01"
	tooLongText          = "22001"
	outOfRange           = "22003"
	invalidBinary        = "22P03"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	insufficientRights   = "42501"
	undefinedColumn      = "42703"
	undefinedTable       = "42P01"
	undefinedSchema      = "3F000"
	lockNotAvailable     = "55P03"
	queryCanceled        = "57014"
	tooManyConnections   = "53300"
)

var errClosed = errors.New("the connector is closed")

// code is the SQLSTATE in err's chain, "" if there is none.
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// kindOf tells what a SQLSTATE means.
func kindOf(code string) connectors.Kind {
	switch code {
	case uniqueViolation, exclusionViolation:
		return connectors.Duplicate
	case tooLongText, outOfRange:
		return connectors.TooLarge
	case insufficientRights:
		return connectors.Denied
	case undefinedTable, undefinedColumn, undefinedSchema:
		return connectors.NoEntity
	case queryCanceled, lockNotAvailable:
		return connectors.Transient
	case "3D000": // the database is not there
		return connectors.Unreachable
	case "25006": // a standby, which only reads
		return connectors.Denied
	}
	switch code[:2] {
	case "22", "23", "44", "P0":
		return connectors.Invalid
	case "40", "53", "55":
		return connectors.Transient
	case "08", "57", "58":
		return connectors.Unreachable
	case "28":
		return connectors.Denied
	}
	return connectors.Internal
}

// passing reports whether the same statements may succeed at once when they are
// sent again; nothing of them was stored.
func passing(err error) bool {
	switch code(err) {
	case serializationFailure, deadlockDetected:
		return true
	}
	return false
}

// fault makes err the error that a call answers with.
func (c *connector) fault(op, entity string, err error) error {
	if err == nil {
		return nil
	}
	var e *connectors.Error
	if !errors.As(err, &e) {
		e = &connectors.Error{Kind: c.callKind(err), Err: err}
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			e.Message = pg.Message
		}
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.Entity == "" {
		e.Entity = entity
	}
	return e
}

// callKind is careful with whatever happened once a COMMIT was on its way: its
// records may be stored, so it must not be a kind that says nothing was.
func (c *connector) callKind(err error) connectors.Kind {
	var unsure *unsureError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &unsure):
		return connectors.Transient
	case errors.Is(err, errClosed), c.life.Err() != nil:
		return connectors.Unreachable
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, errTypeChanged):
		return connectors.Transient
	case code(err) != "":
		return kindOf(code(err))
	case errors.As(err, &connect):
		return connectors.Unreachable
	}
	return connectors.Unreachable // the connection broke; what was under way was rolled back
}

// unsureError is a failure after which nobody knows whether the transaction was
// committed.
type unsureError struct{ err error }

func (e *unsureError) Error() string { return "the answer to a commit was lost: " + e.err.Error() }
func (e *unsureError) Unwrap() error { return e.err }
