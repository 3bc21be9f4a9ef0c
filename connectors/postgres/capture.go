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
// account's rights and a search path of their own, so that the app's users need
// no rights on the log and no object of theirs can take the place of one of the
// server's.

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
// one. Whoever changes a partitioned table, or one that others inherit from, may
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

// capture names what is installed for a table.
type capture struct {
	oid   string
	table *sqlcore.Table
	byRow bool // a statement may name another table
}

func (r *relation) capture() capture {
	return capture{r.oid, r.table, r.kind == "p" || r.child}
}

// id is the native id of a row, as text that goes by its bytes.
func (c capture) id(prefix string) string { return c.table.IDSQL(dialect{}, prefix) }

func logOf(oid string) string      { return "dualwrite.log_" + oid }
func sequenceOf(oid string) string { return "dualwrite.seq_" + oid }

// install is the script that installs the capture anew.
func (c capture) install() []string {
	on := " ON " + dialect{}.From(c.table)
	script := append(uninstall(c.oid),
		"CREATE TABLE "+logOf(c.oid)+" (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "+sequenceOf(c.oid)+") PRIMARY KEY,"+
			" tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op \"char\" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(),"+
			" n int NOT NULL DEFAULT 1, ids text[])",
		"CREATE INDEX ON "+logOf(c.oid)+" (tx, seq)")
	if c.table.View {
		return append(script, c.installCompare()...)
	}
	script = append(script, c.noteFunction(), c.truncateFunction(),
		"REVOKE ALL ON FUNCTION dualwrite.note_"+c.oid+"(), dualwrite.truncated_"+c.oid+"() FROM PUBLIC")
	note := " EXECUTE FUNCTION dualwrite.note_" + c.oid + "()"
	if c.byRow {
		script = append(script, "CREATE TRIGGER "+quote(rowTrigger)+" AFTER INSERT OR UPDATE OR DELETE"+on+" FOR EACH ROW"+note)
	} else {
		script = append(script,
			"CREATE TRIGGER "+quote(insertTrigger)+" AFTER INSERT"+on+" REFERENCING NEW TABLE AS dualwrite_rows FOR EACH STATEMENT"+note,
			"CREATE TRIGGER "+quote(updateTrigger)+" AFTER UPDATE"+on+" REFERENCING NEW TABLE AS dualwrite_rows FOR EACH STATEMENT"+note,
			"CREATE TRIGGER "+quote(deleteTrigger)+" AFTER DELETE"+on+" REFERENCING OLD TABLE AS dualwrite_rows FOR EACH STATEMENT"+note,
			"CREATE TRIGGER "+quote(renameTrigger)+" AFTER UPDATE"+on+" FOR EACH ROW WHEN ("+c.id("OLD.")+" <> "+c.id("NEW.")+")"+note)
	}
	return append(script,
		"CREATE TRIGGER "+quote(truncateTrigger)+" AFTER TRUNCATE"+on+" FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.truncated_"+c.oid+"()")
}

// uninstall removes what install makes; its triggers go with the functions,
// since only the table's owner could drop them by name.
func uninstall(oid string) []string {
	return []string{
		"DROP FUNCTION IF EXISTS dualwrite.note_" + oid + "() CASCADE",
		"DROP FUNCTION IF EXISTS dualwrite.truncated_" + oid + "() CASCADE",
		"DROP TABLE IF EXISTS " + logOf(oid) + ", " + imageOf(oid),
	}
}

// form tells one version of what is installed from another.
func (c capture) form() string {
	h := fnv.New128a()
	h.Write([]byte(strings.Join(c.install(), ";")))
	return hex.EncodeToString(h.Sum(nil))
}

// options of every function. extra_float_digits has floating point keys
// spelled alike for all users.
const functionOptions = " RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS "

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

// noteFunction notes the rows of a statement, or one row. Those of a statement of
// ours, which are many, make one row of the log. The mark counts for
// what our statement itself changed, not for what triggers of the app do within
// it: they work deeper than the first trigger (I11). What a cascade within the
// table does bears the mark too.
func (c capture) noteFunction() string {
	log, prefix := logOf(c.oid), c.oid+":"
	oldID, newID, rowID := c.id("OLD."), c.id("NEW."), c.id("r.")
	note := `
	IF TG_LEVEL = 'STATEMENT' THEN
		IF TG_OP = 'UPDATE' AND current_setting('dualwrite.renamed', true) = '` + c.oid + `' THEN
			PERFORM set_config('dualwrite.renamed', '', true);
			INSERT INTO ` + log + ` (op, id, origin) SELECT 'u', ` + rowID + `, mark FROM dualwrite_rows AS r
				WHERE NOT EXISTS (SELECT 1 FROM ` + log + ` AS l WHERE l.tx = pg_current_xact_id() AND l.old_id IS NOT NULL AND l.id = ` + rowID + `);
			RETURN NULL;
		END IF;
		op := CASE TG_OP WHEN 'INSERT' THEN 'c' WHEN 'UPDATE' THEN 'u' ELSE 'd' END;
		IF mark IS NULL THEN
			INSERT INTO ` + log + ` (op, id, origin) SELECT op, ` + rowID + `, mark FROM dualwrite_rows AS r;
		ELSE
			INSERT INTO ` + log + ` (op, ids, n, origin) SELECT op, array_agg(` + rowID + `), count(*), mark FROM dualwrite_rows AS r HAVING count(*) > 0;
		END IF;
		IF NOT FOUND THEN
			RETURN NULL;
		END IF;
	ELSE
		PERFORM set_config('dualwrite.renamed', '` + c.oid + `', true);
		INSERT INTO ` + log + ` (op, id, old_id, origin) VALUES ('u', ` + newID + `, ` + oldID + `, mark);
	END IF;`
	if c.byRow {
		note = `
	IF TG_OP = 'INSERT' THEN
		INSERT INTO ` + log + ` (op, id, origin) VALUES ('c', ` + newID + `, mark);
	ELSIF TG_OP = 'UPDATE' THEN
		INSERT INTO ` + log + ` (op, id, old_id, origin) VALUES ('u', ` + newID + `, nullif(` + oldID + `, ` + newID + `), mark);
	ELSE
		INSERT INTO ` + log + ` (op, id, origin) VALUES ('d', ` + oldID + `, mark);
	END IF;`
	}
	return "CREATE FUNCTION dualwrite.note_" + c.oid + "()" + functionOptions + literal(`
DECLARE
	mark text;
	op "char";
BEGIN
	IF pg_trigger_depth() = 1 THEN
		mark := current_setting('dualwrite.mark', true);
		mark := CASE WHEN starts_with(mark, '`+prefix+`') THEN substr(mark, length('`+prefix+`') + 1) END;
	END IF;`+note+`
	IF NOT pg_try_advisory_xact_lock_shared(`+sleepLock(c.oid)+`) THEN
		PERFORM pg_notify('dualwrite', '`+c.oid+`');
	END IF;
	RETURN NULL;
END`)
}

func (c capture) truncateFunction() string {
	return "CREATE FUNCTION dualwrite.truncated_" + c.oid + "()" + functionOptions + literal(`
BEGIN
	INSERT INTO `+logOf(c.oid)+` (op) VALUES ('t');
	PERFORM pg_notify('dualwrite', '`+c.oid+`');
	RETURN NULL;
END`)
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
