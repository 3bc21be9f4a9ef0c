package engine

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors/mysql"
	"dualwrite/connectors/sqlite"
	"dualwrite/connectors/sqltest"
)

// The initial write into an empty side between two databases of the same kind
// that is not PostgreSQL, with records like those of the other lines.

// mariadbTable is speedTable in MariaDB.
const mariadbTable = `CREATE TABLE customers (account VARCHAR(20) PRIMARY KEY, name VARCHAR(60) NOT NULL, street VARCHAR(60), city VARCHAR(40), zip VARCHAR(10), country VARCHAR(2),
	phone VARCHAR(20), email VARCHAR(60), credit DECIMAL(15,2), blocked BOOLEAN, since DATE, changed DATETIME(6)) ENGINE=InnoDB`

// mariadbRows is speedRows in MariaDB, from 1 on.
const mariadbRows = `INSERT INTO customers SELECT CONCAT('C', LPAD(seq, 9, '0')), CONCAT('Customer number ', seq, ' of the bench'), CONCAT(seq %% 997, ' Long Street, Floor ', seq %% 13),
	'Springfield', LPAD(seq %% 99991, 5, '0'), 'US', CONCAT('+1 555 ', LPAD(seq, 7, '0')), CONCAT('customer.', seq, '@example.com'), seq + 0.25, seq %% 2 = 0,
	DATE '2020-03-20' + INTERVAL seq %% 1000 DAY, TIMESTAMP '2020-01-01 00:00:00' + INTERVAL seq SECOND FROM seq_1_to_%d`

// sqliteTable is speedTable in SQLite.
const sqliteTable = `CREATE TABLE customers (account TEXT PRIMARY KEY, name TEXT NOT NULL, street TEXT, city TEXT, zip TEXT, country TEXT, phone TEXT, email TEXT,
	credit NUMERIC(15,2), blocked BOOLEAN, since DATE, changed DATETIME)`

// sqliteRows is speedRows in SQLite, from 1 on.
const sqliteRows = `INSERT INTO customers WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d)
	SELECT printf('C%%09d', n), 'Customer number ' || n || ' of the bench', (n %% 997) || ' Long Street, Floor ' || (n %% 13), 'Springfield', printf('%%05d', n %% 99991), 'US',
	'+1 555 ' || printf('%%07d', n), 'customer.' || n || '@example.com', n + 0.25, n %% 2 = 0, date('2020-03-20', (n %% 1000) || ' days'),
	strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2020-01-01', n || ' seconds') FROM s`

// elsewhere is for databases of another kind. What was begun over PostgreSQL ends.
func (x *speed) elsewhere() *speed {
	x.drop()
	y := &speed{b: x.b}
	y.drop = sync.OnceFunc(y.end)
	x.b.Cleanup(y.drop)
	return y
}

// initialMariaDB is held to LOAD DATA: at most 3 times. The server keeps the
// durability that it is shipped with.
func initialMariaDB(x *speed, n int) []figure {
	server := sqltest.NewMariaDB("--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=O_DIRECT", "--innodb-doublewrite=1", "--innodb-fast-shutdown=1",
		"--innodb-buffer-pool-size=256M", "--innodb-log-file-size=512M")
	defer server.Close()
	x = x.elsewhere()
	defer x.drop()
	var settings [2]map[string]string
	for side := range x.db {
		x.db[side] = server.Database(x.b)
		d := x.db[side]
		settings[side] = map[string]string{"host": d.Host, "port": strconv.Itoa(d.Port), "database": d.Name, "user": d.User, "password": d.Password}
		d.Exec(x.b, mariadbTable)
	}
	x.db[0].Exec(x.b, fmt.Sprintf(mariadbRows, n), "ANALYZE TABLE customers")
	plain := x.loadData()
	x.db[1].Exec(x.b, "TRUNCATE customers")
	x.start("mariadb", mysql.Open, settings)
	took := x.initial()
	if have := strings.TrimSpace(x.db[1].Exec(x.b, "SELECT count(*) FROM customers")); have != strconv.Itoa(n) {
		x.b.Fatalf("%s records came of %d", have, n)
	}
	return []figure{{What: whatEmpty + ", MariaDB", Value: took.Seconds(), Unit: "s", Against: "SELECT piped into LOAD DATA", Plain: plain.Seconds(), Limit: 3}}
}

// loadData copies the left table to the right by the server's own client.
func (x *speed) loadData() time.Duration {
	client := func(side int, statement string, flags ...string) *exec.Cmd {
		common := []string{"--no-defaults", "--default-character-set=utf8mb4", "--socket=" + x.db[side].Socket, "--user=root", "--database=" + x.db[side].Name, "--execute=" + statement}
		return exec.Command("mariadb", append(common, flags...)...)
	}
	from := client(0, "SELECT * FROM customers", "--quick", "--batch", "--skip-column-names")
	into := client(1, "LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE customers", "--local-infile")
	var err error
	into.Stdin, err = from.StdoutPipe()
	must(x.b, err)
	var said strings.Builder
	from.Stderr, into.Stderr = &said, &said
	start := time.Now()
	must(x.b, from.Start())
	must(x.b, into.Start())
	if err := into.Wait(); err != nil {
		x.b.Fatalf("load: %v: %s", err, &said)
	}
	must(x.b, from.Wait())
	return time.Since(start)
}

// initialSQLite is held to a copy by a program, through the same driver: at most
// 3 times. What SQLite takes with both files in one process is told beside it.
func initialSQLite(x *speed, n int) []figure {
	x = x.elsewhere()
	defer x.drop()
	dir := x.b.TempDir()
	var db [2]*sql.DB
	var path [2]string
	var settings [2]map[string]string
	exec := func(side int, statement string, args ...any) {
		_, err := db[side].Exec(statement, args...)
		must(x.b, err)
	}
	for side := range db {
		path[side] = filepath.Join(dir, fmt.Sprint("side", side, ".db"))
		settings[side] = map[string]string{"path": path[side]}
		where := url.URL{Scheme: "file", Path: path[side], RawQuery: url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}}.Encode()}
		var err error
		db[side], err = sql.Open("sqlite", where.String())
		must(x.b, err)
		defer db[side].Close()
		db[side].SetMaxOpenConns(1)
		exec(side, sqliteTable)
	}
	exec(0, fmt.Sprintf(sqliteRows, n))
	plain := copyRows(x.b, db[0], db[1])
	exec(1, "DELETE FROM customers")
	exec(1, "ATTACH ? AS source", path[0])
	start := time.Now()
	exec(1, "INSERT INTO customers SELECT * FROM source.customers")
	attached := time.Since(start)
	exec(1, "DETACH source")
	exec(1, "DELETE FROM customers")
	x.start("sqlite", sqlite.Open, settings)
	took := x.initial()
	var have int
	must(x.b, db[1].QueryRow("SELECT count(*) FROM customers").Scan(&have))
	if have != n {
		x.b.Fatalf("%d records came of %d", have, n)
	}
	return []figure{
		{What: whatEmpty + ", SQLite", Value: took.Seconds(), Unit: "s", Against: "a copy by a program in one transaction", Plain: plain.Seconds(), Limit: 3},
		{What: whatEmpty + ", SQLite, against its own engine", Value: took.Seconds(), Unit: "s", Against: "INSERT ... SELECT over ATTACH", Plain: attached.Seconds()},
	}
}

// copyRows reads every row of one database and inserts it into another, in one
// transaction.
func copyRows(b *testing.B, from, into *sql.DB) time.Duration {
	start := time.Now()
	tx, err := into.Begin()
	must(b, err)
	insert, err := tx.Prepare("INSERT INTO customers VALUES (?" + strings.Repeat(", ?", len(speedFields)-1) + ")")
	must(b, err)
	// The signs keep the driver from making times of texts.
	rows, err := from.QueryContext(context.Background(), "SELECT +"+strings.Join(speedFields, ", +")+" FROM customers")
	must(b, err)
	row, at := make([]any, len(speedFields)), make([]any, len(speedFields))
	for i := range row {
		at[i] = &row[i]
	}
	for rows.Next() {
		must(b, rows.Scan(at...))
		_, err := insert.Exec(row...)
		must(b, err)
	}
	must(b, rows.Err())
	must(b, rows.Close())
	must(b, tx.Commit())
	return time.Since(start)
}
