package sqlcore

import (
	"fmt"
	"testing"
)

func TestOnlyAViewOfOneTablesRowsIsTakenForOne(t *testing.T) {
	for text, want := range map[string]string{
		"CREATE VIEW v AS SELECT id, code FROM x":                                                              "x [id code]",
		"create view \"as\" (a, b) as select all t.id, main.x.code c from main.x as t where kind = 'a'":        "main.x [id code]",
		"CREATE VIEW v AS SELECT *, upper(code) AS big, 'x', code || '' b FROM \"the \"\"x\"\"\" ORDER BY 1":   "the \"x\" [*   ]",
		"CREATE VIEW v AS -- from y\nSELECT /* , */ [two words], `b``q` FROM x LIMIT 3":                        "x [two words b`q]",
		"select `db`.`x`.`id` AS `id`,(select 1 from `y` union select 2) AS `n` from `db`.`x` where `a`='\\''": "db.x [id ]",
		"CREATE VIEW v AS SELECT t.* FROM x t":                                                                 "x [*]",
		"CREATE VIEW v AS SELECT DISTINCT id FROM x":                                                           "",
		"CREATE VIEW v AS SELECT id FROM x, y":                                                                 "",
		"CREATE VIEW v AS SELECT x.id FROM x JOIN y ON true":                                                   "",
		"CREATE VIEW v AS SELECT id FROM x GROUP BY id":                                                        "",
		"CREATE VIEW v AS SELECT id FROM x UNION ALL SELECT id FROM x":                                         "",
		"CREATE VIEW v AS WITH x AS (SELECT 1 AS id) SELECT id FROM x":                                         "",
		"CREATE VIEW v AS SELECT id FROM (SELECT id FROM x)":                                                   "",
		"CREATE VIEW v AS VALUES (1)":                                                                          "",
		"CREATE VIEW v AS SELECT 1":                                                                            "",
		"":                                                                                                     "",
	} {
		d, ok := ParseView(text, true)
		got := fmt.Sprint(d.Table, " ", d.Columns)
		if d.Schema != "" {
			got = d.Schema + "." + got
		}
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s\nis %v %s, want %s", text, ok, got, want)
		}
	}
}
