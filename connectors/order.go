package connectors

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors/filter"
)

// order gives the sign of a set value minus a literal; ok is false when the
// value is not of a kind that the literal can be compared with.
type order func(v Value) (sign int, ok bool)

// literalOrder prepares the comparison of a field of a type with a literal. It
// is nil where the two cannot be compared; hint then says what could be.
func literalOrder(typ Type, op filter.CompareOp, lit filter.Literal) (o order, hint string) {
	ordered := op != filter.Eq && op != filter.Ne
	switch typ {
	case Text:
		if lit.Kind == filter.EnumLiteral && ordered {
			return nil, "members of an enumeration are equal or not"
		}
		if lit.Kind != filter.TextLiteral && lit.Kind != filter.EnumLiteral {
			return nil, "a text must stand in quotes"
		}
		return textOrder(lit.Text, !ordered), ""
	case Int, Decimal, Float:
		if lit.Kind != filter.NumberLiteral {
			return nil, "a number is needed, without quotes"
		}
		return numberOrder(lit.Text)
	case Bool:
		if ordered {
			return nil, "yes and no are equal or not"
		}
		return boolOrder(lit)
	case Date, DateTime:
		return timeOrder(typ, lit)
	case GUID:
		if ordered || lit.Kind != filter.TextLiteral || len(lit.Text) != 36 {
			return nil, "a unique identifier can be equal or not to another of 36 characters"
		}
		return textOrder(lit.Text, true), ""
	}
	return nil, "only null can be"
}

// textOrder folds ASCII letters; trim drops trailing spaces of both sides.
func textOrder(text string, trim bool) order {
	if trim {
		text = strings.TrimRight(text, " ")
	}
	return func(v Value) (int, bool) {
		s := v.text
		if trim {
			s = strings.TrimRight(s, " ")
		}
		return compareFold(s, text), v.typ == Text || v.typ == GUID
	}
}

func numberOrder(text string) (order, string) {
	lit, err := canonicalDecimal(text)
	if err != nil {
		return nil, err.Error()
	}
	whole, err := strconv.ParseInt(lit, 10, 64)
	isWhole := err == nil
	nearest, _ := strconv.ParseFloat(lit, 64)
	tie := cmp.Compare(nearest, 0)
	if !math.IsInf(nearest, 0) {
		tie = compareDecimal(shortest(nearest), lit)
	}
	return func(v Value) (int, bool) {
		switch {
		case v.typ == Int && isWhole:
			return cmp.Compare(v.num, whole), true
		case v.typ == Int:
			return compareDecimal(strconv.FormatInt(v.num, 10), lit), true
		case v.typ == Decimal:
			return compareDecimal(v.text, lit), true
		case v.typ != Float || math.IsNaN(v.Float()):
			return 0, false
		case v.Float() == nearest:
			return tie, true
		}
		// Rounding to the nearest float keeps order, so what differs after it
		// differed the same way before.
		return cmp.Compare(v.Float(), nearest), true
	}, ""
}

// shortest is the canonical decimal with the fewest digits that reads back as f,
// which is finite.
func shortest(f float64) string {
	s, _ := canonicalDecimal(strconv.FormatFloat(f, 'e', -1, 64))
	return s
}

// compareDecimal compares two canonical decimals.
func compareDecimal(a, b string) int {
	negA, negB := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	switch {
	case negA && negB:
		a, b = b[1:], a[1:]
	case negA:
		return -1
	case negB:
		return 1
	}
	wholeA, fracA, _ := strings.Cut(a, ".")
	wholeB, fracB, _ := strings.Cut(b, ".")
	if c := cmp.Compare(len(wholeA), len(wholeB)); c != 0 {
		return c
	}
	if c := cmp.Compare(wholeA, wholeB); c != 0 {
		return c
	}
	return cmp.Compare(fracA, fracB)
}

func boolOrder(lit filter.Literal) (order, string) {
	want, ok := yesOrNo(lit.Text)
	if !ok || lit.Kind == filter.DateLiteral || lit.Kind == filter.DateTimeLiteral {
		return nil, "true, false, 1, 0, yes or no is needed"
	}
	return func(v Value) (int, bool) {
		if v.typ != Bool {
			return 0, false
		}
		return cmp.Compare(v.num, want), true
	}, ""
}

func yesOrNo(text string) (n int64, ok bool) {
	switch lowerASCII(text) {
	case "true", "yes", "1":
		return 1, true
	case "false", "no", "0":
		return 0, true
	}
	return 0, false
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

func timeOrder(typ Type, lit filter.Literal) (order, string) {
	layout := time.RFC3339Nano
	switch lit.Kind {
	case filter.DateLiteral:
		layout = time.DateOnly
	case filter.DateTimeLiteral:
	default:
		return nil, "a date such as 2006-01-02 is needed, without quotes"
	}
	t, err := time.Parse(layout, lit.Text)
	if err != nil {
		return nil, "this is not a day of the calendar"
	}
	instant := t.UnixMicro()
	byDay := typ == Date || lit.Kind == filter.DateLiteral
	return func(v Value) (int, bool) {
		switch {
		case v.typ == Date:
			return cmp.Compare(v.num, dayOf(instant)), true
		case v.typ == DateTime && byDay:
			return cmp.Compare(dayOf(v.num), dayOf(instant)), true
		}
		return cmp.Compare(v.num, instant), v.typ == DateTime
	}, ""
}

// dayOf is the day, since 1970-01-01, of an instant in microseconds.
func dayOf(micros int64) int64 { return floorDiv(micros, microsPerDay) }

func floorDiv(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}
