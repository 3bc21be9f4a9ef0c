package sqlite_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// manyColumns are of every type that a batch of creates may fill.
const manyColumns = `n BIGINT NOT NULL, at DATE, moment DATETIME, amount NUMERIC, spelled DECIMAL_TEXT, f REAL, yes BOOLEAN, guid GUID, raw BLOB, note VARCHAR(40), later TEXT`

var manyFields = []string{"code", "n", "at", "moment", "amount", "spelled", "f", "yes", "guid", "raw", "note", "later"}

func manyRow(i int) connectors.Row {
	decimal := func(s string) connectors.Value { v, _ := connectors.DecimalValue(s); return v }
	moment := time.Date(2024, 2, 29, 23, 59, 59, 123_456_000, time.UTC)
	codes := []string{"plain", `a\b`, "tab\there", "line\nbreak", "a|b", "Söhne 客户 😀", "", "'quoted' \"twice\"", "nul\x00nul", "12", "1e3"}
	amounts := []string{"-0.5", "12", "99999999999.25", "10000000000000000000", "0"}
	row := connectors.Row{text(codes[i%len(codes)]), connectors.IntValue(int64(i) - 5), connectors.DateValue(moment.Truncate(24 * time.Hour)), connectors.DateTimeValue(moment),
		decimal(amounts[i%len(amounts)]), decimal("123456789012345678901234567890.000000001"), connectors.FloatValue(float64(i) / 4), connectors.BoolValue(i%2 == 0),
		connectors.GUIDValue("6F9619FF-8B86-D011-B42D-00C04FC964FF"), connectors.BytesValue([]byte{0, '\\', 9, 255}[:i%4]), text(codes[(i+1)%len(codes)]), {}}
	if i%5 == 0 {
		for at := 2; at < 11; at++ {
			row[at] = connectors.NullValue()
		}
	}
	return row
}

func manyKey() connectors.Selection {
	return connectors.Selection{Entity: "many", Fields: manyFields, Key: []int{0, 1}, Company: -1}
}

// whole is a record with its version, to be compared.
func whole(r connectors.Record) string {
	return fmt.Sprintf("%s %s %q", r.ID, r.Version, fmt.Sprint(r.Row))
}

func TestRecordsInsertedTogetherAreAnsweredAsTheyAreStored(t *testing.T) {
	for name, table := range map[string]string{
		"a key of two columns":       `CREATE TABLE many (code TEXT, ` + manyColumns + `, PRIMARY KEY (code, n)) WITHOUT ROWID`,
		"a counted key":              `CREATE TABLE many (id INTEGER PRIMARY KEY, code TEXT, ` + manyColumns + `, UNIQUE (code, n))`,
		"a key that is counted ever": `CREATE TABLE many (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT, ` + manyColumns + `)`,
		"a guid":                     `CREATE TABLE many (id GUID PRIMARY KEY, code TEXT, ` + manyColumns + `, UNIQUE (n, code))`,
		"no key":                     `CREATE TABLE many (code TEXT, ` + manyColumns + `)`,
	} {
		for _, captured := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", captured ", captured), func(t *testing.T) {
				a := newApp(t, table, `INSERT INTO many (code, n) VALUES ('first', 1000), ('last', 1001)`, `DELETE FROM many WHERE n = 1000`)
				c := a.connect(t)
				var feed *probe.Feed
				if captured {
					feed = probe.Start(t, c, "many")
				}
				e := probe.OpenWith(t, c, manyKey())
				var batch []connectors.Write
				for i := range 150 {
					batch = append(batch, e.Creates(manyRow(i)...))
				}
				answered := map[string]string{}
				var ids, told []string
				for _, r := range e.Results(batch...) {
					if r.Outcome != connectors.Stored {
						t.Fatalf("outcome %d, %v", r.Outcome, r.Err)
					}
					answered[r.Record.ID] = whole(r.Record)
					ids, told = append(ids, r.Record.ID), append(told, "create "+r.Record.ID+" map1/1")
				}
				stored, err := e.Get(t.Context(), ids)
				if err != nil || len(stored) != 150 || len(answered) != 150 {
					t.Fatalf("%d records are stored, %d answered, %v", len(stored), len(answered), err)
				}
				for _, r := range stored {
					if answered[r.ID] != whole(r) {
						t.Errorf("answered as %s, stored as %s", answered[r.ID], whole(r))
					}
				}
				if captured {
					probe.Want(t, "told", feed.Told(), told...)
				}
			})
		}
	}
}

func TestABatchThatCannotBeInsertedTogetherIsStoredAllTheSame(t *testing.T) {
	const table = `CREATE TABLE many (code TEXT, ` + manyColumns + `, PRIMARY KEY (code, n) ON CONFLICT REPLACE`
	for name, c := range map[string]struct {
		script  []string
		stored  int
		outcome connectors.Outcome
		later   string
	}{
		"a default":        {[]string{`CREATE TABLE many (code TEXT, ` + manyColumns + ` DEFAULT 'soon', PRIMARY KEY (code, n))`}, 60, connectors.Stored, "soon"},
		"a trigger":        {[]string{table + `)`, `CREATE TRIGGER soon AFTER INSERT ON Many BEGIN UPDATE many SET later = 'soon' WHERE n = NEW.n; END`}, 60, connectors.Stored, "soon"},
		"one refused":      {[]string{table + `, CHECK (n <> 7))`}, 59, connectors.Refused, ""},
		"one held":         {[]string{table + `)`, `INSERT INTO many (code, n) VALUES ('plain', 7)`}, 59, connectors.Moved, ""},
		"one held, looser": {[]string{`CREATE TABLE many (code TEXT COLLATE NOCASE, ` + manyColumns + `, UNIQUE (code, n))`, `INSERT INTO many (code, n) VALUES ('PLAIN', 7)`}, 59, connectors.Refused, ""},
		"one held, no key": {[]string{`CREATE TABLE many (code TEXT, ` + manyColumns + `)`, `INSERT INTO many (code, n) VALUES ('plain', 7)`}, 59, connectors.Moved, ""},
		"one held, an index that is stricter than its column": {[]string{`CREATE TABLE many (code TEXT COLLATE NOCASE, ` + manyColumns + `)`,
			`CREATE UNIQUE INDEX strict ON many (code COLLATE BINARY, n)`, `INSERT INTO many (code, n) VALUES ('plain', 7)`}, 59, connectors.Moved, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, c.script...)
			e := probe.OpenWith(t, a.connect(t), manyKey())
			var batch []connectors.Write
			for i := range 60 {
				row := manyRow(i)
				row[0] = text("plain")
				batch = append(batch, e.Creates(row...))
			}
			stored, outcome := 0, connectors.Stored
			for _, r := range e.Results(batch...) {
				if r.Outcome == connectors.Stored {
					stored++
				} else {
					outcome = r.Outcome
				}
			}
			if stored != c.stored || outcome != c.outcome {
				t.Errorf("%d records are stored, outcome %d; want %d and %d", stored, outcome, c.stored, c.outcome)
			}
			if later := a.text(t, "SELECT coalesce(later, '') FROM many WHERE n = -5"); later != c.later {
				t.Errorf("stored is later %q; want %q", later, c.later)
			}
		})
	}
}

func TestAKeyThatFoldsIsHeldThoughAnIndexToldTheTwoApart(t *testing.T) {
	a := newApp(t, `CREATE TABLE many (code TEXT, `+manyColumns+`, UNIQUE (code, n))`, `INSERT INTO many (code, n) VALUES ('PLAIN', 7)`)
	sel := manyKey()
	sel.Fold = connectors.Fold{Case: true}
	e := probe.OpenWith(t, a.connect(t), sel)
	var batch []connectors.Write
	for i := range 30 {
		row := manyRow(i)
		row[0] = text("plain")
		batch = append(batch, e.Creates(row...))
	}
	moved := 0
	for _, r := range e.Results(batch...) {
		if r.Outcome == connectors.Moved {
			moved++
		}
	}
	if moved != 1 || slices.Contains([]string{a.text(t, "SELECT count(*) FROM many")}, "31") {
		t.Errorf("%d moved", moved)
	}
}
