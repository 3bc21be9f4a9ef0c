package service

import (
	"fmt"
	"regexp"
	"strings"
)

type token struct {
	kind tokenKind
	text string
	typ  string // of an enum literal
	at   int
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	literalToken
	openToken
	closeToken
	commaToken
	aliasToken
)

var (
	guidForm    = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	instantForm = regexp.MustCompile(`^-?\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)`)
	dateForm    = regexp.MustCompile(`^-?\d{4,}-\d\d-\d\d`)
	numberForm  = regexp.MustCompile(`^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?`)
	nameForm    = regexp.MustCompile(`^[\pL_][\pL\pN_]*([./][\pL_][\pL\pN_]*)*`)
)

// lexer cuts a filter into tokens.
type lexer struct {
	in   string
	at   int
	kind LiteralKind // of the literal that was read last
}

func (l *lexer) fail(what string) error {
	return &Refusal{Kind: BadFilter, Message: fmt.Sprintf("%s at position %d in '%s'.", what, l.at, l.in)}
}

func (l *lexer) next() (token, error) {
	l.at += len(l.in[l.at:]) - len(strings.TrimLeft(l.in[l.at:], " \t\r\n"))
	rest, start := l.in[l.at:], l.at
	if rest == "" {
		return token{kind: endToken, at: start}, nil
	}
	switch rest[0] {
	case '(':
		l.at++
		return token{kind: openToken, text: "(", at: start}, nil
	case ')':
		l.at++
		return token{kind: closeToken, text: ")", at: start}, nil
	case ',':
		l.at++
		return token{kind: commaToken, text: ",", at: start}, nil
	case '\'':
		text, err := l.quoted()
		l.kind = TextLiteral
		return token{kind: literalToken, text: text, at: start}, err
	case '@':
		name := nameForm.FindString(rest[1:])
		if name == "" {
			return token{}, l.fail("Syntax error")
		}
		l.at += 1 + len(name)
		return token{kind: aliasToken, text: rest[:1+len(name)], at: start}, nil
	}
	return l.word(rest, start)
}

// word reads a literal that is not in quotes, or a name.
func (l *lexer) word(rest string, start int) (token, error) {
	for _, form := range []struct {
		kind LiteralKind
		find func(string) string
	}{
		{GUIDLiteral, guidForm.FindString}, {InstantLiteral, instantForm.FindString},
		{DateLiteral, dateForm.FindString}, {NumberLiteral, numberForm.FindString},
	} {
		if text := form.find(rest); text != "" {
			l.at += len(text)
			if strings.TrimLeft(l.in[l.at:], "), ") == l.in[l.at:] && l.at < len(l.in) {
				break // more of a word follows
			}
			l.kind = form.kind
			return token{kind: literalToken, text: text, at: start}, nil
		}
	}
	l.at = start
	name := nameForm.FindString(rest)
	if name == "" {
		return token{}, l.fail("Syntax error")
	}
	l.at += len(name)
	if strings.HasPrefix(l.in[l.at:], "'") { // Namespace.Type'Member'
		text, err := l.quoted()
		l.kind = EnumLiteral
		return token{kind: literalToken, text: text, typ: name, at: start}, err
	}
	switch name {
	case "null":
		l.kind = NullLiteral
	case "true", "false":
		l.kind = BoolLiteral
	default:
		return token{kind: nameToken, text: name, at: start}, nil
	}
	return token{kind: literalToken, text: name, at: start}, nil
}

// quoted reads a text in single quotes, in which a quote is doubled.
func (l *lexer) quoted() (string, error) {
	var b strings.Builder
	for i := l.at + 1; i < len(l.in); i++ {
		if l.in[i] != '\'' {
			b.WriteByte(l.in[i])
			continue
		}
		if i+1 < len(l.in) && l.in[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		l.at = i + 1
		return b.String(), nil
	}
	return "", l.fail("There is an unterminated string literal")
}
