package mysql_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
	"dualwrite/connectors/connectortest/probe"
)

// manyColumns are of every type that a batch of creates may fill.
const manyColumns = `code VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL, n BIGINT NOT NULL, at DATE, moment DATETIME(6), second_ DATETIME, stamp TIMESTAMP(3) NULL,
	amount DECIMAL(20,4), whole DECIMAL(30), large BIGINT UNSIGNED, f DOUBLE, yes BOOLEAN, guid UUID, letters CHAR(8) CHARACTER SET latin1, kind ENUM('a', '1', 'c'), note TEXT, later VARCHAR(10)`

var manyFields = []string{"code", "n", "at", "moment", "second_", "stamp", "amount", "whole", "large", "f", "yes", "guid", "letters", "kind", "note", "later"}

func manyRow(i int) connectors.Row {
	decimal := func(s string) connectors.Value { v, _ := connectors.DecimalValue(s); return v }
	moment := time.Date(2024, 2, 29, 23, 59, 59, 123_456_000, time.UTC)
	codes := []string{"plain", `a\b`, "tab\there", "line\nbreak", `\N`, "a|b", "Söhne 客户 😀", "", "'quoted' \"twice\"", "nul\x00nul", "cr\r", "end ", `\\`}
	amounts := []string{"-0.5", "12", "999999999999999.25", "0.0001", "0"}
	floats := []float64{0.1, -1e300, 5e-324, 1 << 60, 0}
	row := connectors.Row{text(codes[i%len(codes)]), connectors.IntValue(int64(i) - 5), connectors.DateValue(moment.AddDate(-2000*(i%2), 0, 0).Truncate(24 * time.Hour)),
		connectors.DateTimeValue(moment), connectors.DateTimeValue(moment), connectors.DateTimeValue(moment), decimal(amounts[i%len(amounts)]), decimal("-123456789012345678901234567890"),
		decimal("18446744073709551615"), connectors.FloatValue(floats[i%len(floats)]), connectors.BoolValue(i%2 == 0), connectors.GUIDValue("6F9619FF-8B86-D011-B42D-00C04FC964FF"),
		text("lätin"), text([]string{"a", "1", "c"}[i%3]), text(codes[(i+1)%len(codes)]), {}}
	if i%5 == 0 {
		for at := 2; at < 15; at++ {
			row[at] = connectors.NullValue()
		}
	}
	return row
}

// whole is a record with its version, to be compared.
func whole(r connectors.Record) string {
	return fmt.Sprintf("%s %s %q", r.ID, r.Version, fmt.Sprint(r.Row))
}

// sameAsStored holds what was answered against what is read.
func sameAsStored(t *testing.T, o *probe.Entity, results []connectors.Result) (ids []string) {
	t.Helper()
	answered := map[string]string{}
	for _, r := range results {
		if r.Outcome != connectors.Stored {
			t.Fatalf("outcome %d, %v", r.Outcome, r.Err)
		}
		answered[r.Record.ID] = whole(r.Record)
		ids = append(ids, r.Record.ID)
	}
	stored, err := o.Get(t.Context(), ids)
	if err != nil || len(stored) != len(results) || len(answered) != len(results) {
		t.Errorf("%d records are stored, %d answered, of %d: %v", len(stored), len(answered), len(results), err)
	}
	for _, r := range stored {
		if answered[r.ID] != whole(r) {
			t.Errorf("answered as %s\nstored as   %s", answered[r.ID], whole(r))
		}
	}
	return ids
}

func TestRecordsStoredTogetherAreAnsweredAsTheyAreStored(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]string{
		"a key of two columns":   `CREATE TABLE many (` + manyColumns + `, PRIMARY KEY (code, n)) ENGINE=InnoDB`,
		"a counted key":          `CREATE TABLE many (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, ` + manyColumns + `, UNIQUE (n)) ENGINE=InnoDB`,
		"a key counted in parts": `CREATE TABLE many (id INT AUTO_INCREMENT, ` + manyColumns + `, PRIMARY KEY (n, id), KEY (id), UNIQUE (n)) ENGINE=InnoDB`,
		"a guid":                 `CREATE TABLE many (id UUID PRIMARY KEY, ` + manyColumns + `, UNIQUE (n)) ENGINE=InnoDB`,
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, table)
			c := a.connect(t)
			feed := probe.Start(t, c, "many")
			o := probe.OpenWith(t, c, connectors.Selection{Entity: "many", Fields: manyFields, Key: []int{0, 1}, Company: -1})
			for round := range 2 {
				var batch []connectors.Write
				for i := range 60 {
					batch = append(batch, o.Creates(manyRow(100*round+i)...))
				}
				var told []string
				for _, id := range sameAsStored(t, o, o.Results(batch...)) {
					told = append(told, "create "+id+" map1/1")
				}
				probe.Want(t, "told", feed.Told(), told...)
				if err := feed.Confirm(t.Context(), feed.At); err != nil {
					t.Fatal(err)
				}
				if n := a.text(t, "SELECT GROUP_CONCAT(n) FROM dualwrite_log_many"); n != "60" { // the newest row stays
					t.Errorf("the log tells of so many records together: %s", n)
				}
			}
			a.exec(t, "UPDATE many SET n = -n WHERE n = 15")
			o.Stored(o.Creates(append(connectors.Row{text("alone"), connectors.IntValue(1000)}, make(connectors.Row, 14)...)...))
			if told := feed.Told(); len(told) != 2 {
				t.Errorf("told afterwards: %v", told)
			}
		})
	}
}

func TestBytesAreStoredTogetherToo(t *testing.T) {
	t.Parallel()
	a := newApp(t, `CREATE TABLE raws (id INT PRIMARY KEY, free VARBINARY(20), filled BINARY(3), blank CHAR(3)) ENGINE=InnoDB`)
	c := a.connect(t)
	probe.Start(t, c, "raws")
	o := probe.Open(t, c, "raws", "id", "free", "filled", "blank")
	var batch []connectors.Write
	for i := range 40 {
		raw := []byte{0, '\\', '\'', 255, '\n'}[:i%6%5]
		batch = append(batch, o.Creates(connectors.IntValue(int64(i)), connectors.BytesValue(raw), connectors.BytesValue([]byte{'a', 0, byte(i)}), text("b")))
	}
	sameAsStored(t, o, o.Results(batch...))
	for i := range batch { // what the server fills up, and what it cuts
		batch[i] = o.Creates(connectors.IntValue(int64(100+i)), connectors.NullValue(), connectors.BytesValue([]byte("ab")), text("c "))
	}
	sameAsStored(t, o, o.Results(batch...))
}

func TestABatchThatCannotBeStoredTogetherIsStoredAllTheSame(t *testing.T) {
	t.Parallel()
	const table = `CREATE TABLE many (` + manyColumns + `, PRIMARY KEY (code, n)%s) ENGINE=InnoDB`
	for name, c := range map[string]struct {
		more    string   // in the table
		before  []string // the feed starts
		after   []string // the selection is opened
		stored  int
		outcome connectors.Outcome
		later   string
	}{
		"a default":            {before: []string{`ALTER TABLE many ALTER later SET DEFAULT 'soon'`}, stored: 60, outcome: connectors.Stored, later: "soon"},
		"a default since":      {after: []string{`ALTER TABLE many ALTER later SET DEFAULT 'soon'`}, stored: 60, outcome: connectors.Stored, later: "soon"},
		"a trigger":            {before: []string{`CREATE TRIGGER soon BEFORE INSERT ON many FOR EACH ROW SET NEW.later = 'soon'`}, stored: 60, outcome: connectors.Stored, later: "soon"},
		"a trigger since":      {after: []string{`CREATE TRIGGER soon BEFORE INSERT ON many FOR EACH ROW SET NEW.later = 'soon'`}, stored: 60, outcome: connectors.Stored, later: "soon"},
		"one refused":          {more: `, CHECK (n <> 7)`, stored: 59, outcome: connectors.Refused},
		"one held":             {before: []string{`INSERT INTO many (code, n) VALUES ('plain', 7)`}, stored: 59, outcome: connectors.Moved},
		"one too long":         {after: []string{`ALTER TABLE many MODIFY note VARCHAR(13)`}, stored: 56, outcome: connectors.Refused},
		"one without a parent": {more: `, kin INT AS (IF(n = 7, 7, NULL)) STORED, CONSTRAINT kin FOREIGN KEY (kin) REFERENCES kins (id)`, stored: 59, outcome: connectors.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, `CREATE TABLE kins (id INT PRIMARY KEY) ENGINE=InnoDB`, fmt.Sprintf(table, c.more))
			for _, s := range c.before {
				a.exec(t, s)
			}
			app := a.connect(t)
			feed := probe.Start(t, app, "many")
			o := probe.OpenWith(t, app, connectors.Selection{Entity: "many", Fields: manyFields, Key: []int{0, 1}, Company: -1})
			for _, s := range c.after {
				a.exec(t, s)
			}
			var batch []connectors.Write
			for i := range 60 {
				row := manyRow(i)
				row[0] = text("plain")
				batch = append(batch, o.Creates(row...))
			}
			stored, outcome := 0, connectors.Stored
			for _, r := range o.Results(batch...) {
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
			if told := feed.Told(); len(told) != c.stored {
				t.Errorf("%d changes are told of %d", len(told), c.stored)
			}
		})
	}
}

func TestARecordThatWasThereBeforeIsNotTakenForTheSameOne(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable, "INSERT INTO items (id, n) VALUES (5, 1)")
	c := a.connect(t)
	feed := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	a.exec(t, "INSERT INTO items (id, n) VALUES (6, 1)")
	before := versionsOf(t, o)
	a.exec(t, "DELETE FROM items")
	var batch []connectors.Write
	for i := range 40 {
		batch = append(batch, o.Creates(connectors.IntValue(int64(i)), connectors.IntValue(1)))
	}
	sameAsStored(t, o, o.Results(batch...))
	for _, v := range versionsOf(t, o) {
		if slices.Contains(before, v) {
			t.Errorf("version of %s is that of a record that was deleted", v)
		}
	}
	if n := len(feed.Told()); n != 43 {
		t.Errorf("%d changes are told", n)
	}
}

func TestAPageOfTheLogMayEndWithinNoBatch(t *testing.T) {
	t.Parallel()
	a := newApp(t, itemsTable)
	c := a.connect(t)
	feed := probe.Start(t, c, "items")
	o := probe.Open(t, c, "items", "id", "n")
	for round := range 5 {
		var batch []connectors.Write
		for i := range 40 {
			batch = append(batch, o.Creates(connectors.IntValue(int64(100*round+i)), connectors.IntValue(1)))
		}
		sameAsStored(t, o, o.Results(batch...))
		a.exec(t, "INSERT INTO items (id) VALUES (?)", 100*round+50)
	}
	for _, most := range []int{1, 39, 40, 41, 82, 1000} {
		at, told, pages := feed.At, map[string]int{}, 0
		for caughtUp := false; !caughtUp; pages++ {
			var changes []connectors.Change
			var err error
			if changes, at, caughtUp, err = feed.Changes(t.Context(), at, most); err != nil {
				t.Fatal(err)
			}
			if len(changes) >= most+40 {
				t.Errorf("%d changes at once, of %d", len(changes), most)
			}
			for _, change := range changes {
				told[change.ID]++
			}
		}
		if len(told) != 205 || slices.Max(slices.Collect(maps.Values(told))) != 1 {
			t.Errorf("%d at a time: %d records are told in %d pages", most, len(told), pages)
		}
	}
}

// TestBatchesBesideOthersAreNumberedApart has writers of ours and users of the app
// create records at the same time: versions and native ids are those of the records.
func TestBatchesBesideOthersAreNumberedApart(t *testing.T) {
	t.Parallel()
	a := newApp(t, `CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE) ENGINE=InnoDB`,
		`CREATE TABLE given (code VARCHAR(20) PRIMARY KEY, n INT) ENGINE=InnoDB`)
	c := a.connect(t)
	users := a.session(t)
	var mu sync.Mutex
	results := map[string][]connectors.Result{}
	entities, feeds := map[string]*probe.Entity{}, map[string]*probe.Feed{}
	for _, table := range []string{"many", "given"} {
		feeds[table] = probe.Start(t, c, table)
		entities[table] = probe.Open(t, c, table, "code")
	}
	connectortest.Together(t, 8, func(i int) error {
		table := []string{"many", "given"}[i%2]
		for round := range 5 {
			if i < 4 {
				for n := range 20 {
					if _, err := users.Exec("INSERT INTO "+table+" (code) VALUES (?)", fmt.Sprintf("user%d-%d-%d", i, round, n)); err != nil {
						return err
					}
				}
				continue
			}
			var batch []connectors.Write
			for n := range 100 {
				batch = append(batch, entities[table].Creates(text(fmt.Sprintf("own%d-%d-%d", i, round, n))))
			}
			done, err := entities[table].Write(t.Context(), batch)
			if err != nil {
				return err
			}
			mu.Lock()
			results[table] = append(results[table], done...)
			mu.Unlock()
		}
		return nil
	})
	for table, o := range entities {
		ids := sameAsStored(t, o, results[table])
		told := map[string]int{}
		for f, caughtUp := feeds[table], false; !caughtUp; {
			var batch []connectors.Change
			var err error
			if batch, f.At, caughtUp, err = f.Changes(t.Context(), f.At, 500); err != nil {
				t.Fatal(err)
			}
			for _, change := range batch {
				told[change.ID]++
			}
		}
		if len(told) != 1200 || len(ids) != 1000 || slices.Max(slices.Collect(maps.Values(told))) != 1 {
			t.Errorf("%s: changes of %d records are told", table, len(told))
		}
	}
}
