package filter_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"dualwrite/connectors/filter"
)

func cmp(field string, op filter.CompareOp, kind filter.LiteralKind, text string) filter.Expr {
	return filter.Compare{Field: field, Op: op, Value: filter.Literal{Kind: kind, Text: text}}
}

func txt(field string, op filter.CompareOp, text string) filter.Expr {
	return cmp(field, op, filter.TextLiteral, text)
}

func num(field string, op filter.CompareOp, digits string) filter.Expr {
	return cmp(field, op, filter.NumberLiteral, digits)
}

func yes(field string) filter.Expr { return cmp(field, filter.Eq, filter.BoolLiteral, "true") }

func match(field string, op filter.MatchOp, text string) filter.Expr {
	return filter.Match{Field: field, Op: op, Text: text}
}

func TestParseReadsOData(t *testing.T) {
	a, b, c := yes("a"), yes("b"), yes("c")
	for text, want := range map[string]filter.Expr{
		"customertypecode eq 3": num("customertypecode", filter.Eq, "3"),
		"msdyn_sellable eq true and msdyn_contactpersonid ne ''": filter.And{
			Left: yes("msdyn_sellable"), Right: txt("msdyn_contactpersonid", filter.Ne, "")},
		"name eq 'O''Brien \"x\" == 1'":      txt("name", filter.Eq, `O'Brien "x" == 1`),
		"a or b and c":                       filter.Or{Left: a, Right: filter.And{Left: b, Right: c}},
		"a and b or c":                       filter.Or{Left: filter.And{Left: a, Right: b}, Right: c},
		"a or b or c":                        filter.Or{Left: filter.Or{Left: a, Right: b}, Right: c},
		"(a or b) and c":                     filter.And{Left: filter.Or{Left: a, Right: b}, Right: c},
		"not a":                              filter.Not{X: a},
		"not a and b":                        filter.And{Left: filter.Not{X: a}, Right: b},
		"not not (a)":                        filter.Not{X: filter.Not{X: a}},
		"not n eq 1":                         filter.Not{X: num("n", filter.Eq, "1")},
		"NOT A AND b Gt 1":                   filter.And{Left: filter.Not{X: yes("A")}, Right: num("b", filter.Gt, "1")},
		"startswith(name,'A')":               match("name", filter.StartsWith, "A"),
		"EndsWith( name , '''' )":            match("name", filter.EndsWith, "'"),
		"contains(a.b,'')":                   match("a.b", filter.Contains, ""),
		"group.company.code ge 'M'":          txt("group.company.code", filter.Ge, "M"),
		"x eq null":                          cmp("x", filter.Eq, filter.NullLiteral, "null"),
		"x lt -12.50":                        num("x", filter.Lt, "-12.50"),
		"x le +1e-3":                         num("x", filter.Le, "1e-3"),
		"d gt 2021-06-23":                    cmp("d", filter.Gt, filter.DateLiteral, "2021-06-23"),
		"d gt 2021-06-23T10:00:00Z":          cmp("d", filter.Gt, filter.DateTimeLiteral, "2021-06-23T10:00:00Z"),
		"d gt 2021-06-23T10:00:00.250+02:00": cmp("d", filter.Gt, filter.DateTimeLiteral, "2021-06-23T08:00:00.25Z"),
		"d gt 2021-06-23t10:00":              cmp("d", filter.Gt, filter.DateTimeLiteral, "2021-06-23T10:00:00Z"),
		"id eq ABCDEF01-0000-0000-0000-000000000001": txt("id", filter.Eq, "abcdef01-0000-0000-0000-000000000001"),
		"id eq 00000000-0000-0000-0000-000000000001": txt("id", filter.Eq, "00000000-0000-0000-0000-000000000001"),
		"t eq My.Enums.Gender'Female'":               cmp("t", filter.Eq, filter.EnumLiteral, "Female"),
		"and eq 1 and eq eq 2 and contains eq 3 and like eq 4": filter.And{Left: filter.And{Left: filter.And{
			Left: num("and", filter.Eq, "1"), Right: num("eq", filter.Eq, "2")}, Right: num("contains", filter.Eq, "3")}, Right: num("like", filter.Eq, "4")},
		"Straße eq 'ß'": txt("Straße", filter.Eq, "ß"),
	} {
		expect(t, text, want)
	}
}

func TestParseReadsRangeExpressions(t *testing.T) {
	a, b, c := yes("a"), yes("b"), yes("c")
	for text, want := range map[string]filter.Expr{
		`((PartyType == "Organization"))`:        txt("PartyType", filter.Eq, "Organization"),
		`((CURRENCYCODE != "999"))`:              txt("CURRENCYCODE", filter.Ne, "999"),
		`(AssociatedContactType = 1)`:            num("AssociatedContactType", filter.Eq, "1"),
		`(AccountType == AccountType::Customer)`: cmp("AccountType", filter.Eq, filter.EnumLiteral, "Customer"),
		`(Since > 23\06\2021)`:                   cmp("Since", filter.Gt, filter.DateLiteral, "2021-06-23"),
		`(Since > 1\6\2021)`:                     cmp("Since", filter.Gt, filter.DateLiteral, "2021-06-01"),
		`Since>=2021-06-23T10:00:00`:             cmp("Since", filter.Ge, filter.DateTimeLiteral, "2021-06-23T10:00:00Z"),
		`a&&b||c`:                                filter.Or{Left: filter.And{Left: a, Right: b}, Right: c},
		`a || b && c`:                            filter.Or{Left: a, Right: filter.And{Left: b, Right: c}},
		`!(a || b)`:                              filter.Not{X: filter.Or{Left: a, Right: b}},
		`!a`:                                     filter.Not{X: a},
		`!!a`:                                    filter.Not{X: filter.Not{X: a}},
		`(name like "A*")`:                       match("name", filter.StartsWith, "A"),
		`(name LIKE '*A')`:                       match("name", filter.EndsWith, "A"),
		`name like "*A b*"`:                      match("name", filter.Contains, "A b"),
		`name like "*"`:                          match("name", filter.StartsWith, ""),
		`name like "A"`:                          txt("name", filter.Eq, "A"),
		`!(name like "**A**")`:                   filter.Not{X: match("name", filter.Contains, "A")},
		`name == "say \"hi\" C:\\x \d"`:          txt("name", filter.Eq, `say "hi" C:\x \d`),
		`name == "say ""hi"""`:                   txt("name", filter.Eq, `say "hi"`),
		`name == "" || O == "O'Brien"`:           filter.Or{Left: txt("name", filter.Eq, ""), Right: txt("O", filter.Eq, "O'Brien")},
		`n<-1`:                                   num("n", filter.Lt, "-1"),
		`n <= 1.5`:                               num("n", filter.Le, "1.5"),
		`Blocked == TRUE`:                        yes("Blocked"),
		`x != null`:                              cmp("x", filter.Ne, filter.NullLiteral, "null"),
		`a.b == "x" && and == 1`:                 filter.And{Left: txt("a.b", filter.Eq, "x"), Right: num("and", filter.Eq, "1")},
		"\n(\tname == \"a\nb\" )":                txt("name", filter.Eq, "a\nb"),
		`(id == 00000000-0000-0000-0000-00000000000a)`: txt("id", filter.Eq, "00000000-0000-0000-0000-00000000000a"),
	} {
		expect(t, text, want)
	}
}

func expect(t *testing.T, text string, want filter.Expr) {
	t.Helper()
	got, err := filter.Parse(text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %#v\nwant %#v", text, got, want)
	}
}

func TestNoTextIsNoFilter(t *testing.T) {
	for _, text := range []string{"", " \r\n\t"} {
		if e, err := filter.Parse(text); e != nil || err != nil {
			t.Errorf("%q: %v, %v", text, e, err)
		}
	}
}

func TestErrorsSayWhereWhatAndWhatInstead(t *testing.T) {
	for _, c := range []struct {
		text  string
		pos   int
		words []string
	}{
		{"name eq", 8, []string{"the end of the filter", "a value"}},
		{"name is 'x'", 6, []string{"is", "eq, ne"}},
		{"name eq other", 9, []string{"other", "a value"}},
		{"(a eq 1", 8, []string{"the end of the filter", "and, or or )"}},
		{"a eq 1)", 7, []string{")", "the end"}},
		{"a eq 1 b eq 2", 8, []string{"b", "and, or"}},
		{"eq 'x'", 4, []string{"'x'", "after eq"}},
		{"name eq 'x", 9, []string{"no closing '"}},
		{`name == "é" && n == "x`, 21, []string{`no closing "`}},
		{"toupper(name) eq 'X'", 1, []string{"toupper", "startswith"}},
		{"contains(name)", 14, []string{")", "a comma"}},
		{"contains('x',name)", 10, []string{"'x'", "a field"}},
		{"contains(name,1)", 15, []string{"1", "quotes"}},
		{"true eq 1", 1, []string{"true", "a field"}},
		{"5 eq x", 1, []string{"5", "a field"}},
		{"a..b eq 1", 1, []string{"a..b", "path"}},
		{"d eq 2021-02-30", 6, []string{"2021-02-30", "year-month-day"}},
		{`d == 31\02\2021`, 6, []string{`31\02\2021`, `day\month\year`}},
		{"a/b eq 1", 2, []string{"'/'"}},
		{"a eq 1 && b == 2", 3, []string{"eq", "=="}},
		{`name like "A*B"`, 11, []string{"A*B", `"A*"`}},
		{`name like "A?"`, 11, []string{"A?", "not supported"}},
		{`name like 5 && b`, 11, []string{"5", "pattern"}},
		{`contains(name,"x")`, 1, []string{"contains", "like"}},
		{`t == Type::`, 12, []string{"the member of Type"}},
		{`!`, 2, []string{"the end", "a field or ("}},
		{"n eq 1.", 6, []string{"1.", "neither a number"}},
		{"n eq 1e5000", 6, []string{"1e5000"}},
		{"n eq 12abc", 6, []string{"12abc"}},
		{"()", 2, []string{")", "a field or ("}},
	} {
		_, err := filter.Parse(c.text)
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if e.Pos != c.pos {
			t.Errorf("%s: at %d, want %d: %v", c.text, e.Pos, c.pos, err)
		}
		for _, w := range c.words {
			if !strings.Contains(e.Message, w) {
				t.Errorf("%s: %q does not say %q", c.text, e.Message, w)
			}
		}
	}
}

func TestLimitsHold(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	long := func(n int) string { return "a eq '" + strings.Repeat("x", n-7) + "'" }
	for text, ok := range map[string]bool{
		nested(filter.MaxDepth):                         true,
		nested(filter.MaxDepth + 1):                     false,
		strings.Repeat("!", filter.MaxDepth) + "a":      true,
		strings.Repeat("!", filter.MaxDepth+1) + "a":    false,
		strings.Repeat("not ", filter.MaxDepth+1) + "a": false,
		long(filter.MaxLength):                          true,
		long(filter.MaxLength + 1):                      false,
	} {
		if _, err := filter.Parse(text); (err == nil) != ok {
			t.Errorf("%.20s… of %d bytes: %v", text, len(text), err)
		}
	}
}
