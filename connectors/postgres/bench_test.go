package postgres_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"

	"github.com/jackc/pgx/v5"
)

// benchTable has the columns of an app's usual table, and rows of about 200 bytes.
const benchTable = `CREATE TABLE customers (account text PRIMARY KEY, name text NOT NULL, street text, city text, zip text, country text, phone text, email text,
	credit numeric(15,2), blocked boolean, since date, changed timestamptz)`

const benchRows = `INSERT INTO customers SELECT 'C' || lpad(n::text, 9, '0'), 'Customer number ' || n, (n % 997) || ' Long Street, Floor ' || (n % 13), 'Springfield', lpad((n % 99991)::text, 5, '0'),
	'US', '+1 555 ' || lpad(n::text, 7, '0'), 'customer.' || n || '@example.com', n + 0.25, n % 2 = 0, date '2020-03-20' + n % 1000, timestamptz '2020-01-01 00:00Z' + n * interval '1 second'
	FROM generate_series(1, 20000) n`

const benchRecords = 20_000

var benchFields = []string{"account", "name", "street", "city", "zip", "country", "phone", "email", "credit", "blocked", "since", "changed"}

// used is how many microseconds of a processor processes of the server have used.
func used(b *testing.B, pids ...uint32) (micros float64) {
	b.Helper()
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			b.Skip("the processor time of another process is not to be had here")
		}
		nanos, _ := strconv.ParseFloat(strings.Fields(string(stat))[0], 64)
		micros += nanos / 1000
	}
	return micros
}

// work tells what a connector's calls cost, for each record: processor time of
// this process and of the server for it.
func (a *app) work(b *testing.B, records int, f func()) {
	b.Helper()
	server := func() (pids []uint32) {
		list := a.text(b, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'dualwrite' AND datname = current_database()")
		for pid := range strings.FieldsSeq(list) {
			n, _ := strconv.ParseUint(pid, 10, 32)
			pids = append(pids, uint32(n))
		}
		return pids
	}
	pids := server()
	before, client := used(b, pids...), own(b)
	f()
	b.ReportMetric((own(b)-client)/float64(records), "client-µs/record")
	b.ReportMetric((used(b, pids...)-before)/float64(records), "server-µs/record")
	b.ReportMetric(0, "ns/op")
}

// own is how many microseconds of a processor this process has used.
func own(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1000
}

func benchEntity(b *testing.B, c connectors.Connector) *probe.Entity {
	return probe.OpenWith(b, c, connectors.Selection{Entity: "customers", Fields: benchFields, Key: []int{0}, Company: -1})
}

// page reads all records.
func page(b *testing.B, e *probe.Entity) (all []connectors.Record) {
	for next, more := connectors.Position(""), true; more; more = next != "" {
		records, after, err := e.Scan(b.Context(), next, 1000)
		if err != nil {
			b.Fatal(err)
		}
		all, next = append(all, records...), after
	}
	return all
}

func BenchmarkScan(b *testing.B) {
	a := newApp(b, benchTable, benchRows, "VACUUM ANALYZE customers")
	e := benchEntity(b, a.connect(b))
	page(b, e)
	a.work(b, b.N*benchRecords, func() {
		for range b.N {
			page(b, e)
		}
	})
}

// store writes a batch after the other.
func store(b *testing.B, e *probe.Entity, writes []connectors.Write) {
	for part := range slices.Chunk(writes, 1000) {
		results, err := e.Write(b.Context(), part)
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range results {
			if r.Outcome != connectors.Stored {
				b.Fatalf("outcome %d, %v", r.Outcome, r.Err)
			}
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	a := newApp(b, benchTable, benchRows)
	c := a.connect(b)
	e := benchEntity(b, c)
	var writes []connectors.Write
	for _, r := range page(b, e) {
		writes = append(writes, e.Creates(r.Row...))
	}
	probe.Start(b, c, "customers")
	a.exec(b, "TRUNCATE customers")
	store(b, e, writes)
	a.work(b, b.N*benchRecords, func() {
		for range b.N {
			a.exec(b, "TRUNCATE customers")
			store(b, e, writes)
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	a := newApp(b, benchTable, benchRows)
	c := a.connect(b)
	e := benchEntity(b, c)
	all := page(b, e)
	probe.Start(b, c, "customers")
	writes := make([]connectors.Write, len(all))
	for i, r := range all {
		row := make(connectors.Row, len(r.Row))
		row[3], row[8] = text("Shelbyville"), connectors.IntValue(int64(i))
		writes[i] = e.Updates(r.ID, row...)
	}
	store(b, e, writes)
	a.work(b, b.N*benchRecords, func() {
		for range b.N {
			store(b, e, writes)
		}
	})
}

func BenchmarkFeed(b *testing.B) {
	a := newApp(b, benchTable, benchRows)
	feed := probe.Start(b, a.connect(b), "customers")
	told := 0
	for i := range b.N {
		for n := range 20 {
			a.exec(b, "UPDATE customers SET city = $1 WHERE account LIKE $2", fmt.Sprint("City ", i), fmt.Sprintf("C000%02d%%", n))
		}
	}
	a.work(b, b.N*benchRecords, func() {
		for caughtUp := false; !caughtUp; {
			batch, next, end, err := feed.Changes(b.Context(), feed.At, 1000)
			if err != nil {
				b.Fatal(err)
			}
			told, feed.At, caughtUp = told+len(batch), next, end
			if err := feed.Confirm(b.Context(), feed.At); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWhatCaptureCostsTheApp tells the server's own time for a change, of one
// record a transaction and of many records a statement, without our triggers
// and with them, in turns.
func BenchmarkWhatCaptureCostsTheApp(b *testing.B) {
	var sessions [2]*pgx.Conn
	for i := range sessions {
		a := newApp(b, benchTable, benchRows, "VACUUM ANALYZE customers")
		sessions[i] = a.session(b)
		if i == 1 {
			probe.Start(b, a.connect(b), "customers")
		}
	}
	turns := func(b *testing.B, changes int, change func(conn *pgx.Conn, i int)) {
		var micros [2][]float64
		for i := range b.N {
			for side, conn := range sessions {
				before := used(b, conn.PgConn().PID())
				change(conn, i)
				micros[side] = append(micros[side], (used(b, conn.PgConn().PID())-before)/float64(changes))
			}
		}
		for side, what := range []string{"alone-µs/change", "captured-µs/change"} {
			slices.Sort(micros[side])
			b.ReportMetric(micros[side][b.N/2], what)
		}
		b.ReportMetric(0, "ns/op")
	}
	b.Run("one a transaction", func(b *testing.B) {
		turns(b, 500, func(conn *pgx.Conn, turn int) {
			for i := range 500 {
				const update = "UPDATE customers SET city = $1 WHERE account = $2"
				if _, err := conn.Exec(b.Context(), update, pgx.QueryExecModeCacheStatement, fmt.Sprint("City ", turn, i), fmt.Sprintf("C%09d", 1+(turn*500+i)*7919%benchRecords)); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("many a statement", func(b *testing.B) {
		turns(b, 5000, func(conn *pgx.Conn, turn int) {
			run(b, conn, fmt.Sprintf("UPDATE customers SET city = 'City %d' WHERE account <= 'C000005000'", turn))
		})
	})
}
