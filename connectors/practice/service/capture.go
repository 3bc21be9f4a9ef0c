package service

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// What the server keeps in the app's file: a clock that counts every write to
// any row of the served tables, and for each row, also of one that was deleted,
// the reading at its last write. Triggers keep both, so that what somebody does
// with an SQLite shell is noticed as well.
const captureTables = `
CREATE TABLE IF NOT EXISTS practice_clock (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, who TEXT);
INSERT OR IGNORE INTO practice_clock VALUES (1, 915243, NULL);
CREATE TABLE IF NOT EXISTS practice_versions (entity TEXT NOT NULL, id NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
	who TEXT, at REAL NOT NULL, PRIMARY KEY (entity, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS practice_versions_order ON practice_versions (entity, version);
CREATE TABLE IF NOT EXISTS practice_numbers (sequence TEXT PRIMARY KEY, next INTEGER NOT NULL);
`

// Of the two sides of a comparison with practice_versions.id, which has no type,
// the other one stands behind a plus: with the type of its column SQLite would
// not use the index.

// capture installs the tables and triggers, and gives rows that were there
// before a version.
func capture(ctx context.Context, tx *sql.Tx, m *Model) error {
	if _, err := tx.ExecContext(ctx, captureTables); err != nil {
		return fmt.Errorf("make the tables of row versions: %w", err)
	}
	for _, e := range m.Entities {
		if _, err := tx.ExecContext(ctx, e.captureScript(m)); err != nil {
			return fmt.Errorf("capture the changes of %s: %w", e.Table, err)
		}
	}
	return nil
}

// The time is told by julianday, which an SQLite shell of any age knows.
const (
	nowSQL  = "(julianday('now') - 2440587.5) * 86400.0" // seconds since 1970
	noteSQL = `UPDATE practice_clock SET version = version + 1;
	INSERT INTO practice_versions SELECT %s, %s, version, %d, who, ` + nowSQL + ` FROM practice_clock WHERE true
	ON CONFLICT (entity, id) DO UPDATE SET version = excluded.version, deleted = excluded.deleted, who = excluded.who, at = excluded.at;`
)

// captureScript installs what one entity needs: triggers, versions of the rows
// that have none, and an index for every key as the app compares it.
func (e *Entity) captureScript(m *Model) string {
	var b strings.Builder
	name, id := literal(e.Table), quoted(e.ID)
	for i, t := range []struct {
		event, row string
		deleted    int
	}{
		{"INSERT ON %s", "NEW", 0}, {"UPDATE ON %s", "NEW", 0}, {"UPDATE ON %s WHEN OLD." + id + " IS NOT NEW." + id, "OLD", 1}, {"DELETE ON %s", "OLD", 1},
	} {
		trigger := quoted(fmt.Sprintf("practice_%s_%d", e.Table, i))
		fmt.Fprintf(&b, "DROP TRIGGER IF EXISTS %s; CREATE TRIGGER %s AFTER "+t.event+" BEGIN %s END;\n",
			trigger, trigger, quoted(e.Table), fmt.Sprintf(noteSQL, name, t.row+"."+id, t.deleted))
	}
	fmt.Fprintf(&b, `INSERT INTO practice_versions SELECT %s, t.%s, c.version + row_number() OVER (ORDER BY t.%s), 0, NULL, `+nowSQL+`
		FROM %s t, practice_clock c WHERE NOT EXISTS (SELECT 1 FROM practice_versions v WHERE v.entity = %s AND v.id = +t.%s);
		UPDATE practice_clock SET version = max(version, (SELECT coalesce(max(version), 0) FROM practice_versions));
		`, name, id, id, quoted(e.Table), name, id)
	for i, k := range e.Keys {
		var parts []string
		for _, name := range k.Fields {
			if f := e.Field(name); f != nil {
				parts = append(parts, m.comparable(f, quoted(f.Column)))
			}
		}
		fmt.Fprintf(&b, "CREATE INDEX IF NOT EXISTS %s ON %s (%s);\n", quoted(fmt.Sprintf("practice_%s_key%d", e.Table, i)), quoted(e.Table), strings.Join(parts, ", "))
	}
	return b.String()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
