package main

import (
	"context"
	"net/http"
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
type bridge struct {
	*pair
	asked []func() service.Calls // of every app that is served
}

// What the program signs in with at the apps that are served.
const (
	bridgeClient = "tester"
	bridgeSecret = "the-secret-of-a-test"
)

// newBridge makes the tables of both sides, serves those of the right one after
// shape has told of the model what tables cannot say, and runs the maps. Names are
// those of the right tables.
func newBridge(t *testing.T, left, right []string, shape func(*service.Model), maps []models.Map, names ...string) *bridge {
	t.Helper()
	b := &bridge{pair: &pair{site: &site{t: t, dir: t.TempDir(), bare: true}}}
	host := newHost(t, databases, "sqlite")
	b.left = openApp(t, host.settings["path"])
	for _, statement := range left {
		b.left.execAll(statement)
	}
	b.join(models.Connection{Name: "left app", Kind: "sqlite", Settings: host.settings}, b.environment(right, shape, names...), maps)
	return b
}

// environment serves tables as the right app, by the Dataverse protocol.
func (b *bridge) environment(tables []string, shape func(*service.Model), names ...string) models.Connection {
	b.t.Helper()
	var model *service.Model
	b.right, model = b.file("right.db", tables, names...)
	shape(model)
	server, err := cds.Open(b.t.Context(), b.right.path, model, cds.Options{ClientID: bridgeClient, ClientSecret: bridgeSecret})
	b.check(err)
	b.asked = append(b.asked, server.Calls)
	return b.listen("right app", "dataverse", server, server.Close)
}

// file makes tables in a file of their own, and the model that a server is to
// offer of the named ones.
func (b *bridge) file(name string, tables []string, names ...string) (*app, *service.Model) {
	b.t.Helper()
	a := openApp(b.t, filepath.Join(b.t.TempDir(), name))
	a.execAll("PRAGMA journal_mode = WAL")
	for _, statement := range tables {
		a.execAll(statement)
	}
	model, err := service.Introspect(b.t.Context(), a.path, names...)
	b.check(err)
	return a, model
}

// listen serves an app until the end of the test, and tells how it is reached.
func (b *bridge) listen(name, kind string, server http.Handler, end func() error) models.Connection {
	b.t.Helper()
	web := httptest.NewServer(server)
	b.t.Cleanup(func() {
		web.Close()
		_ = end()
	})
	b.t.Setenv("BRIDGE_SECRET", bridgeSecret)
	return models.Connection{Name: name, Kind: kind, Settings: map[string]string{"url": web.URL, "token_url": web.URL + "/tenant/oauth2/v2.0/token",
		"client_id": bridgeClient, "client_secret": "env:BRIDGE_SECRET", "interval": "1"}}
}

// join runs the program between two apps, with these maps.
func (b *bridge) join(left, right models.Connection, maps []models.Map) {
	b.t.Helper()
	setup := &models.Setup{
		Connections:  []models.Connection{left, right},
		Environments: []models.EnvironmentSetup{{Name: "Bridge", Left: left.Name, Right: right.Name, Companies: []string{"USMF"}, Maps: maps}},
	}
	for _, m := range maps {
		b.names = append(b.names, m.Name)
	}
	b.check(dataFolder{b.dir}.withStore(func(ctx context.Context, s *models.Store) error {
		_, err := s.ApplySetup(ctx, setup, commandLine)
		return err
	}))
	b.start()
	b.t.Cleanup(b.tell)
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
