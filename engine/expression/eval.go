package expression

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"dualwrite/connectors"
)

// logic is and, or with any.
type logic struct {
	left, right node
	any         bool
}

func (n logic) eval(r *record) (connectors.Value, error) {
	left, err := truth(n.left, r)
	if err != nil || left == n.any {
		return connectors.BoolValue(left), err
	}
	right, err := truth(n.right, r)
	return connectors.BoolValue(right), err
}

type negation struct{ x node }

func (n negation) eval(r *record) (connectors.Value, error) {
	x, err := truth(n.x, r)
	return connectors.BoolValue(!x), err
}

// truth calculates a condition; one without a value is false.
func truth(n node, r *record) (bool, error) {
	v, err := n.eval(r)
	switch {
	case err != nil || !v.IsSet():
		return false, err
	case v.Type() == connectors.Bool:
		return v.Int() != 0, nil
	}
	return false, fmt.Errorf("%s is not yes or no", shown(v))
}

type relation struct {
	holds       func(sign int) bool
	left, right node
}

// relations are the comparisons by their signs.
func relations() []struct {
	sign  string
	holds func(sign int) bool
} {
	equal, differs := func(s int) bool { return s == 0 }, func(s int) bool { return s != 0 }
	return []struct {
		sign  string
		holds func(sign int) bool
	}{{"=", equal}, {"==", equal}, {"<>", differs}, {"!=", differs}, {"<=", func(s int) bool { return s <= 0 }}, {">=", func(s int) bool { return s >= 0 }},
		{"<", func(s int) bool { return s < 0 }}, {">", func(s int) bool { return s > 0 }}}
}

func (n relation) eval(r *record) (connectors.Value, error) {
	left, right, err := two(n.left, n.right, r)
	if err != nil {
		return left, err
	}
	if !left.IsSet() || !right.IsSet() {
		equal := left.IsSet() == right.IsSet()
		ordered := n.holds(-1) != n.holds(1)
		return connectors.BoolValue(!ordered && n.holds(0) == equal), nil
	}
	sign, err := compare(left, right)
	if err != nil {
		return left, err
	}
	return connectors.BoolValue(n.holds(sign)), nil
}

// two calculates both operands.
func two(left, right node, r *record) (l, rv connectors.Value, err error) {
	if l, err = left.eval(r); err == nil {
		rv, err = right.eval(r)
	}
	return l, rv, err
}

// compare gives the sign of left minus right.
func compare(left, right connectors.Value) (int, error) {
	a, okA := number(left)
	b, okB := number(right)
	switch {
	case okA && okB:
		return a.Cmp(b), nil
	case isText(left) && isText(right):
		fold := connectors.Fold{Case: true}
		return cmp.Compare(fold.Apply(connectors.TextValue(left.String())).Text(), fold.Apply(connectors.TextValue(right.String())).Text()), nil
	case isTime(left) && isTime(right):
		return left.Time().Compare(right.Time()), nil
	case left.Type() == connectors.Bool && right.Type() == connectors.Bool:
		return cmp.Compare(left.Int(), right.Int()), nil
	}
	return 0, fmt.Errorf("%s, a %s, cannot be compared with %s, a %s", shown(left), left.Type(), shown(right), right.Type())
}

func isText(v connectors.Value) bool {
	return v.Type() == connectors.Text || v.Type() == connectors.GUID
}

func isTime(v connectors.Value) bool {
	return v.Type() == connectors.Date || v.Type() == connectors.DateTime
}

// number is the exact number that a value of a type of numbers holds.
func number(v connectors.Value) (*big.Rat, bool) {
	switch v.Type() {
	case connectors.Int, connectors.Decimal, connectors.Float:
		return new(big.Rat).SetString(v.String())
	}
	return nil, false
}

type joining struct{ left, right node }

func (n joining) eval(r *record) (connectors.Value, error) {
	left, right, err := two(n.left, n.right, r)
	if err != nil {
		return left, err
	}
	return bounded(left.String() + right.String())
}

// bounded makes a text a value, if it is not larger than any field.
func bounded(s string) (connectors.Value, error) {
	if len(s) > MaxResult {
		return connectors.NullValue(), fmt.Errorf("the text becomes longer than %d bytes", MaxResult)
	}
	return connectors.TextValue(s), nil
}

type arithmetic struct {
	op          string
	left, right node
}

func (n arithmetic) eval(r *record) (connectors.Value, error) {
	left, right, err := two(n.left, n.right, r)
	if err != nil || !left.IsSet() || !right.IsSet() {
		return connectors.NullValue(), err
	}
	a, okA := number(left)
	b, okB := number(right)
	switch {
	case !okA:
		return left, notNumber(left)
	case !okB:
		return right, notNumber(right)
	}
	switch n.op {
	case "+":
		a.Add(a, b)
	case "-":
		a.Sub(a, b)
	case "*":
		a.Mul(a, b)
	case "/":
		if b.Sign() == 0 {
			return left, errors.New(shown(left) + " is divided by zero")
		}
		return decimal(a.Quo(a, b), quotientDigits)
	}
	return decimal(a, exactDigits)
}

// Digits after the point: of a quotient, and of what is calculated without
// rounding, which is an error where it has more.
const (
	quotientDigits = 12
	exactDigits    = 60
)

// decimal spells a number with at most so many digits after the point, a half
// rounded away from zero.
func decimal(n *big.Rat, digits int) (connectors.Value, error) {
	text := n.FloatString(digits)
	if len(text) > 4*exactDigits {
		return connectors.NullValue(), fmt.Errorf("the number %s… has too many digits", text[:20])
	}
	if exact, ok := new(big.Rat).SetString(text); digits == exactDigits && (!ok || exact.Cmp(n) != 0) {
		return connectors.NullValue(), errors.New("the number has too many digits after the point")
	}
	return connectors.DecimalValue(text)
}

func notNumber(v connectors.Value) error {
	if v.Type() == connectors.Text {
		return fmt.Errorf("%s is a text and no number; number(…) reads one", shown(v))
	}
	return fmt.Errorf("%s is a %s and no number", shown(v), v.Type())
}

// shown is a value as a message repeats it.
func shown(v connectors.Value) string {
	const most = 40
	text := []rune(v.String())
	if len(text) > most {
		text = append(text[:most], '…')
	}
	return `"` + strings.ReplaceAll(string(text), "\n", " ") + `"`
}
