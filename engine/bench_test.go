package engine

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the plain copy goes without the engine

	"dualwrite/connectors"
	"dualwrite/connectors/sqlite"
	"dualwrite/models"
)

// The benchmarks measure the trunk of the work on two SQLite apps: 100,000
// records a side, of which half exist on both.
const (
	benchRecords = 100_000
	benchShared  = benchRecords / 2
	benchChanges = 20_000
)

const benchTable = `CREATE TABLE customers (id INTEGER PRIMARY KEY, account VARCHAR(20) NOT NULL UNIQUE, name VARCHAR(100), street VARCHAR(100),
	city VARCHAR(60), zip VARCHAR(10), country VARCHAR(2), phone VARCHAR(20), email VARCHAR(80), credit DECIMAL(15,2), blocked BOOLEAN, since DATE)`

var benchFields = []string{"account", "name", "street", "city", "zip", "country", "phone", "email", "credit", "blocked", "since"}

// bench is a store, an engine and two apps.
type bench struct {
	b     *testing.B
	store *models.Store
	e     *Engine
	files [2]string
	apps  [2]*sql.DB
	mapID int64
}

func newBench(b *testing.B) *bench {
	b.Helper()
	ctx, dir := context.Background(), b.TempDir()
	x := &bench{b: b}
	for side, name := range []string{"left.db", "right.db"} {
		x.files[side] = filepath.Join(dir, name)
		db, err := sql.Open("sqlite", "file:"+x.files[side]+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)")
		must(b, err)
		x.apps[side] = db
		b.Cleanup(func() { _ = db.Close() })
		_, err = db.Exec(benchTable)
		must(b, err)
		x.populate(side)
	}
	var err error
	x.store, err = models.Open(ctx, filepath.Join(dir, "data"), models.Options{})
	must(b, err)
	def := models.Definition{Left: models.Endpoint{Entity: "customers", Label: "Customers"}, Right: models.Endpoint{Entity: "customers", Label: "Customers"},
		Key: []models.KeyPair{{Left: "account", Right: "account"}}, Revision: 1, NextSlot: len(benchFields)}
	for i, f := range benchFields {
		def.Fields = append(def.Fields, models.FieldMapping{Slot: i, Since: 1, Left: f, Right: f, Direction: models.Both})
	}
	m := &models.Map{Name: "Customers", Definition: def}
	must(b, x.store.CreateEnvironment(ctx, &models.Connection{Name: "left", Kind: "sqlite", Settings: map[string]string{"path": x.files[0]}},
		&models.Connection{Name: "right", Kind: "sqlite", Settings: map[string]string{"path": x.files[1]}}, &models.Environment{Name: "bench"}, []*models.Map{m}))
	x.mapID = m.ID
	x.e, err = New(x.store, connectors.Openers{"sqlite": sqlite.Open}, Config{SpillDir: filepath.Join(dir, "spill")})
	must(b, err)
	x.e.Start()
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		must(b, x.e.Close(ctx))
		must(b, x.store.Close())
	})
	return x
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// populate gives a side its half of its own and the half that both have.
func (x *bench) populate(side int) {
	tx, err := x.apps[side].Begin()
	must(x.b, err)
	insert, err := tx.Prepare("INSERT INTO customers (account, name, street, city, zip, country, phone, email, credit, blocked, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	must(x.b, err)
	for i := range benchRecords {
		n := i
		if i >= benchShared {
			n += side * benchRecords
		}
		_, err := insert.Exec(fmt.Sprintf("C%07d", n), fmt.Sprintf("Customer number %d of the bench", n), fmt.Sprintf("%d Long Street, Floor %d", n%997, n%13), "Springfield",
			fmt.Sprintf("%05d", n%99991), "US", fmt.Sprintf("+1 555 %07d", n), fmt.Sprintf("customer.%d@example.com", n), fmt.Sprintf("%d.25", n), n%2 == 0, "2020-03-20")
		must(x.b, err)
	}
	must(x.b, tx.Commit())
}

func (x *bench) run(initial bool) {
	must(x.b, x.e.Run(context.Background(), "bench", []RunStep{{MapID: x.mapID, InitialSync: initial, Master: models.Right}}))
}

// await waits until the map is running with an empty queue and so many changes
// captured in all.
func (x *bench) await(captured int64) {
	for {
		s, err := x.store.SummaryOf(context.Background(), x.mapID)
		must(x.b, err)
		if s.Tally.OpenErrors > 0 {
			x.b.Fatalf("errors: %+v", s.Tally)
		}
		if s.Status == models.Running && s.Tally.Queued == 0 && s.Tally.Captured >= captured {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// peakMemory is the most memory the process has held, in MB, where the system
// tells.
func peakMemory() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// forgetPeak begins anew to watch for the most memory, where the system can: what a
// benchmark has compared with may have taken more.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // https://docs.kernel.org/filesystems/proc.html
}

// copyPlain does what the initial write leads to, with one statement a side.
func (x *bench) copyPlain() time.Duration {
	dir := x.b.TempDir()
	var files [2]string
	for side := range files {
		files[side] = filepath.Join(dir, fmt.Sprint(side, ".db"))
		_, err := x.apps[side].Exec("VACUUM INTO ?", files[side])
		must(x.b, err)
	}
	db, err := sql.Open("sqlite", "file:"+files[0]+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	must(x.b, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("ATTACH DATABASE ? AS other", files[1])
	must(x.b, err)
	columns := strings.Join(benchFields, ", ")
	start := time.Now()
	for _, to := range [2][2]string{{"main", "other"}, {"other", "main"}} {
		_, err = db.Exec("INSERT INTO " + to[0] + ".customers (" + columns + ") SELECT " + columns + " FROM " + to[1] +
			".customers s WHERE NOT EXISTS (SELECT 1 FROM " + to[0] + ".customers t WHERE t.account = s.account)")
		must(x.b, err)
	}
	return time.Since(start)
}

// BenchmarkInitialWrite copies 50,000 records each way and finds 50,000 equal,
// beside a plain copy between the same files.
func BenchmarkInitialWrite(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		x := newBench(b)
		plain := x.copyPlain()
		b.StartTimer()
		start := time.Now()
		x.run(true)
		x.await(0)
		took := time.Since(start)
		b.StopTimer()
		b.ReportMetric(2*benchRecords/took.Seconds(), "records/s")
		b.ReportMetric(took.Seconds()/plain.Seconds(), "x-plain-copy")
		b.ReportMetric(2*benchRecords/plain.Seconds(), "plain-records/s")
		b.ReportMetric(peakMemory(), "peak-MB")
		b.StartTimer()
	}
}

// edit changes records of a side in transactions of so many.
func (x *bench) edit(side, from, count, together int) {
	for i := 0; i < count; i += together {
		tx, err := x.apps[side].Begin()
		must(x.b, err)
		for j := range together {
			_, err := tx.Exec("UPDATE customers SET city = ? WHERE account = ?", fmt.Sprintf("City %d", from+i+j), fmt.Sprintf("C%07d", (from+i+j)%benchShared))
			must(x.b, err)
		}
		must(x.b, tx.Commit())
	}
}

// BenchmarkLive edits records on the left while the map is running and waits
// until all are on the right.
func BenchmarkLive(b *testing.B) {
	x := newBench(b)
	x.run(true)
	x.await(0)
	for b.Loop() {
		s, err := x.store.SummaryOf(context.Background(), x.mapID)
		must(b, err)
		start := time.Now()
		x.edit(0, int(s.Tally.Captured), benchChanges, 10)
		x.await(s.Tally.Captured + 2*benchChanges) // each write echoes
		b.ReportMetric(benchChanges/time.Since(start).Seconds(), "changes/s")
		b.ReportMetric(peakMemory(), "peak-MB")
	}
}

// BenchmarkLatency is the time from one commit on the left to the value being
// readable on the right.
func BenchmarkLatency(b *testing.B) {
	x := newBench(b)
	x.run(true)
	x.await(0)
	n := 0
	for b.Loop() {
		n++
		city := fmt.Sprint("Latency ", n)
		account := fmt.Sprintf("C%07d", n%benchShared)
		_, err := x.apps[0].Exec("UPDATE customers SET city = ? WHERE account = ?", city, account)
		must(b, err)
		for have := ""; have != city; {
			must(b, x.apps[1].QueryRow("SELECT city FROM customers WHERE account = ?", account).Scan(&have))
		}
	}
}

// BenchmarkCatchUp queues changes while the map is paused and plays them back.
func BenchmarkCatchUp(b *testing.B) {
	x := newBench(b)
	x.run(true)
	x.await(0)
	ctx := context.Background()
	for b.Loop() {
		b.StopTimer()
		s, err := x.store.SummaryOf(ctx, x.mapID)
		must(b, err)
		must(b, x.e.Pause(ctx, "bench", []int64{x.mapID}))
		x.edit(0, int(s.Tally.Captured), benchChanges, 100)
		for s.Tally.Queued < benchChanges {
			time.Sleep(5 * time.Millisecond)
			s, err = x.store.SummaryOf(ctx, x.mapID)
			must(b, err)
		}
		b.StartTimer()
		start := time.Now()
		must(b, x.e.Resume(ctx, "bench", []int64{x.mapID}))
		x.await(0)
		b.ReportMetric(benchChanges/time.Since(start).Seconds(), "changes/s")
		b.ReportMetric(peakMemory(), "peak-MB")
	}
}
