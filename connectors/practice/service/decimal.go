package service

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// scaled reads a decimal literal, with or without fraction and exponent, as a
// count of units of the given scale, rounded half away from zero. exact says
// that nothing was rounded; floor is the count below where something was. Counts
// beyond 64 bits are cut to their limits and not exact. ok is false for what is
// no number.
func scaled(text string, scale int) (nearest, floor int64, exact, ok bool) {
	if mantissa, exponent, has := strings.Cut(strings.ToLower(text), "e"); has {
		if n, err := strconv.Atoi(exponent); err != nil || n > 400 || n < -400 || mantissa == "" {
			return 0, 0, false, false
		}
	}
	if strings.ContainsAny(text, "/_xXpPbBoO") {
		return 0, 0, false, false
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, 0, false, false
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	low := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: the floor, as the denominator is positive
	if !low.IsInt64() {
		if low.Sign() < 0 {
			return math.MinInt64, math.MinInt64, false, true
		}
		return math.MaxInt64, math.MaxInt64, false, true
	}
	floor = low.Int64()
	if r.IsInt() {
		return floor, floor, true, true
	}
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt64(floor))
	nearest = floor
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && r.Sign() > 0 {
		nearest++
	}
	return nearest, floor, false, true
}

// fixed spells a count of units with all digits of the scale: "12.5000".
func fixed(units int64, scale int) string {
	s := strconv.FormatInt(units, 10)
	if scale == 0 {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if len(s) <= scale {
		s = strings.Repeat("0", scale+1-len(s)) + s
	}
	return sign + s[:len(s)-scale] + "." + s[len(s)-scale:]
}

// Trimmed spells a decimal without needless zeros: "12.5".
func Trimmed(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// fits says that a count of units has at most so many digits.
func fits(units int64, digits int) bool {
	return digits <= 0 || len(strings.TrimPrefix(strconv.FormatInt(units, 10), "-")) <= digits
}
