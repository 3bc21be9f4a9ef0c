package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken tokenKind = iota
	openToken
	closeToken
	commaToken
	wordToken // a field, a function, a constant, or a word of OData's grammar
	literalToken
	compareToken
	andToken
	orToken
	notToken
	likeToken
)

type token struct {
	kind    tokenKind
	at      int    // byte offset
	text    string // as written
	literal Literal
	op      CompareOp
}

func (t token) isWord(word string) bool {
	return t.kind == wordToken && strings.EqualFold(t.text, word)
}

// name is how an error calls the token.
func (t token) name() string {
	if t.kind == endToken {
		return "the end of the filter"
	}
	return t.text
}

// lexer cuts a filter into tokens.
type lexer struct {
	text   string
	ranges bool // the notation: range expressions, not OData
	at     int
}

func (l *lexer) next() (token, *Error) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	start, rest := l.at, l.text[l.at:]
	t := token{at: start}
	if rest == "" {
		return t, nil
	}
	if c := rest[0]; c == '\'' || c == '"' && l.ranges {
		return l.quoted(c)
	}
	if n := sign(rest, l.ranges, &t); n > 0 {
		return l.take(t, n), nil
	}
	if isGUID(rest) {
		t.kind, t.literal = literalToken, Literal{TextLiteral, strings.ToLower(rest[:36])}
		return l.take(t, 36), nil
	}
	if n := wordLength(rest); n > 0 {
		t.kind = wordToken
		return l.enum(l.take(t, n))
	}
	if c := rest[0]; c >= '0' && c <= '9' || c == '-' || c == '+' {
		return l.number()
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return t, errorAt(l.text, start, "found %q, which has no meaning here", r)
}

// take makes t the next n bytes.
func (l *lexer) take(t token, n int) token {
	t.text = l.text[l.at : l.at+n]
	l.at += n
	return t
}

// sign recognises punctuation at the start of rest and gives its length.
func sign(rest string, ranges bool, t *token) int {
	switch rest[0] {
	case '(':
		t.kind = openToken
	case ')':
		t.kind = closeToken
	case ',':
		t.kind = commaToken
	default:
		if !ranges {
			return 0
		}
		return rangeSign(rest, t)
	}
	return 1
}

func rangeSign(rest string, t *token) int {
	signs := [...]struct {
		text string
		kind tokenKind
		op   CompareOp
	}{
		{"&&", andToken, ""}, {"||", orToken, ""},
		{"==", compareToken, Eq}, {"!=", compareToken, Ne}, {">=", compareToken, Ge}, {"<=", compareToken, Le},
		{"=", compareToken, Eq}, {">", compareToken, Gt}, {"<", compareToken, Lt}, {"!", notToken, ""},
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s.text) {
			t.kind, t.op = s.kind, s.op
			return len(s.text)
		}
	}
	return 0
}

// wordLength is the length of the name, or path of names, that s starts with.
func wordLength(s string) int {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (r == '.' || unicode.IsDigit(r) || unicode.IsMark(r)) {
			continue
		}
		return i
	}
	return len(s)
}

// quoted reads a text. The quote itself is written twice; in a range expression
// a backslash before it, or before another backslash, does as well.
func (l *lexer) quoted(quote byte) (token, *Error) {
	t := token{kind: literalToken, at: l.at}
	var b strings.Builder
	for i := l.at + 1; i < len(l.text); i++ {
		c := l.text[i]
		following := byte(0)
		if i+1 < len(l.text) {
			following = l.text[i+1]
		}
		switch {
		case c == quote && following == quote, l.ranges && c == '\\' && (following == quote || following == '\\'):
			i++
			b.WriteByte(following)
		case c == quote:
			t.literal = Literal{TextLiteral, b.String()}
			return l.take(t, i+1-l.at), nil
		default:
			b.WriteByte(c)
		}
	}
	return t, errorAt(l.text, l.at, "the text that starts here has no closing %c", quote)
}

// enum goes on from a word to a member of an enumeration: "Type::Member" in a
// range expression, "Namespace.Type'Member'" in OData.
func (l *lexer) enum(t token) (token, *Error) {
	rest := l.text[l.at:]
	switch {
	case l.ranges && strings.HasPrefix(rest, "::"):
		n := wordLength(rest[2:])
		if n == 0 {
			return t, errorAt(l.text, l.at+2, "expected the member of %s", t.text)
		}
		t.literal = Literal{EnumLiteral, rest[2 : 2+n]}
		l.at += 2 + n
	case !l.ranges && strings.HasPrefix(rest, "'"):
		member, err := l.quoted('\'')
		if err != nil {
			return t, err
		}
		t.literal = Literal{EnumLiteral, member.literal.Text}
	default:
		return t, nil
	}
	t.kind, t.text = literalToken, l.text[t.at:l.at]
	return t, nil
}

// number reads what starts with a digit or a sign: a number, a date or a
// date-time.
func (l *lexer) number() (token, *Error) {
	t := token{kind: literalToken, at: l.at}
	n := 1
	for n < len(l.text)-l.at && partOfNumber(l.text[l.at+n], l.text[l.at+n-1], l.ranges) {
		n++
	}
	t = l.take(t, n)
	lit, ok := numberOrTime(t.text)
	if !ok {
		return t, errorAt(l.text, t.at, "found %s, which is neither a number nor a day of the calendar%s", t.text, l.dateHint())
	}
	t.literal = lit
	return t, nil
}

func (l *lexer) dateHint() string {
	if l.ranges {
		return ` (a date is written day\month\year)`
	}
	return " (a date is written year-month-day)"
}
