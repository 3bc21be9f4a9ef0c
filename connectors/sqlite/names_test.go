package sqlite_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// quoted is how the test itself writes names, so as not to trust the code under
// test.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func FuzzAnyNameOfATableAndItsColumnsWorks(f *testing.F) {
	for _, s := range [][2]string{
		{"plain", "field"}, {"select", "from"}, {`say "hi"`, `a"b`}, {"it's", "that's"}, {"two words", "a.b"}, {"Straße", "größe"},
		{"客户", "名前"}, {"k", "v0"}, {"t", "t"}, {"j1", "p"}, {"l", "seq"}, {"n", "rowid"}, {"a;b--", "/*x*/"}, {"[x]", "`y`"},
		{"%_?1", ":a"}, {"main", "main.t"}, {" ", "\t"}, {"new", "old"}, {"dualwrite", " COLLATE "}, {"", "\n"}, {"?2", "@x$y"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, table, column string) {
		lower := strings.ToLower(table)
		if column == "" || !utf8.ValidString(table+column) || strings.Contains(table+column, "\x00") || strings.HasPrefix(lower, "sqlite_") ||
			strings.HasPrefix(lower, "dualwrite_") || strings.HasPrefix(lower, "practice_") || strings.EqualFold(column, "id") || strings.EqualFold(column, "up") {
			t.Skip("not a name that an app could give, or one of the test's own")
		}
		worksUnderNames(t, table, column)
	})
}

// worksUnderNames goes once through everything that puts names into SQL.
func worksUnderNames(t *testing.T, table, column string) {
	a := newApp(t, "CREATE TABLE "+quoted(table)+" (id INTEGER PRIMARY KEY, "+quoted(column)+" VARCHAR(30) UNIQUE, up INTEGER REFERENCES "+quoted(table)+")")
	before := a.schema(t)
	c := a.connect(t)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Entities) != 1 || s.Entities[0].Name != table || s.Entities[0].Fields[1].Name != column {
		t.Fatalf("described as %+v", s)
	}
	feed := probe.Start(t, c, table)
	for _, fold := range []connectors.Fold{{}, {Case: true, Space: true}} {
		o := probe.OpenWith(t, c, connectors.Selection{Entity: table, Fields: []string{column, "up." + column}, Key: []int{0, 1}, Company: -1, Fold: fold})
		if fold.Case {
			if found, err := o.Find(t.Context(), []connectors.Row{{text("CHILD "), text("top")}}); err != nil || len(found) != 1 {
				t.Fatalf("found %v, %v", found, err)
			}
			continue
		}
		o.Stored(o.Creates(text("top"), connectors.NullValue()))
		o.Stored(o.Creates(text("child"), text("top")))
		if e := o.Refused(o.Updates("2", text("top"), connectors.Value{}), connectors.Duplicate); e.Field != column {
			t.Errorf("the error names %q", e.Field)
		}
		if found, err := o.Find(t.Context(), []connectors.Row{{text("child"), text("top")}}); err != nil || len(found) != 1 {
			t.Fatalf("found %v, %v", found, err)
		}
		probe.Want(t, "rows", o.Rows(), "1: top ", "2: child top")
	}
	probe.Want(t, "changes", feed.Told(), "create 1 map1/1", "create 2 map1/1")
	if err := feed.Confirm(t.Context(), feed.At); err != nil {
		t.Fatal(err)
	}
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := a.schema(t); !slices.Equal(before, after) {
		t.Errorf("the schema was %q and is %q", before, after)
	}
}

// schema is everything that the database says it consists of.
func (a *app) schema(t testing.TB) (all []string) {
	t.Helper()
	rows, err := a.db.Query("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}
