package sqlcore_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"
)

func decimal(t testing.TB, s string) connectors.Value {
	t.Helper()
	v, err := connectors.DecimalValue(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAValueFitsExactlyOrIsRefusedWithItsLimit(t *testing.T) {
	text := connectors.TextValue
	column := func(typ connectors.Type, change func(*sqlcore.Column)) *sqlcore.Column {
		c := &sqlcore.Column{Name: "c", Type: typ, Scale: -1}
		if typ == connectors.DateTime {
			c.Scale = 6
		}
		if change != nil {
			change(c)
		}
		return c
	}
	short := column(connectors.Text, func(c *sqlcore.Column) { c.Length = 3 })
	bytes := column(connectors.Text, func(c *sqlcore.Column) { c.Bytes = 3 })
	mood := column(connectors.Text, func(c *sqlcore.Column) { c.Members = []string{"sad", "ok"} })
	small := column(connectors.Int, func(c *sqlcore.Column) { c.Low, c.High = -128, 127 })
	money := column(connectors.Decimal, func(c *sqlcore.Column) { c.Digits, c.Scale = 5, 2 })
	second := column(connectors.DateTime, func(c *sqlcore.Column) { c.Scale = 0 })
	modern := column(connectors.DateTime, func(c *sqlcore.Column) { c.From = time.Date(1970, 1, 1, 0, 0, 1, 0, time.UTC) })
	at := time.Date(1960, 2, 29, 23, 59, 59, 999_999_000, time.UTC)
	for i, x := range []struct {
		c    *sqlcore.Column
		v    connectors.Value
		want connectors.Value // where it fits
		kind connectors.Kind  // else
		says string
	}{
		{short, text("üüü"), text("üüü"), 0, ""}, {short, text("üüüü"), connectors.Value{}, connectors.TooLarge, "3 characters"},
		{bytes, text("üü"), connectors.Value{}, connectors.TooLarge, "3 bytes"}, {short, connectors.IntValue(-12), text("-12"), 0, ""},
		{short, text("a\xff"), connectors.Value{}, connectors.Invalid, ""}, {short, connectors.BytesValue([]byte("a")), connectors.Value{}, connectors.Invalid, ""},
		{mood, text("ok"), text("ok"), 0, ""}, {mood, text("OK"), connectors.Value{}, connectors.Invalid, "sad, ok"}, {mood, text(""), connectors.NullValue(), 0, ""},
		{small, connectors.IntValue(127), connectors.IntValue(127), 0, ""}, {small, connectors.IntValue(128), connectors.Value{}, connectors.TooLarge, "-128 and 127"},
		{small, text("1e2"), connectors.IntValue(100), 0, ""}, {small, decimal(t, "1.5"), connectors.Value{}, connectors.Invalid, ""}, {small, text(""), connectors.NullValue(), 0, ""},
		{column(connectors.Int, nil), decimal(t, "9223372036854775808"), connectors.Value{}, connectors.TooLarge, "9223372036854775807"},
		{money, text("-999.99"), decimal(t, "-999.99"), 0, ""}, {money, decimal(t, "1000"), connectors.Value{}, connectors.TooLarge, "3 digits before"},
		{money, connectors.FloatValue(0.125), connectors.Value{}, connectors.TooLarge, "2 digits after"}, {money, connectors.FloatValue(math.NaN()), connectors.Value{}, connectors.Invalid, ""},
		{column(connectors.Float, nil), decimal(t, "0.1"), connectors.FloatValue(0.1), 0, ""}, {column(connectors.Float, nil), decimal(t, "0.10000000000000000001"), connectors.Value{}, connectors.TooLarge, "digits"},
		{column(connectors.Bool, nil), text("Yes"), connectors.BoolValue(true), 0, ""}, {column(connectors.Bool, nil), connectors.IntValue(2), connectors.Value{}, connectors.Invalid, ""},
		{second, connectors.DateTimeValue(at), connectors.DateTimeValue(at.Truncate(time.Second)), 0, ""}, {modern, connectors.DateTimeValue(at), connectors.Value{}, connectors.TooLarge, "1970-01-01 00:00:01"},
		{column(connectors.Date, nil), connectors.DateTimeValue(at), connectors.Value{}, connectors.TooLarge, "time of day"}, {column(connectors.Date, nil), text("1960-02-29"), connectors.DateValue(at), 0, ""},
		{column(connectors.GUID, nil), text("FFFFFFFF-ffff-ffff-ffff-ffffffffffff"), connectors.GUIDValue("ffffffff-ffff-ffff-ffff-ffffffffffff"), 0, ""},
		{column(connectors.GUID, nil), text("ffffffff"), connectors.Value{}, connectors.Invalid, ""}, {column(connectors.Bytes, nil), text("a"), connectors.Value{}, connectors.Invalid, ""},
	} {
		got, refusal := x.c.Fit(x.v)
		switch {
		case x.want != (connectors.Value{}):
			if refusal != nil || got != x.want {
				t.Errorf("case %d: %q becomes %q, %v", i, x.v, got, refusal)
			}
		case refusal == nil || refusal.Kind != x.kind || !strings.Contains(refusal.Limit, x.says) || refusal.Value != x.v.String() || refusal.Message == "":
			t.Errorf("case %d: %q is refused by %+v", i, x.v, refusal)
		}
	}
}

// What fits once fits again and stays the same.
func FuzzFittingTwiceChangesNothing(f *testing.F) {
	f.Add("1960-02-29T10:00:00.5Z")
	f.Add("-0012.50e1")
	f.Add("true")
	f.Fuzz(func(t *testing.T, s string) {
		for typ := connectors.Text; typ <= connectors.Bytes; typ++ {
			c := &sqlcore.Column{Type: typ, Scale: 3, Digits: 20}
			once, refusal := c.Fit(connectors.TextValue(s))
			if refusal != nil {
				continue
			}
			if twice, refusal := c.Fit(once); refusal != nil || twice != once {
				t.Errorf("%v: %q becomes %q, then %q (%v)", typ, s, once, twice, refusal)
			}
		}
	})
}
