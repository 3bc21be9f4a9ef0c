package postgres_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func decimal(t testing.TB, s string) connectors.Value {
	t.Helper()
	v, err := connectors.DecimalValue(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// everyType is a table with a column of each common type.
const everyType = `CREATE TABLE x (id bigint PRIMARY KEY, i2 smallint, i4 int, i8 bigint, n numeric, n5 numeric(5,2), nn numeric(3,-2), f4 real, f8 double precision, b boolean,
	t text, v varchar(5), c char(5), ci citext, d date, ts timestamp, tz timestamptz, t0 timestamp(0), ti time, iv interval, arr int[], u uuid, j json, jb jsonb,
	by bytea, e mood, pos positive, gen text GENERATED ALWAYS AS (t || '!') STORED, ip inet, bits bit(3), r int4range)`

func typed(t testing.TB) (*app, connectors.Connector) {
	a := newApp(t, `CREATE EXTENSION citext`, `CREATE TYPE mood AS ENUM ('sad', 'so, so', 'it''s ok')`, `CREATE DOMAIN small AS numeric(6,3) NOT NULL DEFAULT 1`,
		`CREATE DOMAIN positive AS small CHECK (value > 0)`, everyType)
	return a, a.connect(t)
}

func TestEveryTypeComesBackAtItsLimits(t *testing.T) {
	a, c := typed(t)
	date := func(y, m, d int) connectors.Value {
		return connectors.DateValue(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC))
	}
	at := func(y int, nano int) connectors.Value {
		return connectors.DateTimeValue(time.Date(y, 12, 31, 23, 59, 59, nano, time.UTC))
	}
	n := int64(0)
	for column, values := range map[string][]connectors.Value{
		"i2": {connectors.IntValue(math.MinInt16), connectors.IntValue(math.MaxInt16)},
		"i4": {connectors.IntValue(math.MinInt32), connectors.IntValue(math.MaxInt32)},
		"i8": {connectors.IntValue(math.MinInt64), connectors.IntValue(math.MaxInt64)},
		"n": {decimal(t, "0"), decimal(t, "0.00000000000000000000000000000000000001"), decimal(t, "-"+strings.Repeat("9", 120)+"."+strings.Repeat("7", 90)),
			decimal(t, "10000"), decimal(t, "100000000"), decimal(t, "0.0001"), decimal(t, "0.00001"), decimal(t, "12345678.00012")},
		"n5": {decimal(t, "999.99"), decimal(t, "-0.01")},
		"f4": {connectors.FloatValue(0.1), connectors.FloatValue(-3.4028235e38), connectors.FloatValue(1e-45), connectors.FloatValue(math.Inf(1))},
		"f8": {connectors.FloatValue(math.MaxFloat64), connectors.FloatValue(math.SmallestNonzeroFloat64), connectors.FloatValue(math.Inf(-1)), connectors.FloatValue(0.1 + 0.2)},
		"b":  {connectors.BoolValue(true), connectors.BoolValue(false)},
		"t":  {text(""), text("  x  "), text(strings.Repeat("ü", 100_000)), text(`\x41 {1,2} "q" 'a' \n`)},
		"v":  {text("üüüüü"), text("a    ")},
		"c":  {text("ab"), text("")},
		"ci": {text("MiXed")},
		"d":  {date(-4712, 1, 1), date(1, 1, 1), date(0, 2, 29), date(9999, 12, 31), date(10000, 1, 1), date(5874897, 12, 31)},
		"ts": {at(-4712, 0), at(0, 0), at(1, 1000), at(1969, 999_999_000), at(9999, 999_999_000), at(294246, 999_999_000)},
		"tz": {at(-4712, 0), at(1, 1000), at(1969, 999_999_000), at(294246, 999_999_000)},
		"ti": {text("23:59:59.999999"), text("24:00:00")}, "iv": {text("1 year 2 mons -3 days +04:05:06.789")}, "arr": {text("{1,NULL,3}")},
		"u": {connectors.GUIDValue("ffffffff-ffff-ffff-ffff-ffffffffffff")}, "j": {text(`{"a" : 1,  "a":2}`)}, "jb": {text(`{"a": [1, null]}`)},
		"by": {connectors.BytesValue([]byte{0, 255, '\\', '\'', 10}), connectors.BytesValue(nil)}, "e": {text("so, so"), text("it's ok")},
		"pos": {decimal(t, "999.999")}, "ip": {text("::1/64")}, "bits": {text("101")}, "r": {text("[1,5)")},
	} {
		fields := []string{"id", column}
		if column != "pos" {
			fields = append(fields, "pos")
		}
		o := probe.Open(t, c, "x", fields...)
		for _, v := range values {
			n++
			row := []connectors.Value{connectors.IntValue(n), v, decimal(t, "1")}[:len(fields)]
			rec := o.Stored(o.Creates(row...))
			if rec.Row[1] != v && !(v == connectors.BytesValue(nil) && !rec.Row[1].IsSet()) {
				t.Errorf("%s: %v %q comes back as %v %q (stored %s)", column, v.Type(), v, rec.Row[1].Type(), rec.Row[1], a.text(t, "SELECT "+column+" FROM x WHERE id = $1::text::int8", fmt.Sprint(n)))
			}
			row[0] = connectors.Value{}
			rec = o.Stored(o.Updates(rec.ID, row...))
			found, err := o.Get(t.Context(), []string{rec.ID})
			if err != nil || found[0].Row[1] != rec.Row[1] {
				t.Errorf("%s: read as %v, %v", column, found, err)
			}
		}
	}
}

func TestValuesThatCannotFitNameValueAndLimit(t *testing.T) {
	_, c := typed(t)
	for _, x := range []struct {
		column string
		v      connectors.Value
		kind   connectors.Kind
		limit  string
	}{
		{"i2", connectors.IntValue(32768), connectors.TooLarge, "32767"}, {"i4", decimal(t, "-2147483649"), connectors.TooLarge, "-2147483648"},
		{"i8", decimal(t, "9223372036854775808"), connectors.TooLarge, "9223372036854775807"}, {"n5", decimal(t, "1000"), connectors.TooLarge, "3 digits before"},
		{"n5", decimal(t, "0.001"), connectors.TooLarge, "2 digits after"}, {"f4", connectors.FloatValue(0.1 + 1e-9), connectors.TooLarge, "32 bits"},
		{"f8", decimal(t, "0.12345678901234567890"), connectors.TooLarge, "digits"}, {"v", text("üüüüüü"), connectors.TooLarge, "5 characters"},
		{"d", text("not a day"), connectors.Invalid, ""}, {"d", connectors.DateTimeValue(time.Unix(1, 0)), connectors.TooLarge, "time of day"},
		{"e", text("happy"), connectors.Invalid, "sad"}, {"u", text("x"), connectors.Invalid, ""}, {"t", text("a\x00b"), connectors.Invalid, ""},
		{"j", text("{"), connectors.Invalid, ""}, {"iv", text("soon"), connectors.Invalid, ""}, {"gen", text("x"), connectors.Invalid, ""},
		{"ts", connectors.DateTimeValue(time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)), connectors.TooLarge, "between"},
		{"n", text("NaN"), connectors.Invalid, ""}, {"nn", decimal(t, "1234567"), connectors.TooLarge, "5 digits"},
	} {
		o := probe.Open(t, c, "x", "id", x.column, "pos")
		e := o.Refused(o.Creates(connectors.IntValue(1), x.v, decimal(t, "1")), x.kind)
		if !strings.Contains(e.Limit, x.limit) || x.limit != "" && e.Value == "" || e.Message == "" {
			t.Errorf("%s = %q: %+v", x.column, x.v, e)
		}
	}
	o := probe.Open(t, c, "x", "id", "pos")
	if e := o.Refused(o.Creates(connectors.IntValue(1), decimal(t, "-1")), connectors.Invalid); e.Message == "" {
		t.Errorf("a broken domain: %+v", e)
	}
}

func TestWhatHasNoCanonicalValueIsReadAsText(t *testing.T) {
	a, c := typed(t)
	a.exec(t, `INSERT INTO x (id, pos, n, f8, d, ts, tz) VALUES (1, 1, 'NaN', 'NaN', 'infinity', '-infinity', 'infinity'), (2, 1, '-Infinity', 'Infinity', '-infinity', '294276-12-31 23:59:59.999999', '294276-01-01 00:00+00')`)
	o := probe.Open(t, c, "x", "id", "n", "f8", "d", "ts", "tz")
	probe.Want(t, "rows", o.Rows(), "1: 1 NaN NaN infinity -infinity infinity", "2: 2 -Infinity +Inf -infinity 294276-12-31 23:59:59 294276-01-01 00:00:00")
	feed := probe.Start(t, c, "x")
	found, err := o.Get(t.Context(), []string{"1"})
	if err != nil || found[0].Row[1] != text("NaN") || found[0].Row[3] != text("infinity") {
		t.Errorf("read %v, %v", found, err)
	}
	probe.Want(t, "nothing happens by itself", feed.Told())
}

func TestColumnsAreDescribedByTheirMeaning(t *testing.T) {
	_, c := typed(t)
	s, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, _ := s.Entity("x")
	var got []string
	for _, f := range e.Fields {
		d := fmt.Sprint(f.Name, ": ", f.Type, " ", f.Length, " ", f.Digits, " ", f.Scale)
		for name, yes := range map[string]bool{" required": f.Required, " read-only": f.ReadOnly} {
			if yes {
				d += name
			}
		}
		if f.HasDefault {
			d += " default"
		}
		got = append(got, d)
	}
	probe.Want(t, "fields", got, "id: whole number 0 0 0 required", "i2: whole number 0 0 0", "i4: whole number 0 0 0", "i8: whole number 0 0 0", "n: decimal 0 0 0",
		"n5: decimal 0 5 2", "nn: decimal 0 5 0", "f4: floating point 0 0 0", "f8: floating point 0 0 0", "b: yes/no 0 0 0", "t: text 0 0 0", "v: text 5 0 0", "c: text 5 0 0",
		"ci: text 0 0 0", "d: date 0 0 0", "ts: date and time 0 0 6", "tz: date and time 0 0 6", "t0: date and time 0 0 0", "ti: text 0 0 0", "iv: text 0 0 0", "arr: text 0 0 0",
		"u: unique identifier 0 0 0", "j: text 0 0 0", "jb: text 0 0 0", "by: bytes 0 0 0", "e: text 0 0 0", "pos: decimal 0 6 3 required default", "gen: text 0 0 0 read-only",
		"ip: text 0 0 0", "bits: text 0 0 0", "r: text 0 0 0")
}

func TestATimeIsCutToTheDigitsOfItsColumn(t *testing.T) {
	_, c := typed(t)
	o := probe.Open(t, c, "x", "id", "t0", "pos")
	for i, at := range []time.Time{time.Date(2024, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)} {
		rec := o.Stored(o.Creates(connectors.IntValue(int64(i)), connectors.DateTimeValue(at), decimal(t, "1")))
		if rec.Row[1] != connectors.DateTimeValue(at.Truncate(time.Second)) {
			t.Errorf("%v is stored as %v", at, rec.Row[1])
		}
	}
}

// keyed are values of a key, as the app writes them, and the native ids they
// make, in order.
type keyed struct{ values, ids []string }

func keyTypes() map[string]keyed {
	return map[string]keyed{
		"smallint":           {[]string{"-7", "7"}, []string{"-7", "7"}},
		"numeric":            {[]string{"1.50", "2"}, []string{"1.50", "2"}},
		"double precision":   {[]string{"0.1", "1e300"}, []string{"0.1", "1e+300"}},
		"boolean":            {[]string{"false", "true"}, []string{"false", "true"}},
		"text":               {[]string{"", `a|b\c`, "ü"}, []string{"", `a|b\c`, "ü"}},
		"char(4)":            {[]string{"ab", "b"}, []string{"ab", "b"}},
		"citext":             {[]string{"a", "B"}, []string{"a", "B"}},
		"date":               {[]string{"0044-03-15 BC", "2024-02-29", "10000-01-01"}, []string{"0044-03-15 BC", "2024-02-29", "10000-01-01"}},
		"timestamp":          {[]string{"2024-02-29 10:00:00.5", "infinity"}, []string{"2024-02-29T10:00:00.5", "infinity"}},
		"timestamptz":        {[]string{"2024-02-29 10:00:00+02"}, []string{"2024-02-29T08:00:00"}},
		"uuid":               {[]string{"00000000-0000-0000-0000-00000000000a"}, []string{"00000000-0000-0000-0000-00000000000a"}},
		"bytea":              {[]string{`\x00ff`}, []string{"00ff"}},
		"mood":               {[]string{"sad", "it's ok"}, []string{"sad", "it's ok"}},
		"inet":               {[]string{"10.0.0.1"}, []string{"10.0.0.1/32"}},
		"text COLLATE \"C\"": {[]string{"B", "a"}, []string{"B", "a"}},
	}
}

// Keys of every type: the id that a scan tells is the one that get, write and
// the feed know, whatever the settings of whoever writes.
func TestEveryKindOfPrimaryKeyIsANativeID(t *testing.T) {
	for typ, c := range keyTypes() {
		t.Run(typ, func(t *testing.T) { knowsKeys(t, typ, c) })
	}
}

func knowsKeys(t *testing.T, typ string, c keyed) {
	a := newApp(t, `CREATE EXTENSION citext`, `CREATE TYPE mood AS ENUM ('sad', 'so, so', 'it''s ok')`, `CREATE TABLE x (id `+typ+` PRIMARY KEY, v text)`)
	for _, v := range c.values {
		a.exec(t, "INSERT INTO x VALUES (($1::text)::"+strings.TrimSuffix(typ, ` COLLATE "C"`)+", 'old')", v)
	}
	conn := a.connect(t)
	o, feed := probe.Open(t, conn, "x", "v"), probe.Start(t, conn, "x")
	var ids []string
	for _, row := range o.Rows() {
		id, _, _ := strings.Cut(row, ": old")
		ids = append(ids, id)
	}
	probe.Want(t, "scanned", ids, c.ids...)
	for _, s := range []string{"SET DateStyle = 'SQL, DMY'", "SET TimeZone = 'Asia/Kathmandu'", "SET bytea_output = 'escape'", "SET extra_float_digits = 0"} {
		a.exec(t, s)
	}
	a.exec(t, "UPDATE x SET v = 'theirs'")
	for i, told := range feed.Told() {
		if told != strings.TrimSpace("update "+c.ids[i]) {
			t.Errorf("told %q of %q", told, c.ids[i])
		}
	}
	for _, id := range c.ids {
		rec := o.Stored(o.Updates(id, text("ours")))
		if rec.ID != id {
			t.Errorf("%q is answered as %q", id, rec.ID)
		}
		probe.Want(t, "our update", feed.Told(), "update "+id+" map1/1")
		o.Stored(connectors.Write{Op: connectors.Delete, ID: id, If: rec.Version, Mark: "m"})
		probe.Want(t, "our delete", feed.Told(), "delete "+id+" m")
	}
	if n := count(t, o); n != 0 {
		t.Errorf("%d are left", n)
	}
	for _, id := range []string{"", "x", "1|2", "\x00", "99999999999999999999", "infinity", "'"} { // of no record, whatever the type
		if _, err := o.Get(t.Context(), []string{id}); err != nil {
			t.Errorf("get %q: %v", id, err)
		}
	}
}

func TestLetterCaseCountsForNothingWhereverCitextIsInstalled(t *testing.T) {
	for _, schema := range []string{"public", "ext"} {
		a := newApp(t, `CREATE SCHEMA ext`, `CREATE EXTENSION citext SCHEMA `+schema, `CREATE TABLE x (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code `+schema+`.citext NOT NULL UNIQUE)`,
			`INSERT INTO x (code) VALUES ('Abc')`)
		c := a.connect(t)
		o := probe.OpenWith(t, c, connectors.Selection{Entity: "x", Fields: []string{"code"}, Key: []int{0}, Company: -1, Fold: connectors.Fold{Case: true}})
		if !o.Capabilities().Fold.Case {
			t.Error("the key is said to regard letter case")
		}
		if found, err := o.Find(t.Context(), []connectors.Row{{text("aBC")}}); err != nil || len(found) != 1 {
			t.Errorf("in %s: found %v, %v", schema, found, err)
		}
		if r := o.Results(o.Creates(text("ABC")))[0]; r.Outcome != connectors.Moved {
			t.Errorf("in %s: %+v", schema, r)
		}
	}
}
