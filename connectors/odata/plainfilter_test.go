package odata_test

import (
	"fmt"
	"math/big"
	"strings"
)

// condition is the plain service's reading of $filter: eq, ne, gt, ge, lt, le,
// and, or, parentheses, tolower and trim.
type condition func(row map[string]any) bool

type filterReader struct {
	rest  string
	value func(row map[string]any, path string) any
}

func parseCondition(text string, value func(row map[string]any, path string) any) (condition, error) {
	r := &filterReader{rest: strings.TrimSpace(text), value: value}
	c, err := r.or()
	if err == nil && r.rest != "" {
		err = fmt.Errorf("%q is not understood", r.rest)
	}
	return c, err
}

func (r *filterReader) word(w string) bool {
	if !strings.HasPrefix(r.rest, w) {
		return false
	}
	r.rest = strings.TrimLeft(r.rest[len(w):], " ")
	return true
}

func (r *filterReader) or() (condition, error) {
	left, err := r.and()
	for err == nil && r.word("or ") {
		var right condition
		l := left
		right, err = r.and()
		left = func(row map[string]any) bool { return l(row) || right(row) }
	}
	return left, err
}

func (r *filterReader) and() (condition, error) {
	left, err := r.one()
	for err == nil && r.word("and ") {
		var right condition
		l := left
		right, err = r.one()
		left = func(row map[string]any) bool { return l(row) && right(row) }
	}
	return left, err
}

func (r *filterReader) one() (condition, error) {
	if r.word("(") {
		c, err := r.or()
		if err == nil && !r.word(")") {
			err = fmt.Errorf("a parenthesis is not closed before %q", r.rest)
		}
		return c, err
	}
	left, err := r.operand()
	if err != nil {
		return nil, err
	}
	for _, op := range []string{"eq", "ne", "gt", "ge", "lt", "le"} {
		if r.word(op + " ") {
			right, err := r.operand()
			return func(row map[string]any) bool { return related(op, left(row), right(row)) }, err
		}
	}
	return nil, fmt.Errorf("%q is no comparison", r.rest)
}

func related(op string, a, b any) bool {
	if a == nil || b == nil {
		return op == "eq" && a == b || op == "ne" && a != b
	}
	var order int
	switch x := a.(type) {
	case *big.Rat:
		y, ok := b.(*big.Rat)
		if !ok {
			return false
		}
		order = x.Cmp(y)
	default:
		order = strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	return map[string]bool{"eq": order == 0, "ne": order != 0, "gt": order > 0, "ge": order >= 0, "lt": order < 0, "le": order <= 0}[op]
}

func (r *filterReader) operand() (func(map[string]any) any, error) {
	for name, f := range map[string]func(string) string{"tolower(": strings.ToLower, "trim(": strings.TrimSpace} {
		if r.word(name) {
			inner, err := r.operand()
			if err != nil || !r.word(")") {
				return nil, fmt.Errorf("%s is not closed: %v", name, err)
			}
			return func(row map[string]any) any {
				if s, ok := inner(row).(string); ok {
					return f(s)
				}
				return nil
			}, nil
		}
	}
	if strings.HasPrefix(r.rest, "'") {
		for i := 1; i < len(r.rest); i++ {
			if r.rest[i] != '\'' {
				continue
			}
			if i+1 < len(r.rest) && r.rest[i+1] == '\'' {
				i++
				continue
			}
			text := strings.ReplaceAll(r.rest[1:i], "''", "'")
			r.rest = strings.TrimLeft(r.rest[i+1:], " ")
			return func(map[string]any) any { return text }, nil
		}
		return nil, fmt.Errorf("a text is not closed")
	}
	end := strings.IndexAny(r.rest, " ),")
	if end < 0 {
		end = len(r.rest)
	}
	token := r.rest[:end]
	r.rest = strings.TrimLeft(r.rest[end:], " ")
	switch {
	case token == "null":
		return func(map[string]any) any { return nil }, nil
	case token == "true" || token == "false":
		return func(map[string]any) any { return token }, nil
	}
	if n, ok := new(big.Rat).SetString(token); ok && !strings.Contains(token, "/") {
		return func(map[string]any) any { return n }, nil
	}
	if token != "" && (token[0] >= '0' && token[0] <= '9' || len(token) == 36) {
		return func(map[string]any) any { return token }, nil
	}
	return func(row map[string]any) any {
		x := r.value(row, token)
		if s := fmt.Sprint(x); x != nil {
			if _, isText := x.(string); !isText {
				if n, ok := new(big.Rat).SetString(s); ok {
					return n
				}
				return s
			}
		}
		return x
	}, nil
}
