package mysql

import (
	"context"
	"errors"
	"time"

	"dualwrite/connectors"

	mysql "github.com/go-sql-driver/mysql"
)

// Error numbers that mean something special here; MySQL and MariaDB share those
// below 1900 (mariadb.com/kb/en/mariadb-error-code-reference).
const (
	accessDenied     = 1045
	nullNotAllowed   = 1048
	unknownDatabase  = 1049
	unknownColumn    = 1054
	duplicateEntry   = 1062
	noSuchTable      = 1146
	lockTimeout      = 1205
	deadlock         = 1213
	needsRight       = 1227
	noDefault        = 1364
	tooLong          = 1406
	outOfRange       = 1264
	needsSuper       = 1419
	childrenExist    = 1451
	parentMissing    = 1452
	checkFailed      = 3819
	checkFailedMaria = 4025
)

var errClosed = errors.New("the connector is closed")

// number is the server's error number in err's chain, 0 if there is none.
func number(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// loadRefused reports whether a server or its administrator has LOAD DATA LOCAL
// switched off.
func loadRefused(number uint16) bool {
	return number == 1148 || number == 3948 || number == 4166
}

// kindOf tells what an error number means.
func kindOf(number uint16) connectors.Kind {
	switch number {
	case duplicateEntry, 1022, 1169, 1586, 1859:
		return connectors.Duplicate
	case tooLong, outOfRange, 1153, 1301, 1690, 1118:
		return connectors.TooLarge
	case nullNotAllowed, noDefault, childrenExist, parentMissing, 1216, 1217, checkFailed, checkFailedMaria, 1265, 1292, 1329, 1365,
		1366, 1367, 1369, 1411, 1441, 1442, 1525, 1644, 3140, 3141, 3854, 4078:
		return connectors.Invalid
	case lockTimeout, deadlock, 1020, 1317, 1412, 1615, 1028, 1637, 1206, 1686, 3572, 3024, 1969, 1037, 1038, 1041, 1180, 1181:
		return connectors.Transient
	case 1040, 1203, 1226:
		return connectors.Throttled
	case 1044, accessDenied, 1142, 1143, needsRight, 1370, needsSuper, 1410, 1449, 1698, 1290, 1836, 1792, 1665, 3118, 4151:
		return connectors.Denied
	case unknownColumn, noSuchTable, 1051, 1072, 1109:
		return connectors.NoEntity
	case unknownDatabase, 1053, 1927, 1928, 1077, 1079, 1021, 1114, 1129, 1130, 2006, 2013, 1158, 1159, 1160, 1161:
		return connectors.Unreachable
	}
	if number >= 1001 && number <= 1037 { // the server's own files
		return connectors.Transient
	}
	return connectors.Internal
}

// passing reports whether the same statements may succeed when they are sent
// again; nothing of them was stored.
func passing(err error) bool {
	switch number(err) {
	case lockTimeout, deadlock, 1020:
		return true
	}
	return false
}

// ofRecord tells a failure that one record may have caused from one of the call.
// Whatever an app's trigger fails with is the record's.
func ofRecord(err error) bool {
	switch kindOf(number(err)) {
	case connectors.Duplicate, connectors.TooLarge, connectors.Invalid:
		return true
	case connectors.Internal:
		return number(err) != 0
	}
	return false
}

// throttled is how long to stay away from a server that has no connection left.
const throttled = 2 * time.Second

// fault makes err the error that a call answers with.
func (c *connector) fault(op, entity string, err error) error {
	if err == nil {
		return nil
	}
	var e *connectors.Error
	if !errors.As(err, &e) {
		e = &connectors.Error{Kind: c.callKind(err), Err: err}
		if e.Kind == connectors.Throttled {
			e.RetryAfter = throttled
		}
		var said *mysql.MySQLError
		if errors.As(err, &said) {
			e.Message = said.Message
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
	switch {
	case errors.As(err, &unsure):
		return connectors.Transient
	case errors.Is(err, errClosed), c.life.Err() != nil:
		return connectors.Unreachable
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return connectors.Transient
	case number(err) != 0:
		return kindOf(number(err))
	}
	return connectors.Unreachable // the connection broke; what was under way is rolled back
}

// unsureError is a failure after which nobody knows whether the transaction was
// committed.
type unsureError struct{ err error }

func (e *unsureError) Error() string { return "the answer to a commit was lost: " + e.err.Error() }
func (e *unsureError) Unwrap() error { return e.err }
