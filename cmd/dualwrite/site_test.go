package main

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors/practice/practicetest"
	"dualwrite/engine"
	"dualwrite/models"
)

// The maps by the names that people see.
const (
	companiesMap     = "Legal entities (cdm_companies)"
	currencyMap      = "Currencies (transactioncurrencies)"
	daysMap          = "Payment days CDS (msdyn_paymentdays)"
	dayLinesMap      = "Payment day lines CDS V2 (msdyn_paymentdaylines)"
	scheduleMap      = "Payment schedule (msdyn_paymentschedules)"
	scheduleLinesMap = "Payment schedule lines (msdyn_paymentschedulelines)"
	termsMap         = "Terms of payment (msdyn_paymentterms)"
	methodsMap       = "Customer payment method (msdyn_customerpaymentmethods)"
	groupsMap        = "Customer groups (msdyn_customergroups)"
	vendorsMap       = "Vendors V2 (msdyn_vendors)"
	accountsMap      = "Customers V3 (accounts)"
	contactsMap      = "Customers V3 (contacts)"
	personsMap       = "CDS Contacts V2 (contacts)"
)

// who gives the commands in these tests.
const who = "tester"

// patience is how long a test waits for what should happen at once.
const patience = 30 * time.Second

// site is one installation: a data folder and, while it runs, the real program
// in this process.
type site struct {
	t           testing.TB
	dir         string
	left, right *app
	reader      *sql.DB       // the store, from beside the program
	bare        bool          // without the practice environment
	poll        time.Duration // how often what is idle looks by itself; 0 is 200 ms
	*program
	out  *bytes.Buffer // what the program prints
	stop func() error  // what SIGTERM does; waits for the end

	byName map[string]int64 // ids of the maps
}

// start runs the program until stop, or the end of the test.
func (s *site) start() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	opened, ended := make(chan *program, 1), make(chan error, 1)
	s.out = &bytes.Buffer{}
	poll := s.poll
	if poll == 0 {
		poll = 200 * time.Millisecond
	}
	cfg := config{dataDir: s.dir, addr: "127.0.0.1:0", practice: !s.bare, poll: poll, started: func(p *program) { opened <- p },
		log: slog.New(slog.NewTextHandler(testLog{s.t}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	go func() { ended <- run(ctx, cfg, s.out) }()
	select {
	case s.program = <-opened:
	case err := <-ended:
		cancel()
		s.t.Fatalf("the program does not start: %v", err)
	}
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	s.t.Cleanup(func() {
		if err := s.stop(); err != nil {
			s.t.Errorf("the program ended with: %v", err)
		}
	})
	s.look()
}

// look opens the apps' files and the store's from beside the program.
func (s *site) look() {
	s.t.Helper()
	if s.reader = openStore(s.t, s.dir); s.bare {
		return
	}
	s.left = openApp(s.t, filepath.Join(s.dir, practiceFolder, "finance-and-operations.db"))
	s.right = openApp(s.t, filepath.Join(s.dir, practiceFolder, "common-data-service.db"))
}

// testLog puts the program's log into that of the test.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Log(string(bytes.TrimSpace(line)))
	return len(line), nil
}

// id finds a map by name.
func (s *site) id(name string) int64 {
	s.t.Helper()
	if s.byName == nil {
		all, err := s.store.Maps(context.Background())
		s.check(err)
		s.byName = map[string]int64{}
		for _, m := range all {
			s.byName[m.Name] = m.ID
		}
	}
	id, ok := s.byName[name]
	if !ok {
		s.t.Fatalf("there is no map %s", name)
	}
	return id
}

// ids finds maps by name.
func (s *site) ids(names ...string) []int64 {
	s.t.Helper()
	var out []int64
	for _, n := range names {
		out = append(out, s.id(n))
	}
	return out
}

// summary is a map as the console's list shows it.
func (s *site) summary(name string) models.Summary {
	s.t.Helper()
	m, err := s.store.SummaryOf(context.Background(), s.id(name))
	s.check(err)
	return m
}

// check ends the test on an error that has no place in it.
func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// plan is what the Run dialog offers for the named maps.
func (s *site) plan(names ...string) engine.Plan {
	s.t.Helper()
	p, err := s.engine.Plan(context.Background(), s.ids(names...))
	s.check(err)
	return p
}

// run starts the named maps and all that they need, with the initial sync.
func (s *site) run(names ...string) {
	s.t.Helper()
	var steps []engine.RunStep
	for _, step := range s.plan(names...).Steps {
		if step.Map.Status == models.NotRunning && step.Refusal == "" {
			steps = append(steps, engine.RunStep{MapID: step.Map.ID, InitialSync: true, Master: models.Right})
		}
	}
	s.check(s.engine.Run(context.Background(), who, steps))
}

// await polls until something is so, and fails the test when it takes too long.
func (s *site) await(what string, holds func() bool) time.Duration {
	s.t.Helper()
	return s.within(patience, what, holds)
}

// within is await with a patience of its own.
func (s *site) within(patience time.Duration, what string, holds func() bool) time.Duration {
	s.t.Helper()
	begin := time.Now()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(begin) > patience {
			s.t.Fatalf("waited %v in vain until %s", patience, what)
		}
		<-tick.C
	}
	return time.Since(begin)
}

// filled waits until the initial writes of the named maps are over.
func (s *site) filled(names ...string) {
	s.t.Helper()
	for _, n := range names {
		s.await("the initial sync of "+n+" is over", func() bool {
			m := s.summary(n)
			return m.Status == models.Running || m.EndedWithErrors()
		})
	}
}

// is fails the test unless a map has a status.
func (s *site) is(name string, want models.Status) {
	s.t.Helper()
	if m := s.summary(name); m.Status != want {
		s.t.Fatalf("%s is %s, want %s; last issue: %s", name, m.Status, want, m.LastIssue)
	}
}

// openErrors lists the open errors of a map.
func (s *site) openErrors(name string) []models.RecordError {
	s.t.Helper()
	var out []models.RecordError
	for _, work := range []models.Work{models.InitialWork, models.LaterWork} {
		list, _, err := s.store.OpenErrorPage(context.Background(), models.ErrorFilter{MapID: s.id(name), Work: work}, 0, 1000)
		s.check(err)
		out = append(out, list...)
	}
	return out
}

// differences is what the independent checker finds under the named maps.
func (s *site) differences(names ...string) []practicetest.Difference {
	s.t.Helper()
	found, err := practicetest.Differences(s.left.path, s.right.path, names)
	s.check(err)
	return found
}
