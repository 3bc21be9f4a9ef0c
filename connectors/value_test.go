package connectors

import "testing"

// Digits that are canonical already are taken as they are; others become so.
func TestDecimalsAreHeldByTheirCanonicalDigits(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "-0.00": "0", "00": "0", "7": "7", "-7": "-7", "+7": "7", "007": "7", "70": "70", "7.": "7", ".7": "0.7", "-.70": "-0.7",
		"0.7": "0.7", "0.70": "0.7", "-0.7": "-0.7", "10.01": "10.01", "010.010": "10.01", "1e3": "1000", "1.5E-3": "0.0015", " 7 ": "7",
	} {
		v, err := DecimalValue(in)
		if err != nil || v.Text() != want {
			t.Errorf("%q is held as %q, %v; want %q", in, v.Text(), err, want)
		}
	}
	for _, in := range []string{"", "-", ".", "1.2.3", "1,5", "x", "-e", "NaN", "1e999"} {
		if v, err := DecimalValue(in); err == nil {
			t.Errorf("%q is held as %q", in, v.Text())
		}
	}
}
