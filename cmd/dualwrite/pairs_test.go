package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice"
	"dualwrite/connectors/practice/practicetest"
	"dualwrite/models"
)

// pair is the program between two databases that hold the practice apps.
type pair struct {
	*site
	hosts [2]*host
	like  [2]*app // the files that the hosts were filled from
	names []string
}

// newPair is the program between two databases that hold what the practice apps do.
func newPair(t *testing.T, left, right string) *pair {
	t.Helper()
	files, err := practice.Create(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	like := [2]*app{openApp(t, files.Left), openApp(t, files.Right)}
	var maps []models.Map
	for _, m := range fileMaps(t) {
		if m.Name != dayLinesMap { // it has no key
			maps = append(maps, *m)
		}
	}
	p := newPairOf(t, [2]string{left, right}, func(h *host, side int) { h.take(like[side]) }, maps, files.Companies...)
	p.like = like
	p.start()
	t.Cleanup(p.tell)
	return p
}

// newPairOf fills two databases and sets the program up, by what apply does, for
// maps between them in some legal entities.
func newPairOf(t *testing.T, kinds [2]string, fill func(h *host, side int), maps []models.Map, companies ...string) *pair {
	t.Helper()
	p := &pair{site: &site{t: t, dir: t.TempDir()}}
	setup := &models.Setup{Environments: []models.EnvironmentSetup{{Name: "Pair", Left: "app 0", Right: "app 1", Companies: companies, Maps: maps}}}
	for side, kind := range kinds {
		h := newHost(t, databases, kind)
		p.hosts[side] = h
		fill(h, side)
		if h.database != nil {
			secret := fmt.Sprint("DUALWRITE_TEST_SIDE", side)
			h.settings["password"] = "env:" + secret
			t.Setenv(secret, h.database.Password)
		}
		setup.Connections = append(setup.Connections, models.Connection{Name: fmt.Sprint("app ", side), Kind: kind, Settings: h.settings})
	}
	for _, m := range maps {
		p.names = append(p.names, m.Name)
	}
	err := dataFolder{p.dir}.withStore(func(ctx context.Context, s *models.Store) error {
		_, err := s.ApplySetup(ctx, setup, commandLine)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tell shows how the maps stood when a test failed.
func (p *pair) tell() {
	if !p.t.Failed() {
		return
	}
	for _, line := range p.storeList("SELECT name || ': ' || status || ' ' || hold || ' ' || last_issue || (SELECT ' queued ' || queued || ' errors ' || open_errors FROM tallies t WHERE t.map_id = m.id) FROM entity_maps m") {
		p.t.Log(line)
	}
	for _, line := range p.storeList("SELECT map_id || ': ' || state || ' ' || left_read || ' ' || right_read || ' of ' || left_total || ' ' || right_total || ' done ' || done FROM executions WHERE finished_at IS NULL") {
		p.t.Log(line)
	}
}

// rest waits until nothing is left to do and nothing has come for a while.
func (p *pair) rest() {
	p.t.Helper()
	captured := func() string { return p.storeText("SELECT sum(captured) || ' ' || sum(queued) FROM tallies") }
	before, since := "", time.Now()
	p.await("nothing is left to do", func() bool {
		for _, w := range work() {
			if p.storeText(w.query) != "0" {
				since = time.Now()
				return false
			}
		}
		if now := captured(); now != before {
			before, since = now, time.Now()
		}
		return time.Since(since) > time.Second
	})
}

// differ is what the independent checker finds.
func (p *pair) differ() []practicetest.Difference {
	p.t.Helper()
	found, err := practicetest.Differences(p.hosts[0].give(p.like[0]), p.hosts[1].give(p.like[1]), p.names)
	p.check(err)
	return found
}

// inStep fails unless the databases agree on all but the planted bad records.
func (p *pair) inStep(when string) {
	p.t.Helper()
	var want []string
	for _, name := range p.names {
		for _, plant := range planted(name) {
			want = append(want, plant.Map+" "+plant.Key)
		}
	}
	var got []string
	for _, d := range p.differ() {
		if got = append(got, d.Map+" "+d.Key); !slices.Contains(want, d.Map+" "+d.Key) && len(got) < 20 {
			p.t.Errorf("%s: %v", when, d)
		}
	}
	if got = slices.Compact(sorted(got)); !slices.Equal(got, slices.Compact(sorted(want))) {
		p.t.Errorf("%s: different are %v, want %v", when, got[:min(len(got), 20)], want)
	}
}

func TestEveryPairOfDatabasesKeepsThePracticeMapsInStep(t *testing.T) {
	for _, left := range kinds {
		for _, right := range kinds {
			if left == "sqlite" && right == "sqlite" {
				continue // the practice environment itself
			}
			t.Run(left+" and "+right, func(t *testing.T) {
				p := newPair(t, left, right)
				for _, step := range p.plan(p.names...).Steps {
					if step.Refusal != "" {
						t.Fatalf("%s is refused: %s", step.Map.Name, step.Refusal)
					}
				}
				p.run(p.names...)
				p.filled(p.names...)
				p.rest()
				p.inStep("after the initial write")
				p.edit()
				p.rest()
				p.inStep("after live edits")
			})
		}
	}
}

// edit does what users of both apps do: new records, changed ones, keys in
// another spelling, deletes.
func (p *pair) edit() {
	p.t.Helper()
	left, right := p.hosts[0], p.hosts[1]
	awkward := "O'Brien & Söhne \"100%\" \\ שלום 😀"
	left.exec("UPDATE [CustomersV3] SET [SALESMEMO] = " + left.literal(column{}, text(awkward)) + " WHERE [CUSTOMERACCOUNT] = 'US0702' AND [DATAAREAID] = 'USMF'")
	right.exec("UPDATE [contacts] SET [description] = 'from the right' WHERE [msdyn_contactpersonid] = 'US0703' AND [msdyn_sellable] = " + right.yes())
	left.exec("INSERT INTO [CustCustomerGroups] ([DATAAREAID], [CUSTOMERGROUPID], [DESCRIPTION]) VALUES ('USMF', 'NEWGRP', 'new on the left')")
	right.exec("INSERT INTO [msdyn_customergroups] ([msdyn_customergroupid], [msdyn_company], [msdyn_groupid], [msdyn_description]) SELECT " + right.guid() +
		", [cdm_companyid], 'RGroup', 'new on the right' FROM [cdm_companies] WHERE [cdm_companycode] = 'USMF'")
	left.exec("UPDATE [CustomersV3] SET [CUSTOMERGROUPID] = 'NEWGRP' WHERE [CUSTOMERACCOUNT] = 'US0704' AND [DATAAREAID] = 'USMF'")
	left.exec("DELETE FROM [CustomersV3] WHERE [CUSTOMERACCOUNT] = 'US0705' AND [DATAAREAID] = 'USMF'")
	right.exec("DELETE FROM [contacts] WHERE [msdyn_contactpersonid] = 'US0706' AND [msdyn_sellable] = " + right.yes())
	for what, holds := range map[string]func() bool{
		"an awkward text is on the right": func() bool {
			return right.text("SELECT [description] FROM [contacts] WHERE [msdyn_contactpersonid] = 'US0702'") == awkward
		},
		"an edit of the right is on the left": func() bool {
			return left.text("SELECT [SALESMEMO] FROM [CustomersV3] WHERE [CUSTOMERACCOUNT] = 'US0703' AND [DATAAREAID] = 'USMF'") == "from the right"
		},
		"a new record is on the left": func() bool {
			return left.text("SELECT [DESCRIPTION] FROM [CustCustomerGroups] WHERE [CUSTOMERGROUPID] = 'RGroup' AND [DATAAREAID] = 'USMF'") == "new on the right"
		},
		"a lookup follows its new parent": func() bool {
			return right.text("SELECT g.[msdyn_groupid] FROM [contacts] c JOIN [msdyn_customergroups] g ON g.[msdyn_customergroupid] = c.[msdyn_customergroupid] WHERE c.[msdyn_contactpersonid] = 'US0704'") == "NEWGRP"
		},
		"a delete of the left is done on the right": func() bool {
			return right.text("SELECT count(*) FROM [contacts] WHERE [msdyn_contactpersonid] = 'US0705'") == "0"
		},
		"a delete of the right is done on the left": func() bool {
			return left.text("SELECT count(*) FROM [CustomersV3] WHERE [CUSTOMERACCOUNT] = 'US0706' AND [DATAAREAID] = 'USMF'") == "0"
		},
	} {
		p.await(what, holds)
	}
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

func (h *host) yes() string {
	if h.kind == "postgres" {
		return "true"
	}
	return "1"
}

func (h *host) guid() string {
	return map[string]string{"sqlite": "'0c5b7a61-5f2c-4b1e-9a31-7d7c5c3e2b10'", "postgres": "gen_random_uuid()", "mysql": "uuid()"}[h.kind]
}

// logs names what is left of Dualwrite in the database.
func (h *host) logs() string {
	h.t.Helper()
	list := map[string]string{
		"sqlite":   "SELECT name FROM sqlite_schema WHERE name LIKE 'dualwrite%'",
		"postgres": "SELECT nspname FROM pg_namespace WHERE nspname = 'dualwrite' UNION ALL SELECT tgname FROM pg_trigger WHERE tgname LIKE '%dualwrite%'",
		"mysql":    "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_name LIKE 'dualwrite%' UNION ALL SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = database() AND trigger_name LIKE '%dualwrite%'",
	}[h.kind]
	return strings.Join((&app{t: h.t, db: h.db}).list(list), " ")
}

func TestStoppedMapsLeaveNothingInTheDatabases(t *testing.T) {
	for _, kind := range kinds[1:] {
		t.Run(kind, func(t *testing.T) {
			p := newPair(t, kind, kind)
			p.run(p.names...)
			p.filled(p.names...)
			for _, h := range p.hosts {
				if h.logs() == "" {
					t.Error("nothing of capture is found while the maps are running")
				}
			}
			p.check(p.engine.Stop(t.Context(), who, p.ids(p.names...)))
			for side, h := range p.hosts {
				if left := h.logs(); left != "" {
					t.Errorf("side %d keeps %s", side, left)
				}
			}
		})
	}
}
