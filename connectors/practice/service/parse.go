package service

import "strings"

// ParseFilter reads a $filter. aliases are the parameters that it may refer to,
// with their @. Fails with *Refusal.
func ParseFilter(text string, aliases map[string]string, g Grammar) (Filter, error) {
	p := &parser{lexer: lexer{in: text}, aliases: aliases, grammar: g}
	if err := p.advance(); err != nil {
		return nil, err
	}
	f, err := p.any()
	if err == nil && p.now.kind != endToken {
		err = p.unexpected()
	}
	return f, err
}

// parser reads by recursive descent; now is the token in hand.
type parser struct {
	lexer
	aliases map[string]string
	grammar Grammar
	now     token
}

func (p *parser) advance() (err error) {
	p.now, err = p.next()
	return err
}

func (p *parser) unexpected() error {
	p.at = p.now.at
	return p.fail("Syntax error")
}

func (p *parser) any() (Filter, error) { return p.chain("or", p.all) }
func (p *parser) all() (Filter, error) { return p.chain("and", p.unary) }

// chain reads operands that one operator joins.
func (p *parser) chain(operator string, operand func() (Filter, error)) (Filter, error) {
	first, err := operand()
	if err != nil {
		return nil, err
	}
	j := &Junction{Any: operator == "or"}
	j.add(first)
	for p.now.kind == nameToken && p.now.text == operator {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := operand()
		if err != nil {
			return nil, err
		}
		j.add(next)
	}
	if len(j.Parts) == 1 {
		return first, nil
	}
	return j, nil
}

// add takes an operand in, and of a junction of the same kind its parts, so that
// a long chain stays shallow.
func (j *Junction) add(f Filter) {
	if inner, ok := f.(*Junction); ok && inner.Any == j.Any {
		j.Parts = append(j.Parts, inner.Parts...)
		return
	}
	j.Parts = append(j.Parts, f)
}

func (p *parser) unary() (Filter, error) {
	switch {
	case p.now.kind == openToken:
		if err := p.advance(); err != nil {
			return nil, err
		}
		f, err := p.any()
		if err != nil {
			return nil, err
		}
		return f, p.expect(closeToken)
	case p.now.kind == nameToken && p.now.text == "not":
		if err := p.advance(); err != nil {
			return nil, err
		}
		f, err := p.unary()
		return &Negation{Of: f}, err
	case p.now.kind == nameToken:
		return p.term()
	case p.now.kind == literalToken || p.now.kind == aliasToken:
		return p.reversed()
	}
	return nil, p.unexpected()
}

func (p *parser) expect(kind tokenKind) error {
	if p.now.kind != kind {
		return p.unexpected()
	}
	return p.advance()
}

// term reads a comparison or a text test.
func (p *parser) term() (Filter, error) {
	name := p.now
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.now.kind == openToken {
		return p.call(name)
	}
	op, err := p.operator()
	if err != nil {
		return nil, err
	}
	value, err := p.literal()
	return &Comparison{Path: strings.Split(name.text, "/"), Op: op, Value: value}, err
}

// reversed reads a comparison whose literal comes first.
func (p *parser) reversed() (Filter, error) {
	value, err := p.literal()
	if err != nil {
		return nil, err
	}
	op, err := p.operator()
	if err != nil {
		return nil, err
	}
	name := p.now
	if turned, ok := map[string]string{"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}[op]; ok {
		op = turned
	}
	return &Comparison{Path: strings.Split(name.text, "/"), Op: op, Value: value}, p.expect(nameToken)
}

func (p *parser) operator() (string, error) {
	op := p.now.text
	if p.now.kind != nameToken {
		return "", p.unexpected()
	}
	switch op {
	case "eq", "ne", "gt", "ge", "lt", "le":
		return op, p.advance()
	case "in", "has", "add", "sub", "mul", "div", "mod", "divby":
		return "", &Refusal{Kind: BadFilter, Message: "The operator '" + op + "' is not supported."}
	}
	return "", p.unexpected()
}

func (p *parser) literal() (Literal, error) {
	if p.now.kind == aliasToken {
		text, ok := p.aliases[p.now.text]
		if !ok {
			return Literal{}, &Refusal{Kind: BadFilter, Message: "The parameter alias '" + p.now.text + "' has no value."}
		}
		inner := &parser{lexer: lexer{in: text}}
		if err := inner.advance(); err != nil {
			return Literal{}, err
		}
		value, err := inner.literal()
		if err != nil {
			return Literal{}, err
		}
		return value, p.advance()
	}
	if p.now.kind != literalToken {
		return Literal{}, p.unexpected()
	}
	value := Literal{Kind: p.kind, Text: p.now.text, Type: p.now.typ}
	return value, p.advance()
}

// call reads contains(field,'text') and its like.
func (p *parser) call(name token) (Filter, error) {
	if !p.grammar.Functions || name.text != "contains" && name.text != "startswith" && name.text != "endswith" {
		return nil, &Refusal{Kind: BadFilter, Message: "An unknown function with name '" + name.text + "' was found."}
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	path := p.now.text
	if err := p.expect(nameToken); err != nil {
		return nil, err
	}
	if err := p.expect(commaToken); err != nil {
		return nil, err
	}
	value, err := p.literal()
	if err != nil {
		return nil, err
	}
	if value.Kind != TextLiteral {
		return nil, p.unexpected()
	}
	return &TextTest{Func: name.text, Path: strings.Split(path, "/"), Text: value.Text}, p.expect(closeToken)
}
