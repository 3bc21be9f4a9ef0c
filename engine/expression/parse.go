package expression

import (
	"slices"
	"strings"

	"dualwrite/connectors"
)

// Parse reads an expression. Errors are *Error.
func Parse(text string) (*Expression, error) {
	if len(text) > MaxLength {
		return nil, errorAt(text, MaxLength, "the expression is longer than %d bytes", MaxLength)
	}
	p := &parser{lexer: lexer{text: text}}
	e, err := p.whole()
	if err != nil {
		return nil, err
	}
	return e, nil
}

type parser struct {
	lexer
	token  token // the one to be read next
	depth  int
	fields []string
}

func (p *parser) whole() (*Expression, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	root, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.token.kind != endToken {
		return nil, p.unexpected("an operator or the end of the expression")
	}
	return &Expression{root: root, fields: p.fields}, nil
}

func (p *parser) advance() (err *Error) {
	p.token, err = p.next()
	return err
}

func (p *parser) unexpected(expected string) *Error {
	return errorAt(p.text, p.token.at, "found %s, expected %s", p.token.name(), expected)
}

// chain reads operands that are joined by operators of one strength.
func (p *parser) chain(operand func() (node, *Error), join func(op string, l, r node) node, ops ...string) (node, *Error) {
	left, err := operand()
	for err == nil {
		i := slices.IndexFunc(ops, p.token.is)
		if i < 0 {
			break
		}
		if err = p.advance(); err != nil {
			break
		}
		var right node
		right, err = operand()
		left = join(ops[i], left, right)
	}
	return left, err
}

func (p *parser) either() (node, *Error) {
	return p.chain(p.both, func(_ string, l, r node) node { return logic{l, r, true} }, "or")
}

func (p *parser) both() (node, *Error) {
	return p.chain(p.negation, func(_ string, l, r node) node { return logic{l, r, false} }, "and")
}

func (p *parser) negation() (node, *Error) {
	if !p.token.is("not") {
		return p.relation()
	}
	x, err := p.deeper(p.negation)
	return negation{x}, err
}

// relation reads one comparison; a second one would compare a truth value.
func (p *parser) relation() (node, *Error) {
	left, err := p.joined()
	if err != nil {
		return nil, err
	}
	for _, rel := range relations() {
		if p.token.is(rel.sign) {
			if err := p.advance(); err != nil {
				return nil, err
			}
			right, err := p.joined()
			return relation{rel.holds, left, right}, err
		}
	}
	return left, nil
}

func (p *parser) joined() (node, *Error) {
	return p.chain(p.sum, func(_ string, l, r node) node { return joining{l, r} }, "&")
}

func (p *parser) sum() (node, *Error) {
	return p.chain(p.product, func(op string, l, r node) node { return arithmetic{op, l, r} }, "+", "-")
}

func (p *parser) product() (node, *Error) {
	return p.chain(p.signed, func(op string, l, r node) node { return arithmetic{op, l, r} }, "*", "/")
}

func (p *parser) signed() (node, *Error) {
	if !p.token.is("-") {
		return p.operand()
	}
	x, err := p.deeper(p.signed)
	return arithmetic{"-", constant{connectors.IntValue(0)}, x}, err
}

// deeper reads past the token at hand something one level further in.
func (p *parser) deeper(read func() (node, *Error)) (node, *Error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, errorAt(p.text, p.token.at, "the expression is nested more than %d levels deep", MaxDepth)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := read()
	p.depth--
	return n, err
}

// operand reads a value, a field, a function or what stands in parentheses.
func (p *parser) operand() (node, *Error) {
	t := p.token
	switch {
	case t.is("("):
		n, err := p.deeper(p.either)
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case t.kind == textToken:
		return constant{connectors.TextValue(t.text)}, p.advance()
	case t.kind == numberToken:
		v, err := connectors.DecimalValue(t.text)
		if err != nil {
			return nil, errorAt(p.text, t.at, "%s is not a number", t.text)
		}
		return constant{v}, p.advance()
	case t.kind == bracketToken && t.text != "":
		return p.field(t.text), p.advance()
	case t.kind == nameToken:
		return p.named(t)
	}
	return nil, p.unexpected("a value, a field or a function")
}

// named reads a word of the language, a function or a field.
func (p *parser) named(t token) (node, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	word := strings.ToLower(t.text)
	if p.token.is("(") {
		return p.call(t, word)
	}
	switch word {
	case "value":
		return own{}, nil
	case "true", "false":
		return constant{connectors.BoolValue(word == "true")}, nil
	case "null":
		return constant{connectors.NullValue()}, nil
	case "and", "or", "not":
		return nil, errorAt(p.text, t.at, "found %s, expected a value, a field or a function", t.text)
	}
	if strings.HasSuffix(t.text, ".") || strings.Contains(t.text, "..") {
		return nil, errorAt(p.text, t.at, "found %s, expected a field or a path with one dot between two names", t.text)
	}
	return p.field(t.text), nil
}

func (p *parser) field(path string) node {
	i := slices.Index(p.fields, path)
	if i < 0 {
		i = len(p.fields)
		p.fields = append(p.fields, path)
	}
	return field(i)
}

// call reads the arguments of a function.
func (p *parser) call(name token, word string) (node, *Error) {
	f, ok := functions()[word]
	if !ok {
		return nil, errorAt(p.text, name.at, "there is no function %s, only %s", name.text, functionNames())
	}
	var args []node
	read := func() (node, *Error) {
		for !p.token.is(")") {
			n, err := p.either()
			if err != nil {
				return nil, err
			}
			if args = append(args, n); !p.token.is(",") {
				break
			}
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
		return nil, p.expect(")")
	}
	if _, err := p.deeper(read); err != nil {
		return nil, err
	}
	if len(args) < f.least || f.most > 0 && len(args) > f.most {
		return nil, errorAt(p.text, name.at, "%s is written %s", word, f.form)
	}
	return call{f, args}, nil
}

func (p *parser) expect(sign string) *Error {
	if !p.token.is(sign) {
		return p.unexpected(sign)
	}
	return p.advance()
}
