package expression

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dualwrite/connectors"
)

// function is one function: of all its arguments' values, or where it need not
// calculate them all, of the arguments themselves.
type function struct {
	form        string // how it is written
	least, most int    // arguments; most is 0 for any number
	of          func(args []connectors.Value) (connectors.Value, error)
	lazy        func(args []node, r *record) (connectors.Value, error)
}

type call struct {
	function
	args []node
}

func (n call) eval(r *record) (connectors.Value, error) {
	if n.lazy != nil {
		return n.lazy(n.args, r)
	}
	values := make([]connectors.Value, len(n.args))
	for i, a := range n.args {
		v, err := a.eval(r)
		if err != nil || !v.IsSet() {
			return connectors.NullValue(), err
		}
		values[i] = v
	}
	return n.of(values)
}

func functionNames() string {
	return strings.Join(slices.Sorted(maps.Keys(functions())), ", ")
}

// functions are those that an expression can call, by name.
func functions() map[string]function {
	out := textFunctions()
	out["if"] = function{form: "if(condition, then, else)", least: 3, most: 3, lazy: choose}
	out["coalesce"] = function{form: "coalesce(one, other, …)", least: 1, lazy: coalesce}
	out["round"] = function{form: "round(number, digits after the point)", least: 2, most: 2, of: round}
	out["number"] = function{form: "number(text)", least: 1, most: 1, of: toNumber}
	out["date"] = function{form: "date(date and time)", least: 1, most: 1, of: toDate}
	for name, part := range map[string]func(time.Time) int{"year": time.Time.Year, "month": func(t time.Time) int { return int(t.Month()) }, "day": time.Time.Day} {
		out[name] = function{form: name + "(date)", least: 1, most: 1, of: func(args []connectors.Value) (connectors.Value, error) {
			d, err := toDate(args)
			return connectors.IntValue(int64(part(d.Time()))), err
		}}
	}
	return out
}

// textFunctions read any value as text.
func textFunctions() map[string]function {
	one := func(name string, f func(string) connectors.Value) function {
		return function{form: name + "(text)", least: 1, most: 1, of: func(args []connectors.Value) (connectors.Value, error) { return f(args[0].String()), nil }}
	}
	test := func(name string, f func(s, part string) bool) function {
		return function{form: name + "(text, part)", least: 2, most: 2, of: func(args []connectors.Value) (connectors.Value, error) {
			fold := connectors.Fold{Case: true}
			s, part := fold.Apply(connectors.TextValue(args[0].String())).Text(), fold.Apply(connectors.TextValue(args[1].String())).Text()
			return connectors.BoolValue(f(s, part)), nil
		}}
	}
	text := func(f func(string) string) func(string) connectors.Value {
		return func(s string) connectors.Value { return connectors.TextValue(f(s)) }
	}
	return map[string]function{
		"text":       one("text", connectors.TextValue),
		"upper":      one("upper", text(strings.ToUpper)),
		"lower":      one("lower", text(strings.ToLower)),
		"trim":       one("trim", text(strings.TrimSpace)),
		"length":     one("length", func(s string) connectors.Value { return connectors.IntValue(int64(utf8.RuneCountInString(s))) }),
		"contains":   test("contains", strings.Contains),
		"startswith": test("startswith", strings.HasPrefix),
		"endswith":   test("endswith", strings.HasSuffix),
		"left":       {form: "left(text, characters)", least: 2, most: 2, of: func(args []connectors.Value) (connectors.Value, error) { return middle(args[0], 1, args[1]) }},
		"right":      {form: "right(text, characters)", least: 2, most: 2, of: right},
		"mid":        {form: "mid(text, first character, characters)", least: 3, most: 3, of: mid},
		"replace":    {form: "replace(text, old, new)", least: 3, most: 3, of: replace},
		"padleft":    {form: "padleft(text, characters, with)", least: 3, most: 3, of: padLeft},
	}
}

func choose(args []node, r *record) (connectors.Value, error) {
	holds, err := truth(args[0], r)
	switch {
	case err != nil:
		return connectors.NullValue(), err
	case holds:
		return args[1].eval(r)
	}
	return args[2].eval(r)
}

func coalesce(args []node, r *record) (connectors.Value, error) {
	for _, a := range args {
		if v, err := a.eval(r); err != nil || !v.IsEmpty() {
			return v, err
		}
	}
	return connectors.NullValue(), nil
}

// whole is a number of characters or digits.
func whole(v connectors.Value, least, most int64) (int, error) {
	n, ok := number(v)
	if !ok || !n.IsInt() || !n.Num().IsInt64() || n.Num().Int64() < least || n.Num().Int64() > most {
		return 0, fmt.Errorf("%s is not a whole number from %d to %d", shown(v), least, most)
	}
	return int(n.Num().Int64()), nil
}

// middle is a part of a text; first counts from 1.
func middle(text connectors.Value, first int, count connectors.Value) (connectors.Value, error) {
	n, err := whole(count, 0, MaxResult)
	if err != nil {
		return text, err
	}
	runes := []rune(text.String())
	from := min(first-1, len(runes))
	return connectors.TextValue(string(runes[from:min(from+n, len(runes))])), nil
}

func mid(args []connectors.Value) (connectors.Value, error) {
	first, err := whole(args[1], 1, MaxResult)
	if err != nil {
		return args[1], err
	}
	return middle(args[0], first, args[2])
}

func right(args []connectors.Value) (connectors.Value, error) {
	n, err := whole(args[1], 0, MaxResult)
	if err != nil {
		return args[1], err
	}
	return middle(args[0], max(0, utf8.RuneCountInString(args[0].String())-n)+1, args[1])
}

func replace(args []connectors.Value) (connectors.Value, error) {
	s, old, with := args[0].String(), args[1].String(), args[2].String()
	if old == "" {
		return args[0], errors.New("replace is given no text to look for")
	}
	if n := strings.Count(s, old); len(s)+n*(len(with)-len(old)) > MaxResult {
		return bounded(strings.Repeat(" ", MaxResult+1))
	}
	return bounded(strings.ReplaceAll(s, old, with))
}

func padLeft(args []connectors.Value) (connectors.Value, error) {
	n, err := whole(args[1], 0, 1000)
	if err != nil {
		return args[1], err
	}
	s, with := args[0].String(), args[2].String()
	if utf8.RuneCountInString(with) != 1 {
		return args[2], fmt.Errorf("%s is not one character to pad with", shown(args[2]))
	}
	return bounded(strings.Repeat(with, max(0, n-utf8.RuneCountInString(s))) + s)
}

func round(args []connectors.Value) (connectors.Value, error) {
	n, ok := number(args[0])
	if !ok {
		return args[0], notNumber(args[0])
	}
	digits, err := whole(args[1], 0, quotientDigits)
	if err != nil {
		return args[1], err
	}
	return decimal(n, digits)
}

func toNumber(args []connectors.Value) (connectors.Value, error) {
	v, err := connectors.DecimalValue(strings.TrimSpace(args[0].String()))
	if err != nil {
		return args[0], fmt.Errorf("%s is not a number", shown(args[0]))
	}
	return v, nil
}

func toDate(args []connectors.Value) (connectors.Value, error) {
	if isTime(args[0]) {
		return connectors.DateValue(args[0].Time()), nil
	}
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(args[0].String()))
	if err != nil {
		return args[0], fmt.Errorf("%s is not a date such as 2026-01-31", shown(args[0]))
	}
	return connectors.DateValue(day), nil
}
