package mysql_test

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/mysql"
	"dualwrite/connectors/sqltest"
)

// account makes one that may do what is granted, and the settings to use it.
func (a *app) account(t testing.TB, name string, grants ...string) map[string]string {
	t.Helper()
	name = fmt.Sprintf("%s %s", name, a.Name)
	a.Exec(t, fmt.Sprintf("CREATE USER `%s`@`%%` IDENTIFIED BY 'p''w'", name))
	for _, g := range grants {
		a.Exec(t, fmt.Sprintf("GRANT %s TO `%s`@`%%`", strings.ReplaceAll(g, "DB", a.Name), name))
	}
	s := settings(a.Database)
	s["user"], s["password"] = name, "p'w"
	return s
}

func TestMissingRightsAreFoundBeforeAnythingIsTouchedAndTheScriptGrantsThem(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	c := connect(t, a.account(t, "small", "SELECT, INSERT, UPDATE, DELETE ON DB.*"))
	h, err := c.Health(t.Context())
	if err != nil || !strings.Contains(strings.Join(h.Missing, "\n"), "TRIGGER on items") {
		t.Errorf("health is %+v, %v", h, err)
	}
	if !strings.Contains(h.Script, "GRANT SELECT") {
		t.Errorf("the script of health is %q", h.Script)
	}
	f, err := c.Feed(t.Context(), "items")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Start(t.Context())
	e := probe.Failed(t, err, connectors.Denied)
	if left := a.Leftovers(t); len(left) > 0 {
		t.Errorf("touched: %q", left)
	}
	_, script, found := strings.Cut(e.Message, "run:\n")
	if !found || !strings.Contains(e.Message, "TRIGGER on items") {
		t.Fatalf("the error says %q", e.Message)
	}
	a.Exec(t, script)
	c = connect(t, a.account(t, "unrelated", "SELECT ON DB.*")) // the script is for the first account only
	if f, err = c.Feed(t.Context(), "items"); err == nil {
		_, err = f.Start(t.Context())
	}
	if err == nil {
		t.Error("another account may start the feed")
	}
}

func TestAfterTheScriptTheSmallAccountCapturesAndCleansUp(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	small := a.account(t, "small", "SELECT, INSERT, UPDATE, DELETE ON DB.*")
	c := connect(t, small)
	f, _ := c.Feed(t.Context(), "items")
	_, err := f.Start(t.Context())
	_, script, _ := strings.Cut(probe.Failed(t, err, connectors.Denied).Message, "run:\n")
	a.Exec(t, script)
	c = connect(t, small)
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	o.Stored(o.Creates(connectors.IntValue(1), connectors.IntValue(1)))
	a.exec(t, "UPDATE items SET n = 2")
	probe.Want(t, "told", s.Told(), "create 1 map1/1", "update 1")
	if err := s.Confirm(t.Context(), s.At); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := a.Leftovers(t); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

func TestUsersOfTheAppNeedNoRightsOfOurs(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	s := probe.Start(t, a.connect(t), "items")
	clerk := probe.Open(t, connect(t, a.account(t, "clerk", "SELECT, INSERT ON DB.items")), "items", "id")
	clerk.Stored(connectors.Write{Op: connectors.Create, Row: connectors.Row{connectors.IntValue(1)}, Fields: []bool{true}})
	probe.Want(t, "told", s.Told(), "create 1")
}

func TestRightsByARoleCount(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	role := "role_" + a.Name
	a.Exec(t, "CREATE ROLE "+role, "GRANT ALL ON "+a.Name+".* TO "+role)
	s := a.account(t, "member", role)
	a.Exec(t, fmt.Sprintf("SET DEFAULT ROLE %s FOR `%s`@`%%`", role, s["user"]))
	probe.Start(t, connect(t, s), "items")
}

func TestWithoutTheRightProcessAGapStaysOpenAndNothingIsLost(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id) VALUES (1), (2)")
	s := probe.Start(t, connect(t, a.account(t, "blind", "ALL ON DB.*")), "items")
	open := begin(t, a.session(t))
	in(t, open, "UPDATE items SET note = 'open' WHERE id = 1")
	a.exec(t, "UPDATE items SET note = 'short' WHERE id = 2")
	probe.Want(t, "beside it", s.Told(), "update 2")
	until(t, s, func() bool { return strings.Contains(string(s.At), "@-") })
	if err := open.Commit(); err != nil {
		t.Fatal(err)
	}
	probe.Want(t, "once it ends", s.Told(), "update 1")
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	t.Parallel()
	whole := map[string]string{"host": "127.0.0.1", "port": "1", "database": "d", "user": "u"}
	for field, value := range map[string]string{"database": "", "user": "", "host": "", "port": "x", "tls": "maybe"} {
		s := map[string]string{}
		for k, v := range whole {
			s[k] = v
		}
		s[field] = value
		_, err := mysql.Open(t.Context(), s)
		if e := probe.Failed(t, err, connectors.Invalid); e.Field != field {
			t.Errorf("%s: the error names %q", field, e.Field)
		}
	}
	_, err := mysql.Open(t.Context(), whole)
	probe.Failed(t, err, connectors.Unreachable)
	a := newApp(t)
	s := settings(a.Database)
	s["password"] = "wrong ' password"
	_, err = mysql.Open(t.Context(), s)
	if e := probe.Failed(t, err, connectors.Denied); strings.Contains(e.Error(), "wrong") {
		t.Error("the error tells the password")
	}
	s = settings(a.Database)
	s["socket"] = a.Socket
	s["host"] = ""
	connect(t, s)
}

func TestAnAccountWithoutTheRightTriggerFollowsWhatAnAdministratorInstalled(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	probe.Start(t, a.connect(t), "items")
	own := "SELECT, INSERT, UPDATE, DELETE ON DB."
	c := connect(t, a.account(t, "small", own+"items", own+"dualwrite_log_items", own+"dualwrite_capture", "PROCESS ON *.*"))
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	o.Stored(o.Creates(connectors.IntValue(1), connectors.IntValue(1)))
	a.exec(t, "UPDATE items SET n = 2")
	probe.Want(t, "told", s.Told(), "create 1 map1/1", "update 1")
	if err := s.Confirm(t.Context(), s.At); err != nil {
		t.Fatal(err)
	}
}

func TestTheTrapOfABinaryLogIsNamedWithItsWayOut(t *testing.T) {
	t.Parallel()
	logging := sqltest.NewMariaDB("--log-bin=binlog", "--server-id=1")
	t.Cleanup(logging.Close)
	a := &app{Database: logging.Database(t)}
	a.db = a.session(t)
	a.exec(t, itemsTable)
	c := connect(t, a.account(t, "small", "ALL ON DB.*", "PROCESS ON *.*"))
	f, err := c.Feed(t.Context(), "items")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Start(t.Context())
	e := probe.Failed(t, err, connectors.Denied)
	if left := a.Leftovers(t); len(left) > 0 {
		t.Errorf("touched: %q", left)
	}
	_, script, _ := strings.Cut(e.Message, "run:\n")
	if !strings.Contains(script, "log_bin_trust_function_creators") {
		t.Fatalf("the error says %q", e.Message)
	}
	a.Exec(t, script)
	s := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	o.Stored(o.Creates(connectors.IntValue(1), connectors.IntValue(1)))
	o.Stored(o.Updates("1", connectors.Value{}, connectors.IntValue(2)))
	probe.Want(t, "told", s.Told(), "create 1 map1/1", "update 1 map1/1")
}

func TestATableThatCannotBeAnEntityIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE heap (a INT) ENGINE=InnoDB", "CREATE TABLE old (a INT PRIMARY KEY) ENGINE=MyISAM", "CREATE VIEW seen AS SELECT * FROM old")
	c := a.connect(t)
	for name, why := range map[string]string{"heap": "no primary key", "old": "MyISAM", "seen": "view", "nothing": "no table"} {
		_, err := c.Open(t.Context(), connectors.Selection{Entity: name, Fields: []string{"a"}, Company: -1})
		if e := probe.Failed(t, err, connectors.NoEntity); !strings.Contains(e.Message, why) {
			t.Errorf("%s: %s", name, e.Message)
		}
	}
}

func TestAfterTheScriptOfHealthNothingIsMissing(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	c := connect(t, a.account(t, "it's a", "SELECT ON DB.items"))
	h, err := c.Health(t.Context())
	if err != nil || len(h.Missing) == 0 {
		t.Fatalf("health is %+v, %v", h, err)
	}
	a.Exec(t, h.Script)
	if h, err = c.Health(t.Context()); err != nil || len(h.Missing) > 0 || h.Script != "" {
		t.Errorf("after the script: %+v, %v", h, err)
	}
}
