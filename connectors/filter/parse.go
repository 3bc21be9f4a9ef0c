package filter

import "strings"

// The limits of a filter: more is a mistake or an attack.
const (
	MaxLength = 8 << 10 // bytes of text
	MaxDepth  = 64      // parentheses and negations within each other
)

// Parse reads a filter in either notation, which it tells by the signs used.
//
// OData:
//
//	statecode eq 0 and not (startswith(name,'A') or createdon lt 2021-06-23)
//
// Range expressions of Finance and Operations:
//
//	((PartyType == "Organization") && !(Name like "A*") && (Since > 23\06\2021))
//
// A field that stands alone asks whether it is true. Field names may be paths
// with dots. Words of the grammar are read in any letter case, a date-time
// without a zone as UTC, and a unique identifier without quotes as text. A text
// without content gives nil. Errors are *Error.
func Parse(text string) (Expr, error) {
	if len(text) > MaxLength {
		return nil, errorAt(text, MaxLength, "the filter is longer than %d bytes", MaxLength)
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	p := &parser{lexer: lexer{text: text, ranges: isRange(text)}}
	e, err := p.whole()
	if err != nil {
		return nil, err
	}
	return e, nil
}

// isRange tells a range expression by the first sign that OData does not have,
// or by a like before a pattern.
func isRange(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '=', '!', '<', '>', '&', '|', '"', '\\':
			return true
		case '\'':
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				return false
			}
			i += end + 1
		default:
			if n := wordLength(text[i:]); n > 0 {
				pattern := strings.TrimLeft(text[i+n:], " ")
				if strings.EqualFold(text[i:i+n], "like") && strings.HasPrefix(pattern, "'") {
					return true
				}
				i += n - 1
			}
		}
	}
	return false
}

type parser struct {
	lexer
	token token // the one to be read next
	depth int
}

func (p *parser) whole() (Expr, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.token.kind != endToken {
		return nil, p.unexpected(p.joiners() + " or the end of the filter")
	}
	return e, nil
}

func (p *parser) advance() (err *Error) {
	p.token, err = p.next()
	return err
}

func (p *parser) unexpected(expected string) *Error {
	return errorAt(p.text, p.token.at, "found %s, expected %s", p.token.name(), expected)
}

// joiners names what may join two conditions.
func (p *parser) joiners() string {
	if p.ranges {
		return "&&, ||"
	}
	return "and, or"
}

// operator is the token to be read next as it is meant where an operator may stand.
func (p *parser) operator() token {
	t := p.token
	if t.kind != wordToken {
		return t
	}
	word := strings.ToLower(t.text)
	if p.ranges {
		if word == "like" {
			t.kind = likeToken
		}
		return t
	}
	switch word {
	case "and":
		t.kind = andToken
	case "or":
		t.kind = orToken
	}
	switch op := CompareOp(word); op {
	case Eq, Ne, Gt, Ge, Lt, Le:
		t.kind, t.op = compareToken, op
	}
	return t
}

func (p *parser) either() (Expr, *Error) {
	return p.joined(orToken, (*parser).both, func(l, r Expr) Expr { return Or{l, r} })
}

func (p *parser) both() (Expr, *Error) {
	return p.joined(andToken, (*parser).condition, func(l, r Expr) Expr { return And{l, r} })
}

func (p *parser) joined(by tokenKind, operand func(*parser) (Expr, *Error), join func(l, r Expr) Expr) (Expr, *Error) {
	left, err := operand(p)
	for err == nil && p.operator().kind == by {
		if err = p.advance(); err != nil {
			break
		}
		var right Expr
		right, err = operand(p)
		left = join(left, right)
	}
	return left, err
}

// condition reads a negation, a parenthesis, a function or a comparison.
func (p *parser) condition() (Expr, *Error) {
	switch {
	case p.token.kind == notToken, !p.ranges && p.token.isWord("not"):
		return p.negation()
	case p.token.kind == openToken:
		return p.parenthesis()
	case p.token.kind == wordToken:
		name := p.token
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.token.kind == openToken {
			return p.function(name)
		}
		return p.comparison(name)
	}
	return nil, p.unexpected("a field or (")
}

// nested reads something one level deeper.
func (p *parser) nested(read func(*parser) (Expr, *Error)) (Expr, *Error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, errorAt(p.text, p.token.at, "the filter is nested more than %d levels deep", MaxDepth)
	}
	e, err := read(p)
	p.depth--
	return e, err
}

func (p *parser) negation() (Expr, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	// "not (x)" is one level, as "not x" is.
	read := (*parser).parenthesis
	if p.token.kind != openToken {
		read = func(p *parser) (Expr, *Error) { return p.nested((*parser).condition) }
	}
	x, err := read(p)
	return Not{x}, err
}

func (p *parser) parenthesis() (Expr, *Error) {
	return p.nested(func(p *parser) (Expr, *Error) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.either()
		if err != nil {
			return nil, err
		}
		return e, p.expect(closeToken, p.joiners()+" or )")
	})
}

func (p *parser) expect(kind tokenKind, name string) *Error {
	if p.token.kind != kind {
		return p.unexpected(name)
	}
	return p.advance()
}
