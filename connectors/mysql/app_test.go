package mysql_test

import (
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/mysql"
	"dualwrite/connectors/sqltest"

	driver "github.com/go-sql-driver/mysql"
)

var server = sqltest.NewMariaDB()

func TestMain(m *testing.M) { os.Exit(server.Run(m)) }

// app is a user's session in the app's database, apart from the connector's.
type app struct {
	sqltest.Database
	db *sql.DB
}

func newApp(t testing.TB, script ...string) *app {
	t.Helper()
	a := &app{Database: server.Database(t)}
	a.db = a.session(t)
	for _, s := range script {
		a.exec(t, s)
	}
	return a
}

// session opens another user's session: in the zone and with the settings that a
// careless app would have.
func (a *app) session(t testing.TB) *sql.DB {
	t.Helper()
	c := driver.NewConfig()
	c.Net, c.Addr, c.DBName, c.User, c.Passwd = "unix", a.Socket, a.Name, a.User, a.Password
	c.InterpolateParams, c.Logger = true, &driver.NopLogger{}
	c.Params = map[string]string{"time_zone": "'+05:30'", "sql_mode": "'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES'"}
	connector, err := driver.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func (a *app) exec(t testing.TB, query string, args ...any) sql.Result {
	t.Helper()
	r, err := a.db.Exec(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return r
}

// text gives the only value of a query as text.
func (a *app) text(t testing.TB, query string, args ...any) string {
	t.Helper()
	var s sql.NullString
	if err := a.db.QueryRow(query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

func settings(d sqltest.Database) map[string]string {
	return map[string]string{"host": d.Host, "port": strconv.Itoa(d.Port), "database": d.Name, "user": d.User, "password": d.Password}
}

func (a *app) connect(t testing.TB) connectors.Connector {
	t.Helper()
	return connect(t, settings(a.Database))
}

func connect(t testing.TB, settings map[string]string) connectors.Connector {
	t.Helper()
	c, err := mysql.Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// standard is the script of the suite's tables, with a surrogate key of a kind
// that an app may choose.
func standard(id, parent, collation string) []string {
	const text = "CHARACTER SET utf8mb4 COLLATE "
	return []string{
		fmt.Sprintf(`CREATE TABLE parents (id %s, dataareaid VARCHAR(4) %[2]s NOT NULL, code VARCHAR(20) %[2]s NOT NULL, name VARCHAR(60) %[2]s,
			UNIQUE KEY by_code (dataareaid, code)) ENGINE=InnoDB`, id, text+collation),
		fmt.Sprintf(`CREATE TABLE children (id %s, dataareaid VARCHAR(4) %[3]s NOT NULL, number VARCHAR(20) %[3]s NOT NULL,
			title VARCHAR(20) %[3]s NOT NULL, note TEXT %[3]s, badge VARCHAR(20) %[3]s, quantity BIGINT, amount DECIMAL(18,4), active TINYINT(1),
			born DATE, seen DATETIME(6), token UUID, parent %[2]s, UNIQUE KEY by_number (dataareaid, number), UNIQUE KEY by_badge (badge),
			CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id)) ENGINE=InnoDB`, id, parent, text+collation),
		`CREATE TABLE rates (currency VARCHAR(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL, day DATE NOT NULL, rate DECIMAL(18,4), PRIMARY KEY (currency, day)) ENGINE=InnoDB`,
	}
}

func TestMariaDBKeepsThePromisesOfAConnector(t *testing.T) {
	for name, script := range map[string][]string{
		"counted ids, bytes":   standard("INT AUTO_INCREMENT PRIMARY KEY", "INT", "utf8mb4_nopad_bin"),
		"guid ids, no accents": standard("UUID NOT NULL PRIMARY KEY", "UUID", "utf8mb4_unicode_520_ci"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				a := newApp(t, script...)
				return connectortest.Fixture{Connector: a.connect(t), App: a, Another: a.connect}
			})
		})
	}
}

// Insert adds a record as the app itself would.
func (a *app) Insert(t testing.TB, table string, values map[string]connectors.Value) string {
	t.Helper()
	var columns []string
	var args []any
	for name, v := range values {
		columns, args = append(columns, name), append(args, held(v))
	}
	id := "CAST(id AS CHAR)"
	switch {
	case table == connectortest.Rates:
		id = "CONCAT(currency, '|', day)"
	case strings.HasPrefix(a.text(t, "SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND column_name = 'id'", table), "uuid"):
		columns, args = append(columns, "id"), append(args, a.text(t, "SELECT UUID()"))
	}
	return a.text(t, fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s) RETURNING %s", table, strings.Join(columns, ", "), strings.Repeat(", ?", len(args)-1), id), args...)
}

// Update edits a record as the app itself would.
func (a *app) Update(t testing.TB, table, id string, values map[string]connectors.Value) {
	t.Helper()
	for name, v := range values {
		a.exec(t, fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", table, name, a.id(table)), held(v), id)
	}
}

// Delete removes a record as the app itself would.
func (a *app) Delete(t testing.TB, table, id string) {
	t.Helper()
	a.exec(t, fmt.Sprintf("DELETE FROM %s WHERE %s = ?", table, a.id(table)), id)
}

func (a *app) id(table string) string {
	if table == connectortest.Rates {
		return "CONCAT(currency, '|', day)"
	}
	return "id"
}

// Leftovers lists what the app did not make itself.
func (a *app) Leftovers(t testing.TB) []string {
	t.Helper()
	return strings.Fields(a.text(t, `SELECT group_concat(name SEPARATOR ' ') FROM (
		SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '%dualwrite%'
		UNION ALL SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name LIKE '%dualwrite%') AS ours`))
}

// held is a value as the app's own code would hold it.
func held(v connectors.Value) any {
	switch {
	case !v.IsSet():
		return nil
	case v.Type() == connectors.Int, v.Type() == connectors.Bool:
		return v.Int()
	case v.Type() == connectors.DateTime:
		return v.Time().Format("2006-01-02 15:04:05.999999")
	}
	return v.String()
}

func text(s string) connectors.Value { return connectors.TextValue(s) }
