package main

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"dualwrite/connectors/practice/cds"
	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// bridge is the program between a database of tables made for one test and an
// environment of the Dataverse protocol over others. Users of both edit the files
// behind them.
type bridge struct{ *pair }

// bridgeSecret is what the program signs in with at the environment.
const bridgeSecret = "the-secret-of-a-test"

// newBridge makes the tables of both sides, serves those of the right one after
// shape has told of the model what tables cannot say, and runs the maps. Names are
// those of the right tables.
func newBridge(t *testing.T, left, right []string, shape func(*service.Model), maps []models.Map, names ...string) *bridge {
	t.Helper()
	b := &bridge{pair: &pair{site: &site{t: t, dir: t.TempDir(), bare: true}}}
	host := newHost(t, databases, "sqlite")
	b.left, b.right = openApp(t, host.settings["path"]), openApp(t, filepath.Join(t.TempDir(), "right.db"))
	for _, statement := range left {
		b.left.execAll(statement)
	}
	b.right.execAll("PRAGMA journal_mode = WAL")
	for _, statement := range right {
		b.right.execAll(statement)
	}
	model, err := service.Introspect(t.Context(), b.right.path, names...)
	b.check(err)
	shape(model)
	server, err := cds.Open(t.Context(), b.right.path, model, cds.Options{ClientID: "tester", ClientSecret: bridgeSecret})
	b.check(err)
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.Close()
		_ = server.Close()
	})
	t.Setenv("BRIDGE_SECRET", bridgeSecret)
	setup := &models.Setup{
		Connections: []models.Connection{{Name: "left app", Kind: "sqlite", Settings: host.settings},
			{Name: "right app", Kind: "dataverse", Settings: map[string]string{"url": web.URL, "token_url": web.URL + "/tenant/oauth2/v2.0/token", "client_id": "tester", "client_secret": "env:BRIDGE_SECRET", "interval": "1"}}},
		Environments: []models.EnvironmentSetup{{Name: "Bridge", Left: "left app", Right: "right app", Companies: []string{"USMF"}, Maps: maps}},
	}
	for _, m := range maps {
		b.names = append(b.names, m.Name)
	}
	b.check(dataFolder{b.dir}.withStore(func(ctx context.Context, s *models.Store) error {
		_, err := s.ApplySetup(ctx, setup, commandLine)
		return err
	}))
	b.start()
	t.Cleanup(b.tell)
	return b
}

// runAll runs every map with the initial write, and waits until that is over.
func (b *bridge) runAll() {
	b.t.Helper()
	for _, step := range b.plan(b.names...).Steps {
		if step.Refusal != "" {
			b.t.Fatalf("%s is refused: %s", step.Map.Name, step.Refusal)
		}
	}
	b.run(b.names...)
	b.filled(b.names...)
	for _, name := range b.names {
		for _, e := range b.openErrors(name) {
			b.t.Errorf("%s has an error of %s in %s: %s", name, e.RecordKey, e.Field, e.Message)
		}
	}
}

// wanted is what a query of one side is to give.
type wanted struct {
	what  string
	side  *app
	query string
	want  string
}

// settle waits until everything is as it is wanted, and tells what is not when
// that takes too long.
func (b *bridge) settle(when string, all []wanted) {
	b.t.Helper()
	off := func(tell bool) (n int) {
		for _, w := range all {
			if got := w.side.text(w.query); got != w.want {
				if n++; tell {
					b.t.Errorf("%s: %s is %q, want %q", when, w.what, got, w.want)
				}
			}
		}
		return n
	}
	begin := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for off(false) > 0 && time.Since(begin) < patience {
		<-tick.C
	}
	off(true)
}
