package connectors

import (
	"math/big"
	"strings"
)

// Loosely tells whether stored may be what an app made of sent when it stored
// it: spaces around a text dropped, letters in another case, a long text cut
// short, null for an empty text and the other way round, a number rounded or
// cut after its second decimal or later, a time cut to seconds.
//
// It only serves to recognise our own write after its answer was lost. Whether
// a record changed is never asked of it, since it takes many an edit for none.
func Loosely(sent, stored Value) bool {
	a, b := emptyAsNull(sent), emptyAsNull(stored)
	switch {
	case !a.IsSet() || !b.IsSet():
		return a.IsSet() == b.IsSet()
	case a.typ == Text && b.typ == Text:
		return sameText(a.text, b.text)
	case isNumber(a) && isNumber(b):
		return sameNumber(a, b)
	case isTime(a) && isTime(b):
		if a.typ == Date || b.typ == Date {
			return days(a) == days(b)
		}
		return floorDiv(a.num, 1_000_000) == floorDiv(b.num, 1_000_000)
	case a.typ == Bytes || b.typ == Bytes:
		return a == b
	}
	return a == b || foldAll(a.String()) == foldAll(b.String())
}

func emptyAsNull(v Value) Value {
	if v.typ == Text && strings.TrimSpace(v.text) == "" {
		return NullValue()
	}
	return v
}

// cutFrom is how long a text must be at least to be taken for a longer one cut
// short. A person may well change a short one to its own beginning.
const cutFrom = 16

// sameText takes a text of some length for the same as a longer one it begins.
func sameText(sent, stored string) bool {
	a, b := foldAll(sent), foldAll(stored)
	return a == b || len(b) >= cutFrom && strings.HasPrefix(a, b)
}

// foldAll gives letters one case even where upper case loses a difference, as
// in the Turkish dotless i.
func foldAll(s string) string { return strings.ToLower(strings.ToUpper(strings.TrimSpace(s))) }

func isNumber(v Value) bool { return v.typ == Int || v.typ == Decimal || v.typ == Float }

func isTime(v Value) bool { return v.typ == Date || v.typ == DateTime }

func days(v Value) int64 {
	if v.typ == Date {
		return v.num
	}
	return dayOf(v.num)
}

// sameNumber takes two numbers for the same when they differ by less than one
// unit of the last decimal that both have, or of the second one if that is
// finer: what rounding and cutting leave.
func sameNumber(a, b Value) bool {
	x, scaleX, okX := exactNumber(a)
	y, scaleY, okY := exactNumber(b)
	if !okX || !okY || scaleY > scaleX {
		return a == b
	}
	scale := max(2, min(scaleX, scaleY))
	unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	diff := x.Sub(x, y)
	return diff.Abs(diff).Cmp(unit) < 0
}

// exactNumber is a number and how many decimals it has; ok is false for a Float
// that is infinite or no number.
func exactNumber(v Value) (n *big.Rat, scale int, ok bool) {
	digits, err := canonicalDecimal(v.String())
	if err != nil {
		return nil, 0, false
	}
	_, fraction, _ := strings.Cut(digits, ".")
	n, ok = new(big.Rat).SetString(digits)
	return n, len(fraction), ok
}
