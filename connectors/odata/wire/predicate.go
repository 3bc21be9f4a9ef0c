package wire

import (
	"fmt"
	"strings"
)

// KeyPart is one property of a key and its literal, not escaped. Name is empty
// where the key has a single property that is not named.
type KeyPart struct {
	Name    string
	Literal string
}

// Predicate spells a key as it stands between the parentheses, not escaped:
// "'A'" or "dataAreaId='usmf',Number=5".
func Predicate(parts []KeyPart) string {
	if len(parts) == 1 {
		return parts[0].Literal
	}
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.Name + "=" + p.Literal)
	}
	return b.String()
}

// ParsePredicate reads what Predicate wrote, or what a service wrote, whatever
// the order of the properties.
func ParsePredicate(text string) ([]KeyPart, error) {
	var parts []KeyPart
	for rest := text; ; {
		var p KeyPart
		if name, _, found := strings.Cut(rest, "="); found && isName(name) {
			p.Name, rest = name, rest[len(name)+1:]
		}
		n := literalLength(rest)
		if n <= 0 {
			return nil, fmt.Errorf("the key predicate %q cannot be read", text)
		}
		p.Literal, rest = rest[:n], rest[n:]
		parts = append(parts, p)
		if rest == "" {
			return parts, nil
		}
		if rest[0] != ',' {
			return nil, fmt.Errorf("the key predicate %q cannot be read", text)
		}
		rest = strings.TrimLeft(rest[1:], " ")
	}
}

// literalLength is where the literal at the start of s ends, -1 if it does not.
func literalLength(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return i
		}
	}
	if quoted {
		return -1
	}
	return len(s)
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9' || c >= 0x80) {
			return false
		}
	}
	return s != ""
}

// Unquote reads a text literal: "'O”Brien'" gives O'Brien.
func Unquote(literal string) (string, bool) {
	if len(literal) < 2 || literal[0] != '\'' || literal[len(literal)-1] != '\'' {
		return "", false
	}
	return strings.ReplaceAll(literal[1:len(literal)-1], "''", "'"), true
}

// PredicateOf finds the key predicate at the end of an entity's address, such
// as an OData-EntityId header or an @odata.id, unescaped.
func PredicateOf(address string) (string, bool) {
	address, _, _ = strings.Cut(address, "?")
	open := strings.LastIndexByte(address, '(')
	if q := strings.IndexByte(address, '\''); q >= 0 && q < len(address) {
		open = strings.LastIndexByte(address[:q], '(')
	}
	if open < 0 || !strings.HasSuffix(address, ")") {
		return "", false
	}
	return unescape(address[open+1 : len(address)-1]), true
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, low := strings.IndexByte(hexDigits, upper(s[i+1])), strings.IndexByte(hexDigits, upper(s[i+2]))
			if high >= 0 && low >= 0 {
				b.WriteByte(byte(high<<4 | low))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'f' {
		return c - 'a' + 'A'
	}
	return c
}
