package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/filter"
)

// quoted is how the test itself writes names, so as not to trust the code under
// test.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// mostBytes is how long a name may be; the server cuts a longer one.
const mostBytes = 63

func FuzzAnyNameAndAnyValueWorks(f *testing.F) {
	for _, s := range [][3]string{
		{"plain", "field", "value"}, {"select", "from", "NULL"}, {`say "hi"`, `a"b`, `"`}, {"it's", "that's", "it's"}, {"two words", "a.b", "a|b"},
		{"Straße", "größe", "ß"}, {"客户", "名前", "値"}, {"k", "v0", "$1"}, {"t", "t", "t"}, {"j1", "p", "r.l1"}, {"c", "n", "(r."}, {"r", "held", "o"},
		{"o", "place", "'); DROP TABLE x; --"}, {"a;b--", "/*x*/", `\`}, {"%_$1", ":a", `\x41`}, {"public.x", "ver", "E'\\''"}, {" ", "\t", "\n"},
		{"new", "old", "{}"}, {"dualwrite", "xmin ", "NaN"}, {"Mixed", "CASE", "%_!"}, {"$$", "$body$", "$$"}, {"?", "@x", "\u202e"},
		{strings.Repeat("ü", 31) + "x", strings.Repeat("名", 21), strings.Repeat("长", 500)}, {strings.Repeat("n", 63), strings.Repeat("m", 63), " "},
	} {
		f.Add(s[0], s[1], s[2])
	}
	var shared *app
	f.Fuzz(func(t *testing.T, table, column, value string) {
		for _, name := range []string{table, column} {
			if name == "" || len(name) > mostBytes || !utf8.ValidString(name) || strings.Contains(name, "\x00") {
				t.Skip("not a name that an app could give")
			}
		}
		if column == "id" || column == "up" || reserved(column) || !utf8.ValidString(value) || strings.Contains(value, "\x00") {
			t.Skip("one of the test's own, or the server's")
		}
		if shared == nil {
			shared = &app{database: server.Database(t)}
		}
		a := &app{database: shared.database}
		a.conn = a.session(t)
		worksUnderNames(t, a, table, column, value)
	})
}

// reserved are the names of PostgreSQL's own columns.
func reserved(column string) bool {
	switch column {
	case "xmin", "xmax", "cmin", "cmax", "ctid", "tableoid":
		return true
	}
	return false
}

// worksUnderNames goes once through everything that puts names and values into
// SQL.
func worksUnderNames(t *testing.T, a *app, table, column, value string) {
	a.exec(t, "DROP SCHEMA public CASCADE")
	a.exec(t, "CREATE SCHEMA public")
	a.exec(t, "CREATE TABLE "+quoted(table)+" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "+quoted(column)+" text UNIQUE, up bigint REFERENCES "+quoted(table)+")")
	before := a.Leftovers(t)
	c := a.connect(t)
	defer c.Close()
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Entities) != 1 || s.Entities[0].Name != table || s.Entities[0].Fields[1].Name != column {
		t.Fatalf("described as %+v", s)
	}
	feed := probe.Start(t, c, table)
	for _, fold := range []connectors.Fold{{}, {Case: true, Space: true}} {
		sel := connectors.Selection{Entity: table, Fields: []string{column, "up." + column}, Key: []int{0, 1}, Company: -1, Fold: fold}
		sel.Filter = filter.Or{Left: filter.Match{Field: column, Op: filter.StartsWith, Text: value}, Right: filter.Compare{Field: "up." + column, Op: filter.Eq, Value: filter.Literal{Kind: filter.TextLiteral, Text: value}}}
		o := probe.OpenWith(t, c, sel)
		if fold.Case {
			if found, err := o.Find(t.Context(), []connectors.Row{{text("CHILD "), text(value)}}); err != nil || len(found) != 1 {
				t.Fatalf("found %v, %v", found, err)
			}
			continue
		}
		o.Stored(o.Creates(text(value), connectors.NullValue()))
		o.Stored(o.Creates(text("child"), text(value)))
		if e := o.Refused(o.Updates("2", text(value), connectors.Value{}), connectors.Duplicate); e.Field != column && value != "child" {
			t.Errorf("the error names %q", e.Field)
		}
		if found, err := o.Find(t.Context(), []connectors.Row{{text("child"), text(value)}}); err != nil || len(found) != 1 {
			t.Fatalf("found %v, %v", found, err)
		}
		if rows := o.Rows(); len(rows) != 2 || rows[0] != "1: "+value+" " || rows[1] != "2: child "+value {
			t.Errorf("rows %q", rows)
		}
	}
	probe.Want(t, "changes", feed.Told(), "create 1 map1/1", "create 2 map1/1")
	if err := feed.Confirm(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "left over", a.Leftovers(t), before...)
}

// The same under names that PostgreSQL itself takes and that differ from what
// our statements call their own parts only by schema or by case.
func TestTablesNamedLikeOursAreTheAppsOwn(t *testing.T) {
	a := newApp(t, `CREATE TABLE capture (id bigint PRIMARY KEY, v text)`, `CREATE TABLE log_1 (id bigint PRIMARY KEY, v text)`)
	c := a.connect(t)
	for i, name := range []string{"capture", "log_1"} {
		feed, o := probe.Start(t, c, name), probe.Open(t, c, name, "id", "v")
		o.Stored(o.Creates(connectors.IntValue(int64(i)), text("x")))
		probe.Want(t, name, feed.Told(), fmt.Sprintf("create %d map1/1", i))
		if err := feed.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := a.text(t, "SELECT count(*) FROM capture"); n != "1" {
		t.Errorf("%s records", n)
	}
}
