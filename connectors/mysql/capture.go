package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

// Capture of one table is a log table and three triggers that append to it.
// Sequences are given out by AUTO_INCREMENT, which transactions take in one
// order and commit in another: see cursor. They never go back because the newest
// row is never pruned, and because each log begins at the microseconds of its
// installation, beyond what a former log of the table has reached.
//
// A batch of new records that we store together is told by one row of the log: n
// is how many they are, and ids their native ids as an array of JSON. Such a row is
// no record's newest one: their versions are like those of records that were there
// before the capture, by their contents alone.

// captureName is the table that remembers, per captured table, up to where its
// log was pruned.
const captureName = "dualwrite_capture"

// opStart is the operation of a log's first row; changes before it are unknown.
const opStart = "start"

// nameMax is how many characters a server takes for a name.
const nameMax = 64

// label makes a name of ours from a table's. Servers compare some kinds of
// names without regard to case, and take no characters beyond U+FFFF in them, so
// that a hash stands in for whatever is not plain.
func label(prefix, table string) string {
	plain := strings.IndexFunc(table, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
	if plain && len(prefix)+len(table) <= nameMax {
		return prefix + table
	}
	sum := sha256.Sum256([]byte(table))
	hash := "_" + hex.EncodeToString(sum[:8])
	table = strings.Map(func(r rune) rune {
		if r == 0 || r > 0xffff || r == utf8.RuneError {
			return -1
		}
		return r
	}, table)
	room := nameMax - len(prefix) - len(hash)
	for utf8.RuneCountInString(table) > room {
		_, size := utf8.DecodeLastRuneInString(table)
		table = table[:len(table)-size]
	}
	return prefix + table + hash
}

func logName(table string) string { return label("dualwrite_log_", table) }

// markName is the user variable that our own writes to a table carry their
// origin in.
func markName(table string) string { return label("dualwrite_mark_", table) }

// manyName is the user variable under which our trigger leaves new records to the
// statement that notes them together.
func manyName(table string) string { return label("dualwrite_many_", table) }

func triggerName(op connectors.Op, table string) string {
	return label("dualwrite_"+string(op)+"_", table)
}

// originMax and keyMax bound what a log row repeats, in characters: a trigger
// must never refuse what the app writes.
const (
	originMax = 250
	keyMax    = 250
)

// trigger is one of the three, by the name it is installed under.
type trigger struct{ name, event, body string }

// sql is the statement that installs a trigger.
func (tr trigger) sql(t *sqlcore.Table) string {
	return "CREATE TRIGGER " + quote(tr.name) + " AFTER " + tr.event + " ON " + quote(t.Base) + " FOR EACH ROW " + tr.body
}

// is reports whether a body, as the server tells it, is the trigger's: it leaves
// out which character set a constant is in.
func (tr trigger) is(told string) bool {
	const set = "_utf8mb4"
	return strings.ReplaceAll(told, set, "") == strings.ReplaceAll(tr.body, set, "")
}

func triggers(d dialect, t *sqlcore.Table) []trigger {
	id := func(row string) string { return "CAST(" + t.IDSQL(d, row) + " AS BINARY)" }
	return []trigger{
		unlessMany(t, logging(d, t, connectors.Create, "INSERT", "NULL", "NEW.")),
		logging(d, t, connectors.Update, "UPDATE", "CASE WHEN NOT ("+id("OLD.")+" <=> "+id("NEW.")+") THEN "+id("OLD.")+" END", "NEW."),
		logging(d, t, connectors.Delete, "DELETE", "NULL", "OLD."),
	}
}

func logging(d dialect, t *sqlcore.Table, op connectors.Op, event, oldID, row string) trigger {
	body := "INSERT INTO " + quote(logName(t.Name)) + " (op, old_id, id, `key`, origin, at) VALUES (" + literal(string(op)) + ", " + oldID +
		", CAST(" + t.IDSQL(d, row) + " AS BINARY), LEFT(" + t.KeySQL(d, row, keyText(d)) + fmt.Sprintf(", %d), LEFT(COALESCE(@", keyMax) + quote(markName(t.Name)) +
		fmt.Sprintf(", ''), %d), UTC_TIMESTAMP(3))", originMax)
	return trigger{triggerName(op, t.Name), event, body}
}

// unlessMany has a trigger do nothing while we note together what a statement of
// ours does.
func unlessMany(t *sqlcore.Table, tr trigger) trigger {
	tr.body = "IF @" + quote(manyName(t.Name)) + " IS NULL THEN " + tr.body + "; END IF"
	return tr
}

func keyText(d dialect) func(c *sqlcore.Column, expr string) string {
	return func(c *sqlcore.Column, expr string) string {
		if c.Type == connectors.Bytes {
			return ""
		}
		return d.IDPart(c, expr)
	}
}

// idBytes is how long the native id of a table can become.
func idBytes(t *sqlcore.Table) int {
	sum := 0
	for _, pos := range t.Key {
		c := &t.Columns[pos]
		switch {
		case c.Storage == asText && c.Length > 0:
			sum += 4 * c.Length
		case c.Bytes > 0:
			sum += 2 * c.Bytes
		default:
			sum += 80
		}
	}
	if len(t.Key) > 1 {
		sum = 2*sum + len(t.Key) // each character may be escaped
	}
	return min(sum, 12000)
}

// indexBytes is how much of a column an index takes.
const indexBytes = 3000

// idColumn is the length of a column of native ids, and how an index over it is
// cut.
func idColumn(t *sqlcore.Table) (size, prefix string) {
	if n := idBytes(t); n > indexBytes {
		return strconv.Itoa(n), fmt.Sprintf("(%d)", indexBytes)
	}
	return strconv.Itoa(idBytes(t)), ""
}

// logTable is the statement that makes a table's log.
func logTable(t *sqlcore.Table) string {
	size, prefix := idColumn(t)
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, op VARCHAR(6) NOT NULL, old_id VARBINARY(%s), id VARBINARY(%s),"+
		" `key` VARCHAR(%d), origin VARCHAR(%d) NOT NULL DEFAULT '', at DATETIME(3), n INT NOT NULL DEFAULT 1, ids LONGTEXT, INDEX by_id (id%s, seq))"+
		" ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", quote(logName(t.Name)), size, size, keyMax, originMax, prefix)
}

// captureTable is the statement that makes the table all captures share.
// Checked is written to, and taken back, to see how far transactions have come.
const captureTable = "CREATE TABLE IF NOT EXISTS " + captureName + " (entity VARCHAR(64) NOT NULL PRIMARY KEY, shape CHAR(16) NOT NULL, pruned BIGINT NOT NULL," +
	" kept LONGTEXT NOT NULL, checked BIGINT NOT NULL DEFAULT 0) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

// shape tells whether a capture is the one that a table, as it is now, needs.
func shape(d dialect, t *sqlcore.Table) string {
	h := sha256.New()
	h.Write([]byte(logTable(t)))
	if t.View {
		h.Write([]byte(imageTable(t)))
		return hex.EncodeToString(h.Sum(nil)[:8])
	}
	for _, tr := range triggers(d, t) {
		h.Write([]byte(tr.sql(t)))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// readCaptures learns which tables have a log.
func (c *catalog) readCaptures(ctx context.Context, l *link) error {
	logs := map[string]bool{}
	const text = `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'dualwrite\\_%'`
	err := l.query(ctx, text, nil, func(raw []any) error {
		logs[str(raw[0])] = true
		return nil
	})
	for _, name := range c.Names {
		c.d.captured[name] = logs[logName(name)] && logs[captureName] && (!c.isView(name) || logs[imageName(name)])
	}
	return err
}

// installed reports whether the triggers of a table are those that it needs, as
// far as our account may see them: without the right TRIGGER they do not show,
// and what was noted at their installation counts.
func installed(ctx context.Context, l *link, d dialect, t *sqlcore.Table) (bool, error) {
	row, err := l.row(ctx, "SELECT shape FROM "+captureName+" WHERE entity = "+sqlcore.Mark, t.Name)
	if err != nil || row == nil || str(row[0]) != shape(d, t) {
		return false, err
	}
	if t.View {
		return true, nil
	}
	there, err := triggersThere(ctx, l, t.Name)
	if err != nil || there == nil {
		return err == nil, err
	}
	for _, tr := range triggers(d, t) {
		if !tr.is(there[tr.name]) {
			return false, nil
		}
	}
	return true, nil
}

// triggersThere reads the bodies of a table's triggers, nil when none can be seen
// for want of the right.
func triggersThere(ctx context.Context, l *link, table string) (map[string]string, error) {
	r, err := readRights(ctx, l)
	if err != nil || !r.has("TRIGGER", table) {
		return nil, err
	}
	there := map[string]string{}
	const text = "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE event_object_schema = DATABASE() AND event_object_table = " + sqlcore.Mark
	err = l.query(ctx, text, []any{table}, func(raw []any) error {
		there[str(raw[0])] = str(raw[1])
		return nil
	})
	return there, err
}
