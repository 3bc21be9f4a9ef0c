package mysql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/filter"
)

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// strange are names that a table or a column may have.
func strange() []string {
	return []string{"it's `back` \"quoted\"", "MixedCase", "mixedcase", "select", "what? two;--", `100% dot back\slash`, "/* no */ @at\t$1 :name {brace}",
		strings.Repeat("ü", 64), strings.Repeat("漢", 48), strings.Repeat("x", 64), strings.Repeat("x", 63) + "y"}
}

func TestAnyNameWorks(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for _, name := range strange() {
		a.exec(t, fmt.Sprintf("CREATE TABLE %s (id INT PRIMARY KEY, %s VARCHAR(80)) ENGINE=InnoDB", quote(name), quote("c "+string([]rune(name)[:min(len([]rune(name)), 10)])+"x")))
	}
	c := a.connect(t)
	schema, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(schema.Entities) != len(strange()) {
		t.Errorf("%d tables of %d", len(schema.Entities), len(strange()))
	}
	var streams []*probe.Feed
	for _, e := range schema.Entities {
		streams = append(streams, probe.Start(t, c, e.Name))
		o := probe.Open(t, c, e.Name, "id", e.Fields[1].Name)
		o.Stored(o.Creates(connectors.IntValue(1), text(e.Name)))
		o.Stored(o.Updates("1", connectors.Value{}, text("it's `"+e.Name)))
		probe.Want(t, e.Name, o.Rows(), "1: 1 it's `"+e.Name)
		found, err := o.Find(t.Context(), []connectors.Row{{connectors.IntValue(1)}})
		if err != nil || len(found) != 1 {
			t.Errorf("%s: found %v, %v", e.Name, found, err)
		}
		o.Stored(connectors.Write{Op: connectors.Delete, ID: "1", Mark: "map1/1"})
	}
	for i, s := range streams {
		probe.Want(t, schema.Entities[i].Name, s.Told(), "create 1 map1/1", "update 1 map1/1", "delete 1 map1/1")
		if err := s.Stop(t.Context()); err != nil {
			t.Errorf("%s: %v", schema.Entities[i].Name, err)
		}
	}
	if left := a.Leftovers(t); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

func TestARecordAloneIsChangedByAnIDOfAnyType(t *testing.T) {
	t.Parallel()
	for _, key := range [][2]string{{"TIME(3)", "'10:00:00.5'"}, {"INET6", "'::1'"}, {"YEAR", "2024"}, {"ENUM('a', 'b')", "'b'"}, {"SET('a', 'b')", "'a,b'"}, {"BIT(9)", "300"}, {"FLOAT", "0.1"},
		{"DOUBLE", "0.1"}, {"BINARY(2)", "x'00ff'"}, {"TIMESTAMP(3)", "'2024-02-29 10:00:00.25'"}, {"VARCHAR(9) CHARACTER SET latin1", "'é|?'"}, {"DECIMAL(20)", "'12345678901234567890'"}} {
		a := newApp(t, "CREATE TABLE things (id "+key[0]+" NOT NULL PRIMARY KEY, name VARCHAR(9)) ENGINE=InnoDB",
			"INSERT INTO things VALUES ("+key[1]+", 'x')")
		o := probe.Open(t, a.connect(t), "things", "name")
		records, _, err := o.Scan(t.Context(), "", 10)
		if err != nil || len(records) != 1 {
			t.Fatalf("%s: %d records, %v", key[0], len(records), err)
		}
		if r := o.Results(o.Updates(records[0].ID, text("y")))[0]; r.Outcome != connectors.Stored || a.text(t, "SELECT name FROM things") != "y" {
			t.Errorf("%s: outcome %d, %v", key[0], r.Outcome, r.Err)
		}
	}
}

func TestCompositeAndStrangeIdsLeadToTheirRecords(t *testing.T) {
	t.Parallel()
	a := newApp(t, `CREATE TABLE pairs (a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL, b VARBINARY(8) NOT NULL, c DATETIME(3) NOT NULL,
		d DECIMAL(10,2) NOT NULL, e TIMESTAMP(2) NOT NULL, n INT, PRIMARY KEY (a, b, c, d, e)) ENGINE=InnoDB`)
	parts := []string{"x", "x ", "a|b", `a\`, `\|`, "|", "", "'", "漢?", "NULL"}
	for _, p := range parts {
		a.exec(t, "INSERT INTO pairs VALUES (?, ?, '2024-02-29 12:34:56.789', -1.50, '2024-10-27 02:30:00.25', 0)", p, []byte(p))
	}
	c := a.connect(t)
	s := probe.Start(t, c, "pairs")
	o := probe.Open(t, c, "pairs", "a", "n")
	if n := len(o.Rows()); n != len(parts) {
		t.Errorf("%d rows in pages", n)
	}
	page, _, err := o.Scan(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var ids, changes []string
	for i, r := range page {
		ids = append(ids, r.ID)
		a.exec(t, "UPDATE pairs SET n = ? WHERE a = ?", i+1, r.Row[0].Text())
		changes = append(changes, "update "+r.ID)
	}
	if found, err := o.Get(t.Context(), ids); err != nil || len(found) != len(parts) {
		t.Errorf("%d of %d by id, %v", len(found), len(parts), err)
	}
	probe.Want(t, "the feed", s.Told(), changes...)
	for _, id := range ids {
		o.Stored(o.Updates(id, connectors.Value{}, connectors.IntValue(0)))
	}
	if n := a.text(t, "SELECT COUNT(*) FROM pairs WHERE n = 0"); n != fmt.Sprint(len(parts)) {
		t.Errorf("%s records were updated by id", n)
	}
	for _, id := range []string{"", "x", "x|y|z|1|2", `\`, "x|00|2024-02-29|1e9|x"} {
		if found, err := o.Get(t.Context(), []string{id}); err != nil || len(found) != 0 {
			t.Errorf("%q finds %v, %v", id, found, err)
		}
	}
}

func TestKeysThatACollationTakesForOneAreToldHonestly(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL UNIQUE) ENGINE=InnoDB",
		"INSERT INTO people (code) VALUES ('resume')")
	c := a.connect(t)
	o := probe.Open(t, c, "people", "code")
	if fold := o.Capabilities().Fold; !fold.Case || !fold.Space {
		t.Errorf("the key folds as %+v", fold)
	}
	found, err := o.Find(t.Context(), []connectors.Row{{text("résumé")}})
	if err != nil || len(found) != 0 {
		t.Errorf("another key finds %v, %v", found, err)
	}
	if e := o.Refused(o.Creates(text("résumé")), connectors.Duplicate); e.Field != "code" || !strings.Contains(e.Message, "utf8mb4_general_ci") {
		t.Errorf("refused with %+v", e)
	}
}

// FuzzNoValueReachesSQLUnquoted writes, scans and finds any text, under names that
// hold marks of every kind.
func FuzzNoValueReachesSQLUnquoted(f *testing.F) {
	for _, s := range []string{"", "'", `\`, `\'`, "\x00", "?", "`", "\"", "-- ", "漢字😀", "a' OR '1'='1", "%_", "!", "\r\n", "\u00a0", "\xff", "NULL", "/*! x */", "@a", "x'00'", "#", "\x1a", "a|b", "0012"} {
		f.Add(s)
	}
	a := newApp(f, "CREATE TABLE `it's ? ``q``` (id INT AUTO_INCREMENT PRIMARY KEY, `va'l?` VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin UNIQUE) ENGINE=InnoDB",
		"INSERT INTO `it's ? ``q``` VALUES (1, 'kept')")
	c := a.connect(f)
	f.Fuzz(func(t *testing.T, value string) {
		sel := connectors.Selection{Entity: "it's ? `q`", Fields: []string{"va'l?"}, Key: []int{0}, Company: -1}
		sel.Filter = filter.And{Left: filter.Compare{Field: "va'l?", Op: filter.Eq, Value: filter.Literal{Kind: filter.TextLiteral, Text: value}},
			Right: filter.Match{Field: "va'l?", Op: filter.EndsWith, Text: value}}
		o := probe.OpenWith(t, c, sel)
		r := o.Results(o.Creates(text(value)))[0]
		if r.Outcome != connectors.Stored {
			return // too long, held, or no text
		}
		found, err := o.Find(t.Context(), []connectors.Row{{text(value)}})
		if err != nil || len(found) != 1 || found[0].Row[0] != text(value) {
			t.Errorf("%q finds %v, %v", value, found, err)
		}
		page, _, err := o.Scan(t.Context(), "", 10)
		if err != nil || !slices.ContainsFunc(page, func(r connectors.Record) bool { return r.Row[0] == text(value) }) || slices.ContainsFunc(page, func(r connectors.Record) bool { return r.ID == "1" }) {
			t.Errorf("%q scans as %v, %v", value, page, err)
		}
		o.Stored(connectors.Write{Op: connectors.Delete, ID: r.Record.ID})
	})
}

// FuzzAnyNameOfATableAndItsColumnsWorks goes once through everything that puts
// names into SQL.
func FuzzAnyNameOfATableAndItsColumnsWorks(f *testing.F) {
	for _, s := range [][2]string{{"plain", "field"}, {"select", "from"}, {`say "hi"`, `a"b`}, {"it's", "that's"}, {"two words", "a.b"}, {"Straße", "größe"},
		{"客户", "名前"}, {"k", "v0"}, {"t", "t"}, {"j1", "p"}, {"l", "seq"}, {"n", "n"}, {"a;b--", "/*x*/"}, {"[x]", "`y`"}, {`%_?\`, ":a"}, {"new", "old"}, {"dualwrite", "@x$y"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, table, column string) {
		for _, name := range []string{table, column} {
			odd := strings.ContainsFunc(name, func(r rune) bool { return r == 0 || r > 0xffff || r == utf8.RuneError })
			if name == "" || odd || !utf8.ValidString(name) || utf8.RuneCountInString(name) > 64 || strings.TrimRight(name, " \t\n\v\f\r") != name ||
				strings.HasPrefix(strings.ToLower(name), "dualwrite_") || strings.EqualFold(name, "id") || strings.EqualFold(name, "up") {
				t.Skip("not a name that an app could give, or one of the test's own")
			}
		}
		a := newApp(t, "CREATE TABLE "+quote(table)+" (id INT AUTO_INCREMENT PRIMARY KEY, "+quote(column)+" VARCHAR(30) UNIQUE, up INT, FOREIGN KEY (up) REFERENCES "+quote(table)+" (id)) ENGINE=InnoDB")
		before := a.Leftovers(t) // the table may be called after us
		c := a.connect(t)
		feed := probe.Start(t, c, table)
		for _, fold := range []connectors.Fold{{Case: true, Space: true}, {}} {
			o := probe.OpenWith(t, c, connectors.Selection{Entity: table, Fields: []string{column, "up." + column}, Key: []int{0, 1}, Company: -1, Fold: fold})
			if fold.Case {
				o.Stored(o.Creates(text("top"), connectors.NullValue()))
				o.Stored(o.Creates(text("child"), text("top")))
			}
			if e := o.Refused(o.Updates("2", text("top"), connectors.Value{}), connectors.Duplicate); e.Field != column {
				t.Errorf("the error names %q", e.Field)
			}
			if found, err := o.Find(t.Context(), []connectors.Row{{text("child"), text("top")}}); err != nil || len(found) != 1 {
				t.Fatalf("found %v, %v", found, err)
			}
			probe.Want(t, "rows", o.Rows(), "1: top ", "2: child top")
		}
		probe.Want(t, "changes", feed.Told(), "create 1 map1/1", "create 2 map1/1")
		if err := feed.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		probe.Want(t, "leftovers", a.Leftovers(t), before...)
	})
}

// FuzzNoTableNameReachesSQLUnquoted follows feeds of tables that are not there:
// whatever their names, the server must not find fault with the statement.
func FuzzNoTableNameReachesSQLUnquoted(f *testing.F) {
	for _, s := range append(strange(), "", "'", "`", `\`, "\x00", "?", "a`b'c\"d", "x` -- ", "😀", "\xff", "a.b") {
		f.Add(s)
	}
	c := newApp(f, itemsTable).connect(f)
	o := probe.Open(f, c, "items", "id")
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			return // no server takes it for a text
		}
		feed, err := c.Feed(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = feed.Changes(t.Context(), "5 3", 1)
		if kind := connectors.KindOf(err); kind != connectors.CursorExpired {
			t.Errorf("the feed of %q answers %v (%v)", name, err, kind)
		}
		if err := feed.Stop(t.Context()); err != nil {
			t.Errorf("stopping the feed of %q: %v", name, err)
		}
		_, err = o.Get(t.Context(), []string{name})
		if err != nil {
			t.Errorf("the id %q answers %v", name, err)
		}
	})
}
