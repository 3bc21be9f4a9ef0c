package handlers_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"dualwrite/models"
)

// hostile is a text that would run as script if it were not escaped.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`

// addMaps makes an environment with three maps: customer groups, customers,
// and a third that knows how to attack.
func (c *console) addMaps() (groups, customers, evil *models.Map) {
	c.t.Helper()
	definition := models.Definition{
		Left:  models.Endpoint{Entity: "CustomersV3", Label: "Customers V3", Company: "DATAAREAID"},
		Right: models.Endpoint{Entity: "contacts", Label: "Contacts", Company: "company", Filter: "statecode eq 0"},
		Key:   []models.KeyPair{{Left: "CUSTOMERACCOUNT", Right: "contactpersonid"}},
		Fields: []models.FieldMapping{
			{Slot: 0, Left: "CUSTOMERACCOUNT", Right: "contactpersonid", Direction: models.Both},
			{Slot: 1, Left: "NAME", Right: "fullname", Direction: models.Both},
			{Slot: 2, Left: "GENDER", Right: "gendercode", Direction: models.Both,
				Transforms: []models.Transform{{Type: models.ValueMap, Pairs: []models.ValuePair{{Left: "male", Right: "1"}}}}},
			{Slot: 3, Right: "sellable", Direction: models.LeftToRight, Transforms: []models.Transform{{Type: models.Default, Default: "true"}}},
		},
		Revision: 1, NextSlot: 4,
	}
	groups = &models.Map{Name: "Customer groups (msdyn_customergroups)", Publisher: "Practice", Version: "1.0.0.0", Definition: definition}
	customers = &models.Map{Name: "Customers V3 (contacts)", Publisher: "Practice", Version: "1.0.0.0", Definition: definition}
	evil = &models.Map{Name: "Zeal " + hostile, Description: hostile, Publisher: hostile, Version: hostile, LastIssue: hostile, Definition: definition}
	evil.Definition.Fields = []models.FieldMapping{{Left: hostile, Right: hostile, Direction: models.Both}}
	env := &models.Environment{Name: "Practice", Companies: []string{"USMF"}}
	err := c.store.CreateEnvironment(c.t.Context(), &models.Connection{Name: "Finance and Operations", Kind: "sqlite", Settings: map[string]string{}},
		&models.Connection{Name: "Common Data Service", Kind: "sqlite", Settings: map[string]string{}}, env, []*models.Map{groups, customers, evil})
	if err != nil {
		c.t.Fatal(err)
	}
	return groups, customers, evil
}

// move gives maps a command, without an engine.
func (c *console) move(command models.Command, maps ...*models.Map) {
	c.t.Helper()
	for _, m := range maps {
		if err := c.store.Move(c.t.Context(), models.Move{MapID: m.ID, Command: command, Actor: models.System}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// summary is a map as the store has it now.
func (c *console) summary(m *models.Map) models.Summary {
	c.t.Helper()
	s, err := c.store.SummaryOf(c.t.Context(), m.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// exec changes the store behind its back, to bring about what an engine would.
func (c *console) exec(statement string, args ...any) {
	c.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, models.StoreFile)+"?_pragma=busy_timeout(5000)&_time_format=sqlite&_timezone=UTC")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(c.t.Context(), statement, args...); err != nil {
		c.t.Fatal(err)
	}
}

// addTrouble gives a map an execution that ended with errors, an error, a
// conflict and a queued change, all with text that attacks.
func (c *console) addTrouble(m *models.Map) {
	c.t.Helper()
	now := c.clock.Now()
	c.move(models.Run, m)
	c.exec(`UPDATE executions SET state = 'with errors', started_at = ?, finished_at = ?, left_read = 120, right_created = 100, right_updated = 18,
		right_failed = 2, "equal" = 7 WHERE map_id = ?`, now, now, m.ID)
	c.exec(`INSERT INTO record_errors (map_id, stage, side, company, record_key, left_id, field, kind, message, left_image, first_at, last_at)
		VALUES (?, 'initial', 'right', 'USMF', ?, '1', 'fullname', 'too large', ?, ?, ?, ?)`,
		m.ID, "C-1"+hostile, hostile, `{"CUSTOMERACCOUNT":"C-1","NAME":"`+`<script>alert(2)</script>`+`"}`, now, now)
	c.exec(`INSERT INTO record_errors (map_id, stage, side, record_key, right_id, kind, message, right_image, first_at, last_at)
		VALUES (?, 'live', 'left', 'C-9', '9', 'missing parent', 'no customer group 40', 'not json <script>', ?, ?)`, m.ID, now, now)
	c.exec(`INSERT INTO conflicts (map_id, kind, record_key, fields, winner, left_image, right_image, at)
		VALUES (?, 'both_edited', ?, '["NAME"]', 'right', '{"CUSTOMERACCOUNT":"C-2","NAME":"Ann"}', '{"contactpersonid":"C-2","fullname":"Anna","gendercode":null}', ?)`,
		m.ID, "C-2"+hostile, now)
	c.exec(`INSERT INTO changes (map_id, side, op, native_id, record_key, at, captured_at) VALUES (?, 'left', 'update', '7', ?, ?, ?)`, m.ID, hostile, now, now)
	c.exec(`UPDATE tallies SET captured = 1234, queued = 1, written = 1233, linked = 42, open_errors = 2, conflicts = 1 WHERE map_id = ?`, m.ID)
}

func mustOpenWithMaps(t *testing.T) (c *console, groups, customers, evil *models.Map) {
	t.Helper()
	c = openConsole(t)
	groups, customers, evil = c.addMaps()
	return c, groups, customers, evil
}
