package connectors

import (
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors/filter"
)

// Matcher tells whether a record passes a filter. It is safe for concurrent use.
type Matcher func(Row) bool

// CompileFilter makes a Matcher from a filter's tree, for rows that hold the
// given fields (paths, as in Selection.Fields) of the given types. A nil
// expression passes every record. It fails with an *Error: NoEntity when a
// field is not among fields, Invalid when a literal cannot be compared with
// the field's type.
//
// The result is two-valued, unlike SQL. A field without a value equals an empty
// text when it is compared with a text, so that "x ne ”" asks for content; it
// differs from every other literal but null, and is neither less nor greater
// than anything. Text compares without regard to the case of ASCII letters, as
// the business apps do, and eq and ne ignore trailing spaces. Numbers compare
// exactly, a floating point number by its shortest decimal spelling. Where a
// date is compared, only the day counts, of an instant the day in UTC.
func CompileFilter(e filter.Expr, fields []string, types []Type) (Matcher, error) {
	m, err := (&filterCompiler{fields, types}).expr(e)
	if err != nil {
		return nil, err
	}
	return m, nil
}

type filterCompiler struct {
	fields []string
	types  []Type
}

func (c *filterCompiler) expr(e filter.Expr) (Matcher, *Error) {
	switch n := e.(type) {
	case nil:
		return func(Row) bool { return true }, nil
	case filter.And:
		return c.pair(n.Left, n.Right, func(l, r Matcher) Matcher { return func(row Row) bool { return l(row) && r(row) } })
	case filter.Or:
		return c.pair(n.Left, n.Right, func(l, r Matcher) Matcher { return func(row Row) bool { return l(row) || r(row) } })
	case filter.Not:
		x, err := c.expr(n.X)
		if err != nil {
			return nil, err
		}
		return func(row Row) bool { return !x(row) }, nil
	case filter.Compare:
		return c.compare(n)
	case filter.Match:
		return c.match(n)
	}
	return nil, &Error{Kind: Invalid, Op: "filter", Message: fmt.Sprintf("a filter cannot hold a %T", e)}
}

func (c *filterCompiler) pair(l, r filter.Expr, join func(l, r Matcher) Matcher) (Matcher, *Error) {
	left, err := c.expr(l)
	if err != nil {
		return nil, err
	}
	right, err := c.expr(r)
	if err != nil {
		return nil, err
	}
	return join(left, right), nil
}

func (c *filterCompiler) field(name string) (pos int, t Type, err *Error) {
	pos = slices.Index(c.fields, name)
	if pos < 0 {
		return 0, 0, &Error{Kind: NoEntity, Op: "filter", Field: name, Message: "there is no field " + name}
	}
	return pos, c.types[pos], nil
}

func (c *filterCompiler) compare(n filter.Compare) (Matcher, *Error) {
	pos, typ, err := c.field(n.Field)
	if err != nil {
		return nil, err
	}
	holds, ok := relation(n.Op)
	if !ok {
		return nil, incomparable(n, typ, "there is no relation "+string(n.Op))
	}
	if n.Value.Kind == filter.NullLiteral {
		want := n.Op == filter.Eq
		if n.Op != filter.Eq && n.Op != filter.Ne {
			return func(Row) bool { return false }, nil
		}
		return func(row Row) bool { return row[pos].IsSet() != want }, nil
	}
	order, hint := literalOrder(typ, n.Op, n.Value)
	if order == nil {
		return nil, incomparable(n, typ, hint)
	}
	whenNull := n.Op == filter.Ne
	if n.Value.Kind == filter.TextLiteral && strings.TrimRight(n.Value.Text, " ") == "" {
		whenNull = n.Op == filter.Eq
	}
	return func(row Row) bool {
		v := row[pos]
		if !v.IsSet() {
			return whenNull
		}
		sign, comparable := order(v)
		if !comparable {
			return n.Op == filter.Ne
		}
		return holds(sign)
	}, nil
}

func (c *filterCompiler) match(n filter.Match) (Matcher, *Error) {
	pos, typ, err := c.field(n.Field)
	if err != nil {
		return nil, err
	}
	var test func(s, part string) bool
	switch n.Op {
	case filter.StartsWith:
		test = hasPrefixFold
	case filter.EndsWith:
		test = func(s, part string) bool { return len(s) >= len(part) && equalFold(s[len(s)-len(part):], part) }
	case filter.Contains:
		test = func(s, part string) bool { return strings.Contains(lowerASCII(s), part) }
	}
	if typ != Text || test == nil {
		return nil, &Error{Kind: Invalid, Op: "filter", Field: n.Field, Value: n.Text,
			Message: fmt.Sprintf("%s needs a text field, %s is a %s", n.Op, n.Field, typ)}
	}
	part := lowerASCII(n.Text)
	return func(row Row) bool { return test(row[pos].Text(), part) }, nil
}

// relation gives the test that a relation makes of the sign of field minus literal.
func relation(op filter.CompareOp) (holds func(sign int) bool, ok bool) {
	switch op {
	case filter.Eq:
		return func(s int) bool { return s == 0 }, true
	case filter.Ne:
		return func(s int) bool { return s != 0 }, true
	case filter.Gt:
		return func(s int) bool { return s > 0 }, true
	case filter.Ge:
		return func(s int) bool { return s >= 0 }, true
	case filter.Lt:
		return func(s int) bool { return s < 0 }, true
	case filter.Le:
		return func(s int) bool { return s <= 0 }, true
	}
	return nil, false
}

func incomparable(n filter.Compare, typ Type, hint string) *Error {
	return &Error{Kind: Invalid, Op: "filter", Field: n.Field, Value: n.Value.Text,
		Message: fmt.Sprintf("%s (%s) cannot be compared with %q: %s", n.Field, typ, n.Value.Text, hint)}
}
