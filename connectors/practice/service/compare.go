package service

import (
	"fmt"
	"strings"
	"time"
)

// comparison translates one comparison. Every result is true or false, as OData
// has it: null equals only null, and is neither less nor greater than anything.
func (q *query) comparison(n *Comparison) (string, error) {
	f, column, err := q.resolve(n.Path)
	if err != nil {
		return "", err
	}
	if n.Value.Kind == NullLiteral {
		return q.compareNull(f, column, n.Op), nil
	}
	if f.Type == Text && n.Value.Kind == TextLiteral {
		return q.compareText(f, column, n), nil
	}
	expression := q.model.comparable(f, column)
	op, arg, err := q.argument(f, n, &expression)
	if err != nil {
		return "", err
	}
	return q.relate(column, expression, op, arg), nil
}

// relate compares an expression over a column with an argument. An empty
// operator is never true, "any" is always true.
func (q *query) relate(column, expression, op string, arg any) string {
	switch op {
	case "":
		return "0"
	case "any":
		return "1"
	}
	q.args = append(q.args, arg)
	null := column
	if q.model.EmptyForNull && strings.Contains(expression, "coalesce") {
		null = expression
	}
	if op == "ne" {
		return fmt.Sprintf("(%s IS NULL OR %s <> ?)", null, expression)
	}
	symbol := map[string]string{"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}[op]
	return fmt.Sprintf("(%s IS NOT NULL AND %s %s ?)", null, expression, symbol)
}

func (q *query) compareNull(f *Field, column, op string) string {
	never := q.model.EmptyForNull && f.Type != Enum
	switch op {
	case "eq":
		if never {
			return "0"
		}
		return "(" + column + " IS NULL)"
	case "ne":
		if never {
			return "1"
		}
		return "(" + column + " IS NOT NULL)"
	}
	return "0"
}

// compareText compares texts. Where the app keeps no empty texts, the empty
// text means no value.
func (q *query) compareText(f *Field, column string, n *Comparison) string {
	text := n.Value.Text
	equality := n.Op == "eq" || n.Op == "ne"
	switch {
	case q.grammar.Wildcards && equality && strings.Contains(text, "*"):
		q.args = append(q.args, strings.ReplaceAll(escaped(text), "*", "%"))
		like := fmt.Sprintf(`(coalesce(%s, '') LIKE ? ESCAPE '\')`, column)
		if n.Op == "ne" {
			return "NOT " + like
		}
		return like
	case !q.model.EmptyForNull && equality && f.folded(text) == "":
		return map[string]string{"eq": "(coalesce(rtrim(" + column + ", ' '), '') = '')", "ne": "(coalesce(rtrim(" + column + ", ' '), '') <> '')"}[n.Op]
	}
	expression := q.model.comparable(f, column)
	if q.model.EmptyForNull {
		column = "1" // such a text is never null
	}
	return q.relate(column, expression, n.Op, f.folded(text))
}

// argument turns a literal into an SQL argument, and the operator into one that
// is right for it.
func (q *query) argument(f *Field, n *Comparison, expression *string) (op string, arg any, err error) {
	lit, mismatch := n.Value, q.mismatch(f, n)
	switch f.Type {
	case Int, BigInt, Choice, Decimal, Money:
		if lit.Kind != NumberLiteral {
			return "", nil, mismatch
		}
		_, floor, exact, ok := scaled(lit.Text, f.Scale)
		if !ok {
			return "", nil, mismatch
		}
		if exact {
			return n.Op, floor, nil
		}
		return map[string]string{"eq": "", "ne": "any", "gt": "gt", "ge": "gt", "lt": "le", "le": "le"}[n.Op], floor, nil
	case Bool:
		if lit.Kind != BoolLiteral {
			return "", nil, mismatch
		}
		return n.Op, map[string]int64{"true": 1, "false": 0}[lit.Text], nil
	case GUID, Lookup:
		id := strings.ToLower(lit.Text)
		if !IsGUID(id) {
			return "", nil, mismatch
		}
		return n.Op, id, nil
	case Enum:
		return q.enumArgument(f, n)
	case Date, DateTime:
		arg, ok := q.timeArgument(f, lit, expression)
		if !ok {
			return "", nil, mismatch
		}
		return n.Op, arg, nil
	}
	return "", nil, mismatch
}

func (q *query) enumArgument(f *Field, n *Comparison) (string, any, error) {
	if n.Value.Kind != EnumLiteral || n.Value.Type[strings.LastIndex(n.Value.Type, ".")+1:] != f.Enum.Name {
		return "", nil, q.mismatch(f, n)
	}
	if n.Op != "eq" && n.Op != "ne" {
		return "", nil, &Refusal{Kind: BadFilter, Message: "Enumerations can be compared by eq and ne only."}
	}
	member := f.Enum.Member(n.Value.Text)
	if member == nil {
		return "", nil, &Refusal{Kind: BadFilter, Message: "The string '" + n.Value.Text + "' is not a member of " + n.Value.Type + "."}
	}
	return n.Op, member.Stored, nil
}

// timeArgument compares a day with a day, and whatever else as instants. An app
// without nulls shows its days at noon.
func (q *query) timeArgument(f *Field, lit Literal, expression *string) (any, bool) {
	switch lit.Kind {
	case DateLiteral:
		if _, err := time.Parse(time.DateOnly, lit.Text); err != nil {
			return nil, false
		}
		if f.Type == DateTime {
			return lit.Text + "T00:00:00", true
		}
		return lit.Text, true
	case InstantLiteral:
		t, err := time.Parse(time.RFC3339Nano, lit.Text)
		if err != nil {
			t, err = time.Parse("2006-01-02T15:04Z07:00", lit.Text)
		}
		if err != nil {
			return nil, false
		}
		if f.Type == Date {
			hour := "T00:00:00"
			if q.model.EmptyForNull {
				hour = "T12:00:00"
			}
			*expression += " || '" + hour + "'"
		}
		return strings.TrimSuffix(t.UTC().Format(time.RFC3339Nano), "Z"), true
	}
	return nil, false
}

func (q *query) mismatch(f *Field, n *Comparison) error {
	operator := map[string]string{"eq": "Equal", "ne": "NotEqual", "gt": "GreaterThan", "ge": "GreaterThanOrEqual", "lt": "LessThan", "le": "LessThanOrEqual"}[n.Op]
	return &Refusal{Kind: BadFilter, Field: f, Message: fmt.Sprintf(
		"A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for operator kind '%s'.", f.Type.edm(), n.Value.Kind.edm(), operator)}
}

func (t Type) edm() string {
	switch t {
	case Text:
		return "Edm.String"
	case Int, Choice:
		return "Edm.Int32"
	case BigInt:
		return "Edm.Int64"
	case Decimal, Money:
		return "Edm.Decimal"
	case Bool:
		return "Edm.Boolean"
	case GUID, Lookup:
		return "Edm.Guid"
	case Date:
		return "Edm.Date"
	case DateTime:
		return "Edm.DateTimeOffset"
	}
	return "enumeration"
}
