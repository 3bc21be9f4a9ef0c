package mysql

import (
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/filter"
	"dualwrite/connectors/sqlcore"
)

// shop is a small catalog: customers of a group, keyed by company and number.
func shop(mariaDB bool) *catalog {
	text := func(c *sqlcore.Column, collation string) {
		c.Storage, c.Type, c.Typed, c.Collation = asText, connectors.Text, "utf8mb4", collation
	}
	groups := &sqlcore.Table{Name: "groups", Base: "groups", Key: []int{0}, Uniques: []sqlcore.Unique{{Name: "by_code", Columns: []int{1}}},
		Columns: []sqlcore.Column{{Name: "id", Type: connectors.Int, Storage: asNumber, Typed: "SIGNED", Required: true}, {Name: "code", Pos: 1, Length: 20, Required: true}}}
	text(&groups.Columns[1], "utf8mb4_0900_ai_ci")
	customers := &sqlcore.Table{Name: "Customers", Base: "Customers", Key: []int{0, 1}, Uniques: []sqlcore.Unique{{Name: "PRIMARY", Columns: []int{0, 1}}},
		Columns: []sqlcore.Column{{Name: "dataareaid", Length: 4, Required: true}, {Name: "it's `no`", Pos: 1, Length: 20, Required: true},
			{Name: "group_id", Pos: 2, Type: connectors.Int, Storage: asNumber, Typed: "SIGNED", Parent: &sqlcore.Reference{Table: "groups", Column: "id", Lookup: true}},
			{Name: "weight", Pos: 3, Type: connectors.Float, Storage: asSingle, Typed: "DOUBLE"}, {Name: "since", Pos: 4, Type: connectors.Date, Storage: asDate, Typed: "DATE"}}}
	text(&customers.Columns[0], "utf8mb4_bin")
	text(&customers.Columns[1], "utf8mb4_0900_ai_ci")
	customers.Columns[1].Fold.Case = true
	c := &catalog{Catalog: &sqlcore.Catalog{}, d: dialect{mariaDB: mariaDB, captured: map[string]bool{"Customers": true}}, rels: map[string]*rel{}}
	c.Add(groups)
	c.Add(customers)
	c.rels["Customers"], c.rels["groups"] = &rel{key: "PRIMARY"}, &rel{key: "PRIMARY"}
	return c
}

func compiled(t *testing.T, mariaDB bool) *plan {
	t.Helper()
	p, err := shop(mariaDB).compile(connectors.Selection{Entity: "Customers", Fields: []string{"dataareaid", "it's `no`", "group_id.code"}, Key: []int{1}, Company: 0,
		Companies: []string{"USMF"}, Fold: connectors.Fold{Case: true}, Filter: filter.Compare{Field: "since", Op: filter.Gt, Value: filter.Literal{Kind: filter.DateLiteral, Text: "2024-01-31"}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const list = "CONCAT(replace(replace(CONVERT(t.`dataareaid` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', " +
	"replace(replace(CONVERT(t.`it's ``no``` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'))"

// TestStatementsAreSpelledForEachServer holds the texts that MariaDB and MySQL
// spell apart. The suite runs on MariaDB only; of MySQL 8 this is all that is
// held to its manual.
func TestStatementsAreSpelledForEachServer(t *testing.T) {
	for _, server := range []struct {
		mariaDB bool
		rows    string
	}{{true, "VALUES (?, ?, ?), (?, ?, ?)"}, {false, "VALUES ROW(?, ?, ?), ROW(?, ?, ?)"}} {
		p := compiled(t, server.mariaDB)
		read := placed(p.numbered(2, 2, p.byID()))
		begin := "WITH dualwrite_k(n, v0, v1) AS (" + server.rows + ") SELECT STRAIGHT_JOIN k.n, " + list +
			", CASE WHEN EXISTS (SELECT 1 FROM `" + logName("Customers") + "` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `" + logName("Customers") + "` AS l WHERE l.id = CAST(" + list + " AS BINARY)) END, "
		end := " FROM dualwrite_k AS k JOIN `Customers` AS t LEFT JOIN `groups` AS j1 ON j1.`id` = t.`group_id` WHERE " +
			"t.`dataareaid` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`it's ``no``` = CONVERT(k.v1 USING utf8mb4) COLLATE utf8mb4_0900_ai_ci"
		if !strings.HasPrefix(read, begin) || !strings.HasSuffix(read, end) {
			t.Errorf("read by id:\n%s\nwant\n%s…%s", read, begin, end)
		}
		if got, want := placed(p.derived(2, 2)), "(WITH dualwrite_k(n, v0, v1) AS ("+server.rows+") SELECT * FROM dualwrite_k) AS k"; got != want {
			t.Errorf("rows to join: %s", got)
		}
	}
}

func TestAPageGoesOnByAnIndex(t *testing.T) {
	p := compiled(t, false)
	page := p.Page([]any{"usmf", "C1"}, 10)
	text := placed(page.SQL)
	where := text[strings.LastIndex(text, " WHERE "):]
	const want = " WHERE 1 = 1 AND (CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY) IN (?))" +
		" AND ((NULLIF(CAST(t.`since` AS DATE), CAST('0000-00-00' AS DATE)) > CAST(? AS DATE)) IS TRUE)" +
		" AND t.`dataareaid` >= CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin AND (t.`dataareaid` > CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin" +
		" OR (t.`it's ``no``` > CONVERT(? USING utf8mb4) COLLATE utf8mb4_0900_ai_ci)) ORDER BY t.`dataareaid`, t.`it's ``no``` LIMIT 10"
	if where != want {
		t.Errorf("a page is\n%s\nwant\n%s", where, want)
	}
	if !slices.Equal(page.Args, []any{"usmf", "2024-01-31", "usmf", "usmf", "C1"}) {
		t.Errorf("bound %q", page.Args)
	}
}

func TestTriggersLogWithoutTheSettingsOfASession(t *testing.T) {
	c := shop(false)
	table, _ := c.Table("Customers")
	update := triggers(c.d, table)[1].sql(table)
	for _, part := range []string{"CREATE TRIGGER `" + triggerName(connectors.Update, "Customers") + "` AFTER UPDATE ON `Customers` FOR EACH ROW INSERT INTO `" + logName("Customers") + "`",
		"CASE WHEN NOT (CAST(CONCAT(replace(replace(CONVERT(OLD.`dataareaid` USING utf8mb4)", "LEFT(COALESCE(@`" + markName("Customers") + "`, ''), 250)", "UTC_TIMESTAMP(3))"} {
		if !strings.Contains(update, part) {
			t.Errorf("%s\nis not part of\n%s", part, update)
		}
	}
	for _, setting := range []string{"NOW(", "CURRENT_", `"`, `\`} {
		if strings.Contains(update, setting) {
			t.Errorf("%s depends on a session's settings", setting)
		}
	}
}

func TestMySQLTellsTheIDsItCountsByTheFirst(t *testing.T) {
	c := shop(false)
	c.rels["groups"].increments = &c.Tables["groups"].Columns[0]
	p, err := c.compile(connectors.Selection{Entity: "groups", Fields: []string{"id", "code"}, Key: []int{1}, Company: -1})
	if err != nil {
		t.Fatal(err)
	}
	write := func(id connectors.Value) *item {
		it := p.prepare(connectors.Write{Op: connectors.Create, Row: connectors.Row{id, connectors.TextValue("x")}, Fields: []bool{id.IsSet(), true}})
		p.assign(it)
		return it
	}
	if counted := write(connectors.Value{}); p.increments(counted) == nil {
		t.Error("an id that is left out is not counted")
	}
	given := write(connectors.IntValue(7))
	if key, ok := p.keyAfter(given); p.increments(given) != nil || !ok || key[0] != int64(7) {
		t.Errorf("an id that is given is %v", key)
	}
}

func TestGrantsAreReadAsTheServerSpellsThem(t *testing.T) {
	r := &rights{database: "my_db"}
	for _, line := range []string{"GRANT USAGE ON *.* TO `u`@`%`", "GRANT SELECT, INSERT ON `my\\_db`.* TO `u`@`%`", "GRANT ALL PRIVILEGES ON `other`.* TO `u`@`%`",
		"GRANT TRIGGER ON `my_db`.`it's a ``table``` TO `u`@`%`", "GRANT `role` TO `u`@`%`", "GRANT UPDATE (`a`, `b`) ON `my_db`.`t` TO `u`@`%`", "GRANT DELETE ON `my%`.* TO `u`@`%` WITH GRANT OPTION"} {
		if g, ok := parseGrant(line); ok {
			r.grants = append(r.grants, g)
		}
	}
	for _, test := range []struct {
		right, table string
		has          bool
	}{{"SELECT", "t", true}, {"TRIGGER", "t", false}, {"TRIGGER", "it's a `table`", true}, {"UPDATE", "t", false}, {"DELETE", "t", true}, {"DROP", "t", false}} {
		if r.has(test.right, test.table) != test.has {
			t.Errorf("%s on %s: %v", test.right, test.table, !test.has)
		}
	}
	if r.everywhere("PROCESS") {
		t.Error("PROCESS is taken to be granted")
	}
}

func TestNamesOfOursAreShortPlainAndDifferent(t *testing.T) {
	seen := map[string]string{}
	for _, table := range []string{"items", "Items", "ITEMS", strings.Repeat("x", 64), strings.Repeat("x", 63) + "y", strings.Repeat("ü", 64), "it's", "two words"} {
		for _, name := range []string{logName(table), markName(table), triggerName(connectors.Create, table), triggerName(connectors.Delete, table)} {
			lower := strings.ToLower(name)
			if other := seen[lower]; other != "" || len([]rune(name)) > nameMax {
				t.Errorf("%s is called %s, as is %s", table, name, other)
			}
			seen[lower] = table
		}
	}
}
