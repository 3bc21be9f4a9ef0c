package main

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice"
	"dualwrite/connectors/practice/practicetest"
	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// look is how often the apps are asked for changes, the shortest interval that
// a connection can have; looks is how often an app at rest is watched.
const (
	look  = time.Second
	looks = 20
)

// served is the program between the two practice apps, each behind its own
// protocol. Users edit the files of the apps directly.
type served struct {
	*pair
	apps    practice.Apps
	servers *practice.Servers
}

// newServed serves fresh apps and runs the program, set up for them by what apply
// does.
func newServed(t *testing.T) *served {
	t.Helper()
	s := serveApps(t)
	s.apply(s.setup())
	s.begin()
	return s
}

// serveApps serves fresh apps; the program does not know them yet.
func serveApps(t *testing.T) *served {
	t.Helper()
	apps, err := practice.Create(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	servers, err := practice.Serve(t.Context(), apps, practice.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servers.Close(); err != nil {
			t.Error(err)
		}
	})
	return &served{pair: &pair{site: &site{t: t, dir: t.TempDir(), bare: true}}, apps: apps, servers: servers}
}

// apply puts a setup into the data folder of the program, which does not run.
func (s *served) apply(setup *models.Setup) {
	s.t.Helper()
	s.check(dataFolder{s.dir}.withStore(func(ctx context.Context, store *models.Store) error {
		_, err := store.ApplySetup(ctx, setup, commandLine)
		return err
	}))
}

// begin runs the program and opens the files of both apps.
func (s *served) begin() {
	s.t.Helper()
	s.start()
	s.left, s.right = openApp(s.t, s.apps.Left), openApp(s.t, s.apps.Right)
	s.t.Cleanup(s.tell)
}

// setup is the environment as a file describes it: the secret is a reference.
func (s *served) setup() *models.Setup {
	s.t.Helper()
	who := s.servers.Credentials
	s.t.Setenv("PRACTICE_SECRET", who.ClientSecret)
	connection := func(name, kind, url string) models.Connection {
		return models.Connection{Name: name, Kind: kind, Settings: map[string]string{"url": url, "token_url": url + "/" + who.Tenant + "/oauth2/v2.0/token",
			"client_id": who.ClientID, "client_secret": "env:PRACTICE_SECRET", "interval": "1"}}
	}
	files, err := practice.ServedMaps()
	s.check(err)
	env := models.EnvironmentSetup{Name: "Served", Left: financeAndOperations, Right: commonDataService, Companies: s.apps.Companies}
	for _, f := range files {
		if f.Name == dayLinesMap { // it has no key
			continue
		}
		m := models.Map{Name: f.Name, Description: f.Description, Publisher: f.Publisher, Version: f.Version}
		s.check(json.Unmarshal(f.Definition, &m.Definition))
		env.Maps, s.names = append(env.Maps, m), append(s.names, f.Name)
	}
	return &models.Setup{Environments: []models.EnvironmentSetup{env}, Connections: []models.Connection{
		connection(financeAndOperations, "finops", s.servers.FinanceURL), connection(commonDataService, "dataverse", s.servers.DataverseURL)}}
}

// await is that of any site, with the time that apps take which fail all the time.
func (s *served) await(what string, holds func() bool) {
	s.t.Helper()
	begin := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(begin) > 4*patience {
			s.t.Fatalf("waited %v in vain until %s", 4*patience, what)
		}
		<-tick.C
	}
}

// rest waits until nothing is left to do and no app was written to for a few
// looks. That the planted bad records are tried again now and then is no work.
func (s *served) rest() {
	s.t.Helper()
	plants := 0
	for _, name := range s.names {
		plants += len(s.planted(name))
	}
	before, since := "", time.Now()
	s.await("nothing is left to do", func() bool {
		now := s.written() + " " + s.storeText("SELECT sum(captured) FROM tallies")
		failing := s.storeText("SELECT count(*) FROM record_errors WHERE state = 'open'")
		for _, w := range work() {
			if s.storeText(w.query) != "0" && (w.what != dueErrors || failing != strconv.Itoa(plants)) {
				now = ""
			}
		}
		if now != before || now == "" {
			before, since = now, time.Now()
		}
		return time.Since(since) > 4*look
	})
}

// written moves with every write to an app, whoever made it.
func (s *served) written() string {
	s.t.Helper()
	const clock = "SELECT version FROM practice_clock"
	return s.left.text(clock) + " " + s.right.text(clock)
}

// calls is how often both apps were asked.
func (s *served) calls() int64 {
	n := int64(0)
	for _, c := range s.asked() {
		n += c.All
	}
	return n
}

// planted lists the bad records of a map that the apps hold.
func (s *served) planted(name string) []practice.Plant {
	return slices.DeleteFunc(planted(name), func(p practice.Plant) bool {
		return p.Company != "" && !slices.ContainsFunc(s.apps.Companies, func(c string) bool { return strings.EqualFold(c, p.Company) })
	})
}

// inStep fails unless the apps agree on all but the planted bad records.
func (s *served) inStep(when string) {
	s.t.Helper()
	found, err := practicetest.ServedDifferences(s.apps.Left, s.apps.Right, s.names)
	s.check(err)
	var want, got []string
	for _, name := range s.names {
		for _, p := range s.planted(name) {
			want = append(want, p.Map+" "+p.Key)
		}
	}
	for _, d := range found {
		if got = append(got, d.Map+" "+d.Key); !slices.Contains(want, d.Map+" "+d.Key) && len(got) < 20 {
			s.t.Errorf("%s: %v", when, d)
		}
	}
	if got = slices.Compact(sorted(got)); !slices.Equal(got, slices.Compact(sorted(want))) {
		s.t.Errorf("%s: different are %v, want %v", when, got[:min(len(got), 20)], want)
	}
}

// failedOnly fails unless the open errors are those of the planted records.
func (s *served) failedOnly() {
	s.t.Helper()
	for _, name := range s.names {
		var got, want []string
		for _, e := range s.openErrors(name) {
			got = append(got, strings.ToLower(e.RecordKey+" "+e.Kind))
		}
		for _, p := range s.planted(name) {
			want = append(want, strings.ToLower(p.Key+" · "+p.Company+" "+faultOf(p).kind))
		}
		if !slices.Equal(sorted(got), sorted(want)) {
			s.t.Errorf("%s has %d errors, of %v; want those of %v", name, len(got), got[:min(len(got), 20)], want)
		}
	}
}

func TestAppsBehindTheirProtocolsAreKeptInStep(t *testing.T) {
	s := newServed(t)
	s.mainJob(t)
	s.idle(t)
}

// asked is how often each app was asked.
func (s *served) asked() map[string]service.Calls {
	return map[string]service.Calls{financeAndOperations: s.servers.Finance.Calls(), commonDataService: s.servers.Dataverse.Calls()}
}

// idle watches the apps at rest while they are looked at many times. What reads
// share a call counts once.
func (s *served) idle(t *testing.T) {
	t.Helper()
	written, asked, since := s.written(), s.asked(), time.Now()
	s.await("apps at rest were looked at often enough", func() bool {
		enough := time.Since(since) > looks*look
		for name, now := range s.asked() {
			before := asked[name]
			enough = enough && now.All-before.All-(now.Throttled-before.Throttled)-(now.Unavailable-before.Unavailable)-(now.Dropped-before.Dropped) >= looks
		}
		return enough
	})
	if now := s.written(); now != written {
		t.Errorf("at rest the apps were written to: from %s to %s", written, now)
	}
	took := time.Since(since)
	for name, now := range s.asked() {
		calls := now.All - asked[name].All
		t.Logf("%s: %d calls while nothing happened for %v", name, calls, took.Round(time.Second))
		if most := 2 * int64(len(s.names)) * int64(took/look+1); calls > most { // every feed once a look, and what planted records cost
			t.Errorf("%s was looked at more often than its interval says: %d calls, want at most %d", name, calls, most)
		}
	}
}

// mainJob is what the program is for: an initial write of everything, live
// writes both ways, a pause, a catch-up, deletes both ways.
func (s *served) mainJob(t *testing.T) {
	t.Helper()
	begin := time.Now()
	reached := func(what string) {
		t.Helper()
		records := s.storeText("SELECT sum(linked) FROM tallies")
		t.Logf("%s: %v after the start, %d calls for %s pairs of records", what, time.Since(begin).Round(100*time.Millisecond), s.calls(), records)
	}
	p := s.plan(s.names...)
	checkOrder(t, p.Steps)
	s.run(s.names...)
	for _, step := range p.Steps {
		if step.Refusal != "" {
			t.Fatalf("%s is refused: %s", step.Map.Name, step.Refusal)
		}
		s.await("the initial sync of "+step.Map.Name+" is over", func() bool {
			m := s.summary(step.Map.Name)
			return m.Status == models.Running || m.EndedWithErrors()
		})
	}
	reached("filled")
	s.rest()
	s.failedOnly()
	s.inStep("after the initial write")
	reached("initial write")
	s.edit()
	s.rest()
	s.inStep("after live edits")
	reached("live edits")
	s.pauseAndResume()
	s.rest()
	s.inStep("after the catch-up")
	reached("catch-up")
	s.failedOnly()
}

// memo and description are the same field of a contact who buys, on either side.
func (s *served) memo(key string) string { return s.left.text(customerField("SALESMEMO"), key) }

func (s *served) description(key string) string {
	return s.right.text(contactField("description"), key)
}

// edit does what users of both apps do while all maps run.
func (s *served) edit() {
	s.t.Helper()
	awkward := "O'Brien/A&B+1 & Söhne \"100%2F\" \\ שלום 😀"
	s.setLeft("SALESMEMO", "US0702", awkward)
	s.setRight("description", "US0703", "from the right")
	s.left.exec("INSERT INTO CustCustomerGroups (DATAAREAID, CUSTOMERGROUPID, DESCRIPTION) VALUES ('USMF', 'NEWGRP', 'new on the left')")
	s.right.exec("INSERT INTO msdyn_customergroups (msdyn_customergroupid, msdyn_company, msdyn_groupid, msdyn_description) SELECT " +
		"'0c5b7a61-5f2c-4b1e-9a31-7d7c5c3e2b10', cdm_companyid, 'RGroup', 'new on the right' FROM cdm_companies WHERE cdm_companycode = 'USMF'")
	s.setLeft("CUSTOMERGROUPID", "US0704", "NEWGRP")
	s.delete("US0705", "US0706")
	s.await("an awkward text is on the right", func() bool { return s.description("US0702") == awkward })
	s.await("an edit of the right is on the left", func() bool { return s.memo("US0703") == "from the right" })
	s.await("a new record is on the left", func() bool {
		return s.left.text("SELECT DESCRIPTION FROM CustCustomerGroups WHERE CUSTOMERGROUPID = 'RGroup'") == "new on the right"
	})
	s.await("a lookup follows its new parent", func() bool {
		return s.right.text("SELECT g.msdyn_groupid FROM contacts c JOIN msdyn_customergroups g USING (msdyn_customergroupid) WHERE c.msdyn_contactpersonid = 'US0704'") == "NEWGRP"
	})
	s.deleted("US0705", "US0706")
}

// delete removes one contact on each side; deleted waits until both are gone.
func (s *served) delete(left, right string) {
	s.t.Helper()
	s.left.exec("DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = ? AND DATAAREAID = 'USMF'", left)
	s.right.exec("DELETE FROM contacts WHERE msdyn_contactpersonid = ? AND msdyn_sellable = 1", right)
}

func (s *served) deleted(left, right string) {
	s.t.Helper()
	s.await("a delete of the left is done on the right", func() bool { return s.description(left) == "<none>" })
	s.await("a delete of the right is done on the left", func() bool { return s.memo(right) == "<none>" })
}

// pauseAndResume edits both apps while two maps are paused.
func (s *served) pauseAndResume() {
	s.t.Helper()
	maps := s.ids(contactsMap, accountsMap)
	s.check(s.engine.SkipInitialSync(context.Background(), who, maps))
	s.check(s.engine.Pause(context.Background(), who, maps))
	queued := s.summary(contactsMap).Tally.Queued
	s.setLeft("SALESMEMO", "US0707", "left, paused")
	s.setRight("description", "US0708", "right, paused")
	s.setLeft("SALESMEMO", "US0709", "left, both")
	s.setRight("jobtitle", "US0709", "right, both")
	s.delete("US0711", "US0712")
	s.await("the edits are queued", func() bool { return s.summary(contactsMap).Tally.Queued >= queued+6 })
	if got := s.description("US0707"); got == "left, paused" {
		s.t.Error("a paused map has written")
	}
	s.check(s.engine.Resume(context.Background(), who, maps))
	s.await("contacts have caught up", func() bool { return s.summary(contactsMap).Status == models.Running })
	s.await("an edit of the left is played back", func() bool { return s.description("US0707") == "left, paused" })
	s.await("an edit of the right is played back", func() bool { return s.memo("US0708") == "right, paused" })
	s.await("edits of different fields both stay", func() bool {
		return s.description("US0709") == "left, both" && s.left.text(customerField("PERSONPROFESSIONALTITLE"), "US0709") == "right, both"
	})
	s.deleted("US0711", "US0712")
}
