package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

// manyTypes is a table that a batch of creates is copied into, with the values of
// one record of every type at a time.
var manyTypes = []string{`CREATE TABLE many (code text, n bigint, at date, moment timestamptz(3), local timestamp, amount numeric(20,4), any_amount numeric,
	f double precision, yes boolean, guid uuid, raw bytea, note varchar(40), later text, PRIMARY KEY (code, n))`}

var manyFields = []string{"code", "n", "at", "moment", "local", "amount", "any_amount", "f", "yes", "guid", "raw", "note", "later"}

func manyRow(i int) connectors.Row {
	decimal := func(s string) connectors.Value { v, _ := connectors.DecimalValue(s); return v }
	moment := time.Date(2024, 2, 29, 23, 59, 59, 123_456_000, time.UTC)
	codes := []string{"plain", `a\b`, "tab\there", "line\nbreak", `\N`, `\.`, "a|b", "Söhne 客户 😀", "", "'quoted' \"twice\"", "cr\rlf", `\x41`}
	full := connectors.Row{text(codes[i%len(codes)]), connectors.IntValue(int64(i) - 5), connectors.DateValue(moment.Truncate(24 * time.Hour)), connectors.DateTimeValue(moment),
		connectors.DateTimeValue(time.Date(-40, 1, 1, 0, 0, 0, 1000, time.UTC)), decimal("-0.5"), decimal("123456789012345678901234567890.000000001"), connectors.FloatValue(0.1),
		connectors.BoolValue(i%2 == 0), connectors.GUIDValue("6F9619FF-8B86-D011-B42D-00C04FC964FF"), connectors.BytesValue([]byte{0, '\\', 9, 255}), text(codes[(i+1)%len(codes)]), {}}
	if i%5 == 0 {
		for at := 2; at < 12; at++ {
			full[at] = connectors.NullValue()
		}
	}
	return full
}

func TestCopiedRecordsAreAnsweredAsTheyAreStored(t *testing.T) {
	a := newApp(t, manyTypes...)
	c := a.connect(t)
	feed := probe.Start(t, c, "many")
	e := probe.OpenWith(t, c, connectors.Selection{Entity: "many", Fields: manyFields, Key: []int{0, 1}, Company: -1})
	var batch []connectors.Write
	for i := range 60 {
		batch = append(batch, e.Creates(manyRow(i)...))
	}
	answered := map[string]string{}
	var ids []string
	for _, r := range e.Results(batch...) {
		if r.Outcome != connectors.Stored {
			t.Fatalf("outcome %d, %v", r.Outcome, r.Err)
		}
		answered[r.Record.ID] = fmt.Sprint(r.Record.Version, r.Record.Row)
		ids = append(ids, r.Record.ID)
	}
	stored, err := e.Get(t.Context(), ids)
	if err != nil || len(stored) != 60 || len(answered) != 60 {
		t.Fatalf("%d records are stored, %d answered, %v", len(stored), len(answered), err)
	}
	for _, r := range stored {
		if got, want := answered[r.ID], fmt.Sprint(r.Version, r.Row); got != want {
			t.Errorf("%q is answered as %s, stored as %s", r.ID, got, want)
		}
	}
	var want []string
	for _, id := range ids {
		want = append(want, "create "+id+" map1/1")
	}
	if told := feed.Told(); !slices.Equal(told, want) {
		t.Errorf("told are %v", told)
	}
}

func TestABatchThatCannotBeCopiedIsStoredAllTheSame(t *testing.T) {
	for name, statements := range map[string][]string{
		"a default":   {`ALTER TABLE many ALTER later SET DEFAULT 'soon'`},
		"a trigger":   {`CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.later := 'soon'; RETURN NEW; END $$`, `CREATE TRIGGER up BEFORE INSERT ON many FOR EACH ROW EXECUTE FUNCTION up()`},
		"one refused": {`ALTER TABLE many ADD CHECK (n <> 7)`},
		"one held":    {`INSERT INTO many (code, n) VALUES ('plain', 7)`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, append(slices.Clone(manyTypes), statements...)...)
			e := probe.OpenWith(t, a.connect(t), connectors.Selection{Entity: "many", Fields: manyFields, Key: []int{0, 1}, Company: -1})
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
			want := map[string]struct {
				stored  int
				outcome connectors.Outcome
				later   string
			}{"a default": {60, connectors.Stored, "soon"}, "a trigger": {60, connectors.Stored, "soon"}, "one refused": {59, connectors.Refused, ""}, "one held": {59, connectors.Moved, ""}}[name]
			if stored != want.stored || outcome != want.outcome {
				t.Errorf("%d records are stored, outcome %d; want %d and %d", stored, outcome, want.stored, want.outcome)
			}
			got, err := e.Get(t.Context(), []string{"plain|-5"})
			if err != nil || len(got) != 1 || got[0].Row[12].Text() != want.later {
				t.Errorf("stored is %v, %v; want later %q", got, err, want.later)
			}
		})
	}
}

// What is of the same length in binary form would otherwise be taken for something
// else.
func TestRecordsAreCopiedIntoWhatTheColumnsAreByNow(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (code text PRIMARY KEY, n bigint, f double precision)`)
	e := probe.OpenWith(t, a.connect(t), connectors.Selection{Entity: "x", Fields: []string{"code", "n", "f"}, Key: []int{0}, Company: -1})
	batch := func(prefix string) (batch []connectors.Write) {
		for i := range 40 {
			batch = append(batch, e.Creates(text(fmt.Sprint(prefix, i)), connectors.IntValue(int64(i)), connectors.FloatValue(0.5)))
		}
		return batch
	}
	e.Results(batch("before")...)
	a.exec(t, `ALTER TABLE x ALTER n TYPE double precision, ALTER f TYPE numeric(10,1)`)
	for _, r := range e.Results(batch("after")...) {
		if r.Outcome != connectors.Stored {
			t.Fatalf("outcome %d, %v", r.Outcome, r.Err)
		}
	}
	if sums := a.text(t, "SELECT sum(n) || ' ' || sum(f) FROM x WHERE code ~ 'after'"); sums != "780 20.0" {
		t.Errorf("stored is %s", sums)
	}
}

// A key that comes twice is refused to the second.
func TestOfTwoCopiedRecordsOfOneKeyTheFirstIsStored(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (code text PRIMARY KEY, n numeric)`)
	e := probe.OpenWith(t, a.connect(t), connectors.Selection{Entity: "x", Fields: []string{"code", "n"}, Key: []int{0}, Company: -1})
	var batch []connectors.Write
	for i := range 40 {
		batch = append(batch, e.Creates(text(fmt.Sprint("key ", i/2)), decimal(t, fmt.Sprint(i, ".5"))))
	}
	for i, r := range e.Results(batch...) {
		if want := []connectors.Outcome{connectors.Stored, connectors.Moved}[i%2]; r.Outcome != want {
			t.Errorf("record %d: outcome %d, %v; want %d", i, r.Outcome, r.Err, want)
		}
	}
	if sum := a.text(t, "SELECT sum(n) FROM x"); sum != "390.0" {
		t.Errorf("stored is %s", sum)
	}
}

// Numbers of every length, before and after the point.
func TestCopiedNumbersComeBack(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id int PRIMARY KEY, n numeric)`)
	e := probe.OpenWith(t, a.connect(t), connectors.Selection{Entity: "x", Fields: []string{"id", "n"}, Key: []int{0}, Company: -1})
	var batch []connectors.Write
	var want []string
	for whole := range 10 {
		for fraction := range 10 {
			for _, sign := range []string{"", "-"} {
				digits := sign + "0"
				if whole > 0 {
					digits = sign + "1" + "000020003"[:whole-1]
				}
				if fraction > 0 {
					digits += "." + "000400005"[10-fraction-1:]
				}
				v := decimal(t, digits)
				want = append(want, v.String())
				batch = append(batch, e.Creates(connectors.IntValue(int64(len(batch))), v))
			}
		}
	}
	e.Results(batch...)
	got, _, err := e.Scan(t.Context(), "", len(batch))
	if err != nil || len(got) != len(batch) {
		t.Fatalf("%d records, %v", len(got), err)
	}
	for i, r := range got {
		if r.Row[1].String() != want[i] {
			t.Errorf("%s comes back as %s", want[i], r.Row[1])
		}
	}
	if odd := a.text(t, "SELECT count(*) FROM x WHERE n IS DISTINCT FROM n::text::numeric"); odd != "0" {
		t.Errorf("%s numbers are held in no proper form", odd)
	}
}
