package postgres

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"strings"

	"dualwrite/connectors/sqlcore"
)

// Capture of one table is a log, which triggers append to, and the functions of
// these triggers, all in a schema of our own and named after the table's object
// id, which no name of the app can collide with. The functions run with our
// account's rights, so that the app's users need no rights on the log, and name
// everything with its schema, so that no object of theirs can take the place of
// one of the server's. Every expression of theirs is prepared anew in each
// transaction, so what a change of one record goes through has as few as can be.

// captureSchema holds everything that capture installs.
const captureSchema = "dualwrite"

// captureTable remembers, per captured table, what was installed.
const captureTable = `CREATE TABLE IF NOT EXISTS dualwrite.capture (
	entity text PRIMARY KEY,
	relation oid NOT NULL,
	epoch text NOT NULL,
	form text NOT NULL,
	pruned text NOT NULL DEFAULT '')`

// The names of the triggers. A statement's rows are noted together, from the
// tables of its transition, which costs a tenth of noting each row. What that
// cannot tell is which record has got another native id: those are noted one by
// one, by a trigger that the server looks at only where a statement names a column
// of the native id, unless a trigger of the app's may change one by itself. Whoever
// changes a partitioned table, or one that others inherit from, may
// change rows of another table than the one that the statement names, so there
// every row is noted by itself.
const (
	insertTrigger   = "!dualwrite_insert"
	updateTrigger   = "!dualwrite_update"
	deleteTrigger   = "!dualwrite_delete"
	renameTrigger   = "!dualwrite_rename"
	rowTrigger      = "!dualwrite_row"
	truncateTrigger = "!dualwrite_truncate"
)

// triggerNames lists them as SQL does.
const triggerNames = "('" + insertTrigger + "', '" + updateTrigger + "', '" + deleteTrigger + "', '" + renameTrigger + "', '" + rowTrigger + "', '" + truncateTrigger + "')"

// triggersOf is how many of them the table r has while its capture is whole.
const triggersOf = "CASE WHEN r.relkind = 'p' OR r.relkind = 'r' AND EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhrelid = r.oid) THEN 2 WHEN r.relkind = 'r' THEN 5 ELSE 0 END"

// rewrites tells the triggers g that may change a row before it is updated.
const rewrites = "NOT g.tgisinternal AND g.tgtype & 19 = 19"

// renamesUnseen is whether the table r has such a trigger, and its capture was
// installed without it.
const renamesUnseen = "EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = r.oid AND " + rewrites + ")" +
	" AND EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = r.oid AND g.tgname = '" + renameTrigger + "' AND g.tgattr::text <> '')"

// capture names what is installed for a table.
type capture struct {
	oid       string
	table     *sqlcore.Table
	byRow     bool // a statement may name another table
	rewritten bool // a trigger of the app's may change a native id
}

func (r *relation) capture() capture {
	return capture{r.oid, r.table, r.kind == "p" || r.child, r.rewritten}
}

// id is the native id of a row, as text that goes by its bytes. Operators that are
// named with their schema bind all alike.
func (c capture) id(prefix string) string { return "(" + c.table.IDSQL(settled{}, prefix) + ")" }

func logOf(oid string) string      { return "dualwrite.log_" + oid }
func sequenceOf(oid string) string { return "dualwrite.seq_" + oid }

// install is the script that installs the capture anew.
func (c capture) install() []string {
	script := append(uninstall(c.oid),
		"CREATE TABLE "+logOf(c.oid)+" (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "+sequenceOf(c.oid)+") PRIMARY KEY,"+
			" tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op \"char\" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(),"+
			" n int NOT NULL DEFAULT 1, ids text[])",
		"ALTER TABLE "+logOf(c.oid)+" ALTER ids SET STORAGE EXTERNAL") // compressing costs more than what is read once saves
	switch {
	case c.table.View:
		return append(script, c.installCompare()...)
	case c.byRow:
		script = append(script, c.trigger(rowTrigger, "AFTER INSERT OR UPDATE OR DELETE", "FOR EACH ROW", c.noteRow())...)
	default:
		script = append(script, c.trigger(insertTrigger, "AFTER INSERT", rowsOf("NEW"), c.noteRows("c"))...)
		script = append(script, c.trigger(updateTrigger, "AFTER UPDATE", rowsOf("NEW"), c.noteUpdated())...)
		script = append(script, c.trigger(deleteTrigger, "AFTER DELETE", rowsOf("OLD"), c.noteRows("d"))...)
		script = append(script, c.trigger(renameTrigger, "AFTER UPDATE"+c.renaming(), "FOR EACH ROW WHEN ("+c.id("OLD.")+" OPERATOR(pg_catalog.<>) "+c.id("NEW.")+")", c.noteRenamed())...)
	}
	return append(script, c.trigger(truncateTrigger, "AFTER TRUNCATE", "FOR EACH STATEMENT", c.noteTruncated())...)
}

// rowsOf has a trigger run once a statement, with its old or its new rows.
func rowsOf(which string) string {
	return "REFERENCING " + which + " TABLE AS dualwrite_rows FOR EACH STATEMENT"
}

// renaming narrows the trigger to statements that may change a native id.
func (c capture) renaming() string {
	if c.rewritten {
		return ""
	}
	return " OF " + strings.Join(c.table.IDColumns(dialect{}, ""), ", ")
}

// trigger is the script that makes a trigger and its function.
func (c capture) trigger(name, event, each, body string) []string {
	function := noteOf(name, c.oid)
	return []string{
		"CREATE FUNCTION " + function + " RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER" + c.options() + " AS " + literal(body),
		"REVOKE ALL ON FUNCTION " + function + " FROM PUBLIC",
		"CREATE TRIGGER " + quote(name) + " " + event + " ON " + dialect{}.From(c.table) + " " + each + " EXECUTE FUNCTION " + function,
	}
}

// noteOf names a trigger's function.
func noteOf(trigger, oid string) string {
	return "dualwrite." + strings.TrimPrefix(trigger, "!dualwrite_") + "_" + oid + "()"
}

// uninstall removes what install makes; its triggers go with the functions,
// since only the table's owner could drop them by name.
func uninstall(oid string) (script []string) {
	script = append(script, "DROP FUNCTION IF EXISTS dualwrite.note_"+oid+"() CASCADE") // of captures that an earlier version installed
	for _, name := range []string{insertTrigger, updateTrigger, deleteTrigger, renameTrigger, rowTrigger, truncateTrigger} {
		script = append(script, "DROP FUNCTION IF EXISTS "+noteOf(name, oid)+" CASCADE")
	}
	return append(script, "DROP TABLE IF EXISTS "+logOf(oid)+", "+imageOf(oid))
}

// form tells one version of what is installed from another.
func (c capture) form() string {
	h := fnv.New128a()
	h.Write([]byte(strings.Join(c.install(), ";")))
	return hex.EncodeToString(h.Sum(nil))
}

// options has those native ids spelled alike for all users that a session's
// settings have a say in.
func (c capture) options() string {
	if plain(c.table) {
		return ""
	}
	return " SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1"
}

// A notification makes commits wait for one another, so a change is notified
// only while somebody sleeps, who then holds a lock on the table's number. Whoever
// writes takes it shared until its transaction ends: it cannot be had as long as
// a writer who saw nobody sleep has not committed.
const sleepClass = 0x6477

// sleepLock is the two numbers of the lock.
func sleepLock(oid string) string {
	n, _ := strconv.ParseUint(oid, 10, 32)
	return strconv.Itoa(sleepClass) + ", " + strconv.Itoa(int(int32(uint32(n))))
}

// ours is whether the statement is marked as one of ours on this table. The mark
// counts for what our statement itself changed, not for what triggers of the app
// do within it: they work deeper than the first trigger (I11). What a cascade
// within the table does bears the mark too.
func (c capture) ours() string {
	return "pg_catalog.starts_with(" + setting("dualwrite.mark") + ", '" + c.oid + ":') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1"
}

// mark is what the statement is marked with.
func (c capture) mark() string {
	return "pg_catalog.substr(" + setting("dualwrite.mark") + ", " + strconv.Itoa(len(c.oid)+2) + ")"
}

// oursOrNull is the mark of any statement, null where it is not ours.
func (c capture) oursOrNull() string { return "CASE WHEN " + c.ours() + " THEN " + c.mark() + " END" }

func setting(name string) string { return "pg_catalog.current_setting('" + name + "', true)" }

// renamed is the setting that tells the first row of the log about a record that
// the present statement gave another native id.
func (c capture) renamed() string { return "dualwrite.renamed_" + c.oid }

// each notes the rows of a statement one by one: however many they are, no row of
// the log becomes too large.
func (c capture) each(op string) string {
	return "INSERT INTO " + logOf(c.oid) + " (op, id) SELECT '" + op + "', " + c.id("r.") + " FROM dualwrite_rows AS r;"
}

// together notes the rows of a statement of ours, which are many but no more than
// a batch has, by one row of the log.
func (c capture) together(op string) string {
	return "INSERT INTO " + logOf(c.oid) + " (op, ids, n, origin) SELECT '" + op + "', pg_catalog.array_agg(" + c.id("r.") + "), pg_catalog.count(*), " + c.mark() +
		" FROM dualwrite_rows AS r HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0;"
}

// wake notifies who sleeps, if anything was noted.
func (c capture) wake() string {
	return `
	IF FOUND AND NOT pg_catalog.pg_try_advisory_xact_lock_shared(` + sleepLock(c.oid) + `) THEN
		PERFORM pg_catalog.pg_notify('dualwrite', '` + c.oid + `');
	END IF;
	RETURN NULL;
END`
}

// noteRows notes the rows that a statement has inserted or deleted.
func (c capture) noteRows(op string) string {
	return `
BEGIN
	IF ` + c.ours() + ` THEN
		` + c.together(op) + `
	ELSE
		` + c.each(op) + `
	END IF;` + c.wake()
}

// noteUpdated leaves out the rows that noteRenamed has noted.
func (c capture) noteUpdated() string {
	log, id := logOf(c.oid), c.id("r.")
	return `
BEGIN
	IF ` + setting("dualwrite.mark") + ` OPERATOR(pg_catalog.<>) '' OR ` + setting(c.renamed()) + ` OPERATOR(pg_catalog.<>) '' THEN
		IF ` + setting(c.renamed()) + ` OPERATOR(pg_catalog.<>) '' THEN
			INSERT INTO ` + log + ` (op, id, origin) SELECT 'u', ` + id + `, ` + c.oursOrNull() + ` FROM dualwrite_rows AS r
				WHERE NOT EXISTS (SELECT 1 FROM ` + log + ` AS l WHERE l.seq OPERATOR(pg_catalog.>=) ` + setting(c.renamed()) + `::pg_catalog.int8
					AND l.tx OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id() AND l.old_id IS NOT NULL AND l.id OPERATOR(pg_catalog.=) ` + id + `);
			PERFORM pg_catalog.set_config('` + c.renamed() + `', '', true);
			RETURN NULL;
		ELSIF ` + c.ours() + ` THEN
			` + c.together("u") + `
		ELSE
			` + c.each("u") + `
		END IF;
	ELSE
		` + c.each("u") + `
	END IF;` + c.wake()
}

// noteRenamed notes one row that has got another native id.
func (c capture) noteRenamed() string {
	return `
DECLARE
	first pg_catalog.int8;
BEGIN
	INSERT INTO ` + logOf(c.oid) + ` (op, id, old_id, origin) VALUES ('u', ` + c.id("NEW.") + `, ` + c.id("OLD.") + `, ` + c.oursOrNull() + `) RETURNING seq INTO first;
	IF coalesce(` + setting(c.renamed()) + `, '') OPERATOR(pg_catalog.=) '' THEN
		PERFORM pg_catalog.set_config('` + c.renamed() + `', first::pg_catalog.text, true);
	END IF;` + c.wake()
}

// noteRow notes one row.
func (c capture) noteRow() string {
	log, oldID, newID := logOf(c.oid), c.id("OLD."), c.id("NEW.")
	return `
BEGIN
	IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN
		INSERT INTO ` + log + ` (op, id, origin) VALUES ('c', ` + newID + `, ` + c.oursOrNull() + `);
	ELSIF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN
		INSERT INTO ` + log + ` (op, id, old_id, origin) VALUES ('u', ` + newID + `, CASE WHEN ` + oldID + ` OPERATOR(pg_catalog.<>) ` + newID + ` THEN ` + oldID + ` END, ` + c.oursOrNull() + `);
	ELSE
		INSERT INTO ` + log + ` (op, id, origin) VALUES ('d', ` + oldID + `, ` + c.oursOrNull() + `);
	END IF;` + c.wake()
}

func (c capture) noteTruncated() string {
	return `
BEGIN
	INSERT INTO ` + logOf(c.oid) + ` (op) VALUES ('t');
	PERFORM pg_catalog.pg_notify('dualwrite', '` + c.oid + `');
	RETURN NULL;
END`
}

// blind tells what triggers cannot see.
func blind(rel *relation) []string {
	if rel.table.View {
		return []string{"changes of a view by themselves: its records are compared every " + compareEvery.String() + ", and one changed back in between goes unnoticed",
			"the origin of changes of a view, so that our own are compared once more"}
	}
	blind := []string{"changes by sessions that switch triggers off (session_replication_role), such as a subscriber of logical replication"}
	if rel.kind == "p" {
		blind = append(blind, "TRUNCATE of a single partition, and partitions that are attached or detached with rows in them")
	}
	if rel.inherited {
		blind = append(blind, "rows of tables that inherit from this one")
	}
	return blind
}
