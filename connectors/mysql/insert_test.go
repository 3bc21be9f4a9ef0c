package mysql_test

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/mysql"
)

// TestNewIDsAreFoundOutWhereTheServerDoesNotTellThem goes MySQL's way on MariaDB.
func TestNewIDsAreFoundOutWhereTheServerDoesNotTellThem(t *testing.T) {
	t.Parallel()
	a := newApp(t,
		"CREATE TABLE counted (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE) ENGINE=InnoDB AUTO_INCREMENT=40",
		"CREATE TABLE given (code VARCHAR(10) PRIMARY KEY, n INT) ENGINE=InnoDB",
		"CREATE TABLE made (id VARCHAR(36) DEFAULT (UUID()) PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE) ENGINE=InnoDB",
		"CREATE TABLE parted (shop INT NOT NULL, id INT AUTO_INCREMENT, code VARCHAR(10) NOT NULL UNIQUE, PRIMARY KEY (shop, id), KEY (id)) ENGINE=InnoDB")
	c := a.connect(t)
	mysql.Ask(c)
	one, two := text("one"), text("two")
	for table, fields := range map[string][]string{"counted": {"code"}, "given": {"code"}, "made": {"code"}, "parted": {"code", "shop"}} {
		probe.Start(t, c, table)
		o := probe.Open(t, c, table, fields...)
		rows := [][]connectors.Value{{one}, {two}}
		if len(fields) == 2 {
			rows = [][]connectors.Value{{one, connectors.IntValue(7)}, {two, connectors.IntValue(8)}}
		}
		results := o.Results(o.Creates(rows[0]...), o.Creates(rows[1]...), o.Creates(rows[0]...))
		for i, want := range []connectors.Outcome{connectors.Stored, connectors.Stored, connectors.Moved} {
			if results[i].Outcome != want || want == connectors.Stored && results[i].Record.Row[0] != rows[i][0] {
				t.Errorf("%s: record %d: %+v", table, i, results[i])
			}
		}
		if id := results[1].Record.ID; table == "counted" && id != "41" || table == "parted" && id != "8|2" {
			t.Errorf("%s: the second id is %s", table, id)
		}
	}
}
