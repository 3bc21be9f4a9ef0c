package main

import (
	"context"
	"maps"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

// TestRunIsRefusedWithTheScriptThatMakesItWork gives the right app's account too
// few rights, then runs what the refusal says.
func TestRunIsRefusedWithTheScriptThatMakesItWork(t *testing.T) {
	for _, kind := range kinds[1:] {
		t.Run(kind, func(t *testing.T) {
			p := newTypes(t, "sqlite", kind)
			p.check(p.stop())
			h := p.hosts[1]
			name := h.settings["database"]
			account := map[string][]string{
				"postgres": {"CREATE ROLE small LOGIN PASSWORD 'small'", "GRANT CONNECT ON DATABASE " + name + " TO small", "GRANT SELECT ON everything TO small"},
				"mysql":    {"CREATE USER small IDENTIFIED BY 'small'", "GRANT SELECT ON " + name + ".everything TO small"},
			}[kind]
			for _, statement := range account {
				h.exec(statement)
			}
			t.Cleanup(func() {
				for _, statement := range map[string][]string{"postgres": {"DROP SCHEMA IF EXISTS dualwrite CASCADE", "DROP OWNED BY small CASCADE", "DROP ROLE small"}, "mysql": {"DROP USER small"}}[kind] {
					h.exec(statement)
				}
			})
			settings := maps.Clone(h.settings)
			settings["user"], settings["password"] = "small", "env:DUALWRITE_TEST_SMALL"
			t.Setenv("DUALWRITE_TEST_SMALL", "small")
			p.check(dataFolder{p.dir}.withStore(func(ctx context.Context, s *models.Store) error {
				_, err := s.ApplySetup(ctx, &models.Setup{Connections: []models.Connection{{Name: "app 1", Kind: kind, Settings: settings}}}, commandLine)
				return err
			}))
			p.start()
			run := func() error {
				return p.engine.Run(t.Context(), who, []engine.RunStep{{MapID: p.id("Everything"), InitialSync: true, Master: models.Left}})
			}
			err := run()
			if models.KindOf(err) != models.Invalid {
				t.Fatalf("Run says %v", err)
			}
			message := models.MessageOf(err)
			if left := p.hosts[0].logs() + h.logs(); left != "" || p.summary("Everything").Status != models.NotRunning {
				t.Errorf("the refused Run has touched something: %q", left)
			}
			_, script, found := strings.Cut(message, "run:\n")
			if !found {
				t.Fatalf("there is no script in %q", message)
			}
			for _, statement := range strings.Split(script, ";\n") {
				if statement = strings.TrimSuffix(strings.TrimSpace(statement), ";"); statement != "" {
					if _, err := h.db.Exec(statement); err != nil {
						t.Fatalf("%s: %v", statement, err)
					}
				}
			}
			if err := run(); err != nil {
				t.Fatalf("after the script Run says %v", err)
			}
			p.filled("Everything")
			p.rest()
			h.exec("UPDATE [everything] SET [words] = 'by the small account' WHERE [code] = 'most'")
			p.await("an edit arrives", func() bool {
				return p.hosts[0].text("SELECT [words] FROM [everything] WHERE [code] = 'most'") == "by the small account"
			})
			p.check(p.engine.Stop(t.Context(), who, p.ids("Everything")))
			if left := h.logs(); kind == "mysql" && left != "" {
				t.Errorf("after Stop there is left: %s", left)
			}
		})
	}
}
