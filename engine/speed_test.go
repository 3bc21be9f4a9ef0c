package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dualwrite/connectors"
	"dualwrite/connectors/postgres"
	"dualwrite/connectors/sqltest"
	"dualwrite/models"
)

// The speed benchmarks keep two databases in step, of PostgreSQL unless they say
// otherwise, and compare that with what people would use instead, measured in the
// same run.

// speedRecords is how many records a side has: DUALWRITE_BENCH_RECORDS, else
// 100,000.
func speedRecords() int {
	if n, err := strconv.Atoi(os.Getenv("DUALWRITE_BENCH_RECORDS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// speedTable has 12 columns and about 200 bytes a row.
const speedTable = `CREATE TABLE customers (account text PRIMARY KEY, name text NOT NULL, street text, city text, zip text, country text, phone text, email text,
	credit numeric(15,2), blocked boolean, since date, changed timestamptz)`

var speedFields = []string{"account", "name", "street", "city", "zip", "country", "phone", "email", "credit", "blocked", "since", "changed"}

// speedRows makes n rows from a number on.
const speedRows = `SELECT 'C' || lpad(n::text, 9, '0'), 'Customer number ' || n || ' of the bench', (n %% 997) || ' Long Street, Floor ' || (n %% 13), 'Springfield', lpad((n %% 99991)::text, 5, '0'),
	'US', '+1 555 ' || lpad(n::text, 7, '0'), 'customer.' || n || '@example.com', n + 0.25, n %% 2 = 0, date '2020-03-20' + n %% 1000, timestamptz '2020-01-01 00:00Z' + n * interval '1 second'
	FROM generate_series(%d, %d) n`

// speed is two databases, a store and an engine.
type speed struct {
	b     *testing.B
	db    [2]sqltest.Database
	conn  [2]*pgx.Conn
	store *models.Store
	e     *Engine
	mapID int64
	dir   string

	running bool // the map was run
	drop    func()
}

func newSpeed(b *testing.B, server *sqltest.Server) *speed {
	b.Helper()
	x := &speed{b: b}
	x.drop = sync.OnceFunc(x.end)
	b.Cleanup(x.drop)
	var settings [2]map[string]string
	for side := range x.db {
		x.db[side] = server.Database(b)
		d := x.db[side]
		settings[side] = map[string]string{"host": d.Host, "port": strconv.Itoa(d.Port), "database": d.Name, "user": d.User, "password": d.Password}
		x.conn[side] = x.connect(side)
		x.exec(side, speedTable)
	}
	x.start("postgres", postgres.Open, settings)
	return x
}

// start opens a store and starts an engine over two connections of a kind, with
// one map of customers.
func (x *speed) start(kind string, open func(context.Context, map[string]string) (connectors.Connector, error), settings [2]map[string]string) {
	ctx := context.Background()
	var err error
	x.dir = x.b.TempDir()
	x.store, err = models.Open(ctx, filepath.Join(x.dir, "data"), models.Options{})
	must(x.b, err)
	def := models.Definition{Left: models.Endpoint{Entity: "customers", Label: "Customers"}, Right: models.Endpoint{Entity: "customers", Label: "Customers"},
		Key: []models.KeyPair{{Left: "account", Right: "account"}}}
	for _, f := range speedFields {
		def.Fields = append(def.Fields, models.FieldMapping{Left: f, Right: f, Direction: models.Both})
	}
	def, _ = (&models.Definition{}).Revise(def)
	m := &models.Map{Name: "Customers", Definition: def}
	must(x.b, x.store.CreateEnvironment(ctx, &models.Connection{Name: "left", Kind: kind, Settings: settings[0]},
		&models.Connection{Name: "right", Kind: kind, Settings: settings[1]}, &models.Environment{Name: "bench"}, []*models.Map{m}))
	x.mapID = m.ID
	x.e, err = New(x.store, connectors.Openers{kind: open}, Config{SpillDir: filepath.Join(x.dir, "spill")})
	must(x.b, err)
	x.e.Start()
}

func (x *speed) end() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if x.e != nil {
		must(x.b, x.e.Close(ctx))
	}
	if x.store != nil {
		must(x.b, x.store.Close())
	}
	for _, conn := range x.conn {
		if conn != nil {
			_ = conn.Close(ctx)
		}
	}
}

// storeSize is how many bytes the store takes on disk.
func (x *speed) storeSize() (size float64) {
	files, err := filepath.Glob(filepath.Join(x.dir, "data", models.StoreFile))
	must(x.b, err)
	for _, name := range files {
		info, err := os.Stat(name)
		must(x.b, err)
		size += float64(info.Size())
	}
	return size
}

func (x *speed) exec(side int, query string) {
	x.b.Helper()
	_, err := x.conn[side].Exec(context.Background(), query)
	must(x.b, err)
}

func (x *speed) fill(side, from, to int) {
	x.exec(side, "INSERT INTO customers "+fmt.Sprintf(speedRows, from, to))
}

// copyPipe copies the left table to the right by a binary COPY pipe.
func (x *speed) copyPipe() time.Duration {
	start := time.Now()
	r, w := io.Pipe()
	go func() {
		_, err := x.conn[0].PgConn().CopyTo(context.Background(), w, "COPY customers TO STDOUT (FORMAT binary)")
		w.CloseWithError(err)
	}()
	_, err := x.conn[1].PgConn().CopyFrom(context.Background(), r, "COPY customers FROM STDIN (FORMAT binary)")
	must(x.b, err)
	return time.Since(start)
}

// initial runs the map and waits until it is running.
func (x *speed) initial() time.Duration {
	x.running = true
	forgetPeak()
	start := time.Now()
	must(x.b, x.e.Run(context.Background(), "bench", []RunStep{{MapID: x.mapID, InitialSync: true, Master: models.Left}}))
	x.await(0)
	return time.Since(start)
}

func (x *speed) await(captured int64) {
	begun := time.Now()
	for {
		s, err := x.store.SummaryOf(context.Background(), x.mapID)
		must(x.b, err)
		if s.Tally.OpenErrors > 0 {
			x.b.Fatalf("errors: %+v", s.Tally)
		}
		if s.Status == models.Running && s.Tally.Queued == 0 && s.Tally.Captured >= captured {
			return
		}
		time.Sleep(max(5*time.Millisecond, time.Since(begun)/100)) // a look costs time that is measured
	}
}
