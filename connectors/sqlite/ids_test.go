package sqlite_test

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// Every way a table may identify its rows: the id that a scan tells is the id
// that get, update, delete and the feed know.
func TestEveryKindOfPrimaryKeyIsANativeID(t *testing.T) {
	for name, c := range map[string]struct {
		table string
		rows  string
		ids   []string
	}{
		"integer":        {"id INTEGER PRIMARY KEY, v TEXT", "(7, 'a'), (-3, 'b')", []string{"-3", "7"}},
		"descending":     {"id INTEGER PRIMARY KEY DESC, v TEXT", "(7, 'a'), (-3, 'b')", []string{"-3", "7"}},
		"text":           {"id TEXT PRIMARY KEY, v TEXT", "('', 'a'), ('it''s|x\\y', 'b'), ('ü', 'c')", []string{"", `it's|x\y`, "ü"}},
		"no case":        {"id TEXT PRIMARY KEY COLLATE NOCASE, v TEXT", "('B', 'a'), ('a', 'b')", []string{"a", "B"}},
		"composite":      {"id TEXT, n INT, v TEXT, PRIMARY KEY (n, id)", `('a|b', 1, 'a'), ('a\', 1, 'b'), ('|', 2, 'c')`, []string{`1|a\\`, `1|a\|b`, `2|\|`}},
		"without rowid":  {"id TEXT PRIMARY KEY, v TEXT", "('a', 'a'), ('b', 'b')", []string{"a", "b"}},
		"bytes":          {"id BLOB PRIMARY KEY, v TEXT", "(1, 'a'), ('1', 'b'), (x'0a00ff', 'c'), ('it''s', 'd')", []string{"1", "'1'", "'it''s'", "X'0A00FF'"}},
		"floating point": {"id REAL PRIMARY KEY, v TEXT", "(0.1, 'a'), (2, 'b')", []string{"0.1", "2.0"}},
		"none":           {"v TEXT, rowid TEXT", "('a', 'x'), ('b', 'y')", []string{"1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			suffix := ""
			if name == "without rowid" {
				suffix = " WITHOUT ROWID"
			}
			a := newApp(t, "CREATE TABLE x ("+c.table+")"+suffix, "INSERT INTO x VALUES "+c.rows)
			knowsIDs(t, a, c.ids)
		})
	}
}

func knowsIDs(t *testing.T, a *app, ids []string) {
	t.Helper()
	conn := a.connect(t)
	o := probe.Open(t, conn, "x", "v")
	feed := probe.Start(t, conn, "x")
	var scanned []string
	for _, row := range o.Rows() {
		id, _, _ := strings.Cut(row, ": ")
		scanned = append(scanned, id)
	}
	probe.Want(t, "scanned", scanned, ids...)
	a.exec(t, "UPDATE x SET v = v || '!'")
	for _, told := range feed.Told() {
		if id := strings.TrimPrefix(told, "update"); len(get(t, o, strings.TrimPrefix(id, " "))) != 1 {
			t.Errorf("the feed tells %q, which get does not know", told)
		}
	}
	for _, id := range ids {
		found := get(t, o, id)
		if len(found) != 1 || found[0].ID != id {
			t.Fatalf("get %q finds %v", id, found)
		}
		w := o.Updates(id, text("new"))
		w.If = found[0].Version
		rec := o.Stored(w)
		if rec.ID != id || rec.Row[0] != text("new") {
			t.Errorf("updated %q to %v", id, rec)
		}
		probe.Want(t, "an update", feed.Told(), "update "+id+" map1/1")
		o.Stored(connectors.Write{Op: connectors.Delete, ID: id, If: rec.Version, Mark: "m"})
		probe.Want(t, "a delete", feed.Told(), "delete "+id+" m")
	}
	if left := o.Rows(); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func get(t testing.TB, o *probe.Entity, ids ...string) []connectors.Record {
	t.Helper()
	found, err := o.Get(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRowsWithoutAPrimaryKeyValueAreLeftOutAndToldSo(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id TEXT PRIMARY KEY, v TEXT)`, `INSERT INTO x VALUES (NULL, 'a'), ('1', 'b'), (NULL, 'c')`)
	c := a.connect(t)
	o := probe.Open(t, c, "x", "v", "id")
	feed := probe.Start(t, c, "x")
	probe.Want(t, "rows", o.Rows(), "1: b 1")
	if n, _, err := o.Count(t.Context()); n != 1 || err != nil {
		t.Errorf("count is %d, %v", n, err)
	}
	a.exec(t, "UPDATE x SET v = 'd' WHERE id IS NULL")
	a.exec(t, "UPDATE x SET id = '2' WHERE rowid = 1")
	a.exec(t, "UPDATE x SET id = NULL WHERE id = '1'")
	probe.Want(t, "changes", feed.Told(), "update 2", "delete 1")
	o.Refused(o.Creates(text("e"), connectors.NullValue()), connectors.Invalid)
	s, err := c.Describe(t.Context())
	if err != nil || !strings.Contains(strings.Join(s.Entities[0].Blind, "; "), "primary key value") {
		t.Errorf("blind: %v, %v", s.Entities[0].Blind, err)
	}
}

func TestAGUIDKeyIsMadeUnlessItIsGivenOrTheAppMakesIt(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id GUID PRIMARY KEY, v TEXT)`, `CREATE TABLE y (id GUID PRIMARY KEY DEFAULT 'theirs', v TEXT)`)
	c := a.connect(t)
	o := probe.Open(t, c, "x", "v", "id")
	rec := o.Stored(o.Creates(text("a"), connectors.Value{}))
	if len(rec.ID) != 36 || rec.ID[14] != '4' || rec.Row[1] != connectors.GUIDValue(rec.ID) {
		t.Errorf("made %+v", rec)
	}
	const given = "0F8FAD5B-D9CB-469F-A165-70867728950E"
	if rec = o.Stored(o.Creates(text("b"), connectors.GUIDValue(given))); rec.ID != strings.ToLower(given) {
		t.Errorf("given %s, made %s", given, rec.ID)
	}
	if rec = probe.Open(t, c, "y", "v").Stored(probe.Open(t, c, "y", "v").Creates(text("a"))); rec.ID != "theirs" {
		t.Errorf("made %s", rec.ID)
	}
	probe.Open(t, c, "x", "v").Stored(probe.Open(t, c, "x", "v").Creates(text("c")))
}
