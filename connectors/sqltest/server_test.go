package sqltest_test

import (
	"os"
	"strings"
	"testing"

	"dualwrite/connectors/sqltest"
)

// servers are what TestMain ends.
type servers struct{ postgres *sqltest.Server }

var running = servers{postgres: sqltest.NewPostgres()}

func TestMain(m *testing.M) {
	status := running.postgres.Run(m)
	os.Exit(status)
}

func TestDatabasesAreApartAndOutliveARestart(t *testing.T) {
	for name, server := range map[string]*sqltest.Server{"postgres": running.postgres} {
		t.Run(name, func(t *testing.T) {
			first, second := server.Database(t), server.Database(t)
			first.Exec(t, "CREATE TABLE same (a int, b varchar(10))", "INSERT INTO same VALUES (1, 'é')")
			second.Exec(t, "CREATE TABLE same (a int)")
			server.Restart(t)
			if got := strings.TrimSpace(first.Exec(t, "SELECT a, b FROM same")); got != "1\té" {
				t.Errorf("got %q after a restart", got)
			}
			if got := strings.TrimSpace(second.Exec(t, "SELECT count(*) FROM same")); got != "0" {
				t.Errorf("the second database has %s rows of the first", got)
			}
		})
	}
}
