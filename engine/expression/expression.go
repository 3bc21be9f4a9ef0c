// Package expression is the small language of the expression transform: what a
// default, a value map and a truncate cannot say. An expression makes one value of
// the value of a field and of other fields of the same record. It has no loops, no
// variables and no clock, reads nothing but the record, and ends after as many
// steps as it has words.
//
//	upper(trim(value)) & ', ' & City
//	if(Blocked or Limit < 0, 'on hold', coalesce(Status, 'open'))
//	round(Amount * 1.19, 2)
//
// # Words
//
// value is the value of the mapped field, after the transforms before this one. Any
// other name is a field of the record, or a path through lookups, spelled as in
// the app; one that is no plain name, or that the language uses itself, stands in
// brackets: [Order No]. Texts stand in single or double quotes, which are written twice inside
// them. Numbers are written 12.5; true, false and null are themselves.
//
// # Operators, from the weakest
//
//	or, and, not
//	= <> < <= > >=  numbers by size, texts without regard to the case of A to Z, dates in time
//	&               joins texts; what has no value is empty
//	+ -             numbers
//	* /             numbers; a quotient is rounded to 12 digits after the point
//
// # No value
//
// A calculation, and a function of texts, with something that has no value has no
// value either. It equals only null, and is neither less nor greater than anything.
// As a condition it is false. coalesce gives the first that has a value, an empty
// text counting as none.
//
// Numbers are exact: 0.1 + 0.2 is 0.3. What cannot be calculated, such as a word
// plus one or a division by zero, is an error.
package expression

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"dualwrite/connectors"
)

// The limits of an expression and of the texts that it makes.
const (
	MaxLength = 4 << 10 // bytes
	MaxDepth  = 64      // of parentheses, functions and signs within each other
	MaxResult = 1 << 20 // bytes of a text on the way
)

// Expression is a text made ready. It is safe for concurrent use.
type Expression struct {
	root   node
	fields []string
}

// Fields lists the fields of the record that are read besides the mapped one,
// each once.
func (e *Expression) Fields() []string { return slices.Clone(e.fields) }

// Eval calculates the expression. value is that of the mapped field; at gives the
// position in the row of each of Fields. Errors are in words, without a full stop.
func (e *Expression) Eval(value connectors.Value, row connectors.Row, at []int) (connectors.Value, error) {
	return e.root.eval(&record{value: value, row: row, at: at})
}

// Error says why a text is no expression, to the person who wrote it.
type Error struct {
	Pos     int // where, in characters, the first being 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.Pos, e.Message) }

func errorAt(text string, offset int, format string, args ...any) *Error {
	return &Error{Pos: utf8.RuneCountInString(text[:offset]) + 1, Message: fmt.Sprintf(format, args...)}
}

// record is what an expression is calculated over.
type record struct {
	value connectors.Value
	row   connectors.Row
	at    []int
}

// node is a part of an expression.
type node interface {
	eval(r *record) (connectors.Value, error)
}

type constant struct{ value connectors.Value }

func (n constant) eval(*record) (connectors.Value, error) { return n.value, nil }

type own struct{}

func (own) eval(r *record) (connectors.Value, error) { return plain(r.value), nil }

// field is one of Expression.Fields.
type field int

func (n field) eval(r *record) (connectors.Value, error) { return plain(r.row[r.at[n]]), nil }

// plain makes what a record does not carry a null.
func plain(v connectors.Value) connectors.Value {
	if !v.IsSet() {
		return connectors.NullValue()
	}
	return v
}
