package service

import (
	"math"
	"testing"
)

func TestADecimalIsCountedInUnitsOfItsScale(t *testing.T) {
	for _, c := range []struct {
		text    string
		scale   int
		nearest int64
		floor   int64
		exact   bool
	}{
		{"0", 4, 0, 0, true}, {"-0", 4, 0, 0, true}, {"12.5", 2, 1250, 1250, true}, {"-12.5", 0, -13, -13, false}, {"12.5", 0, 13, 12, false}, {"-12.4", 0, -12, -13, false},
		{"0.1", 18, 1e17, 1e17, true}, {"0.10000000000000000001", 4, 1000, 1000, false}, {"-0.00005", 4, -1, -1, false}, {"1e3", 2, 100000, 100000, true}, {"1E-2", 2, 1, 1, true},
		{"99999999999999.9999", 4, 999999999999999999, 999999999999999999, true}, {"9223372036854775807", 0, math.MaxInt64, math.MaxInt64, true},
		{"99999999999999999999", 0, math.MaxInt64, math.MaxInt64, false}, {"-99999999999999999999", 0, math.MinInt64, math.MinInt64, false},
	} {
		nearest, floor, exact, ok := scaled(c.text, c.scale)
		if !ok || nearest != c.nearest || floor != c.floor || exact != c.exact {
			t.Errorf("%s to %d digits: nearest %d, floor %d, exact %v, %v", c.text, c.scale, nearest, floor, exact, ok)
		}
	}
	for _, text := range []string{"", "x", "1/2", "0x10", "1_000", "1e99999", "1e", "--1", "."} {
		if _, _, _, ok := scaled(text, 2); ok {
			t.Errorf("%q is taken for a number", text)
		}
	}
}

func TestADecimalIsSpelledWithItsScale(t *testing.T) {
	for _, c := range []struct {
		units   int64
		scale   int
		fixed   string
		trimmed string
	}{
		{0, 2, "0.00", "0"}, {1, 4, "0.0001", "0.0001"}, {-1, 4, "-0.0001", "-0.0001"}, {125000, 4, "12.5000", "12.5"}, {-7, 0, "-7", "-7"}, {100, 0, "100", "100"},
		{999999999999999999, 4, "99999999999999.9999", "99999999999999.9999"}, {12345678901225, 2, "123456789012.25", "123456789012.25"},
	} {
		if got := fixed(c.units, c.scale); got != c.fixed || Trimmed(got) != c.trimmed {
			t.Errorf("%d to %d digits: %s, trimmed %s", c.units, c.scale, got, Trimmed(got))
		}
	}
}
