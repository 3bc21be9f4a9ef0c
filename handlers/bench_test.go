package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"dualwrite/models"
)

// What a big installation holds.
const (
	benchMaps = 500
	benchRows = 100_000 // errors of one execution, queued changes and conflicts of one map
)

// BenchmarkPages asks a console over a full store for each page and filter, and
// reports the median time until the whole answer has arrived, by loopback.
// Each is to be below 100 ms.
func BenchmarkPages(b *testing.B) {
	c := openConsole(b)
	close(c.engine.events)
	full := c.fill()
	user := c.signedIn(models.Administrator)
	part := fmt.Sprintf("/maps/%d", full)
	for _, page := range []struct{ name, path string }{
		{"maps", "/maps"}, {"maps-status", "/maps?status=paused"}, {"maps-search", "/maps?q=number+4"}, {"maps-sorted", "/maps?sort=errors&desc=1"},
		{"maps-rows", "/maps/rows"}, {"maps-overview", "/maps/overview"}, {"pause-dialog", fmt.Sprintf("/maps/pause?id=%d", full)},
		{"activity", "/activity"}, {"map-activity", part + "/activity"}, {"mappings", part + "/mappings"}, {"details", part + "/details"}, {"head", part + "/head"},
		{"initial", part}, {"executions", part + "/executions"},
		{"errors-last", part + fmt.Sprintf("?after=%d", benchRows-60)}, {"errors-kind", part + "?kind=too+large"}, {"errors-rare-kind", part + "?kind=rare"},
		{"errors-field", part + "?field=fullname&kind=too+large"}, {"errors-side", part + "?side=left"}, {"errors-company", part + "?company=DEMF"},
		{"errors-search", part + "?q=C-99"}, {"errors-search-rare", part + "?q=C-100000"}, {"errors-search-none", part + "?q=nothing+like+it"},
		{"errors-all-filters", part + "?q=C-9&kind=too+large&side=right&company=USMF"}, {"catch-up-errors", part + "/errors"},
		{"queue", part + "/queue"}, {"queue-last", part + fmt.Sprintf("/queue?after=%d", benchRows-60)},
		{"queue-key", part + "/queue?q=C-99"}, {"queue-key-none", part + "/queue?q=nothing+like+it"},
		{"conflicts", part + "/conflicts"}, {"conflicts-kind", part + "/conflicts?kind=both_edited"}, {"conflicts-rare-kind", part + "/conflicts?kind=both_created"},
		{"conflicts-reviewed", part + "/conflicts?reviewed=1"}, {"conflicts-last", part + "/conflicts?before=60"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				user.fetch(b, page.path)
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			median := took[len(took)/2]
			b.ReportMetric(float64(median.Microseconds())/1000, "ms/median")
			if median > 100*time.Millisecond {
				b.Logf("%s takes %v", page.path, median)
			}
		})
	}
}

// fetch reads an answer to its end, and does no more with it.
func (u *browser) fetch(b *testing.B, path string) {
	b.Helper()
	res, err := u.client.Get(u.c.server.URL() + path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("%s: status %d, %v", path, res.StatusCode, err)
	}
}

// fill puts maps of every status into the store, and gives one of them more of
// everything than anybody can read.
func (c *console) fill() (full int64) {
	c.t.Helper()
	groups, customers, _ := c.addMaps()
	c.move(models.Run, customers)
	now := c.clock.Now()
	c.exec(`WITH RECURSIVE n (i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO entity_maps (id, environment_id, name, description, publisher, version, definition, left_entity, right_entity, status, last_issue, created_at, updated_at)
		SELECT i + 1000, environment_id, 'Map number ' || i || ' (entities)', description, publisher, version, definition, left_entity, right_entity,
		CASE i % 3 WHEN 0 THEN 'not running' WHEN 1 THEN 'running' ELSE 'paused' END, 'an issue', ?, ? FROM n, entity_maps WHERE id = ?`, benchMaps, now, now, groups.ID)
	c.exec(`INSERT OR IGNORE INTO tallies (map_id) SELECT id FROM entity_maps`)
	const each = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `
	c.exec(each+`INSERT INTO record_errors (map_id, execution_id, stage, side, company, record_key, left_id, field, kind, message, left_image, right_image, first_at, last_at)
		SELECT ?, (SELECT max(id) FROM executions WHERE map_id = ?), CASE i % 10 WHEN 0 THEN 'live' ELSE 'initial' END, CASE i % 3 WHEN 0 THEN 'left' ELSE 'right' END,
		CASE i % 4 WHEN 0 THEN 'DEMF' ELSE 'USMF' END, 'C-' || i, 'id' || i, CASE i % 5 WHEN 0 THEN 'gendercode' ELSE 'fullname' END,
		CASE i % 50000 WHEN 77 THEN 'rare' ELSE CASE i % 2 WHEN 0 THEN 'missing parent' ELSE 'too large' END END, 'The value of number ' || i || ' does not fit',
		'{"CUSTOMERACCOUNT":"C-' || i || '","NAME":"A name as long as names are"}', '{"contactpersonid":"C-' || i || '","fullname":"Another name"}', ?, ? FROM n`,
		benchRows, customers.ID, customers.ID, now, now)
	c.exec(each+`INSERT INTO changes (map_id, side, op, native_id, record_key, at, captured_at)
		SELECT ?, CASE i % 2 WHEN 0 THEN 'left' ELSE 'right' END, 'update', 'id' || i, 'C-' || i, ?, ? FROM n`, benchRows, customers.ID, now, now)
	c.exec(each+`INSERT INTO conflicts (map_id, kind, record_key, fields, winner, left_image, right_image, at, reviewed_at)
		SELECT ?, CASE i % 50000 WHEN 77 THEN 'both_created' ELSE 'both_edited' END, 'C-' || i, '["NAME"]', 'right', '{"CUSTOMERACCOUNT":"C-' || i || '","NAME":"Ann"}',
		'{"contactpersonid":"C-' || i || '","fullname":"Anna"}', ?, CASE i % 2 WHEN 0 THEN ? END FROM n`, benchRows, customers.ID, now, now)
	c.exec(each+`INSERT INTO activities (map_id, at, actor, verb, detail) SELECT ?, ?, 'Ada', 'pause', 'number ' || i FROM n`, benchRows, customers.ID, now)
	c.exec(`UPDATE tallies SET captured = ?, queued = ?, open_errors = ?, conflicts = ? WHERE map_id = ?`, benchRows, benchRows, benchRows, benchRows, customers.ID)
	return customers.ID
}
