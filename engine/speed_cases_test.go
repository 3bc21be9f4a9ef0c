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

// BenchmarkSpeed measures each figure that docs/performance.md holds to a limit.
func BenchmarkSpeed(b *testing.B) {
	server := sqltest.NewPostgres()
	defer server.Close()
	n := speedRecords()
	for _, c := range []struct {
		name string
		run  func(b *testing.B, x *speed, n int)
	}{
		{"initial-empty", initialEmpty}, {"initial-equal", initialEqual}, {"initial-tenth", initialTenth},
		{"live-one-side", liveOneSide}, {"live-both-sides", liveBothSides}, {"latency", latency}, {"idle", idle}, {"catch-up", catchUp},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.run(b, newSpeed(b, server), n)
				b.ReportMetric(peakMemory(), "peak-MB")
				b.ReportMetric(0, "ns/op") // the setting up is in it
			}
		})
	}
}

func report(b *testing.B, took, against time.Duration) {
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(against.Seconds(), "plain-s")
	b.ReportMetric(took.Seconds()/against.Seconds(), "x-plain")
}

// initialEmpty is held to a binary COPY pipe: at most 3 times.
func initialEmpty(b *testing.B, x *speed, n int) {
	x.fill(0, 1, n)
	x.exec(0, "VACUUM ANALYZE customers")
	plain := x.copyPipe()
	x.exec(1, "TRUNCATE customers")
	report(b, x.initial(), plain)
}

// initialEqual is held to reading both sides: at most 4 times.
func initialEqual(b *testing.B, x *speed, n int) {
	x.both(n)
	plain := x.read(0) + x.read(1)
	report(b, x.initial(), plain)
}

// initialTenth is held to 4 times reading both sides and a bare batched update
// of the tenth that differs: at most 1.5 times that.
func initialTenth(b *testing.B, x *speed, n int) {
	x.both(n)
	plain := 4 * (x.read(0) + x.read(1))
	x.exec(0, "UPDATE customers SET city = 'Shelbyville' WHERE account >= 'C' AND right(account, 1) = '3'")
	start := time.Now()
	x.bareUpdate(n)
	plain += time.Since(start)
	x.exec(1, "UPDATE customers SET city = 'Springfield' WHERE right(account, 1) = '3'")
	report(b, x.initial(), plain)
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
		x.await(0)
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
func liveOneSide(b *testing.B, x *speed, _ int) {
	x.both(liveRecords)
	start := time.Now()
	x.load(0, liveChanges, liveRecords)
	plain := time.Since(start)
	x.initial()
	start = time.Now()
	x.load(0, liveChanges, liveRecords)
	loaded := time.Since(start)
	report(b, x.equal().Sub(start), plain)
	b.ReportMetric(loaded.Seconds()/plain.Seconds(), "x-load")
}

// liveBothSides loads both sides at once: at most 2.5 times.
func liveBothSides(b *testing.B, x *speed, _ int) {
	x.both(liveRecords)
	both := func() {
		var wait sync.WaitGroup
		for side := range 2 {
			wait.Go(func() { x.load(side, liveChanges/2, liveRecords) })
		}
		wait.Wait()
	}
	start := time.Now()
	both()
	plain := time.Since(start)
	x.initial()
	start = time.Now()
	both()
	report(b, x.equal().Sub(start), plain)
}

// latency is the time from a commit on one side to its being readable on the
// other, at 300 changes a second: median under 20 ms, 99 of 100 under 100 ms.
func latency(b *testing.B, x *speed, _ int) {
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
		must(b, err)
		if i%20 != 10 {
			continue
		}
		start := time.Now()
		for have := ""; have != city; {
			must(b, look.QueryRow(context.Background(), "SELECT city FROM customers WHERE account = $1", key).Scan(&have))
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// idle is the share of a core that a running map costs: under 1 %.
func idle(b *testing.B, x *speed, _ int) {
	x.both(1000)
	x.initial()
	time.Sleep(2 * time.Second)
	used := func() time.Duration {
		var u syscall.Rusage
		must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before, start := used(), time.Now()
	time.Sleep(10 * time.Second)
	b.ReportMetric(100*(used()-before).Seconds()/time.Since(start).Seconds(), "%core")
}

// catchUp plays 100,000 queued changes back: about 10 s at most, 5 times what
// native replication takes.
func catchUp(b *testing.B, x *speed, _ int) {
	x.both(liveRecords)
	x.initial()
	ctx := context.Background()
	must(b, x.e.Pause(ctx, "bench", []int64{x.mapID}))
	x.load(0, liveChanges, liveRecords)
	for queued := int64(0); queued < liveChanges; {
		s, err := x.store.SummaryOf(ctx, x.mapID)
		must(b, err)
		queued = s.Tally.Queued
		time.Sleep(5 * time.Millisecond)
	}
	start := time.Now()
	must(b, x.e.Resume(ctx, "bench", []int64{x.mapID}))
	x.await(0)
	b.ReportMetric(time.Since(start).Seconds(), "s")
	x.equal()
}

// connect opens another connection to a side.
func (x *speed) connect(side int) *pgx.Conn {
	d := x.db[side]
	cfg, err := pgx.ParseConfig("")
	must(x.b, err)
	cfg.Host, cfg.Port, cfg.Database, cfg.User, cfg.Password = d.Host, uint16(d.Port), d.Name, d.User, d.Password
	conn, err := pgx.ConnectConfig(context.Background(), cfg)
	must(x.b, err)
	return conn
}
