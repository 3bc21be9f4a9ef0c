package mysql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"net"
	"strconv"
	"time"

	"dualwrite/connectors"

	mysql "github.com/go-sql-driver/mysql"
)

// sessionMode makes the server refuse what does not fit instead of bending it,
// keep a zero that we write into an AUTO_INCREMENT column, and read backslashes
// in literals. A trigger runs in the mode that it was created in.
const sessionMode = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO"

// lockSeconds is how long a statement waits for a lock that one of the app's
// users holds. It is short because others wait behind us meanwhile.
const lockSeconds = 5

// connections is how many the pool holds at most, besides the poller's.
const connections = 16

// configure makes the driver's settings from ours: host, port or socket, database, user,
// password, tls ("", "true", "skip-verify" or "preferred").
func configure(settings map[string]string) (*mysql.Config, error) {
	invalid := func(field, message string) error {
		return &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: field, Value: settings[field], Message: message}
	}
	c := mysql.NewConfig()
	c.DBName, c.User, c.Passwd = settings["database"], settings["user"], settings["password"]
	if c.DBName == "" {
		return nil, invalid("database", "the name of the database is missing")
	}
	if c.User == "" {
		return nil, invalid("user", "the name of the account is missing")
	}
	host, port := settings["host"], settings["port"]
	if port == "" {
		port = "3306"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, invalid("port", "the port must be a number between 1 and 65535")
	}
	switch {
	case settings["socket"] != "":
		c.Net, c.Addr = "unix", settings["socket"]
	case host != "":
		c.Net, c.Addr = "tcp", net.JoinHostPort(host, port)
	default:
		return nil, invalid("host", "the host, or the path of a socket, is missing")
	}
	switch settings["tls"] {
	case "", "false":
	case "true":
		c.TLS = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	case "skip-verify", "preferred":
		c.TLS = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // asked for by name
		c.AllowFallbackToPlaintext = settings["tls"] == "preferred"
	default:
		return nil, invalid("tls", "tls is true, skip-verify, preferred or empty")
	}
	session(c)
	return c, nil
}

// session sets what our statements rely on, whatever the server's defaults are.
// Values are put into the statements by the driver, which saves a round trip
// for each; with utf8mb4 no byte of a character can pass for a quote.
func session(c *mysql.Config) {
	c.Collation = "utf8mb4_general_ci"
	c.InterpolateParams = true
	c.ParseTime = false // zero dates are none of Go's
	c.Loc = time.UTC
	c.Timeout = 10 * time.Second
	c.MaxAllowedPacket = 0        // ask the server: what it finds too large ends the connection
	c.Logger = &mysql.NopLogger{} // what goes wrong is returned too
	c.Params = map[string]string{
		"sql_mode":                 "'" + sessionMode + "'",
		"time_zone":                "'+00:00'",
		"innodb_lock_wait_timeout": strconv.Itoa(lockSeconds),
		"lock_wait_timeout":        strconv.Itoa(lockSeconds),
	}
}

// dialer opens connections whose transactions see what is committed before each
// statement, and lock no gaps between records.
type dialer struct{ driver.Connector }

// Connect makes dialer a driver.Connector.
func (d dialer) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := d.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func openPool(c *mysql.Config) (*sql.DB, error) {
	inner, err := mysql.NewConnector(c)
	if err != nil {
		return nil, &connectors.Error{Kind: connectors.Invalid, Op: "open", Message: err.Error(), Err: err}
	}
	db := sql.OpenDB(dialer{inner})
	db.SetMaxOpenConns(connections + 1)
	db.SetMaxIdleConns(connections / 2)
	db.SetConnMaxIdleTime(time.Minute)
	return db, nil
}
