package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

// typed is one column of the table of all types: how each kind declares it, and
// what it holds at its limits, as a literal and as it is read back.
type typed struct {
	name                    string
	sqlite, postgres, mysql string
	most, least             string // "" where a kind of its own spells it; see literalOf
	mostRead, leastRead     string // "" for the same
}

func allTypes() []typed {
	return []typed{
		{name: "code", sqlite: "VARCHAR(20) COLLATE NOCASE PRIMARY KEY NOT NULL", postgres: "varchar(20) COLLATE nocase PRIMARY KEY", mysql: "varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY"},
		{name: "small", sqlite: "INTEGER", postgres: "smallint", mysql: "smallint", most: "32767", least: "-32768"},
		{name: "big", sqlite: "INTEGER", postgres: "bigint", mysql: "bigint", most: "9223372036854775807", least: "-9223372036854775808"},
		{name: "exact", sqlite: "TEXT", postgres: "numeric(38,10)", mysql: "decimal(38,10)", most: "'9999999999999999999999999999.9999999999'", least: "'-9999999999999999999999999999.9999999999'"},
		{name: "approx", sqlite: "DOUBLE", postgres: "double precision", mysql: "double", most: "1.7976931348623157e308", least: "-1.7976931348623157e308", mostRead: "1.7976931348623157e+308", leastRead: "-1.7976931348623157e+308"},
		{name: "flag", sqlite: "BOOLEAN", postgres: "boolean", mysql: "boolean", most: "true", least: "false"},
		{name: "words", sqlite: "TEXT", postgres: "text", mysql: "longtext", most: "'O''Brien \"100%\" 😀 שלום'", mostRead: "O'Brien \"100%\" 😀 שלום", least: "''"},
		{name: "day", sqlite: "DATE", postgres: "date", mysql: "date", most: "'9999-12-31'", least: "'1000-01-01'"},
		{name: "instant", sqlite: "DATETIME", postgres: "timestamptz", mysql: "datetime(6)", most: "'9999-12-31 23:59:59.999999+00'", least: "'1000-01-01 00:00:00+00'", mostRead: "9999-12-31T23:59:59.999999Z", leastRead: "1000-01-01T00:00:00Z"},
		{name: "ident", sqlite: "GUID", postgres: "uuid", mysql: "char(36)", most: "'ffffffff-ffff-4fff-bfff-ffffffffffff'", least: "'00000000-0000-0000-0000-000000000000'"},
		{name: "doc", sqlite: "TEXT", postgres: "json", mysql: "json", most: "'{\"a\":[1,\"x\"]}'", least: "'null'"},
	}
}

func (c typed) declared(kind string) string {
	return map[string]string{"sqlite": c.sqlite, "postgres": c.postgres, "mysql": c.mysql}[kind]
}

// literalOf spells a value for a kind.
func (h *host) literalOf(c typed, v string) string {
	if c.name == "instant" && h.kind != "postgres" {
		v = strings.ReplaceAll(v, "+00'", "'")
	}
	if c.name == "instant" && h.kind == "sqlite" {
		v = strings.Replace(strings.TrimSuffix(v, "'"), " ", "T", 1) + "Z'"
	}
	return v
}

func (c typed) read(literal, read string) string {
	if read == "" {
		read = strings.Trim(literal, "'")
	}
	return read
}

// everything makes the table of all types in a host, with a row for each limit
// and one of nulls.
func (h *host) everything(rows bool) {
	h.t.Helper()
	if h.kind == "postgres" {
		h.exec("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
	}
	var parts, most, least []string
	for i, c := range allTypes() {
		parts = append(parts, "["+c.name+"] "+c.declared(h.kind))
		if i > 0 {
			most, least = append(most, h.literalOf(c, c.most)), append(least, h.literalOf(c, c.least))
		}
	}
	h.exec("CREATE TABLE [everything] (" + strings.Join(parts, ", ") + ")")
	if rows {
		h.exec("INSERT INTO [everything] VALUES ('most', " + strings.Join(most, ", ") + ")")
		h.exec("INSERT INTO [everything] VALUES ('least', " + strings.Join(least, ", ") + ")")
		h.exec("INSERT INTO [everything] ([code]) VALUES ('nothing')")
	}
}

// values reads the table through the host's own kind of connection, each record
// as a line of text, by its code.
func (h *host) values(t *testing.T) map[string][]string {
	t.Helper()
	c, err := openers(t.TempDir())[h.kind](t.Context(), h.settings)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sel := connectors.Selection{Entity: "everything", Company: -1, Key: []int{0}}
	for _, f := range allTypes() {
		sel.Fields = append(sel.Fields, f.name)
	}
	e, err := c.Open(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	page, _, err := e.Scan(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, r := range page {
		var line []string
		for _, v := range r.Row {
			text := v.String()
			if v.State() == connectors.Null {
				text = "<null>"
			}
			line = append(line, text)
		}
		out[strings.ToLower(strings.TrimRight(line[0], " "))] = line[1:]
	}
	return out
}

// newTypes is the program between two hosts that hold the table of all types.
func newTypes(t *testing.T, left, right string) *pair {
	t.Helper()
	p := &pair{site: &site{t: t, dir: t.TempDir()}, names: []string{"Everything"}}
	setup := &models.Setup{}
	for side, kind := range []string{left, right} {
		p.hosts[side] = newHost(t, databases, kind)
		p.hosts[side].everything(side == 0)
		setup.Connections = append(setup.Connections, models.Connection{Name: fmt.Sprint("app ", side), Kind: kind, Settings: p.hosts[side].settings})
	}
	m := models.Map{Name: "Everything", Master: models.Left, Definition: models.Definition{Left: models.Endpoint{Entity: "everything", Label: "Everything"},
		Right: models.Endpoint{Entity: "everything", Label: "Everything"}, Key: []models.KeyPair{{Left: "code", Right: "code"}}}}
	for _, c := range allTypes() {
		m.Definition.Fields = append(m.Definition.Fields, models.FieldMapping{Left: c.name, Right: c.name, Direction: models.Both})
	}
	setup.Environments = []models.EnvironmentSetup{{Name: "Types", Left: "app 0", Right: "app 1", Maps: []models.Map{m}}}
	err := dataFolder{p.dir}.withStore(func(ctx context.Context, s *models.Store) error {
		_, err := s.ApplySetup(ctx, setup, commandLine)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.start()
	t.Cleanup(p.tell)
	return p
}

func TestEveryTypeCrossesEveryPairAtItsLimits(t *testing.T) {
	for _, left := range kinds {
		for _, right := range kinds {
			t.Run(left+" and "+right, func(t *testing.T) {
				p := newTypes(t, left, right)
				spelled := "NOTHING"
				if right == "mysql" {
					spelled += "  " // it takes trailing spaces for nothing
				}
				p.hosts[1].exec("INSERT INTO [everything] ([code], [words]) VALUES ('" + spelled + "', 'the key in other letters')")
				p.run("Everything")
				p.filled("Everything")
				p.rest()
				want := map[string][]string{"nothing": slices.Repeat([]string{"<null>"}, len(allTypes())-1)}
				want["nothing"][slices.IndexFunc(allTypes(), func(c typed) bool { return c.name == "words" })-1] = "the key in other letters"
				for _, c := range allTypes()[1:] {
					want["most"] = append(want["most"], c.read(c.most, c.mostRead))
					want["least"] = append(want["least"], c.read(c.least, c.leastRead))
				}
				p.hold("after the initial write", want)
				for i, c := range allTypes()[1:] { // back the other way, and the limits exchanged
					p.hosts[1].exec("UPDATE [everything] SET [" + c.name + "] = " + p.hosts[1].literalOf(c, c.most) + " WHERE [code] = 'least'")
					want["least"][i] = want["most"][i]
				}
				p.hosts[1].exec("DELETE FROM [everything] WHERE [code] = 'nothing'")
				delete(want, "nothing")
				p.rest()
				p.hold("after live edits", want)
			})
		}
	}
}

// hold fails unless both hosts hold the wanted records.
func (p *pair) hold(when string, want map[string][]string) {
	p.t.Helper()
	for side, h := range p.hosts {
		got := h.values(p.t.(*testing.T))
		if len(got) != len(want) {
			p.t.Errorf("%s: %s on side %d holds %d records, want %d", when, h.kind, side, len(got), len(want))
		}
		for code, line := range want {
			for i := range line {
				if have := slices.Concat(got[code], make([]string, len(line)))[i]; plain(have) != plain(line[i]) {
					p.t.Errorf("%s: %s on side %d, %s of %s is %q, want %q", when, h.kind, side, allTypes()[i+1].name, code, have, line[i])
				}
			}
		}
	}
}

// plain drops what kinds may spell differently without a difference in content:
// the space in a document, and an exponent's plus sign.
func plain(s string) string {
	if strings.HasPrefix(s, "{") {
		return strings.ReplaceAll(s, " ", "")
	}
	return s
}

func TestAValueThatDoesNotFitNamesItselfItsTypeAndItsLimit(t *testing.T) {
	for _, kind := range kinds[1:] {
		t.Run(kind, func(t *testing.T) {
			p := newTypes(t, "sqlite", kind)
			p.hosts[0].exec("UPDATE [everything] SET [small] = 32768 WHERE [code] = 'most'")
			p.hosts[0].exec("UPDATE [everything] SET [exact] = '99999999999999999999999999999' WHERE [code] = 'least'")
			p.hosts[0].exec("INSERT INTO [everything] ([code], [day]) VALUES ('odd', 'not a day')")
			p.run("Everything")
			p.filled("Everything")
			p.rest()
			got := map[string]string{}
			for _, e := range p.openErrors("Everything") {
				got[e.RecordKey] = e.Field + ": " + e.Message
			}
			for key, says := range map[string][]string{"most": {"small", "32768", "32767"}, "least": {"exact", "99999999999999999999999999999", "38 digits"}, "odd": {"day", "not a day", "date"}} {
				for _, part := range says {
					if !strings.Contains(got[key], part) {
						t.Errorf("the error of %s does not say %q: %s", key, part, got[key])
					}
				}
			}
			if len(got) != 3 {
				t.Errorf("there are %d errors: %v", len(got), got)
			}
		})
	}
}
