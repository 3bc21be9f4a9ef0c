package mysql_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
)

func number(digits string) connectors.Value {
	v, err := connectors.DecimalValue(digits)
	if err != nil {
		panic(err)
	}
	return v
}

func instant(s string) connectors.Value {
	at, err := time.Parse("2006-01-02 15:04:05.999999", s)
	if err != nil {
		panic(err)
	}
	return connectors.DateTimeValue(at)
}

func date(s string) connectors.Value {
	at, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return connectors.DateValue(at)
}

// limits are columns of each type, values at their limits, and values beyond
// them with the kind of the refusal.
var limits = []struct {
	name, sql string
	typ       connectors.Type
	holds     []connectors.Value
	refuses   map[connectors.Kind][]connectors.Value
}{
	{"tiny", "TINYINT", connectors.Int, ints(-128, 127), tooLarge(connectors.IntValue(128), connectors.IntValue(-129))},
	{"utiny", "TINYINT UNSIGNED", connectors.Int, ints(0, 255), tooLarge(connectors.IntValue(-1), connectors.IntValue(256))},
	{"medium", "MEDIUMINT", connectors.Int, ints(-8388608, 8388607), tooLarge(connectors.IntValue(8388608))},
	{"uint", "INT UNSIGNED", connectors.Int, ints(0, 4294967295), tooLarge(connectors.IntValue(4294967296))},
	{"big", "BIGINT", connectors.Int, ints(math.MinInt64, math.MaxInt64), tooLarge(number("9223372036854775808"))},
	{"ubig", "BIGINT UNSIGNED", connectors.Decimal, []connectors.Value{number("0"), number("18446744073709551615")},
		tooLarge(number("18446744073709551616"), connectors.IntValue(-1), number("1.5"))},
	{"decim", "DECIMAL(65,30)", connectors.Decimal, []connectors.Value{number(strings.Repeat("9", 35) + "." + strings.Repeat("9", 30)), number("-0." + strings.Repeat("0", 29) + "1")},
		tooLarge(number(strings.Repeat("9", 36)), number("0."+strings.Repeat("0", 30)+"1"))},
	{"udec", "DECIMAL(5,2) UNSIGNED", connectors.Decimal, []connectors.Value{number("999.99"), number("0")}, tooLarge(number("-1"))},
	{"single", "FLOAT", connectors.Float, floats(0.1, -1.5, math.MaxFloat32, 16777216), tooLarge(connectors.FloatValue(0.1234567890123), connectors.FloatValue(1e300), connectors.FloatValue(math.NaN()))},
	{"dbl", "DOUBLE", connectors.Float, floats(0.1, 1.0/3, math.MaxFloat64, -math.MaxFloat64, 1e22, 123456789.123456789), tooLarge(connectors.FloatValue(math.Inf(1)))},
	{"flag", "BOOLEAN", connectors.Bool, []connectors.Value{connectors.BoolValue(true), connectors.BoolValue(false)}, invalid(text("perhaps"), connectors.IntValue(2))},
	{"bit1", "BIT(1)", connectors.Bool, []connectors.Value{connectors.BoolValue(true), connectors.BoolValue(false)}, nil},
	{"bit9", "BIT(9)", connectors.Int, ints(0, 511), tooLarge(connectors.IntValue(512))},
	{"bit64", "BIT(64)", connectors.Decimal, []connectors.Value{number("0"), number("18446744073709551615")}, nil},
	{"ch", "CHAR(5) CHARACTER SET utf8mb4", connectors.Text, texts("12345", "😀😀😀😀😀", ""), tooLarge(text("123456"))},
	{"vc", "VARCHAR(5) CHARACTER SET utf8mb4", connectors.Text, texts("12345", "😀😀😀😀😀", "    x"), tooLarge(text("123456"))},
	{"latin", "VARCHAR(5) CHARACTER SET latin1", connectors.Text, texts("éüß€"), invalid(text("漢"))},
	{"tt", "TINYTEXT CHARACTER SET utf8mb4", connectors.Text, texts(strings.Repeat("x", 255), strings.Repeat("ü", 127)), tooLarge(text(strings.Repeat("ü", 128)))},
	{"lt", "LONGTEXT CHARACTER SET utf8mb4", connectors.Text, texts(strings.Repeat("ü", 100000)), nil},
	{"d", "DATE", connectors.Date, []connectors.Value{date("0001-01-01"), date("9999-12-31"), date("2024-02-29")}, invalid(text("soon"))},
	{"dt0", "DATETIME", connectors.DateTime, []connectors.Value{instant("0001-01-01 00:00:00"), instant("9999-12-31 23:59:59")}, nil},
	{"dt6", "DATETIME(6)", connectors.DateTime, []connectors.Value{instant("1969-12-31 23:59:59.000001"), instant("9999-12-31 23:59:59.999999")}, nil},
	{"ts", "TIMESTAMP(6) NULL", connectors.DateTime, []connectors.Value{instant("1970-01-01 00:00:01"), instant("2038-01-19 03:14:07.999999"), instant("2024-10-27 00:30:00")},
		tooLarge(instant("1970-01-01 00:00:00"), instant("2038-01-19 03:14:08"))},
	{"tm", "TIME(3)", connectors.Text, texts("838:59:59.000", "-00:00:01.500"), invalid(text("noon"))},
	{"yr", "YEAR", connectors.Text, texts("1901", "2155"), tooLarge(text("1800"))},
	{"en", "ENUM('a','it''s','c,d')", connectors.Text, texts("a", "it's", "c,d"), invalid(text("b"))},
	{"st", "SET('x','y','z')", connectors.Text, texts("x", "x,z", ""), invalid(text("q"))},
	{"js", "JSON", connectors.Text, texts(`{"a": [1, "é"]}`), invalid(text("{"))},
	{"bi", "BINARY(3)", connectors.Bytes, bytes("abc", "\x00\xff\x01"), tooLarge(connectors.BytesValue([]byte("abcd")))},
	{"vb", "VARBINARY(3)", connectors.Bytes, bytes("", "\x00", "'\\\""), tooLarge(connectors.BytesValue([]byte("abcd")))},
	{"bl", "BLOB", connectors.Bytes, bytes(strings.Repeat("\x00\xff'", 20000)), tooLarge(connectors.BytesValue(make([]byte, 65536)))},
	{"uu", "UUID", connectors.GUID, []connectors.Value{connectors.GUIDValue("FFFFFFFF-FFFF-4FFF-8FFF-FFFFFFFFFFFF")}, invalid(text("mine"))},
	{"ip", "INET6", connectors.Text, texts("::1", "2001:db8::ff00"), invalid(text("everywhere"))},
}

func ints(all ...int64) (out []connectors.Value) {
	for _, n := range all {
		out = append(out, connectors.IntValue(n))
	}
	return out
}

func floats(all ...float64) (out []connectors.Value) {
	for _, f := range all {
		f, _ := parse(f)
		out = append(out, connectors.FloatValue(f))
	}
	return out
}

// parse gives the float itself; of the largest FLOAT the shortest digits.
func parse(f float64) (float64, bool) {
	if f == math.MaxFloat32 {
		return 3.4028235e38, true
	}
	return f, false
}

func texts(all ...string) (out []connectors.Value) {
	for _, s := range all {
		out = append(out, text(s))
	}
	return out
}

func bytes(all ...string) (out []connectors.Value) {
	for _, s := range all {
		out = append(out, connectors.BytesValue([]byte(s)))
	}
	return out
}

func tooLarge(all ...connectors.Value) map[connectors.Kind][]connectors.Value {
	return map[connectors.Kind][]connectors.Value{connectors.TooLarge: all}
}

func invalid(all ...connectors.Value) map[connectors.Kind][]connectors.Value {
	return map[connectors.Kind][]connectors.Value{connectors.Invalid: all}
}

func TestEveryTypeHoldsItsLimitsAndRefusesWhatIsBeyond(t *testing.T) {
	t.Parallel()
	script := "CREATE TABLE limits (id INT PRIMARY KEY"
	for _, l := range limits {
		script += ", " + l.name + " " + l.sql
	}
	a := newApp(t, script+") ENGINE=InnoDB ROW_FORMAT=DYNAMIC")
	c := a.connect(t)
	probe.Start(t, c, "limits")
	schema, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, _ := schema.Entity("limits")
	id := int64(0)
	for _, l := range limits {
		if f, _ := e.Field(l.name); f.Type != l.typ {
			t.Errorf("%s is described as %v", l.sql, f.Type)
		}
		o := probe.Open(t, c, "limits", "id", l.name)
		for _, v := range l.holds {
			id++
			rec := o.Stored(o.Creates(connectors.IntValue(id), v))
			if rec.Row[1] != v {
				t.Errorf("%s: %.50q of type %v comes back as %.50q of type %v", l.sql, v, v.Type(), rec.Row[1], rec.Row[1].Type())
			}
			o.Stored(o.Updates(rec.ID, connectors.Value{}, connectors.NullValue()))
			if rec = o.Stored(o.Updates(rec.ID, connectors.Value{}, v)); rec.Row[1] != v {
				t.Errorf("%s: %.50q is updated to %.50q", l.sql, v, rec.Row[1])
			}
		}
		for kind, values := range l.refuses {
			for _, v := range values {
				r := o.Results(o.Creates(connectors.IntValue(-1), v))[0]
				if r.Outcome != connectors.Refused || r.Err.Kind != kind || r.Err.Message == "" {
					t.Errorf("%s: %.50q: outcome %d, %v; want %v", l.sql, v, r.Outcome, r.Err, kind)
				}
			}
		}
	}
}

func TestWhatOnlyTheAppCanEnterIsReadWithoutLoss(t *testing.T) {
	t.Parallel()
	a := newApp(t, `CREATE TABLE odd (id INT AUTO_INCREMENT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00', part DATE, dt DATETIME(6), flag TINYINT(1), shape POINT,
		doubled INT AS (flag * 2) STORED, later INT AS (flag * 3) VIRTUAL, made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, word VARCHAR(5) NOT NULL DEFAULT 'x') ENGINE=InnoDB`)
	c := a.connect(t)
	s := probe.Start(t, c, "odd")
	users := begin(t, a.db)
	in(t, users, "SET SESSION sql_mode = ''")
	in(t, users, "INSERT INTO odd (part, dt, flag, shape) VALUES ('2024-00-00', '0000-00-00', 5, POINT(1, 2))")
	if err := users.Commit(); err != nil {
		t.Fatal(err)
	}
	o := probe.Open(t, c, "odd", "id", "d", "part", "dt", "flag", "shape", "doubled", "later", "word")
	probe.Want(t, "read", o.Rows(), "1: 1  2024-00-00  5 POINT(1 2) 10 15 x")
	probe.Want(t, "told", s.Told(), "create 1")
	rec := o.Stored(o.Updates("1", connectors.Value{}, date("2024-01-02"), date("2024-01-03"), connectors.NullValue(), connectors.BoolValue(true), connectors.Value{}, connectors.Value{}, connectors.Value{}, text("y")))
	if got := probe.Spell(rec); got != "1: 1 2024-01-02 2024-01-03  true POINT(1 2) 2 3 y" {
		t.Errorf("updated to %q", got)
	}
	o.Refused(o.Updates("1", connectors.Value{}, connectors.Value{}, connectors.Value{}, connectors.Value{}, connectors.Value{}, connectors.Value{}, connectors.IntValue(1), connectors.Value{}, connectors.Value{}), connectors.Invalid)
	schema, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, _ := schema.Entity("odd")
	for name, flags := range map[string][3]bool{"id": {true, false, true}, "doubled": {false, true, false}, "later": {false, true, false}, "made": {true, false, true}, "word": {true, false, true}, "shape": {false, true, false}, "dt": {}} {
		if f, _ := e.Field(name); f.Required != flags[0] || f.ReadOnly != flags[1] || f.HasDefault != flags[2] {
			t.Errorf("%s is described as %+v", name, f)
		}
	}
}

func TestLongValuesOfABatchAreUpdatedWhole(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE files (id INT PRIMARY KEY, name VARCHAR(9), words LONGTEXT CHARACTER SET utf8mb4, body LONGBLOB) ENGINE=InnoDB", "INSERT INTO files (id) VALUES (1), (2), (3), (4), (5), (6)")
	o := probe.Open(t, a.connect(t), "files", "id", "name", "words", "body")
	var batch []connectors.Write
	lengths := []int{7, 1<<16 - 1, 1 << 16, 3<<16 + 5, 9 << 20, 1<<16 - 2} // in a literal, 9 MB of quotes are more than the server takes
	for i, n := range lengths {
		batch = append(batch, o.Updates(strconv.Itoa(i+1), connectors.Value{}, text("n"), text(strings.Repeat("'", n)), connectors.BytesValue([]byte(strings.Repeat("\xff", min(n, 1<<20))))))
	}
	for i, r := range o.Results(batch...) {
		if r.Outcome != connectors.Stored || r.Record.Row[2] != batch[i].Row[2] || r.Record.Row[3] != batch[i].Row[3] {
			t.Errorf("%d bytes: outcome %d, %v", lengths[i], r.Outcome, r.Err)
		}
	}
}

func TestAValueBeyondWhatTheServerTakesInOnePieceIsRefusedAndTheRestStored(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE files (id INT PRIMARY KEY, body LONGBLOB) ENGINE=InnoDB")
	o := probe.Open(t, a.connect(t), "files", "id", "body")
	huge := connectors.BytesValue(make([]byte, 17<<20))
	large := connectors.BytesValue(make([]byte, 3<<20))
	results := o.Results(o.Creates(connectors.IntValue(1), large), o.Creates(connectors.IntValue(2), large), o.Creates(connectors.IntValue(3), huge), o.Creates(connectors.IntValue(4), large))
	for i, r := range results {
		if (r.Outcome == connectors.Stored) != (i != 2) {
			t.Errorf("record %d: outcome %d, %v", i+1, r.Outcome, r.Err)
		}
	}
}
