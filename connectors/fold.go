package connectors

import "strings"

// Text compares as the business apps compare it: letters A to Z without regard
// to case, everything else byte by byte.

// Apply gives a value that equals another's exactly when an app that compares
// keys in this way takes the two for the same. Only texts change; letters beyond
// A to Z keep their case, as in the databases behind the apps.
func (f Fold) Apply(v Value) Value {
	if v.state != Set || v.typ != Text {
		return v
	}
	if f.Space {
		v.text = strings.TrimRight(v.text, " ")
	}
	if f.Case {
		v.text = lowerASCII(v.text)
	}
	return v
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerASCII allocates only when there is something to fold.
func lowerASCII(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) < 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lowerByte(a[i]), lowerByte(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func equalFold(a, b string) bool { return len(a) == len(b) && compareFold(a, b) == 0 }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && equalFold(s[:len(prefix)], prefix)
}
