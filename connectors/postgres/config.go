package postgres

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
)

// readAhead is how much of an answer is read at once.
const readAhead = 64 << 10

// poolSize is how many calls work in the app's database at the same time.
const poolSize = 8

// Times after which the server gives a statement of ours up, or a connection.
const (
	lockPatience    = "2s" // a row that a user keeps locked must not hold a batch up for long
	connectPatience = 10 * time.Second
)

// configure makes the pool's configuration. Either settings["url"], a
// postgres:// address, or host, port (5432), database, user, password and
// sslmode (prefer) say where the app is.
func configure(settings map[string]string) (*pgxpool.Config, error) {
	missing := func(field, message string) error {
		return &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: field, Message: message}
	}
	address := settings["url"]
	if address == "" {
		for _, field := range []string{"host", "database", "user"} {
			if settings[field] == "" {
				return nil, missing(field, "the "+field+" of the database is missing")
			}
		}
		address = addressOf(settings)
	} else if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return nil, missing("url", "the address must begin with postgres://")
	}
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, missing("url", "the address cannot be understood") // the cause may repeat a password
	}
	if settings["url"] == "" {
		cfg.ConnConfig.Password = settings["password"]
	}
	cfg.MaxConns = poolSize
	cfg.AfterConnect = reach
	cfg.ConnConfig.ConnectTimeout = connectPatience
	cfg.ConnConfig.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(bufio.NewReaderSize(r, readAhead), w)
	}
	cfg.ConnConfig.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	for name, value := range map[string]string{
		"application_name": "dualwrite", "extra_float_digits": "1", "lock_timeout": lockPatience, "default_transaction_isolation": "read committed",
		"jit": "off",
	} {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	return cfg, nil
}

// reachQuery lengthens the search path by the schemas of citext where it is not
// in reach: its equality would be that of text, which regards letter case. What
// comes last in the path changes nothing for the app's own functions.
const reachQuery = `SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), string_agg(quote_ident(n.nspname), ', ')), false)
	FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'citext' AND NOT pg_type_is_visible(t.oid)`

func reach(ctx context.Context, conn *pgx.Conn) error {
	return query(ctx, conn.PgConn(), reachQuery, nil, nil)
}

// addressOf spells the settings as an address; every part is escaped, so that
// nothing in it becomes a setting of its own. The password is no part of it.
func addressOf(settings map[string]string) string {
	port := settings["port"]
	if port == "" {
		port = "5432"
	}
	q := url.Values{"sslmode": {settings["sslmode"]}}
	if settings["sslmode"] == "" {
		q.Set("sslmode", "prefer")
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(settings["user"], ""), Path: "/" + settings["database"]}
	if strings.HasPrefix(settings["host"], "/") { // the folder of a unix socket
		q.Set("host", settings["host"])
		q.Set("port", port)
	} else {
		u.Host = net.JoinHostPort(settings["host"], port)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// account is whom we log in as, and where, for people.
func account(cfg *pgxpool.Config) string {
	c := cfg.ConnConfig
	return c.User + " at " + net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) + "/" + c.Database + encrypted(c.TLSConfig)
}

func encrypted(c *tls.Config) string {
	if c == nil {
		return " (not encrypted)"
	}
	return ""
}

// schemas are the schemas to offer, empty for all that may be read.
func schemas(settings map[string]string) (names []string) {
	for name := range strings.SplitSeq(settings["schema"], ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
