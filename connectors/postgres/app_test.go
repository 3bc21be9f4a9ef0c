package postgres_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/postgres"
	"dualwrite/connectors/sqltest"

	"github.com/jackc/pgx/v5"
)

var server = sqltest.NewPostgres()

func TestMain(m *testing.M) { os.Exit(server.Run(m)) }

// app is a user's session in the app's database, apart from the connector's.
type app struct {
	database sqltest.Database
	conn     *pgx.Conn
	types    map[string]string // of columns, once asked for
}

func newApp(t testing.TB, script ...string) *app {
	t.Helper()
	a := &app{database: server.Database(t)}
	a.conn = a.session(t)
	for _, s := range script {
		a.exec(t, s)
	}
	return a
}

// session is one more user's.
func (a *app) session(t testing.TB) *pgx.Conn {
	t.Helper()
	cfg, err := pgx.ParseConfig("")
	if err != nil {
		t.Fatal(err)
	}
	d := a.database
	cfg.Host, cfg.Port, cfg.Database, cfg.User, cfg.Password = d.Host, uint16(d.Port), d.Name, d.User, d.Password
	cfg.TLSConfig, cfg.Fallbacks = nil, nil
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

func (a *app) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := a.conn.Exec(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// text gives the only value of a query as text.
func (a *app) text(t testing.TB, query string, args ...any) string {
	t.Helper()
	var s *string
	if err := a.conn.QueryRow(t.Context(), "SELECT ("+query+")::text", args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if s == nil {
		return ""
	}
	return *s
}

func (a *app) settings() map[string]string {
	d := a.database
	return map[string]string{"host": d.Host, "port": strconv.Itoa(d.Port), "database": d.Name, "user": d.User, "password": d.Password, "sslmode": "disable"}
}

func (a *app) connect(t testing.TB) connectors.Connector {
	t.Helper()
	return connect(t, a.settings())
}

func connect(t testing.TB, settings map[string]string) connectors.Connector {
	t.Helper()
	c, err := postgres.Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// standard is the script of the suite's tables. Their native ids and the texts
// of their keys are of each kind that an app may choose.
func standard(id, key string) []string {
	reference := strings.Fields(id)[0]
	return []string{
		fmt.Sprintf(`CREATE TABLE parents (id %s PRIMARY KEY, dataareaid varchar(4) NOT NULL, code varchar(20) %s NOT NULL, name varchar(60), UNIQUE (dataareaid, code))`, id, key),
		fmt.Sprintf(`CREATE TABLE children (id %s PRIMARY KEY, dataareaid varchar(4) NOT NULL, number varchar(20) %s NOT NULL, title varchar(20) NOT NULL,
			note text, badge varchar(20) UNIQUE, quantity bigint, amount numeric(18,4), active boolean, born date, seen timestamptz, token uuid,
			parent %s REFERENCES parents, UNIQUE (dataareaid, number))`, id, key, reference),
		`CREATE TABLE rates (currency varchar(3) NOT NULL, day date NOT NULL, rate numeric(18,4), PRIMARY KEY (currency, day))`,
	}
}

func TestPostgreSQLKeepsThePromisesOfAConnector(t *testing.T) {
	insensitive := `CREATE COLLATION insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`
	for name, tables := range map[string][]string{
		"identity":                   standard("bigint GENERATED ALWAYS AS IDENTITY", ""),
		"unique identifier, no case": append([]string{insensitive}, standard("uuid", "COLLATE insensitive")...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := server.Database(t)
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				a := &app{database: database}
				a.conn = a.session(t)
				a.exec(t, "DROP SCHEMA IF EXISTS dualwrite CASCADE")
				a.exec(t, "DROP SCHEMA public CASCADE")
				a.exec(t, "CREATE SCHEMA public")
				for _, s := range tables {
					a.exec(t, s)
				}
				return connectortest.Fixture{Connector: a.connect(t), App: a, Another: a.connect}
			})
		})
	}
}

// Insert adds a record as the app itself would.
func (a *app) Insert(t testing.TB, table string, values map[string]connectors.Value) string {
	t.Helper()
	var columns, marks []string
	var args []any
	add := func(name string, arg any) {
		columns, args = append(columns, name), append(args, arg)
		marks = append(marks, fmt.Sprintf("($%d::text)::%s", len(args), a.typeOf(t, table, name)))
	}
	for name, v := range values {
		add(name, held(v))
	}
	if table != connectortest.Rates && a.typeOf(t, table, "id") == "uuid" {
		add("id", a.text(t, "gen_random_uuid()"))
	}
	var id string
	query := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) RETURNING %s", table, strings.Join(columns, ", "), strings.Join(marks, ", "), a.id(table))
	if err := a.conn.QueryRow(t.Context(), query, args...).Scan(&id); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return id
}

func (a *app) typeOf(t testing.TB, table, column string) string {
	if a.types == nil {
		a.types = map[string]string{}
	}
	key := table + "." + column
	if a.types[key] == "" {
		a.types[key] = a.text(t, "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = $2", table, column)
	}
	return a.types[key]
}

// Update edits a record as the app itself would.
func (a *app) Update(t testing.TB, table, id string, values map[string]connectors.Value) {
	t.Helper()
	for name, v := range values {
		a.exec(t, fmt.Sprintf("UPDATE %s SET %s = ($1::text)::%s WHERE %s = $2", table, name, a.typeOf(t, table, name), a.id(table)), held(v), id)
	}
}

// Delete removes a record as the app itself would.
func (a *app) Delete(t testing.TB, table, id string) {
	t.Helper()
	a.exec(t, fmt.Sprintf("DELETE FROM %s WHERE %s = $1", table, a.id(table)), id)
}

func (a *app) id(table string) string {
	if table == connectortest.Rates {
		return "currency || '|' || to_char(day, 'YYYY-MM-DD')"
	}
	return "id::text"
}

// Leftovers lists what the app did not make itself.
func (a *app) Leftovers(t testing.TB) []string {
	t.Helper()
	left := a.text(t, `SELECT string_agg(name, E'\n') FROM (
		SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ 'dualwrite'
		UNION ALL SELECT relname FROM pg_class WHERE relname ~ 'dualwrite' OR relnamespace::regnamespace::text ~ 'dualwrite'
		UNION ALL SELECT proname FROM pg_proc WHERE proname ~ 'dualwrite' OR pronamespace::regnamespace::text ~ 'dualwrite'
		UNION ALL SELECT tgname FROM pg_trigger WHERE tgname ~ 'dualwrite' OR tgfoid::regproc::text ~ 'dualwrite') AS x`)
	return slices.DeleteFunc(strings.Split(left, "\n"), func(s string) bool { return s == "" })
}

// held is a value as the app's own code would spell it.
func held(v connectors.Value) any {
	if !v.IsSet() {
		return nil
	}
	return v.String()
}

func text(s string) connectors.Value { return connectors.TextValue(s) }
