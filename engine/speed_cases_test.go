package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dualwrite/connectors/sqltest"
)

// BenchmarkSpeed measures each figure that docs/performance.md holds to a limit,
// DUALWRITE_BENCH_RUNS times, 3 if that is not set, and prints the medians as a
// table; as JSON too, into the file that DUALWRITE_BENCH_JSON names.
func BenchmarkSpeed(b *testing.B) {
	UseMemory()
	server := sqltest.NewPostgres("fsync=on", "synchronous_commit=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=256MB", "wal_level=logical", "max_wal_size=4GB", "checkpoint_timeout=30min")
	defer server.Close()
	n := speedRecords()
	var all []figure
	var peak float64
	for _, c := range []struct {
		name string
		run  func(x *speed, n int) []figure
	}{
		{"initial-small", initialSmall}, {"initial-empty", initialEmpty}, {"initial-equal", initialEqual}, {"initial-tenth", initialTenth},
		{"live-one-side", liveOneSide}, {"live-both-sides", liveBothSides}, {"latency", latency}, {"idle", idle}, {"catch-up", catchUp},
		{"initial-mariadb", initialMariaDB}, {"initial-sqlite", initialSQLite},
	} {
		b.Run(c.name, func(b *testing.B) {
			var runs [][]figure
			for len(runs) < speedRuns() {
				x := newSpeed(b, server)
				runs = append(runs, c.run(x, n))
				peak = max(peak, peakMemory())
				x.drop()
			}
			for _, f := range medians(runs) {
				b.ReportMetric(f.Value, f.unit())
				if f.Plain != 0 {
					b.ReportMetric(f.ratio(), "x-plain")
				}
				all = append(all, f)
			}
			b.ReportMetric(0, "ns/op") // the setting up is in it
		})
	}
	all = append(all, figure{What: "peak memory of the process", Value: peak, Unit: "MB", Limit: 250})
	tell(b, relate(all))
}

// initialEmpty is held to a binary COPY pipe: at most 3 times.
func initialEmpty(x *speed, n int) []figure {
	x.fill(0, 1, n)
	x.exec(0, "VACUUM ANALYZE customers")
	plain := x.copyPipe()
	x.exec(1, "TRUNCATE customers")
	took := x.initial()
	return []figure{
		{What: whatEmpty, Value: took.Seconds(), Unit: "s", Against: "a binary COPY pipe", Plain: plain.Seconds(), Limit: 3},
		{What: "store, each link", Value: x.storeSize() / float64(n), Unit: "bytes", Limit: 200},
		{What: whatEach, Value: took.Seconds() / float64(n) * 1e6, Unit: "µs"},
	}
}

// smallRecords is what the time a record of a large side is held to.
const smallRecords = 10_000

// initialSmall tells the time a record of a small side.
func initialSmall(x *speed, _ int) []figure {
	x.fill(0, 1, smallRecords)
	x.exec(0, "VACUUM ANALYZE customers")
	return []figure{{What: whatEachSmall, Value: x.initial().Seconds() / smallRecords * 1e6, Unit: "µs"}}
}

// initialEqual is held to reading both sides: at most 4 times.
func initialEqual(x *speed, n int) []figure {
	x.both(n)
	plain := x.read(0) + x.read(1)
	return []figure{{What: "initial write over equal sides", Value: x.initial().Seconds(), Unit: "s", Against: "reading both", Plain: plain.Seconds(), Limit: 4}}
}

// initialTenth is held to 4 times reading both sides and a bare batched update
// of the tenth that differs: at most 1.5 times that.
func initialTenth(x *speed, n int) []figure {
	x.both(n)
	plain := 4 * (x.read(0) + x.read(1))
	x.exec(0, "UPDATE customers SET city = 'Shelbyville' WHERE account >= 'C' AND right(account, 1) = '3'")
	start := time.Now()
	x.bareUpdate(n)
	plain += time.Since(start)
	x.exec(1, "UPDATE customers SET city = 'Springfield' WHERE right(account, 1) = '3'")
	return []figure{{What: "initial write, a tenth differs", Value: x.initial().Seconds(), Unit: "s", Against: "4 times reading both and a bare batched update", Plain: plain.Seconds(), Limit: 1.5}}
}

// both fills both sides alike.
func (x *speed) both(n int) {
	for side := range x.conn {
		x.fill(side, 1, n)
		x.exec(side, "VACUUM ANALYZE customers")
	}
}

// read reads a whole side the plain way.
func (x *speed) read(side int) time.Duration {
	start := time.Now()
	rows, err := x.conn[side].Query(context.Background(), "SELECT * FROM customers")
	must(x.b, err)
	for rows.Next() {
		_ = rows.RawValues()
	}
	must(x.b, rows.Err())
	return time.Since(start)
}

// bareUpdate changes every tenth record of the right by batches of 1000 keys.
func (x *speed) bareUpdate(n int) {
	var keys []string
	for i := 3; i <= n; i += 10 {
		keys = append(keys, fmt.Sprintf("C%09d", i))
	}
	for part := range slices.Chunk(keys, 1000) {
		_, err := x.conn[1].Exec(context.Background(), "UPDATE customers SET city = 'Shelbyville' WHERE account = ANY($1)", part)
		must(x.b, err)
	}
}

// liveClients write single rows, each in a transaction of its own.
const liveClients = 4

// load has clients write so many single-row transactions to a side.
func (x *speed) load(side, changes, records int) {
	var wait sync.WaitGroup
	for client := range liveClients {
		conn := x.connect(side)
		wait.Go(func() {
			defer conn.Close(context.Background())
			r := rand.New(rand.NewPCG(uint64(client), uint64(side)))
			for i := range changes / liveClients {
				// Each client has rows of its own on each side: no collision, no conflict.
				key := fmt.Sprintf("C%09d", 1+(r.IntN(records/(2*liveClients))*2+side)*liveClients+client)
				if _, err := conn.Exec(context.Background(), "UPDATE customers SET city = $1 WHERE account = $2", fmt.Sprint("City ", side, client, i), key); err != nil {
					panic(err)
				}
			}
		})
	}
	wait.Wait()
}

// equal waits until both sides hold the same, and tells when they did.
func (x *speed) equal() time.Time {
	const digest = "SELECT md5(string_agg(account || city, ',' ORDER BY account)) FROM customers"
	for {
		if x.running {
			x.await(0)
		}
		at := time.Now()
		var sums [2]string
		for side := range sums {
			must(x.b, x.conn[side].QueryRow(context.Background(), digest).Scan(&sums[side]))
		}
		if sums[0] == sums[1] {
			return at
		}
		time.Sleep(5 * time.Millisecond)
	}
}

const liveChanges, liveRecords = 100_000, 100_000

// liveOneSide is held to the same load with nothing attached: at most 1.8 times.
func liveOneSide(x *speed, _ int) []figure {
	return x.live("100,000 single-row transactions on one side", 1.8, func() { x.load(0, liveChanges, liveRecords) })
}

// liveBothSides loads both sides at once: at most 2.5 times.
func liveBothSides(x *speed, _ int) []figure {
	return x.live("as many on both sides at once", 2.5, func() {
		var wait sync.WaitGroup
		for side := range 2 {
			wait.Go(func() { x.load(side, liveChanges/2, liveRecords) })
		}
		wait.Wait()
	})
}

func (x *speed) live(what string, limit float64, load func()) []figure {
	x.both(liveRecords)
	start := time.Now()
	load()
	plain := time.Since(start)
	x.initial()
	start = time.Now()
	load()
	loaded := time.Since(start)
	return []figure{
		{What: what, Value: x.equal().Sub(start).Seconds(), Unit: "s", Against: "the same with nothing attached", Plain: plain.Seconds(), Limit: limit},
		{What: what + ", until the last commit", Value: loaded.Seconds(), Unit: "s", Against: "the same with nothing attached", Plain: plain.Seconds()},
	}
}

// latency is the time from a commit on one side to its being readable on the
// other, at 300 changes a second: median under 20 ms, 99 of 100 under 100 ms.
func latency(x *speed, _ int) []figure {
	x.both(10_000)
	x.initial()
	look := x.connect(1)
	defer look.Close(context.Background())
	var took []time.Duration
	tick := time.NewTicker(time.Second / 300)
	defer tick.Stop()
	for i := range 3000 {
		<-tick.C
		key, city := fmt.Sprintf("C%09d", 1+i%10_000), fmt.Sprint("Latency ", i)
		_, err := x.conn[0].Exec(context.Background(), "UPDATE customers SET city = $1 WHERE account = $2", city, key)
		must(x.b, err)
		if i%20 != 10 {
			continue
		}
		start := time.Now()
		for have := ""; have != city; {
			must(x.b, look.QueryRow(context.Background(), "SELECT city FROM customers WHERE account = $1", key).Scan(&have))
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return []figure{
		{What: "latency at 300 changes a second, median", Value: float64(took[len(took)/2].Microseconds()) / 1000, Unit: "ms", Limit: 20},
		{What: "latency at 300 changes a second, 99 of 100", Value: float64(took[len(took)*99/100].Microseconds()) / 1000, Unit: "ms", Limit: 100},
	}
}

// idle is the share of a core that a running map costs: under 1 %.
func idle(x *speed, _ int) []figure {
	x.both(1000)
	x.initial()
	time.Sleep(2 * time.Second)
	used := func() time.Duration {
		var u syscall.Rusage
		must(x.b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before, start := used(), time.Now()
	time.Sleep(10 * time.Second)
	return []figure{{What: "idle", Value: 100 * (used() - before).Seconds() / time.Since(start).Seconds(), Unit: "% of a core", Limit: 1}}
}

// catchUp plays 100,000 queued changes back: at most 5 times what native
// replication takes for as many.
func catchUp(x *speed, _ int) []figure {
	x.both(liveRecords)
	plain := x.replicated()
	x.initial()
	ctx := context.Background()
	must(x.b, x.e.Pause(ctx, "bench", []int64{x.mapID}))
	x.load(0, liveChanges, liveRecords)
	for queued := int64(0); queued < liveChanges; {
		s, err := x.store.SummaryOf(ctx, x.mapID)
		must(x.b, err)
		queued = s.Tally.Queued
		time.Sleep(5 * time.Millisecond)
	}
	start := time.Now()
	must(x.b, x.e.Resume(ctx, "bench", []int64{x.mapID}))
	return []figure{{What: "catch-up of 100,000 queued changes", Value: x.equal().Sub(start).Seconds(), Unit: "s", Against: "native replication", Plain: plain.Seconds(), Limit: 5}}
}

// replicated is how long native replication takes to bring the right side up to
// 100,000 changes of the left one that it has not seen.
func (x *speed) replicated() time.Duration {
	var owner [2]*pgx.Conn
	for side := range owner {
		owner[side] = x.connectAs(side, "postgres")
		defer owner[side].Close(context.Background())
	}
	exec := func(side int, sql string, args ...any) {
		_, err := owner[side].Exec(context.Background(), fmt.Sprintf(sql, args...))
		must(x.b, err)
	}
	d := x.db[0]
	slot := "bench_" + d.Name
	exec(0, "CREATE PUBLICATION bench FOR TABLE customers")
	exec(0, "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')", slot)
	exec(1, "CREATE SUBSCRIPTION bench CONNECTION 'host=%s port=%d dbname=%s user=postgres' PUBLICATION bench WITH (create_slot = false, slot_name = '%s', copy_data = false, enabled = false)",
		d.Socket, d.Port, d.Name, slot)
	x.load(0, liveChanges, liveRecords)
	start := time.Now()
	exec(1, "ALTER SUBSCRIPTION bench ENABLE")
	took := x.equal().Sub(start)
	exec(1, "ALTER SUBSCRIPTION bench DISABLE")
	exec(1, "ALTER SUBSCRIPTION bench SET (slot_name = NONE)")
	exec(1, "DROP SUBSCRIPTION bench")
	for active := true; active; { // the worker takes a moment to leave
		must(x.b, owner[0].QueryRow(context.Background(), "SELECT active FROM pg_replication_slots WHERE slot_name = $1", slot).Scan(&active))
	}
	exec(0, "SELECT pg_drop_replication_slot('%s')", slot)
	exec(0, "DROP PUBLICATION bench")
	return took
}

// connect opens another connection to a side.
func (x *speed) connect(side int) *pgx.Conn { return x.connectAs(side, "") }

// connectAs goes by the socket, where everybody is let in, for another account.
func (x *speed) connectAs(side int, account string) *pgx.Conn {
	d := x.db[side]
	cfg, err := pgx.ParseConfig("")
	must(x.b, err)
	cfg.Host, cfg.Port, cfg.Database, cfg.User, cfg.Password = d.Host, uint16(d.Port), d.Name, d.User, d.Password
	if account != "" {
		cfg.Host, cfg.User, cfg.Password = d.Socket, account, ""
	}
	conn, err := pgx.ConnectConfig(context.Background(), cfg)
	must(x.b, err)
	return conn
}
