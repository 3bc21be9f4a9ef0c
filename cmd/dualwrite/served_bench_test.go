package main

import (
	"bytes"
	"testing"
	"time"

	"dualwrite/models"
)

// longRun is how long a benchmark waits for its end.
const longRun = 5 * time.Minute

// BenchmarkOverHTTP measures the program between the practice apps as it ships
// them, each behind its own protocol: the initial write of all maps that can run,
// and then one edit of every account.
func BenchmarkOverHTTP(b *testing.B) {
	var initial, live pace
	for range b.N {
		b.StopTimer()
		s := &site{t: b, dir: servedFolder(b).DataDir, out: &bytes.Buffer{}}
		s.startAsShipped(b)
		s.look()
		s.mendPlanted()
		b.StartTimer()
		initial.measure(s, s.copyEverything)
		live.measure(s, s.editAccounts)
	}
	initial.report(b, "initial")
	live.report(b, "live")
}

// pace is how fast records went, and how many requests that took.
type pace struct {
	records, requests int64
	took              time.Duration
}

// measure does something that moves records, and says how many.
func (p *pace) measure(s *site, do func() int64) {
	before, begin := s.requests(), time.Now()
	p.records += do()
	p.took += time.Since(begin)
	p.requests += s.requests() - before
}

func (p *pace) report(b *testing.B, what string) {
	b.ReportMetric(float64(p.records)/p.took.Seconds(), what+"-records/s")
	b.ReportMetric(1000*float64(p.requests)/float64(p.records), what+"-requests/1000")
}

// requests is how many calls both apps have answered, those for tokens apart.
func (s *site) requests() (sum int64) {
	for _, side := range models.Sides {
		sum += s.served.Server(side).Calls.All
	}
	return sum
}

// copyEverything runs all maps until they are live, and gives the number of
// pairs of records.
func (s *site) copyEverything() int64 {
	s.run(runnable()...)
	s.within(longRun, "all maps are running", func() bool {
		return s.storeCount("SELECT count(*) FROM entity_maps WHERE status = 'running'") == int64(len(runnable())) && s.storeCount("SELECT sum(queued) FROM tallies") == 0
	})
	return s.storeCount("SELECT sum(linked) FROM tallies")
}

// editAccounts changes a field of every account on the left in one transaction,
// waits for the right, and gives their number.
func (s *site) editAccounts() int64 {
	n := s.left.execAll("UPDATE CustomersV3 SET SALESMEMO = 'edited' WHERE PARTYTYPE = 'Organization'")
	s.within(longRun, "every account is edited", func() bool {
		var there int64
		s.check(s.right.db.QueryRow("SELECT count(*) FROM accounts WHERE description = 'edited'").Scan(&there))
		return there == n
	})
	return n
}

func (s *site) storeCount(query string) (n int64) {
	s.t.Helper()
	s.check(s.reader.QueryRow(query).Scan(&n))
	return n
}
