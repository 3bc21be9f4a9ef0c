package expression_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/engine/expression"
)

func decimal(s string) connectors.Value {
	v, err := connectors.DecimalValue(s)
	if err != nil {
		panic(err)
	}
	return v
}

// sample is a record of which the expressions below read fields by name.
func sample() map[string]connectors.Value {
	return map[string]connectors.Value{
		"First": connectors.TextValue("Ada"), "Last": connectors.TextValue("Lovelace"), "Nick": connectors.NullValue(), "Blank": connectors.TextValue(""),
		"Amount": decimal("12.50"), "Count": connectors.IntValue(3), "Rate": connectors.FloatValue(0.1), "Blocked": connectors.BoolValue(true),
		"Born": connectors.DateValue(time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)), "Seen": connectors.DateTimeValue(time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC)),
		"group.code": connectors.TextValue("A1"), "Order No": connectors.TextValue("7"), "Missing": {},
	}
}

func eval(t *testing.T, text string, value connectors.Value) (connectors.Value, error) {
	t.Helper()
	e, err := expression.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var row connectors.Row
	var at []int
	for i, f := range e.Fields() {
		v, ok := sample()[f]
		if !ok {
			t.Fatalf("%s reads %s", text, f)
		}
		row, at = append(row, v), append(at, i)
	}
	return e.Eval(value, row, at)
}

func TestExpressionsCalculate(t *testing.T) {
	for text, want := range map[string]string{
		"value": "x y", "'it''s'": "it's", `"say ""yes"""`: `say "yes"`, "12.50": "12.5", "true": "true", "null": "",
		"First & ' ' & Last": "Ada Lovelace", "[Order No] & '!'": "7!", "group.code & Nick & Missing": "A1",
		"0.1 + 0.2": "0.3", "1 + 2 * 3": "7", "(1 + 2) * 3": "9", "10 - 2 - 3": "5", "-Count - -1": "-2", "1 / 3": "0.333333333333", "Amount * Count": "37.5", "Rate * 3": "0.3", "Nick + 1": "",
		"2 > 10": "false", "'b' > 'A'": "true", "'ADA' = First": "true", "'ä' = 'Ä'": "false", "Count >= 3 and not Blocked or First <> 'x'": "true", "Nick = null": "true", "First <> null": "true",
		"Nick < 1": "false", "null = null": "true", "Born < Seen": "true", "Blocked = true": "true", "not (1 == 1)": "false", "1 != 2": "true",
		"if(Blocked, 'on hold', 'open')": "on hold", "if(Nick, 1/0, 'none')": "none", "coalesce(Nick, Blank, First)": "Ada", "coalesce(Nick, Blank)": "",
		"upper(value)": "X Y", "lower('ÄB')": "äb", "trim('  a ')": "a", "length('äö😀')": "3", "left('äöü', 2)": "äö", "right('äöü', 2)": "öü", "right('a', 5)": "a", "mid('abcdef', 2, 3)": "bcd", "mid('ab', 9, 3)": "",
		"replace('a-b-c', '-', '')": "abc", "padleft(Count, 5, '0')": "00003", "padleft('abc', 2, '0')": "abc", "contains('Hello', 'ELL')": "true", "startswith(First, 'a')": "true", "endswith(First, 'D')": "false",
		"round(2.345, 2)": "2.35", "round(-2.345, 2)": "-2.35", "round(Amount, 0)": "13", "number(' 1.50 ') + 1": "2.5", "text(Amount) & '€'": "12.5€",
		"year(Born)": "1815", "month(Born)": "12", "day(Seen)": "31", "date(Seen)": "2026-01-31", "date('2026-02-01')": "2026-02-01", "upper(Nick)": "",
		"value & [value]": "", "UPPER(Value)": "X Y",
	} {
		if strings.Contains(text, "[value]") {
			if e, err := expression.Parse(text); err != nil || !slices.Equal(e.Fields(), []string{"value"}) {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if got, err := eval(t, text, connectors.TextValue("x y")); err != nil || got.String() != want {
			t.Errorf("%s is %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestWhatCannotBeCalculatedIsAnErrorInWords(t *testing.T) {
	for text, says := range map[string]string{
		"First + 1": `"Ada" is a text and no number; number(…) reads one`, "1 / (Count - 3)": `"1" is divided by zero`, "if(First, 1, 2)": `"Ada" is not yes or no`, "Born < 1": "cannot be compared",
		"number(First)": `"Ada" is not a number`, "date(First)": "is not a date such as", "left(First, 1.5)": "is not a whole number from 0", "mid(First, 0, 1)": "is not a whole number from 1",
		"padleft(First, 9, '')": "not one character", "replace(First, '', 'x')": "no text to look for", "round(1, 99)": "from 0 to 12", "-Blocked": "is a yes/no and no number",
	} {
		if got, err := eval(t, text, connectors.NullValue()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s is %q, %v; want %q", text, got, err, says)
		}
	}
}

func TestATextThatIsNoExpressionSaysWhereAndWhy(t *testing.T) {
	for text, says := range map[string]string{
		"": "at character 1: found the end of the expression", "1 +": "at character 4", "ä + )": "at character 5: found )", "'open": "at character 1: what starts here has no closing '", "a b": "at character 3: found b, expected an operator",
		"shout(1)": "there is no function shout, only coalesce, contains", "left(1)": "left is written left(text, characters)", "if(1,2)": "if(condition, then, else)", "round(1,2,3)": "round(number", "upper(1": "expected )",
		"a..b": "one dot between two names", "a.": "one dot", "1 = 2 = 3": "expected an operator", "and": "found and", "a ; b": "no meaning here", "[]": "found , expected", "coalesce()": "coalesce(one",
		strings.Repeat("(", 100): "more than 64 levels", strings.Repeat("not ", 100) + "true": "more than 64", strings.Repeat("-", 100) + "1": "more than 64", strings.Repeat("1+", 3000) + "1": "longer than 4096 bytes",
	} {
		if _, err := expression.Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.20s: %v, want %q", text, err, says)
		}
	}
}

func TestFieldsAreListedOnce(t *testing.T) {
	e, err := expression.Parse("a & [b c] & upper(a) & value & d.e")
	if err != nil || !slices.Equal(e.Fields(), []string{"a", "b c", "d.e"}) {
		t.Errorf("%v, %v", e.Fields(), err)
	}
}

func TestNoTextGrowsWithoutBound(t *testing.T) {
	doubled := "value"
	for range 6 {
		doubled = "(" + doubled + " & " + doubled + ")"
	}
	if _, err := eval(t, doubled, connectors.TextValue(strings.Repeat("x", 100_000))); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("joined: %v", err)
	}
	if _, err := eval(t, "replace(value, 'x', '"+strings.Repeat("y", 1000)+"')", connectors.TextValue(strings.Repeat("x", 100_000))); err == nil {
		t.Error("replaced without an error")
	}
	powers := strings.Repeat("value * ", 400) + "1"
	if _, err := eval(t, powers, decimal("123456789.123456789")); err == nil || !strings.Contains(err.Error(), "too many digits") {
		t.Errorf("multiplied: %v", err)
	}
}

func TestEveryFunctionStandsOnThePageAboutExpressions(t *testing.T) {
	page, err := os.ReadFile("../../docs/expressions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, err = expression.Parse("nothing()")
	_, list, _ := strings.Cut(err.Error(), "only ")
	for name := range strings.SplitSeq(list, ", ") {
		if !strings.Contains(string(page), "`"+name+"(") {
			t.Errorf("%s is not explained", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"upper(trim(value)) & ', ' & City", "if(Blocked or Limit < 0, 'on hold', coalesce(Status, 'open'))", "round(Amount * 1.19, 2)", "[a]]b]", "((((", "1e400", "\xff", "mid(value,1,99999999999)"} {
		f.Add(seed, "x")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		e, err := expression.Parse(text)
		if err != nil {
			return
		}
		row := make(connectors.Row, len(e.Fields()))
		at := make([]int, len(row))
		for i := range row {
			row[i], at[i] = connectors.TextValue(value), i
		}
		if v, err := e.Eval(connectors.TextValue(value), row, at); err == nil && len(v.String()) > 2*expression.MaxResult {
			t.Errorf("%q gives %d bytes", text, len(v.String()))
		}
	})
}
