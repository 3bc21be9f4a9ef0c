package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func TestRecordsOfOneBatchMayReferToOneAnother(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE, up bigint REFERENCES x)`)
	o := probe.Open(t, a.connect(t), "x", "code", "up.code")
	var batch []connectors.Write
	for i := range 5 { // each under the next, which comes later
		up := text(fmt.Sprint("n", i+1))
		if i == 4 {
			up = connectors.NullValue()
		}
		batch = append(batch, o.Creates(text(fmt.Sprint("n", i)), up))
	}
	batch = append(batch, o.Creates(text("lost"), text("nobody")))
	for i, r := range o.Results(batch...) {
		switch {
		case i == 5 && (r.Outcome != connectors.Refused || r.Err.Kind != connectors.MissingParent):
			t.Errorf("an orphan: %+v", r)
		case i < 5 && (r.Outcome != connectors.Stored || r.Record.Row[1].String() != strings.TrimSuffix(fmt.Sprint("n", i+1), "n5")):
			t.Errorf("record %d: %+v", i, r)
		}
	}
}

func TestALookupThroughLookupsStaysWithinTheCompany(t *testing.T) {
	a := newApp(t,
		`CREATE TABLE company (id bigint PRIMARY KEY, code text NOT NULL UNIQUE)`,
		`CREATE TABLE kind (id int PRIMARY KEY, msdyn_company bigint REFERENCES company, code text)`,
		`CREATE TABLE class (id uuid PRIMARY KEY, msdyn_company bigint REFERENCES company, code text, kind int REFERENCES kind)`,
		`CREATE TABLE x (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, msdyn_company bigint REFERENCES company, code text, class uuid REFERENCES class)`,
		`ALTER TABLE company RENAME code TO cdm_companycode`,
		`INSERT INTO company VALUES (1, 'usmf'), (2, 'dat')`, `INSERT INTO kind VALUES (1, 1, 'k'), (2, 2, 'k')`,
		`INSERT INTO class VALUES ('00000000-0000-0000-0000-000000000001', 1, 'c', 1), ('00000000-0000-0000-0000-000000000002', 2, 'c', 2), ('00000000-0000-0000-0000-000000000003', 2, 'only', 2)`)
	c := a.connect(t)
	fields := []string{"msdyn_company.cdm_companycode", "code", "class.kind.code", "class.code"}
	o := probe.OpenWith(t, c, connectors.Selection{Entity: "x", Fields: fields, Key: []int{0, 1}, Company: 0})
	for i, company := range []string{"usmf", "dat"} {
		rec := o.Stored(o.Creates(text(company), text("r"), text("k"), text("c")))
		if got := a.text(t, "SELECT class FROM x WHERE id = $1::text::int8", rec.ID); !strings.HasSuffix(got, fmt.Sprint(i+1)) {
			t.Errorf("%s: class %s", company, got)
		}
	}
	e := o.Refused(o.Creates(text("usmf"), text("s"), text("k"), text("only")), connectors.MissingParent)
	if e.ParentKey != "k | only" || e.Parent != "class" {
		t.Errorf("the error names %q of %q", e.ParentKey, e.Parent)
	}
	e = o.Refused(o.Updates("1", connectors.Value{}, connectors.Value{}, connectors.Value{}, text("only")), connectors.MissingParent)
	if e.Field != "class.code" {
		t.Errorf("the error names %q", e.Field)
	}
	o.Stored(o.Updates("2", connectors.Value{}, connectors.Value{}, connectors.Value{}, text("only")))
	a.exec(t, `INSERT INTO class VALUES ('00000000-0000-0000-0000-000000000004', 2, 'only', 2)`)
	if e = o.Refused(o.Updates("2", connectors.Value{}, connectors.Value{}, connectors.Value{}, text("only")), connectors.Invalid); !strings.Contains(e.Message, "several") {
		t.Errorf("an ambiguous parent: %v", e)
	}
}

func TestEachRefusalNamesItsFieldAndTheRestIsStored(t *testing.T) {
	a := newApp(t, `CREATE TABLE up (code text PRIMARY KEY)`, `INSERT INTO up VALUES ('there')`,
		`CREATE TABLE x (id bigint PRIMARY KEY, code text NOT NULL, a int CHECK (a > 0), up text REFERENCES up DEFERRABLE INITIALLY DEFERRED, b int UNIQUE DEFERRABLE INITIALLY DEFERRED, c text)`,
		`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.c = 'refuse' THEN RAISE EXCEPTION 'the app says no' USING ERRCODE = 'ZZ123'; END IF;
			IF NEW.c = 'broken' THEN PERFORM nothing FROM nowhere; END IF;
			IF NEW.c = 'ignore' THEN RETURN NULL; END IF; RETURN NEW; END $$`,
		`CREATE TRIGGER no BEFORE INSERT OR UPDATE ON x FOR EACH ROW EXECUTE FUNCTION no()`,
		`INSERT INTO x VALUES (1000, 'old', 1, NULL, 77, NULL)`)
	o := probe.Open(t, a.connect(t), "x", "id", "code", "a", "up.code", "b", "c")
	null, one := connectors.NullValue(), connectors.IntValue(1)
	row := func(id int64, change int, v connectors.Value) connectors.Write {
		r := []connectors.Value{connectors.IntValue(id), text("x"), one, text("there"), null, null}
		r[change] = v
		return o.Creates(r...)
	}
	cases := []struct {
		w     connectors.Write
		kind  connectors.Kind
		field string
	}{
		{row(1, 1, null), connectors.Invalid, "code"}, {row(2, 2, connectors.IntValue(-1)), connectors.Invalid, "a"},
		{row(3, 3, text("nowhere")), connectors.MissingParent, "up.code"}, {row(4, 4, connectors.IntValue(77)), connectors.Duplicate, "b"},
		{row(5, 5, text("refuse")), connectors.Invalid, ""}, {row(6, 5, text("broken")), connectors.Invalid, ""}, {row(7, 5, text("ignore")), connectors.Invalid, ""},
	}
	var batch []connectors.Write
	for i, c := range cases {
		batch = append(batch, row(int64(100+i), 2, one), c.w)
	}
	for i, r := range o.Results(batch...) {
		if i%2 == 0 {
			if r.Outcome != connectors.Stored || r.Record.ID != fmt.Sprint(100+i/2) {
				t.Errorf("record %d: %+v", i, r)
			}
			continue
		}
		if c := cases[i/2]; r.Outcome != connectors.Refused || r.Err.Kind != c.kind || r.Err.Field != c.field || r.Err.Message == "" {
			t.Errorf("case %d: outcome %d, %+v", i/2, r.Outcome, r.Err)
		}
	}
	if n := count(t, o); n != 8 {
		t.Errorf("%d records", n)
	}
	for _, c := range []string{"refuse", "ignore"} {
		o.Refused(o.Updates("100", connectors.Value{}, connectors.Value{}, connectors.Value{}, connectors.Value{}, connectors.Value{}, text(c)), connectors.Invalid)
	}
	a.exec(t, `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`)
	a.exec(t, `CREATE TRIGGER keep BEFORE DELETE ON x FOR EACH ROW EXECUTE FUNCTION keep()`)
	o.Refused(connectors.Write{Op: connectors.Delete, ID: "100"}, connectors.Invalid)
}

func TestWhatOthersReferToIsKeptAndSaysSo(t *testing.T) {
	a := newApp(t, `CREATE TABLE up (id bigint PRIMARY KEY, v text)`, `CREATE TABLE x (id bigint PRIMARY KEY, up bigint REFERENCES up)`,
		`INSERT INTO up VALUES (1, 'a'), (2, 'b')`, `INSERT INTO x VALUES (1, 1)`)
	o := probe.Open(t, a.connect(t), "up", "v")
	r := o.Results(connectors.Write{Op: connectors.Delete, ID: "1"}, connectors.Write{Op: connectors.Delete, ID: "2"})
	if r[0].Outcome != connectors.Refused || r[0].Err.Kind != connectors.Invalid || r[1].Outcome != connectors.Stored {
		t.Errorf("results %+v", r)
	}
}

func TestAChangedSchemaIsFollowed(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint PRIMARY KEY, v varchar(5), w text)`, `INSERT INTO x VALUES (1, 'a', 'b')`)
	c := a.connect(t)
	o := probe.Open(t, c, "x", "id", "v")
	probe.Want(t, "rows", o.Rows(), "1: 1 a")
	a.exec(t, "ALTER TABLE x DROP COLUMN w")
	a.exec(t, "ALTER TABLE x ADD COLUMN first text")
	probe.Want(t, "other columns", o.Rows(), "1: 1 a")
	a.exec(t, "ALTER TABLE x ALTER COLUMN v TYPE varchar(20)")
	o.Stored(o.Updates("1", connectors.Value{}, text("longer than five")))
	a.exec(t, "ALTER TABLE x ALTER COLUMN id TYPE int")
	probe.Want(t, "another type", o.Rows(), "1: 1 longer than five")
	a.exec(t, "ALTER TABLE x RENAME COLUMN v TO renamed")
	_, _, err := o.Scan(t.Context(), "", 10)
	probe.Failed(t, err, connectors.NoEntity)
	_, err = o.Write(t.Context(), []connectors.Write{o.Updates("1", connectors.Value{}, text("x"))})
	probe.Failed(t, err, connectors.NoEntity)
	a.exec(t, "DROP TABLE x")
	_, _, err = o.Entity.Count(t.Context())
	probe.Failed(t, err, connectors.NoEntity)
}

func TestWhatATriggerOfTheAppMakesOfARecordIsReadBackFromItsFirstDay(t *testing.T) {
	a := newApp(t, plain)
	c := a.connect(t)
	probe.Start(t, c, "x")
	o := probe.Open(t, c, "x", "id", "v")
	if rec := o.Stored(o.Creates(connectors.IntValue(1), text("a"))); rec.Row[1] != text("a") {
		t.Errorf("stored %v", rec.Row)
	}
	a.exec(t, `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE x SET v = upper(v) WHERE id = NEW.id AND v <> upper(v); RETURN NULL; END $$`)
	a.exec(t, `CREATE CONSTRAINT TRIGGER shout AFTER INSERT OR UPDATE ON x DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shout()`)
	for _, w := range []connectors.Write{o.Creates(connectors.IntValue(2), text("b")), o.Updates("1", connectors.Value{}, text("b"))} {
		rec := o.Stored(w)
		if found, err := o.Get(t.Context(), []string{rec.ID}); err != nil || rec.Row[1] != text("B") || found[0].Version != rec.Version {
			t.Errorf("%s: answered %v, there is %v", w.Op, rec, found)
		}
	}
}

func TestARecordWrittenTwiceBesideABadOneIsAnsweredAsItIs(t *testing.T) {
	a := newApp(t, `CREATE TABLE x (id bigint PRIMARY KEY, v text, n int CHECK (n > 0))`, `INSERT INTO x VALUES (1, 'a', 1)`)
	o := probe.Open(t, a.connect(t), "x", "id", "v", "n")
	results := o.Results(o.Updates("1", connectors.Value{}, text("first"), connectors.Value{}), o.Creates(connectors.IntValue(2), text("bad"), connectors.IntValue(-1)),
		o.Updates("1", connectors.Value{}, text("second"), connectors.Value{}), o.Updates("1", connectors.Value{}, connectors.Value{}, connectors.IntValue(-1)))
	for i, want := range []connectors.Outcome{connectors.Stored, connectors.Refused, connectors.Stored, connectors.Refused} {
		if r := results[i]; r.Outcome != want || want == connectors.Stored && r.Record.Row[1] != text("second") {
			t.Errorf("write %d: %+v", i, r)
		}
	}
	probe.Want(t, "rows", o.Rows(), "1: 1 second 1")
}

// count is how many records the selection has.
func count(t testing.TB, o *probe.Entity) int {
	t.Helper()
	n, exact, err := o.Count(t.Context())
	if err != nil || !exact {
		t.Fatalf("count %d, exact %v, %v", n, exact, err)
	}
	return int(n)
}
