package postgres_test

import (
	"net/url"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/postgres"
)

// small is the app over an account that may only connect and read.
func small(t *testing.T, a *app) (connectors.Connector, string) {
	t.Helper()
	role := `small "` + a.database.Name
	name := `"` + strings.ReplaceAll(role, `"`, `""`) + `"`
	a.exec(t, "CREATE ROLE "+name+" LOGIN PASSWORD 'secret'")
	a.exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+name)
	settings := a.settings()
	settings["user"], settings["password"] = role, "secret"
	return connect(t, settings), name
}

func TestMissingRightsAreNamedWithAScriptBeforeAnythingIsTouched(t *testing.T) {
	a := newApp(t, `CREATE TABLE "the table" (id serial PRIMARY KEY, v text)`)
	c, _ := small(t, a)
	h, err := c.Health(t.Context())
	if err != nil || len(h.Missing) != 1 || !strings.Contains(h.Missing[0], "schema dualwrite") || !strings.HasPrefix(h.Script, "CREATE SCHEMA dualwrite AUTHORIZATION") {
		t.Errorf("health: %+v, %v", h, err)
	}
	f, err := c.Feed(t.Context(), "the table")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Start(t.Context())
	e := probe.Failed(t, err, connectors.Denied)
	for _, part := range []string{"INSERT, UPDATE, DELETE, TRIGGER", "the table", "sequence", "CREATE SCHEMA dualwrite"} {
		if !strings.Contains(e.Message, part) {
			t.Errorf("the message does not name %s: %s", part, e.Message)
		}
	}
	probe.Want(t, "touched", a.Leftovers(t))
	o := probe.Open(t, c, "the table", "v")
	_, err = o.Write(t.Context(), []connectors.Write{o.Creates(text("x"))})
	probe.Failed(t, err, connectors.Denied)

	_, script, ok := strings.Cut(e.Message, "can run:\n")
	if !ok {
		t.Fatalf("the message has no script: %s", e.Message)
	}
	for statement := range strings.SplitSeq(script, ";\n") {
		a.exec(t, strings.TrimSuffix(statement, ";"))
	}
	feed := probe.Start(t, c, "the table")
	o.Stored(o.Creates(text("x")))
	a.exec(t, `UPDATE "the table" SET v = 'y'`)
	probe.Want(t, "with the rights", feed.Told(), "create 1 map1/1", "update 1")
	if h, err = c.Health(t.Context()); err != nil || len(h.Missing) > 0 {
		t.Errorf("health: %+v, %v", h, err)
	}
	if err := feed.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "only the administrator's schema is left", a.Leftovers(t), "dualwrite")
	probe.Start(t, c, "the table")
}

// evil takes the places of what a function could mean that does not say whose it
// means.
var evil = []string{`CREATE SCHEMA evil`,
	`CREATE FUNCTION evil.fail() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'taken in'; END $$`,
	`CREATE FUNCTION evil.starts_with(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.fail() = 1::text'`,
	`CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT evil.fail()'`,
	`CREATE FUNCTION evil.pg_trigger_depth() RETURNS int LANGUAGE sql AS 'SELECT length(evil.fail())'`,
	`CREATE FUNCTION evil.replace(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT evil.fail()'`,
	`CREATE FUNCTION evil.to_json(date) RETURNS json LANGUAGE sql AS 'SELECT evil.fail()::json'`,
	`CREATE FUNCTION evil.two(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.fail() IS NULL'`,
	`CREATE FUNCTION evil.both(text, text) RETURNS text LANGUAGE sql AS 'SELECT evil.fail()'`,
	`CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.two)`,
	`CREATE OPERATOR evil.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.two)`,
	`CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.both)`,
	`CREATE DOMAIN evil.text AS pg_catalog.text CHECK (value = 'never')`,
	`CREATE DOMAIN evil.int8 AS pg_catalog.int8 CHECK (value < 0)`,
	`CREATE TABLE evil.dualwrite_rows (id bigint, number text, day date)`}

func TestUsersOfTheAppNeedNoRightOfOurs(t *testing.T) {
	a := newApp(t, append([]string{plain, `CREATE TABLE y (number text, day date, v text, PRIMARY KEY (number, day))`, `CREATE TABLE z (f float4 PRIMARY KEY, v text)`}, evil...)...)
	c := a.connect(t)
	feed, composite, digits := probe.Start(t, c, "x"), probe.Start(t, c, "y"), probe.Start(t, c, "z")
	_, name := small(t, a)
	a.exec(t, "GRANT SELECT, INSERT, UPDATE, DELETE ON x, y, z TO "+name)
	a.exec(t, "GRANT ALL ON SCHEMA evil TO "+name)
	user := a.session(t)
	run(t, user, "SET SESSION AUTHORIZATION "+name)
	run(t, user, "SET extra_float_digits = -8")
	for _, statement := range []string{"INSERT INTO x VALUES (1, 'a')", "UPDATE x SET v = 'b'", "UPDATE x SET id = 2, v = 'c'", "DELETE FROM x"} {
		run(t, user, "SET search_path = evil, public, pg_catalog")
		run(t, user, statement)
	}
	probe.Want(t, "told", feed.Told(), "create 1", "update 1", "update 1>2", "delete 2")
	run(t, user, "SET dualwrite.mark = 'map1'")
	for _, statement := range []string{"INSERT INTO y VALUES ('a|b', '2024-02-29')", "UPDATE y SET day = '2024-03-01'", "UPDATE y SET v = 'b'", "DELETE FROM y", "INSERT INTO z VALUES (0.1)"} {
		run(t, user, statement)
	}
	probe.Want(t, "of a key of two columns", composite.Told(), `create a\|b|2024-02-29`, `update a\|b|2024-02-29>a\|b|2024-03-01`, `update a\|b|2024-03-01`, `delete a\|b|2024-03-01`)
	probe.Want(t, "of a floating point key", digits.Told(), "create 0.1")
	if _, err := user.Exec(t.Context(), "SELECT * FROM dualwrite.capture"); err == nil {
		t.Error("a user reads our tables")
	}
}

func TestWrongSettingsAreTold(t *testing.T) {
	a := newApp(t)
	for name, c := range map[string]struct {
		change map[string]string
		kind   connectors.Kind
	}{
		"password":       {map[string]string{"password": "wrong"}, connectors.Denied},
		"account":        {map[string]string{"user": "nobody"}, connectors.Denied},
		"database":       {map[string]string{"database": "no such"}, connectors.Unreachable},
		"port":           {map[string]string{"port": "1"}, connectors.Unreachable},
		"no host":        {map[string]string{"host": ""}, connectors.Invalid},
		"no address":     {map[string]string{"url": "host=x"}, connectors.Invalid},
		"broken address": {map[string]string{"url": "postgres://a:secret@%zz/"}, connectors.Invalid},
		"injection":      {map[string]string{"database": a.database.Name + "?options=-c%20geqo=off"}, connectors.Unreachable},
		"mode":           {map[string]string{"sslmode": "perhaps"}, connectors.Invalid},
	} {
		settings := a.settings()
		for k, v := range c.change {
			settings[k] = v
		}
		opened, err := postgres.Open(t.Context(), settings)
		if err == nil {
			opened.Close()
		}
		if connectors.KindOf(err) != c.kind {
			t.Errorf("%s: %v (%v)", name, err, connectors.KindOf(err))
			continue
		}
		if e := probe.Failed(t, err, c.kind); strings.Contains(e.Error(), a.database.Password) || strings.Contains(e.Error(), "secret") {
			t.Errorf("%s: the error repeats the password: %v", name, e)
		}
	}
	d := a.database
	c := connect(t, map[string]string{"url": (&url.URL{Scheme: "postgres", User: url.UserPassword(d.User, d.Password), Host: d.Host + ":" + a.settings()["port"], Path: d.Name}).String()})
	if h, err := c.Health(t.Context()); err != nil || !strings.HasPrefix(h.Product, "PostgreSQL ") || !strings.Contains(h.Account, d.User) || strings.Contains(h.Account, d.Password) {
		t.Errorf("health %+v, %v", h, err)
	}
}

func TestOnlyReadableTablesOfTheChosenSchemasAreOffered(t *testing.T) {
	a := newApp(t, plain, `CREATE SCHEMA "Sales 1"`, `CREATE TABLE "Sales 1"."Orders" (id bigint PRIMARY KEY, x_id bigint REFERENCES x)`,
		`CREATE SCHEMA other`, `CREATE TABLE other.z (id bigint PRIMARY KEY)`, `CREATE TABLE keyless (v text)`, `CREATE TABLE byunique (v text NOT NULL UNIQUE, w text)`)
	names := func(settings map[string]string) (list []string) {
		s, err := connect(t, settings).Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range s.Entities {
			list = append(list, e.Name)
		}
		return list
	}
	settings := a.settings()
	probe.Want(t, "all", names(settings), "byunique", "x", "Sales 1.Orders", "other.z")
	settings["schema"] = "Sales 1, public"
	probe.Want(t, "two schemas", names(settings), "byunique", "x", "Sales 1.Orders")
	c := connect(t, settings)
	o := probe.Open(t, c, "Sales 1.Orders", "id", "x_id.v")
	a.exec(t, "INSERT INTO x VALUES (1, 'one')")
	feed := probe.Start(t, c, "Sales 1.Orders")
	o.Stored(o.Creates(connectors.IntValue(7), text("one")))
	probe.Want(t, "rows", o.Rows(), "7: 7 one")
	probe.Want(t, "told", feed.Told(), "create 7 map1/1")
}
