package expression

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	bracketToken // a field in brackets
	textToken
	numberToken
	signToken // an operator, a parenthesis or a comma
)

type token struct {
	kind tokenKind
	at   int    // byte offset
	text string // of a name, a text or a number, its content
}

// is reports whether the token is a sign, or a word of the language.
func (t token) is(text string) bool {
	return t.kind == signToken && t.text == text || t.kind == nameToken && strings.EqualFold(t.text, text)
}

// name is how an error calls the token.
func (t token) name() string {
	if t.kind == endToken {
		return "the end of the expression"
	}
	return t.text
}

type lexer struct {
	text string
	at   int
}

func (l *lexer) next() (token, *Error) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	start, rest := l.at, l.text[l.at:]
	if rest == "" {
		return token{at: start}, nil
	}
	switch c := rest[0]; {
	case c == '\'' || c == '"':
		return l.quoted(textToken, c)
	case c == '[':
		return l.quoted(bracketToken, ']')
	case c >= '0' && c <= '9':
		return l.take(numberToken, digits(rest)), nil
	}
	if n := nameLength(rest); n > 0 {
		return l.take(nameToken, n), nil
	}
	for _, sign := range [...]string{"<>", "<=", ">=", "==", "!=", "=", "<", ">", "&", "+", "-", "*", "/", "(", ")", ","} {
		if strings.HasPrefix(rest, sign) {
			return l.take(signToken, len(sign)), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, errorAt(l.text, start, "found %q, which has no meaning here", r)
}

func (l *lexer) take(kind tokenKind, n int) token {
	t := token{kind, l.at, l.text[l.at : l.at+n]}
	l.at += n
	return t
}

// quoted reads what ends with a mark, which is written twice inside.
func (l *lexer) quoted(kind tokenKind, end byte) (token, *Error) {
	t := token{kind: kind, at: l.at}
	var b strings.Builder
	for i := l.at + 1; i < len(l.text); i++ {
		if l.text[i] != end {
			b.WriteByte(l.text[i])
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == end {
			b.WriteByte(end)
			i++
			continue
		}
		l.at, t.text = i+1, b.String()
		return t, nil
	}
	return t, errorAt(l.text, t.at, "what starts here has no closing %c", end)
}

// digits is the length of the number that s starts with.
func digits(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if n+1 < len(s) && s[n] == '.' && s[n+1] >= '0' && s[n+1] <= '9' {
		n = len(s) - len(strings.TrimLeft(s[n+1:], "0123456789"))
	}
	return n
}

// nameLength is the length of the name, or path of names, that s starts with.
func nameLength(s string) int {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (r == '.' || unicode.IsDigit(r) || unicode.IsMark(r)) {
			continue
		}
		return i
	}
	return len(s)
}
