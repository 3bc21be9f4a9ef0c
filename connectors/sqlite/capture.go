package sqlite

import (
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// Capture of one table is a log table and three triggers that append to it.
// Both are read by whatever version of SQLite the app's users run, so they keep
// to what every SQLite 3 understands.
//
// The sequence is a plain rowid, one more than the highest that is there;
// AUTOINCREMENT would leave a table of SQLite's own behind. It never goes back
// because the newest row is never pruned, and because each log begins at the
// microseconds of its installation, beyond what a former log of the table has
// reached. A row with the operation "start" marks that beginning.

// captureName is the table that remembers, per captured table, up to where its
// log was pruned.
const captureName = "dualwrite_capture"

// opStart is the operation of a log's first row; changes before it are unknown.
const opStart = "start"

func logName(table string) string { return "dualwrite_log_" + table }

// logIndex differs from every log, whatever the tables are called.
func logIndex(table string) string { return "dualwrite_index_" + table }

// logTable is the SQL that installs a table's log.
func logTable(table string) []string {
	log := logName(table)
	return []string{
		"CREATE TABLE " + quote(log) + " (seq INTEGER PRIMARY KEY, op TEXT NOT NULL, old_id TEXT, id TEXT, key TEXT, origin TEXT NOT NULL DEFAULT '', at INTEGER)",
		"CREATE INDEX " + quote(logIndex(table)) + " ON " + quote(log) + " (id)",
	}
}

// milliseconds since 1970 by the app's clock.
const nowSQL = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"

// trigger is one of the three, by the name it is installed under.
type trigger struct{ name, sql string }

func triggers(t *sqlcore.Table) []trigger {
	return []trigger{
		triggerOn(t, connectors.Create, "INSERT", "NULL", "NEW."),
		triggerOn(t, connectors.Update, "UPDATE", "CASE WHEN "+t.IDSQL(dialect{}, "OLD.")+" IS NOT "+t.IDSQL(dialect{}, "NEW.")+" THEN "+t.IDSQL(dialect{}, "OLD.")+" END", "NEW."),
		triggerOn(t, connectors.Delete, "DELETE", "NULL", "OLD."),
	}
}

func triggerOn(t *sqlcore.Table, op connectors.Op, event, oldID, row string) trigger {
	name := triggerName(op, t.Name)
	return trigger{name, "CREATE TRIGGER " + quote(name) + " AFTER " + event + " ON " + quote(t.Name) + " BEGIN INSERT INTO " + quote(logName(t.Name)) +
		" (op, old_id, id, key, at) VALUES (" + literal(string(op)) + ", " + oldID + ", " + t.IDSQL(dialect{}, row) + ", " + keySQL(t, row) + ", " + nowSQL + "); END"}
}

func triggerName(op connectors.Op, table string) string {
	return "dualwrite_" + string(op) + "_" + table
}

func triggerNames(table string) []string {
	return []string{triggerName(connectors.Create, table), triggerName(connectors.Update, table), triggerName(connectors.Delete, table)}
}

// keySQL is the record's own key for people: of its first alternate key, what
// can be told without following a lookup.
func keySQL(t *sqlcore.Table, prefix string) string {
	return t.KeySQL(dialect{}, prefix, func(c *sqlcore.Column, expr string) string {
		if c.Type == connectors.Bytes {
			return ""
		}
		return "CAST(" + expr + " AS TEXT)"
	})
}

// captures reports whether the log and all triggers of a table are in place,
// in whatever wording; of a view, the log and the image.
func (c *catalog) captures(table string) bool {
	needed := triggerNames(table)
	if c.isView(table) {
		needed = []string{imageName(table)}
	}
	return !slices.ContainsFunc(append(needed, logName(table), captureName), func(name string) bool {
		_, there := c.installed[name]
		return !there
	})
}

// current reports whether the triggers in place are the ones that the table, as
// it is now, needs.
func (c *catalog) current(t *sqlcore.Table) bool {
	return c.captures(t.Name) && (t.View || !slices.ContainsFunc(triggers(t), func(tr trigger) bool { return c.installed[tr.name] != tr.sql }))
}
