package filter

import "strings"

// comparison reads what follows a field: a relation and a literal, or nothing.
func (p *parser) comparison(field token) (Expr, *Error) {
	if err := p.checkField(field); err != nil {
		return nil, err
	}
	op := p.operator()
	switch op.kind {
	case likeToken:
		return p.like(field.text)
	case compareToken:
		if err := p.advance(); err != nil {
			return nil, err
		}
		lit, err := p.literal()
		if err != nil {
			return nil, err
		}
		return Compare{Field: field.text, Op: op.op, Value: lit}, nil
	case endToken, andToken, orToken, closeToken:
		return Compare{Field: field.text, Op: Eq, Value: Literal{BoolLiteral, "true"}}, nil
	}
	if p.ranges {
		return nil, p.unexpected("==, !=, >, >=, <, <= or like after " + field.text)
	}
	return nil, p.unexpected("eq, ne, gt, ge, lt or le after " + field.text)
}

func (p *parser) checkField(field token) *Error {
	if _, constant := constantOf(field.text); constant {
		return errorAt(p.text, field.at, "found %s, expected a field", field.name())
	}
	for step := range strings.SplitSeq(field.text, ".") {
		if step == "" {
			return errorAt(p.text, field.at, "found %s, expected a field or a path with one dot between two names", field.name())
		}
	}
	return nil
}

// literal reads a constant, after a relation.
func (p *parser) literal() (Literal, *Error) {
	lit := p.token.literal
	if p.token.kind == wordToken {
		constant, ok := constantOf(p.token.text)
		if !ok {
			return Literal{}, p.unexpected("a value: " + p.valueHint())
		}
		lit = constant
	} else if p.token.kind != literalToken {
		return Literal{}, p.unexpected("a value: " + p.valueHint())
	}
	return lit, p.advance()
}

func (p *parser) valueHint() string {
	if p.ranges {
		return `"text", 12.5, true, Type::Member or 23\06\2021`
	}
	return "'text', 12.5, true, null, 2021-06-23 or 2021-06-23T10:00:00Z"
}

func constantOf(word string) (Literal, bool) {
	switch strings.ToLower(word) {
	case "null":
		return Literal{NullLiteral, "null"}, true
	case "true":
		return Literal{BoolLiteral, "true"}, true
	case "false":
		return Literal{BoolLiteral, "false"}, true
	}
	return Literal{}, false
}

// function reads "(field,'text')" after the name of a text test.
func (p *parser) function(name token) (Expr, *Error) {
	var op MatchOp
	switch known := MatchOp(strings.ToLower(name.text)); known {
	case StartsWith, EndsWith, Contains:
		op = known
	}
	if op == "" || p.ranges {
		return nil, errorAt(p.text, name.at, "there is no function %s, expected %s", name.text, p.functions())
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	field := p.token
	if err := p.expect(wordToken, "a field"); err != nil {
		return nil, err
	}
	if err := p.checkField(field); err != nil {
		return nil, err
	}
	if err := p.expect(commaToken, "a comma"); err != nil {
		return nil, err
	}
	text := p.token.literal
	if text.Kind != TextLiteral {
		return nil, p.unexpected("a text in quotes")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return Match{Field: field.text, Op: op, Text: text.Text}, p.expect(closeToken, ")")
}

func (p *parser) functions() string {
	if p.ranges {
		return `a field with like, such as Name like "A*"`
	}
	return "startswith, endswith or contains"
}

// like reads a pattern with * for any text. Only patterns that a text test says
// exactly are taken.
func (p *parser) like(field string) (Expr, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	pattern := p.token.literal.Text
	if p.token.literal.Kind != TextLiteral {
		return nil, p.unexpected(`a pattern in quotes, such as "A*"`)
	}
	inner := strings.Trim(pattern, "*")
	if strings.ContainsAny(inner, "*?") {
		return nil, errorAt(p.text, p.token.at,
			`the pattern %q is not supported, expected "A*", "*A", "*A*" or a text without wildcards`, pattern)
	}
	first, last := strings.HasPrefix(pattern, "*"), strings.HasSuffix(pattern, "*")
	var e Expr = Compare{Field: field, Op: Eq, Value: Literal{TextLiteral, pattern}}
	switch {
	case inner == "" && first:
		e = Match{Field: field, Op: StartsWith}
	case first && last:
		e = Match{Field: field, Op: Contains, Text: inner}
	case first:
		e = Match{Field: field, Op: EndsWith, Text: inner}
	case last:
		e = Match{Field: field, Op: StartsWith, Text: inner}
	}
	return e, p.advance()
}
