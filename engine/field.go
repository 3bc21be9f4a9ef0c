package engine

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/engine/expression"
	"dualwrite/models"
)

// field is a field mapping made ready for use.
type field struct {
	slot, since int
	direction   models.Direction
	path        [2]string
	at          [2]int // position in the side's selection, -1 where the side has no field
	schema      [2]*connectors.Field
	lookup      [2]bool // the path goes through a lookup
	steps       []step
	key         bool
	plain       bool // nothing but the value goes over, between fields of one type
	calculates  bool // one of the steps is an expression, so there is no way back
}

// step is a transform made ready: a value map as two tables, an expression with
// the positions of what it reads in the rows of its side.
type step struct {
	models.Transform
	pairs [2]map[string]string // from the left, from the right; keys in lower case
	expr  *expression.Expression
	from  int // the side whose records the expression reads
	reads []int
}

func compileSteps(list []models.Transform) ([]step, error) {
	var out []step
	for _, t := range list {
		s := step{Transform: t}
		switch t.Type {
		case models.ValueMap:
			s.pairs = [2]map[string]string{{}, {}}
			for _, p := range t.Pairs {
				s.pairs[0][strings.ToLower(p.Left)] = p.Right
				// Of several left values with one right value the first is the way back.
				if _, taken := s.pairs[1][strings.ToLower(p.Right)]; !taken {
					s.pairs[1][strings.ToLower(p.Right)] = p.Left
				}
			}
		case models.Expression:
			e, err := expression.Parse(t.Expression)
			if err != nil {
				return nil, fmt.Errorf("the expression cannot be read: %w", err)
			}
			s.expr = e
		case models.Default, models.Truncate:
		default:
			return nil, fmt.Errorf("unknown transform %q", t.Type)
		}
		out = append(out, s)
	}
	return out, nil
}

// constant reports whether the mapping has a field on one side only; its
// default is given to new records.
func (f *field) constant() bool { return f.at[0] < 0 || f.at[1] < 0 }

// source is the side whose values an expression makes those of the other from;
// ok is false for a mapping without an expression.
func (f *field) source() (side int, ok bool) {
	if f.direction == models.RightToLeft {
		side = 1
	}
	return side, f.calculates
}

// flows reports whether values may be copied to a side.
func (f *field) flows(to int) bool { return f.at[to] >= 0 && f.direction.Flows(models.Sides[to]) }

// project carries the value of a row of one side to the other side.
func (f *field) project(from int, row connectors.Row) (connectors.Value, *fault) {
	to := 1 - from
	v := connectors.NullValue()
	if f.at[from] >= 0 {
		v = row[f.at[from]]
	}
	for i := range f.steps {
		s := &f.steps[i]
		if from == 1 {
			s = &f.steps[len(f.steps)-1-i]
		}
		var err *fault
		if v, err = s.apply(from, v, row, f.path[from]); err != nil {
			return v, err
		}
	}
	return convert(v, f.schema[to], f.path[to])
}

// apply takes one step from a side to the other; row is the record of that side.
func (s *step) apply(from int, v connectors.Value, row connectors.Row, path string) (connectors.Value, *fault) {
	switch s.Type {
	case models.Expression:
		if from != s.from {
			return v, &fault{kind: kindExpression, field: path, message: path + " cannot be carried back through an expression"}
		}
		out, err := s.expr.Eval(v, row, s.reads)
		if err != nil {
			return v, &fault{kind: kindExpression, field: path, message: fmt.Sprintf("the expression of %s, which holds %q: %v", path, shorten(v.String()), err)}
		}
		return out, nil
	case models.Default:
		if v.IsEmpty() {
			return connectors.TextValue(s.Default), nil
		}
	case models.ValueMap:
		if v.IsEmpty() {
			return connectors.NullValue(), nil
		}
		to, ok := s.pairs[from][strings.ToLower(v.String())]
		if !ok {
			return v, &fault{kind: kindUnmapped, field: path,
				message: fmt.Sprintf("%s holds %q, which the value map does not name", path, shorten(v.String()))}
		}
		return connectors.TextValue(to), nil
	case models.Truncate:
		if text := v.Text(); from == 0 && v.IsSet() && v.Type() == connectors.Text && utf8.RuneCountInString(text) > s.Length {
			return connectors.TextValue(string([]rune(text)[:s.Length])), nil
		}
	}
	return v, nil
}

// same reports whether two rows hold the same under this mapping, whichever
// way it is read.
func (f *field) same(left, right connectors.Row) bool {
	l, r := left[f.at[0]], right[f.at[1]]
	if from, ok := f.source(); ok {
		v, err := f.project(from, [2]connectors.Row{left, right}[from])
		return err == nil && v == f.norm(1-from, [2]connectors.Value{l, r}[1-from])
	}
	if l == r || (f.lookup[0] || f.lookup[1]) && l.IsEmpty() && r.IsEmpty() {
		return true
	}
	if v, err := f.held(0, left); err == nil && v == f.norm(1, r) {
		return true
	}
	v, err := f.held(1, right)
	return err == nil && v == f.norm(0, l)
}

// alike reports whether two rows, the first of a side and the second of the other,
// have the same sum for this mapping because they hold the very same value.
func (f *field) alike(side int, row, other connectors.Row) bool {
	if f.constant() {
		return true // it has no sum
	}
	v := row[f.at[side]]
	return f.plain && v.IsSet() && v.Type() == f.schema[0].Type && v == other[f.at[1-side]]
}

// held is what the other side would hold of a row's value if it were copied:
// no value is zero in a field that cannot be null. A key without a value stays
// without one: such records are not to be matched.
func (f *field) held(from int, row connectors.Row) (connectors.Value, *fault) {
	to := 1 - from
	v, err := f.project(from, row)
	if err == nil && !v.IsSet() && !f.key && !f.lookup[to] && f.schema[to].BlankIsZero {
		return convert(connectors.IntValue(0), f.schema[to], f.path[to])
	}
	return v, err
}

// norm gives a value the type its field declares, so that it compares with one
// that was carried over.
func (f *field) norm(side int, v connectors.Value) connectors.Value {
	if !v.IsSet() {
		return connectors.NullValue()
	}
	if v.Type() != f.schema[side].Type {
		if c, ok := recast(v, f.schema[side].Type); ok {
			return c
		}
	}
	return v
}

// canonical is the value of a side as it is hashed: in the terms of the left
// side where it can be carried there, else as it stands. What an expression makes
// of a record is hashed instead of the field it starts from: there is no way back,
// and it may read other fields too.
func (f *field) canonical(side int, row connectors.Row) connectors.Value {
	if f.plain && row[f.at[side]].IsSet() && row[f.at[side]].Type() == f.schema[0].Type {
		return row[f.at[side]]
	}
	if from, ok := f.source(); ok && f.at[1-from] >= 0 {
		if side == from {
			if v, err := f.project(from, row); err == nil {
				return v
			}
		}
		return f.norm(side, row[f.at[side]])
	}
	if side == 1 && f.at[0] >= 0 {
		if v, err := f.held(1, row); err == nil {
			return v
		}
	}
	return f.norm(side, row[f.at[side]])
}
